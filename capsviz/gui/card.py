"""A card: a title, a quiet word beside it, and a view below; docked, floated or in the middle."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from capsviz.gui.theme import BODY, GRID, SMALL, font


class Card(QFrame):
    """A titled surface round one view."""

    def __init__(self, title: str, view: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.aside = quiet_label()
        header = QHBoxLayout()
        header.addWidget(_title(title))
        header.addStretch()
        header.addWidget(self.aside)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * GRID, GRID + GRID // 2, 2 * GRID, 2 * GRID)
        layout.setSpacing(GRID + GRID // 2)
        layout.addLayout(header)
        layout.addWidget(view, 1)


def dock(name: str, title: str, view: QWidget) -> QDockWidget:
    """A dock that shows a view on a card; its own title bar is hidden until it floats."""
    made = QDockWidget(title)
    made.setObjectName(f"dock-{name}")
    made.setWidget(Card(title, view))
    _hide_title(made)
    return made


def quiet_label(text: str = "") -> QLabel:
    """A label of less weight."""
    label = QLabel(text)
    label.setProperty("quiet", True)
    label.setFont(font(SMALL))
    return label


def _hide_title(made: QDockWidget) -> None:
    bar = QWidget()
    bar.setFixedHeight(0)
    made.setTitleBarWidget(bar)


def _title(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("card-title")
    label.setFont(font(BODY, bold=True))
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label
