"""The window: which view stands where, which signal reaches which slot. No logic of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QBuffer, QSettings, Qt, Slot
from PySide6.QtWidgets import QMainWindow, QVBoxLayout, QWidget

from capsviz.files import CapsvizError, write_atomically
from capsviz.gui.capsules.lengths import Lengths
from capsviz.gui.capsules.prediction import Prediction
from capsviz.gui.desktop.actions import Actions
from capsviz.gui.desktop.status import Status
from capsviz.gui.input.canvas import Canvas
from capsviz.gui.input.network_input import NetworkInput
from capsviz.gui.look.card import card, dock
from capsviz.gui.look.notice import Notice
from capsviz.gui.look.theme import GRID, Appearance, Theme, apply_theme, theme_for
from capsviz.gui.pose.reconstruction import Reconstruction
from capsviz.places import user_folder

if TYPE_CHECKING:
    from PySide6.QtCore import QObject
    from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
    from PySide6.QtWidgets import QApplication

    from capsviz.explore.answers import Explanation
    from capsviz.explore.models import LoadedModel
    from capsviz.gui.session import Session

_LAYOUT_VERSION = 1  # raise when docks come or go, so that an old layout is not restored


class Window(QMainWindow):
    """Input on the left, capsules in the middle, reconstruction on the right."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle("capsviz")
        self.setAcceptDrops(True)
        self.setMinimumSize(960, 640)
        self.resize(1280, 720)
        self.session = session
        self._settings = QSettings(
            str(user_folder() / "settings.ini"), QSettings.Format.IniFormat, self
        )
        self._make_views()
        self.actions_ = Actions(self, session)
        self._lay_out()
        self._connect()
        self.set_appearance(cast("Appearance", self._settings.value("appearance", "system")))
        self._restore()
        self._say_what_to_do()

    def _make_views(self) -> None:
        self.canvas = Canvas()
        self.network_input = NetworkInput()
        self.lengths = Lengths()
        self.prediction = Prediction()
        self.reconstruction = Reconstruction()
        self.notice = Notice()
        self.status = Status()

    def _lay_out(self) -> None:
        left, right = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
        self.docks = [
            dock("draw", "Draw", self.canvas),
            dock("input", "What the network sees", self.network_input),
            dock("reconstruction", "Reconstruction", self.reconstruction),
        ]
        for made, area in zip(self.docks, (left, left, right), strict=True):
            self.addDockWidget(area, made)
        self.setCentralWidget(self._middle())
        self.resizeDocks([self.docks[0], self.docks[2]], [340, 360], Qt.Orientation.Horizontal)
        self.resizeDocks(self.docks[:2], [400, 180], Qt.Orientation.Vertical)
        self.setContentsMargins(GRID, 0, GRID, 0)
        self.setStatusBar(self.status)
        self.actions_.fill_menus(self.menuBar(), self.docks)
        self.addToolBar(self.actions_.tool_bar())

    def _middle(self) -> QWidget:
        capsules = QWidget()
        column = QVBoxLayout(capsules)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.prediction)
        column.addWidget(self.lengths, 1)
        middle = QWidget()
        layout = QVBoxLayout(middle)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(self.notice)
        aside = "length = probability that the digit is there"
        layout.addWidget(card("Digit capsules", capsules, aside), 1)
        return middle

    def _connect(self) -> None:
        session = self.session
        self.canvas.mark_moved.connect(session.preview_mark)
        self.canvas.mark_made.connect(session.add_mark)
        session.scene_changed.connect(self.canvas.show_scene)
        session.input_changed.connect(self.network_input.show_input)
        session.explanation_changed.connect(self._show_explanation)
        session.model_changed.connect(self._show_model)
        session.noticed.connect(self.notice.show_sentence)

    @Slot(object)
    def _show_explanation(self, explanation: Explanation | None) -> None:
        self.lengths.show_explanation(explanation)
        self.reconstruction.show_explanation(explanation)
        self.status.show_explanation(explanation)
        if explanation is None:
            self._say_what_to_do()
        else:
            self.prediction.show_explanation(explanation)

    @Slot(object)
    def _show_model(self, model: LoadedModel) -> None:
        self.status.show_model(model)
        if self.session.scene.is_empty:
            self._say_what_to_do()

    def _say_what_to_do(self) -> None:
        if self.session.model is None:
            self.prediction.show_waiting("Getting the network ready …", "you can draw already")
        else:
            self.prediction.show_waiting(
                "Draw a digit on the left", "the capsules answer while the pen moves"
            )

    def set_appearance(self, appearance: Appearance) -> None:
        """Wear the colours of "system", "light" or "dark", and remember it."""
        self._settings.setValue("appearance", appearance)
        self.actions_.show_appearance(appearance)
        theme = theme_for(appearance)
        apply_theme(cast("QApplication", _application()), theme)
        self._wear(theme)

    def _wear(self, theme: Theme) -> None:
        views = (
            self.canvas,
            self.network_input,
            self.lengths,
            self.prediction,
            self.reconstruction,
            self.actions_,
            self.status,
        )
        for view in views:
            view.set_theme(theme)

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
            self.notice.show_sentence(str(error))

    def _restore(self) -> None:
        geometry, state = self._settings.value("geometry"), self._settings.value("state")
        if geometry is not None and state is not None:
            self.restoreGeometry(geometry)
            self.restoreState(state, _LAYOUT_VERSION)

    # Qt calls these

    def closeEvent(self, event: QCloseEvent) -> None:
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


def _application() -> QObject | None:
    from PySide6.QtWidgets import QApplication

    return QApplication.instance()
