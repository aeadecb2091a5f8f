"""The window: which view stands where, and what it remembers."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QBuffer, QSettings, Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QApplication,
    QMainWindow,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from capsviz.files import CapsvizError, write_atomically
from capsviz.gui.desktop.actions import Actions
from capsviz.gui.desktop.files import Files
from capsviz.gui.desktop.memory import Memory
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
    from pathlib import Path

    from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QShowEvent

    from capsviz.gui.session import Session

_LAYOUT_VERSION = 3  # raise when docks come or go, so that an old layout is not restored
_ROUTING, _SAMPLES = "Routing by agreement", "real MNIST test digits"
_LARGE = 1600  # pixels across, from where the side columns and the routing get more room
_LEAST = 20 * GRID  # pixels of height, of the dock that takes what the others leave
_LEFT, _RIGHT = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
_BOTTOM = Qt.DockWidgetArea.BottomDockWidgetArea


class Window(QMainWindow):
    """Input on the left, capsules and routing in the middle, reconstruction on the right."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle("capsviz")
        self.setAcceptDrops(True)
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
        self.memory = Memory(self._settings, session, self._remembered())
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
        pages = views.routing.pages
        seen, run = "What the network sees", views.training
        made = (
            (_LEFT, dock("draw", "Draw", views.canvas, share=(0.25, 0.42))),
            (_LEFT, dock("input", seen, views.network_input, share=(0.25, 0.25))),
            (_LEFT, dock("samples", "Samples", views.samples, _SAMPLES, (0.25, 0.25))),
            (_BOTTOM, dock("routing", _ROUTING, views.routing, share=(0.46, 0.5), offered=pages)),
            (_RIGHT, dock("reconstruction", "Reconstruction", views.decoded, share=(0.31, 0.3))),
            (_RIGHT, dock("pose", "Pose", views.posed, share=(0.31, 0.5))),
            (_RIGHT, dock("training", "Training", run, share=(0.31, 0.5), offered=run.pages)),
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
        """The usual sizes: the drawing square, pictures whole, and the rest to what can use it."""
        docks, wide, high = self.docks, self.width(), self.height()
        is_large = wide >= _LARGE
        left, right = (round(0.22 * wide), round(0.26 * wide)) if is_large else (320, 340)
        across = Qt.Orientation.Horizontal
        self.resizeDocks([docks["draw"], docks["pose"]], [left, right], across)
        self._share("samples", draw=left + 3 * GRID, input=round(0.56 * left))
        self._share("pose", reconstruction=min(right // 3 + 16 * GRID, round(0.29 * high)))
        routing = round(0.55 * high) if is_large else 370
        self.resizeDocks([docks["routing"]], [routing], Qt.Orientation.Vertical)

    def _share(self, rest: str, **heights: int) -> None:
        """Give docks of one column these heights, and what is left to the dock `rest`: at least
        `_LEAST`, at the cost of the first.
        """
        names = [*heights, rest]
        whole = sum(self.docks[name].height() for name in names)
        first, *others = heights.values()
        last = max(whole - sum(heights.values()), _LEAST)
        sizes = [min(first, whole - sum(others) - last), *others, last]
        docks = [self.docks[name] for name in names]
        self.resizeDocks(docks, sizes, Qt.Orientation.Vertical)

    def _middle(self) -> QWidget:
        aside = "length = probability that the digit is there"
        self._capsules = card("Digit capsules", self.views.capsules, aside, (0.44, 0.4))
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

    def _remembered(self) -> dict[str, QWidget]:
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
            "curve": curve,
            "routing": views.routing.pages.tabs,
            "decoded": views.decoded.tabs,
            "posed": views.posed.tabs,
        }

    def _restore(self) -> None:
        set_zoom(_application(), _number(self._settings.value("zoom"), 1.0))
        self._wear_again()
        geometry, state = self._settings.value("geometry"), self._settings.value("state")
        if geometry is not None and state is not None:
            self.restoreGeometry(geometry)
            self._is_arranged = self.restoreState(state, _LAYOUT_VERSION)
            self.docks["training"].hide()  # the run that was seen in it has ended
        self.views.hints.setVisible(self._settings.value("hints") != "taken")
        self.memory.bring_back()

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
        self.memory.keep()
        self._settings.sync()
        self.hide()
        self.session.close()
        super().closeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if Files.can_take(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        if self.actions_.files.take(event.mimeData(), "the dropped picture"):
            event.acceptProposedAction()


def _application() -> QApplication:
    return cast("QApplication", QApplication.instance())


def _number(value: object, usual: float) -> float:
    """A setting that someone may have edited by hand."""
    try:
        return float(str(value))
    except ValueError:
        return usual
