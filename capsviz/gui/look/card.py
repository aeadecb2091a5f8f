"""A card: a title with a quiet word beside it, and a view below; in the middle or as a dock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QDockWidget,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
    QWidgetItem,
)

from capsviz.gui.look.elided import Elided, Title
from capsviz.gui.look.more import More
from capsviz.gui.look.screens import room_for_views
from capsviz.gui.look.theme import GRID, SMALL, font
from capsviz.gui.look.view import View
from capsviz.gui.look.viewport import use_own_viewport

if TYPE_CHECKING:
    from PySide6.QtCore import QObject
    from PySide6.QtGui import QResizeEvent

Share = tuple[float, float]

_HALF = (0.5, 0.5)


class Header(QFrame):
    """The upper part of a card; of a dock, the part it is dragged by.

    Signals:
        noticed(str): one sentence: a picture or numbers of the card were saved, or could not be.
    """

    noticed = Signal(str)

    def __init__(self, title: str, aside: str = "", view: View | None = None) -> None:
        super().__init__()
        self.setObjectName("card-header")
        name = Title(title)
        self.aside = Elided(aside)
        self.aside.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.aside.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        make_quiet(self.aside)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2 * GRID, GRID, 2 * GRID, 0)
        layout.setSpacing(GRID)
        layout.addWidget(name)
        layout.addWidget(self.aside, 1)  # what the title leaves
        if view is not None:
            self.offer(title, view)

    def add_widget(self, widget: QWidget) -> None:
        """Put a control at the right, before the card's own menu."""
        layout = self.layout()
        assert isinstance(layout, QHBoxLayout)
        has_more = self.findChild(More) is not None
        layout.insertWidget(layout.count() - has_more, widget)

    def offer(self, title: str, view: View) -> None:
        """A menu to copy and save the picture and the numbers of this view."""
        more = More(title, view)
        more.noticed.connect(self.noticed)
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


class _Held(QWidget):
    """A view by the least size that it needs; its height for a width would make bars appear."""

    def __init__(self, view: QWidget) -> None:
        super().__init__()
        self._view = view
        view.setParent(self)

    # Qt calls these

    def sizeHint(self) -> QSize:
        return self._view.sizeHint()

    def minimumSizeHint(self) -> QSize:
        return QWidgetItem(self._view).minimumSize()  # as a layout would see it

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._view.setGeometry(self.rect())


class Scrolled(QScrollArea):
    """A view that never asks for more than its share of the screen; it scrolls where it needs
    more, as with large text on a small screen. So no view makes the window larger than that.
    """

    def __init__(self, view: QWidget, share: Share) -> None:
        super().__init__()
        use_own_viewport(self)
        self._held, self._share = _Held(view), share
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(self._held)
        self._held.setAutoFillBackground(False)
        self.viewport().setBackgroundRole(QPalette.ColorRole.Base)  # the card's colour
        self.viewport().setAutoFillBackground(True)  # so that nothing behind it is painted anew

    # Qt calls these

    def sizeHint(self) -> QSize:
        return self._held.sizeHint()

    def minimumSizeHint(self) -> QSize:
        needed = self._held.minimumSizeHint()
        room = room_for_views(self)
        across, down = self._share
        most = QSize(round(across * room.width()), round(down * room.height()))
        if needed.height() > most.height():
            needed.setWidth(needed.width() + self.verticalScrollBar().sizeHint().width())
        return needed.boundedTo(most)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._held and event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()  # the view needs more or less than before
        return super().eventFilter(watched, event)


class Card(QWidget):
    """A view on a titled surface."""

    def __init__(self, title: str, view: Scrolled, aside: str, offered: View | None) -> None:
        super().__init__()
        self.header = Header(title, aside, offered)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addWidget(Body(view), 1)


class Dock(QDockWidget):
    """The same as a dock: moved by its title, floated by a double click, closed by the menu."""

    def __init__(self, name: str, title: str, aside: str = "") -> None:
        super().__init__(title)
        self.setObjectName(f"dock-{name}")
        self.header = Header(title, aside)
        self.setTitleBarWidget(self.header)

    def hold(self, view: QWidget, share: Share, offered: View | None = None) -> None:
        """Show this view; the arguments are those of `dock`."""
        whose = offered or _itself(view)
        if whose is not None:
            self.header.offer(self.windowTitle(), whose)
        self.setWidget(Body(Scrolled(view, share)))


def card(
    title: str,
    view: QWidget,
    aside: str = "",
    share: Share = _HALF,
    offered: View | None = None,
) -> Card:
    """A view on a titled surface.

    Args:
        title: its name.
        view: what stands on it.
        aside: a quiet word at the right of the title.
        share: parts of the screen's width and height from which on the view scrolls.
        offered: whose picture and numbers can be copied and saved, if not those of `view` itself.
    """
    return Card(title, Scrolled(view, share), aside, offered or _itself(view))


def dock(
    name: str,
    title: str,
    view: QWidget,
    aside: str = "",
    share: Share = _HALF,
    offered: View | None = None,
) -> Dock:
    """The same as a dock, remembered by `name`."""
    made = Dock(name, title, aside)
    made.hold(view, share, offered)
    return made


def _itself(view: QWidget) -> View | None:
    return view if isinstance(view, View) else None


def quiet_label(text: str = "") -> QLabel:
    """A label of less weight."""
    label = QLabel(text)
    make_quiet(label)
    return label


def make_quiet(label: QLabel) -> None:
    """Less weight."""
    label.setProperty("quiet", True)
    label.setFont(font(SMALL))
