"""A card: a title with a quiet word beside it, and a view below; in the middle or as a dock."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDockWidget, QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from capsviz.gui.look.more import More
from capsviz.gui.look.theme import BODY, GRID, SMALL, font
from capsviz.gui.look.view import View


class Header(QFrame):
    """The upper part of a card; of a dock, the part it is dragged by.

    Signals:
        failed(str): one sentence: a picture or numbers of the card could not be saved.
    """

    failed = Signal(str)

    def __init__(self, title: str, aside: str = "", view: View | None = None) -> None:
        super().__init__()
        self.setObjectName("card-header")
        name = QLabel(title)
        name.setFont(font(BODY, bold=True))
        name.setTextFormat(Qt.TextFormat.PlainText)
        name.setMinimumHeight(3 * GRID)  # as high as a button, so that all titles are level
        self.aside = quiet_label(aside)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2 * GRID, GRID, 2 * GRID, 0)
        layout.setSpacing(GRID)
        layout.addWidget(name)
        layout.addStretch()
        layout.addWidget(self.aside)
        if view is not None:
            self._offer_more(title, view)

    def add_widget(self, widget: QWidget) -> None:
        """Put a control at the right, before the card's own menu."""
        layout = self.layout()
        assert isinstance(layout, QHBoxLayout)
        has_more = self.findChild(More) is not None
        layout.insertWidget(layout.count() - has_more, widget)

    def _offer_more(self, title: str, view: View) -> None:
        more = More(title, view)
        more.failed.connect(self.failed)
        layout = self.layout()
        assert layout is not None
        layout.addWidget(more)
        layout.setContentsMargins(2 * GRID, GRID, GRID, 0)


class Body(QFrame):
    """The lower part of a card, round one view."""

    def __init__(self, view: QWidget) -> None:
        super().__init__()
        self.setObjectName("card-body")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * GRID, GRID, 2 * GRID, 2 * GRID)
        layout.addWidget(view)


class Card(QWidget):
    """A view on a titled surface."""

    def __init__(self, title: str, view: QWidget, aside: str, offered: View | None) -> None:
        super().__init__()
        self.header = Header(title, aside, offered)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addWidget(Body(view), 1)


class Dock(QDockWidget):
    """The same as a dock: moved by its title, floated by a double click, closed by the menu."""

    def __init__(
        self, name: str, title: str, view: QWidget, aside: str, offered: View | None
    ) -> None:
        super().__init__(title)
        self.setObjectName(f"dock-{name}")
        self.header = Header(title, aside, offered)
        self.setTitleBarWidget(self.header)
        self.setWidget(Body(view))


def card(title: str, view: QWidget, aside: str = "", offered: View | None = None) -> Card:
    """A view on a titled surface.

    Args:
        title: its name.
        view: what stands on it.
        aside: a quiet word at the right of the title.
        offered: whose picture and numbers can be copied and saved, if not those of `view` itself.
    """
    return Card(title, view, aside, offered or _itself(view))


def dock(
    name: str, title: str, view: QWidget, aside: str = "", offered: View | None = None
) -> Dock:
    """The same as a dock, remembered by `name`."""
    return Dock(name, title, view, aside, offered or _itself(view))


def _itself(view: QWidget) -> View | None:
    return view if isinstance(view, View) else None


def quiet_label(text: str = "") -> QLabel:
    """A label of less weight."""
    label = QLabel(text)
    label.setProperty("quiet", True)
    label.setFont(font(SMALL))
    return label
