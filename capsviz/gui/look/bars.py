"""What the tool bars of the window and of the labs have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QLabel, QSlider

from capsviz.gui.look.number_box import NumberBox
from capsviz.gui.look.theme import GRID
from capsviz.network import MAX_ITERATIONS

if TYPE_CHECKING:
    from PySide6.QtGui import QAction
    from PySide6.QtWidgets import QToolBar, QWidget


def add_named(bar: QToolBar, words: str, control: QWidget) -> QAction:
    """Put a control into a bar, with quiet words before it; these are given back."""
    label = QLabel(words)
    label.setProperty("quiet", True)
    label.setContentsMargins(GRID, 0, GRID // 2, 0)
    label.setBuddy(control)
    named = bar.addWidget(label)
    bar.addWidget(control)
    return named


def pen_slider(width: int) -> QSlider:
    """For tenths of the usual pen's width, 5 … 25; so many pixels wide."""
    made = _PenSlider()
    made.setRange(5, 25)
    made.setValue(10)
    made.setAccessibleName("Pen size")
    made.setFixedWidth(width)
    return made


class _PenSlider(QSlider):
    """Its tooltip tells what it is at."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.valueChanged.connect(self._tell)

    @Slot(int)
    def _tell(self, tenths: int) -> None:
        self.setToolTip(f"Width of the pen or eraser: {tenths / 10:.1f} of the usual")


def iterations_box(object_name: str, iterations: int) -> NumberBox:
    """For routing iterations, 1 … 10, at so many."""
    made = NumberBox()
    made.setRange(1, MAX_ITERATIONS)
    made.setValue(iterations)
    made.setObjectName(object_name)
    made.setAccessibleName("Routing iterations")
    made.setToolTip("How often the capsules are routed; the paper trains with 3")
    return made
