"""A card: a title with a quiet word beside it, and a view below; in the middle or as a dock."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from capsviz.gui.look.theme import BODY, GRID, SMALL, font


class Header(QFrame):
    """The upper part of a card; of a dock, the part it is dragged by."""

    def __init__(self, title: str, aside: str = "") -> None:
        super().__init__()
        self.setObjectName("card-header")
        name = QLabel(title)
        name.setFont(font(BODY, bold=True))
        name.setTextFormat(Qt.TextFormat.PlainText)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2 * GRID, GRID + GRID // 2, 2 * GRID, GRID // 2)
        layout.addWidget(name)
        layout.addStretch()
        layout.addWidget(quiet_label(aside))


class Body(QFrame):
    """The lower part of a card, round one view."""

    def __init__(self, view: QWidget) -> None:
        super().__init__()
        self.setObjectName("card-body")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * GRID, GRID, 2 * GRID, 2 * GRID)
        layout.addWidget(view)


def card(title: str, view: QWidget, aside: str = "") -> QWidget:
    """A view on a titled surface."""
    made = QWidget()
    layout = QVBoxLayout(made)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    layout.addWidget(Header(title, aside))
    layout.addWidget(Body(view), 1)
    return made


def dock(name: str, title: str, view: QWidget) -> QDockWidget:
    """The same as a dock: moved by its title, floated by a double click, closed by the menu."""
    made = QDockWidget(title)
    made.setObjectName(f"dock-{name}")
    made.setTitleBarWidget(Header(title))
    made.setWidget(Body(view))
    return made


def quiet_label(text: str = "") -> QLabel:
    """A label of less weight."""
    label = QLabel(text)
    label.setProperty("quiet", True)
    label.setFont(font(SMALL))
    return label
