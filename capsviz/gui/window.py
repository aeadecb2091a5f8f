"""The window: its parts, what it remembers, and what waits for its first frame."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zipfile import BadZipFile

from PySide6.QtCore import QBuffer, QCoreApplication, QEvent, QSettings, QSize, Qt, Slot
from PySide6.QtWidgets import QMainWindow, QToolButton, QVBoxLayout, QWidget

from capsviz.files import CapsvizError, one_line, write_atomically
from capsviz.gui.afterwards import Afterwards
from capsviz.gui.desktop.actions import Actions
from capsviz.gui.desktop.files import Files
from capsviz.gui.desktop.looks import Looks, take_zoom
from capsviz.gui.desktop.memory import Memory
from capsviz.gui.layout import Layout
from capsviz.gui.look.card import card
from capsviz.gui.look.screens import first_size, keep_on_screen
from capsviz.gui.look.theme import GRID
from capsviz.gui.remembered import remembered_bytes, sealed, unsealed
from capsviz.gui.tab_order import TabOrder
from capsviz.gui.views import Views
from capsviz.gui.wiring import Wiring
from capsviz.places import user_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PySide6.QtGui import (
        QAction,
        QCloseEvent,
        QDragEnterEvent,
        QDragLeaveEvent,
        QDropEvent,
        QResizeEvent,
        QShowEvent,
    )

    from capsviz.gui.session import Session

_COVERING = Qt.WindowState.WindowMaximized | Qt.WindowState.WindowFullScreen
_USUAL = QSize(1280, 720)


class Window(QMainWindow):
    """Input on the left, capsules and routing in the middle, reconstruction on the right.

    Args:
        session: all that changes.
        settings: the file that remembers layout and choices; None: the user's.
    """

    def __init__(self, session: Session, settings: Path | None = None) -> None:
        remembered = QSettings(
            str(settings or user_folder() / "settings.ini"), QSettings.Format.IniFormat
        )
        take_zoom(remembered)
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle("capsviz")
        self.setAcceptDrops(True)
        self.resize(_USUAL)
        self.session = session
        self._settings = remembered
        remembered.setParent(self)
        self.looks = Looks(self._settings, self)
        self.views = Views()
        self.canvas, self.notice = self.views.canvas, self.views.notice
        self.actions_ = Actions(self, session)
        self._lay_out()
        self._wiring = Wiring(session, self.views, self.docks, self)
        self.asks_before_closing = True
        self._is_placed = self._is_arranged = False
        self._connect()
        self.memory = Memory(self._settings, session, self._remembered())
        self._restore()
        self.afterwards = Afterwards(self._pieces(), self)
        self.afterwards.begun.connect(self._layout.bring_floating_forward)
        self.afterwards.done.connect(TabOrder(self, self._cards()).arrange)
        self.canvas.setFocus()

    def _lay_out(self) -> None:
        self._layout = Layout(self, self.views)
        self.docks = self._layout.docks
        self.setCentralWidget(self._middle())
        self._layout.settle()
        self.setContentsMargins(GRID, 0, GRID, 0)
        self.setStatusBar(self.views.status)
        self.notice.lie_over(self)
        for one in self.docks.values():  # a card that comes to the front is not before the notice
            one.visibilityChanged.connect(self.notice.raise_)
        self.actions_.fill_menus(self.menuBar(), list(self.docks.values()))
        self.addToolBar(self.actions_.tool_bar())

    def _middle(self) -> QWidget:
        aside = "length = probability that the digit is there"
        self._capsules = card("Digit capsules", self.views.capsules, aside, (0.44, 0.4))
        middle = QWidget()
        layout = QVBoxLayout(middle)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(self.views.hints)
        layout.addWidget(self._capsules, 1)
        return middle

    def _connect(self) -> None:
        self._capsules.header.noticed.connect(self.session.noticed)
        self.views.hints.dismissed.connect(self._remember_hints)
        self.looks.worn.connect(self._take_colours)
        self.looks.zoomed.connect(self._make_room)
        # and again when whatever the larger text has set in motion has come to rest
        self.looks.zoomed.connect(self._make_room, Qt.ConnectionType.QueuedConnection)
        self.looks.wear()

    def _pieces(self) -> Iterator[None]:
        """What the first frame does not show, one piece after the other."""
        self._fill_samples()
        yield
        for pages in self.views.paged:
            for title in pages.unmade:
                pages.view(title)
                yield
        self.views.capsules.make_charts()
        yield
        self._layout.hold_training(self.views.training)
        yield
        from capsviz.gui.training_wiring import TrainingWiring

        self._training = TrainingWiring(self.session, self.views, self)
        self.actions_.connect_training()

    def _fill_samples(self) -> None:
        try:
            self.views.samples.fill()
        except (OSError, ValueError, KeyError, BadZipFile) as error:
            self.session.noticed.emit(
                f"The sample digits cannot be read ({one_line(error)}); install capsviz again."
            )

    def _cards(self) -> list[QWidget]:
        """As one reads them."""
        names = ("draw", "input", "samples", "routing", "reconstruction", "pose", "training")
        cards: list[QWidget] = [self.docks[name] for name in names]
        cards[3:3] = [self.views.hints, self._capsules]
        return [*cards, self.actions_.tool_bar(), self.views.status]

    @Slot()
    def _take_colours(self) -> None:
        self.actions_.show_appearance(self.looks.appearance)
        self.actions_.set_theme(self.looks.theme)
        self.views.set_theme(self.looks.theme)

    @Slot()
    def _make_room(self) -> None:
        """For larger text, on the screen."""
        for _ in range(3):  # once grown, bars may take other words in, and ask for more
            QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)  # of every view
            least = self.minimumSizeHint()
            if not self.windowState() & _COVERING:
                keep_on_screen(self, self.size().expandedTo(least))
        self._layout.follow_window()

    @Slot()
    def reset_layout(self) -> None:
        """Every view back in its usual place."""
        self._layout.reset()

    @Slot()
    def close_now(self) -> None:
        """Close even if a run is under way; it can be continued."""
        self.asks_before_closing = False
        self.close()

    @Slot()
    def _remember_hints(self) -> None:
        self._settings.setValue("hints", "taken")

    def save_picture(self, path: Path) -> None:
        """Write the window as it looks now to a PNG.

        Raises:
            CapsvizError: the file cannot be written.
        """
        buffer = QBuffer()
        self.grab().save(buffer, "PNG")
        write_atomically(path, bytes(buffer.data().data()))

    def save_picture_or_say(self, path: Path) -> None:
        """The same; a notice tells where it lies, or what fails."""
        try:
            self.save_picture(path)
        except CapsvizError as error:
            self.views.notice.show_sentence(str(error))
        else:
            self.views.notice.show_sentence(f"Saved as {path}.")

    def _remembered(self) -> dict[str, QWidget | QAction]:
        """What keeps its own state from one start to the next."""
        views, options = self.views, self.views.coupling.options
        curve = views.capsules.findChild(QToolButton, "show-curve")
        assert curve is not None
        return {
            "pen": self.actions_.tool_bar().pen_size,
            "weight": options.weight,
            "measure": options.measure,
            "span": options.span,
            "wide": views.pose.controls.wide,
            "animate-one": views.pose.controls.one,
            "curve": curve,
            "routing": views.routing.pages.tabs,
            "decoded": views.decoded.tabs,
            "posed": views.posed.tabs,
        }

    def _restore(self) -> None:
        geometry = remembered_bytes(self._settings, "geometry")
        state = unsealed(remembered_bytes(self._settings, "state"))  # Qt would crash on another's
        if geometry is not None and state is not None:
            # False on a screen of quite another width: then it is placed as at its first start
            self._is_placed = self.restoreGeometry(geometry)
            self._is_arranged = self._layout.restore(state)
            is_own = self._settings.value("layout-own", 1) not in ("0", 0)
            self._layout.is_own = self._is_arranged and is_own
        self.views.hints.setVisible(self._settings.value("hints") != "taken")
        self.memory.bring_back()

    def _take_first_size(self) -> None:
        layout = self.layout()
        assert layout is not None
        layout.activate()
        if self.size() == _USUAL:  # and nobody has asked for another
            self.resize(first_size(self))

    # Qt calls these

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._is_placed:
            self._is_placed = True
            self._take_first_size()
        if not self._is_arranged:  # sizes hold only from the first layout on
            self._is_arranged = True
            self._layout.arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._is_arranged:
            self._layout.follow_window()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.asks_before_closing and self.session.is_training:
            event.ignore()
            self.actions_.training.ask_to_close()
            return
        self._settings.setValue("geometry", self.saveGeometry())
        self._settings.setValue("state", sealed(self._layout.state()))
        self._settings.setValue("layout-own", int(self._layout.is_own))
        self.memory.keep()
        self._settings.sync()
        self.hide()
        self.afterwards.stop()
        self.session.close()
        super().closeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if Files.can_take(event.mimeData()) and _leaves_it_there(event):
            event.accept()
            self.canvas.show_offer(True)

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        self.canvas.show_offer(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self.canvas.show_offer(False)
        can_take = _leaves_it_there(event)
        if can_take and self.actions_.files.take(event.mimeData(), "the dropped picture"):
            event.accept()


def _leaves_it_there(event: QDropEvent) -> bool:
    """Ask for a copy, or else a link; whoever is told that it was moved would delete it."""
    harmless = (Qt.DropAction.CopyAction, Qt.DropAction.LinkAction)
    asked = next((each for each in harmless if event.possibleActions() & each), None)
    if asked is not None:
        event.setDropAction(asked)
    return asked is not None
