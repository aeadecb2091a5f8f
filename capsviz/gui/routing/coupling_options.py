"""How the couplings are read: weighted or not, from 1/J or from 0, one scale or one for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QWidget

from capsviz.gui.look.elided import Choice
from capsviz.gui.look.theme import GRID, SMALL, font

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Reading:
    """What the colours mean.

    Attributes:
        weighted: couplings are multiplied by the activity ‖u_i‖.
        difference: they are measured from 1/J, else from 0.
        shared: one range of colours for all iterations, else one for each.
    """

    weighted: bool = False
    difference: bool = True
    shared: bool = True


class CouplingOptions(QWidget):
    """One row of choices.

    Signals:
        changed(): a person chose another reading.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.weight = QCheckBox("Weight by activity")
        self.weight.setToolTip(
            "Multiply each coupling by its primary capsule's activity: ‖u_i‖ c_ij.\n"
            "Capsules that found nothing then fade, however they are coupled."
        )
        self.measure = _choice(
            ("Difference from 1/10", "Absolute"),
            "Scale of the couplings",
            "Show c_ij - 1/J, how far routing has moved from where it begins,\n"
            "or c_ij itself, from 0 on.",
        )
        self.span = _choice(
            ("Shared range", "Own range"),
            "Range of the colours",
            "One range for all iterations, so that they can be compared,\n"
            "or the range of the iteration shown, so that little differences can be seen.\n"
            "A range spans 99.8 % of all couplings; the few beyond get the colour of its end.",
        )
        self.weight.setFont(font(SMALL))
        self._lay_out()
        self.weight.toggled.connect(self._tell)
        self.measure.currentIndexChanged.connect(self._tell)
        self.span.currentIndexChanged.connect(self._tell)

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(self.weight)
        layout.addStretch()
        layout.addWidget(self.measure)
        layout.addWidget(self.span)

    @property
    def reading(self) -> Reading:
        """What is chosen now."""
        return Reading(
            weighted=self.weight.isChecked(),
            difference=self.measure.currentIndex() == 0,
            shared=self.span.currentIndex() == 0,
        )

    def show_digits(self, count: int) -> None:
        """Name 1/J as it is for so many digit capsules."""
        name = f"Difference from 1/{count}"
        if self.measure.itemText(0) != name:
            self.measure.setItemText(0, name)

    @Slot()
    def _tell(self) -> None:
        self.changed.emit()


def _choice(names: Sequence[str], accessible: str, tip: str) -> QComboBox:
    made = Choice()
    made.addItems(names)
    made.setFont(font(SMALL))
    made.setAccessibleName(accessible)
    made.setMinimumWidth(12 * GRID)  # rather cut off its words than widen the window
    made.setToolTip(tip)
    return made
