"""The window: which view stands where, and what it remembers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QBuffer, QSettings, Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMainWindow, QTabWidget, QVBoxLayout, QWidget

from capsviz.files import CapsvizError, write_atomically
from capsviz.gui.desktop.actions import Actions
from capsviz.gui.look.card import Dock, card, dock
from capsviz.gui.look.theme import (
    GRID,
    Appearance,
    apply_theme,
    next_zoom,
    set_zoom,
    theme_for,
    zoom,
)
from capsviz.gui.training_wiring import TrainingWiring
from capsviz.gui.views import Views
from capsviz.gui.wiring import Wiring
from capsviz.places import user_folder

if TYPE_CHECKING:
    from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QShowEvent

    from capsviz.gui.session import Session

_LAYOUT_VERSION = 3  # raise when docks come or go, so that an old layout is not restored
_LARGE = 1600  # pixels across, from where the side columns and the routing get more room
_LEFT, _RIGHT = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
_BOTTOM = Qt.DockWidgetArea.BottomDockWidgetArea


class Window(QMainWindow):
    """Input on the left, capsules and routing in the middle, reconstruction on the right."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle("capsviz")
        self.setAcceptDrops(True)
        self.setMinimumSize(1024, 640)
        self.resize(1280, 720)
        self.session = session
        self._settings = QSettings(
            str(user_folder() / "settings.ini"), QSettings.Format.IniFormat, self
        )
        self.views = Views(session.playhead.count)
        self.canvas, self.notice = self.views.canvas, self.views.notice
        self.actions_ = Actions(self, session)
        self._lay_out()
        self._wiring = Wiring(session, self.views, self.docks, self)
        self._training = TrainingWiring(session, self.views, self)
        self.asks_before_closing = True
        self._capsules.header.failed.connect(session.noticed)
        self.views.hints.dismissed.connect(self._remember_hints)
        self._follow_system()
        self._is_arranged = False
        self._restore()
        self.canvas.setFocus()

    def _lay_out(self) -> None:
        self._lay_out_docks()
        self.setCentralWidget(self._middle())
        self._usual_state = self.saveState(_LAYOUT_VERSION)
        self.setContentsMargins(GRID, 0, GRID, 0)
        self.setStatusBar(self.views.status)
        self.actions_.fill_menus(self.menuBar(), list(self.docks.values()))
        self.addToolBar(self.actions_.tool_bar())

    def _lay_out_docks(self) -> None:
        views = self.views
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self.setCorner(Qt.Corner.BottomLeftCorner, _LEFT)
        self.setCorner(Qt.Corner.BottomRightCorner, _RIGHT)
        made = (
            (_LEFT, dock("draw", "Draw", views.canvas)),
            (_LEFT, dock("input", "What the network sees", views.network_input)),
            (_LEFT, dock("samples", "Samples", views.samples, "real MNIST test digits")),
            (
                _BOTTOM,
                dock(
                    "routing", "Routing by agreement", views.routing, offered=views.routing.pages
                ),
            ),
            (_RIGHT, dock("reconstruction", "Reconstruction", views.decoded)),
            (_RIGHT, dock("pose", "Pose", views.posed)),
            (_RIGHT, dock("training", "Training", views.training, offered=views.training.pages)),
        )
        self.docks: dict[str, Dock] = {}
        for area, one in made:
            self.addDockWidget(area, one)
            self.docks[one.objectName().removeprefix("dock-")] = one
        self.docks["draw"].header.add_widget(views.correction)
        self.docks["reconstruction"].header.add_widget(views.decoded.tabs)
        self.docks["pose"].header.add_widget(views.posed.tabs)
        self.tabifyDockWidget(self.docks["pose"], self.docks["training"])
        self.docks["training"].hide()  # until there is a run to be seen
        self._arrange()

    def _arrange(self) -> None:
        """The usual sizes."""
        docks, wide, high = self.docks, self.width(), self.height()
        across, down = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        is_large = wide >= _LARGE
        sides = [round(0.22 * wide), round(0.26 * wide)] if is_large else [320, 340]
        self.resizeDocks([docks["draw"], docks["pose"]], sides, across)
        self.resizeDocks([docks["draw"], docks["input"], docks["samples"]], [360, 150, 130], down)
        self.resizeDocks([docks["reconstruction"], docks["pose"]], [200, 420], down)
        self.resizeDocks([docks["routing"]], [round(0.55 * high) if is_large else 370], down)

    def _middle(self) -> QWidget:
        aside = "length = probability that the digit is there"
        self._capsules = card("Digit capsules", self.views.capsules, aside)
        middle = QWidget()
        layout = QVBoxLayout(middle)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(self.views.hints)
        layout.addWidget(self.views.notice)
        layout.addWidget(self._capsules, 1)
        return middle

    def _follow_system(self) -> None:
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self._wear_again)
        hints.accessibility().contrastPreferenceChanged.connect(self._wear_again)

    @property
    def appearance(self) -> Appearance:
        """The colours that were chosen."""
        return cast("Appearance", self._settings.value("appearance", "system"))

    def set_appearance(self, appearance: Appearance) -> None:
        """Wear the colours of "system", "light", "dark" or "contrast", and remember it."""
        self._settings.setValue("appearance", appearance)
        self._wear_again()

    @Slot()
    def _wear_again(self) -> None:
        theme = theme_for(self.appearance)
        self.actions_.show_appearance(self.appearance)
        apply_theme(_application(), theme)
        self.actions_.set_theme(theme)
        self.views.set_theme(theme)

    @Slot()
    def zoom_in(self) -> None:
        """All text one step larger."""
        self._set_zoom(next_zoom(zoom(_application()), 1))

    @Slot()
    def zoom_out(self) -> None:
        """All text one step smaller."""
        self._set_zoom(next_zoom(zoom(_application()), -1))

    @Slot()
    def zoom_reset(self) -> None:
        """All text in its usual size."""
        self._set_zoom(1.0)

    def _set_zoom(self, factor: float) -> None:
        self._settings.setValue("zoom", factor)
        set_zoom(_application(), factor)
        self._wear_again()
        self.resize(self.size().expandedTo(self.minimumSizeHint()))

    @Slot()
    def reset_layout(self) -> None:
        """Every view back in its usual place."""
        for one in self.docks.values():
            one.setFloating(False)
            one.show()
        self.restoreState(self._usual_state, _LAYOUT_VERSION)
        self._arrange()

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
        """The same; a notice tells what fails."""
        try:
            self.save_picture(path)
        except CapsvizError as error:
            self.views.notice.show_sentence(str(error))

    def _restore(self) -> None:
        set_zoom(_application(), _number(self._settings.value("zoom"), 1.0))
        self._wear_again()
        geometry, state = self._settings.value("geometry"), self._settings.value("state")
        if geometry is not None and state is not None:
            self.restoreGeometry(geometry)
            self._is_arranged = self.restoreState(state, _LAYOUT_VERSION)
            self.docks["training"].hide()  # the run that was seen in it has ended
        self.views.hints.setVisible(self._settings.value("hints") != "taken")

    # Qt calls these

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._is_arranged:  # sizes hold only from the first layout on
            self._is_arranged = True
            layout = self.layout()
            assert layout is not None
            layout.activate()
            self._arrange()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.asks_before_closing and not self.session.learning.training.is_idle:
            event.ignore()
            self.actions_.training.ask_to_close()
            return
        self._settings.setValue("geometry", self.saveGeometry())
        self._settings.setValue("state", self.saveState(_LAYOUT_VERSION))
        self._settings.sync()
        self.hide()
        self.session.close()
        super().closeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        for url in event.mimeData().urls()[:1]:
            self.session.open_file(Path(url.toLocalFile()))
            event.acceptProposedAction()


def _application() -> QApplication:
    return cast("QApplication", QApplication.instance())


def _number(value: object, usual: float) -> float:
    """A setting that someone may have edited by hand."""
    try:
        return float(str(value))
    except ValueError:
        return usual
