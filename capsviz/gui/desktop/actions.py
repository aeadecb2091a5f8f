"""Every command of the window in one place: name, key, icon, and what it asks of the session."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QFileDialog, QLabel, QSlider, QSpinBox, QToolBar

from capsviz.gui.desktop import about
from capsviz.gui.look.icons import icon
from capsviz.gui.look.theme import GRID, Appearance, Theme
from capsviz.network import MAX_ITERATIONS

if TYPE_CHECKING:
    from PySide6.QtWidgets import QDockWidget, QMenu, QMenuBar

    from capsviz.gui.session import Session
    from capsviz.gui.window import Window

_IMAGES = "Images and strokes (*.png *.jpg *.jpeg *.bmp *.gif *.tif *.tiff *.webp *.jsonl)"
_WEIGHTS = "Networks (*.safetensors)"


class Actions(QObject):
    """Actions, menus and tool bar of one window."""

    def __init__(self, window: Window, session: Session) -> None:
        super().__init__(window)
        self._window, self._session = window, session
        self._icons: dict[QAction, str] = {}
        stack = session.undo_stack
        self.undo = self._named(stack.createUndoAction(self), "action-undo", "undo")
        self.undo.setShortcut(QKeySequence.StandardKey.Undo)
        self.redo = self._named(stack.createRedoAction(self), "action-redo", "redo")
        self.redo.setShortcut(QKeySequence.StandardKey.Redo)
        self.undo.setIconText("Undo")  # the menu names the step; the tool bar must not jump
        self.redo.setIconText("Redo")
        self.clear = self._action("Clear", "action-clear", "clear", "Delete", session.clear)
        self.open = self._action("Open…", "action-open-image", "open", "Ctrl+O", self._open)
        self.sample = self._action(
            "Sample", "action-sample", "sample", "N", session.show_random_sample
        )
        self.picture = self._action(
            "Save picture…", "action-export-figure", "", "Ctrl+E", self._save_picture
        )
        self.quit = self._action("Quit", "action-quit", "", "Ctrl+Q", window.close)
        self.pen = self._action("Pen", "action-pen", "pen", "P", self._set_pen)
        self.eraser = self._action("Eraser", "action-eraser", "eraser", "E", self._set_pen)
        self._only_one_of(self.pen, self.eraser)
        self._appearances = {
            name: self._action(text, f"action-{name}", "", "", self._set_appearance)
            for name, text in (
                ("system", "Follow the system"),
                ("light", "Light"),
                ("dark", "Dark"),
            )
        }
        self._only_one_of(*self._appearances.values())
        self._make_controls()
        session.scene_changed.connect(self._follow_scene)
        session.iterations_changed.connect(self._follow_iterations)
        self._follow_scene()

    def _make_controls(self) -> None:
        self.size = QSlider(Qt.Orientation.Horizontal)
        self.size.setRange(5, 25)
        self.size.setValue(10)
        self.size.setAccessibleName("Pen size")
        self.size.setToolTip("Width of the pen or eraser")
        self.size.setFixedWidth(12 * GRID)
        self.size.valueChanged.connect(self._set_pen)
        self.iterations = QSpinBox()
        self.iterations.setRange(1, MAX_ITERATIONS)
        self.iterations.setValue(self._session.iterations)
        self.iterations.setObjectName("routing-iterations")
        self.iterations.setAccessibleName("Routing iterations")
        self.iterations.setToolTip("How often the capsules are routed; the paper trains with 3")
        self.iterations.valueChanged.connect(self._session.set_iterations)

    def fill_menus(self, bar: QMenuBar, docks: list[QDockWidget]) -> None:
        """Put every action where people look for it."""
        file, edit, view = bar.addMenu("&File"), bar.addMenu("&Edit"), bar.addMenu("&View")
        file.addActions([self.open, self.sample, self.picture])
        file.addSeparator()
        file.addAction(self.quit)
        edit.addActions([self.undo, self.redo, self.clear])
        edit.addSeparator()
        edit.addActions([self.pen, self.eraser])
        view.addActions([made.toggleViewAction() for made in docks])
        view.addSeparator()
        view.addActions(list(self._appearances.values()))
        self._models = bar.addMenu("&Network")
        self._models.aboutToShow.connect(self._list_models)
        self._fill_help(bar.addMenu("&Help"))

    def _fill_help(self, menu: QMenu) -> None:
        menu.addAction(self._action("Keys", "action-keys", "", "F1", self._show_keys))
        menu.addAction(self._action("About capsviz", "action-about", "", "", self._show_about))

    def tool_bar(self) -> QToolBar:
        """The few things that a hand on the mouse wants near."""
        bar = QToolBar("Tools")
        bar.setObjectName("tools")
        bar.setMovable(False)
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        bar.addActions([self.pen, self.eraser])
        bar.addWidget(self.size)
        bar.addSeparator()
        bar.addActions([self.undo, self.redo, self.clear])
        bar.addSeparator()
        bar.addActions([self.open, self.sample])
        bar.addSeparator()
        label = QLabel("Routing iterations ")
        label.setBuddy(self.iterations)
        bar.addWidget(label)
        bar.addWidget(self.iterations)
        return bar

    def set_theme(self, theme: Theme) -> None:
        """Draw the icons in these colours."""
        for action, name in self._icons.items():
            action.setIcon(icon(name, theme.text, theme.line))

    def show_appearance(self, appearance: Appearance) -> None:
        """Tick the appearance that is worn."""
        self._appearances.get(appearance, self._appearances["system"]).setChecked(True)

    def _action(self, text: str, name: str, icon_name: str, key: str, slot: object) -> QAction:
        action = self._named(QAction(text, self), name, icon_name)
        if key:
            action.setShortcut(QKeySequence(key))
        action.triggered.connect(slot)
        return action

    def _named(self, action: QAction, name: str, icon_name: str) -> QAction:
        action.setObjectName(name)
        self._window.addAction(action)
        if icon_name:
            self._icons[action] = icon_name
        return action

    def _only_one_of(self, *actions: QAction) -> None:
        group = QActionGroup(self)
        for action in actions:
            action.setCheckable(True)
            group.addAction(action)
        actions[0].setChecked(True)

    @Slot()
    def _follow_scene(self) -> None:
        self.clear.setEnabled(not self._session.scene.is_empty)

    @Slot(int)
    def _follow_iterations(self, iterations: int) -> None:
        before = self.iterations.blockSignals(True)
        self.iterations.setValue(iterations)
        self.iterations.blockSignals(before)

    @Slot()
    def _set_pen(self) -> None:
        self._window.canvas.set_pen(self.size.value() / 10, self.eraser.isChecked())

    @Slot()
    def _set_appearance(self) -> None:
        chosen = next(name for name, made in self._appearances.items() if made.isChecked())
        self._window.set_appearance(cast("Appearance", chosen))

    @Slot()
    def _open(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self._window, "Open a digit", "", _IMAGES)
        if path:
            self._session.open_file(Path(path))

    @Slot()
    def _save_picture(self) -> None:
        path, _ = QFileDialog.getSaveFileName(
            self._window, "Save the window's picture", "capsviz.png", "Picture (*.png)"
        )
        if path:
            self._window.save_picture_or_say(Path(path))

    @Slot()
    def _list_models(self) -> None:
        """The networks there are now, and a file of one's own."""
        self._models.clear()
        for name in self._session.model_names():
            action = self._models.addAction(name)
            action.setCheckable(True)
            action.setChecked(self._session.model is not None and self._session.model.name == name)
            action.triggered.connect(self._choose_model)
        self._models.addSeparator()
        self._models.addAction("Open weights…").triggered.connect(self._open_weights)

    @Slot()
    def _choose_model(self) -> None:
        self._session.load_model(cast("QAction", self.sender()).text())

    @Slot()
    def _open_weights(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self._window, "Open weights", "", _WEIGHTS)
        if path:
            self._session.load_model(path)

    @Slot()
    def _show_keys(self) -> None:
        about.show_keys(self._window, self._window.actions())

    @Slot()
    def _show_about(self) -> None:
        about.show_about(self._window, self._session.model)
