"""The commands as Qt knows them: actions, menus, keys, and what each asks of the session."""

from __future__ import annotations

from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QAction, QActionGroup, QKeySequence

from capsviz.gui.desktop.availability import Availability
from capsviz.gui.desktop.commands import Command, all_commands
from capsviz.gui.desktop.files import Files
from capsviz.gui.desktop.labs import Labs
from capsviz.gui.desktop.menus import NetworkMenu, entries, fill
from capsviz.gui.desktop.tools import Tools
from capsviz.gui.look.icons import icon
from capsviz.gui.look.screens import bring_up
from capsviz.gui.look.theme import DARK
from capsviz.gui.stroke_undo import StrokeUndo
from capsviz.network import MAX_ITERATIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QDockWidget, QMenuBar

    from capsviz.gui.desktop.guide import Guide
    from capsviz.gui.desktop.palette import Palette
    from capsviz.gui.desktop.training import TrainingCommands
    from capsviz.gui.look.theme import Appearance, Theme
    from capsviz.gui.session import Session
    from capsviz.gui.window import Window

_LATE = ("training.", "session.learning.")
"""What the methods of commands begin with that are not there before the first frame."""


class Actions(QObject):
    """Actions, menus, tool bar and palette of one window."""

    def __init__(self, window: Window, session: Session) -> None:
        super().__init__(window)
        self.window, self.session = window, session
        self.files = Files(window, session, self)
        self.labs = Labs(self)
        self.strokes = StrokeUndo(window.canvas, session.undo_stack, self)
        self._theme = DARK
        self._groups: dict[str, QActionGroup] = {}
        self.named = {command.name: self._made(command) for command in all_commands()}
        self._tools = Tools(self.named, session.iterations, window)
        self._availability = Availability(self.named, session, self)
        self.strokes.enable(self.named["undo"])
        self._network_menu = NetworkMenu(session, self)
        self._connect_tools()

    @cached_property
    def training(self) -> TrainingCommands:
        """What the commands of training run."""
        from capsviz.gui.desktop.training import TrainingCommands

        made = TrainingCommands(self.window, self.session, self)
        made.set_theme(self._theme)
        return made

    @cached_property
    def _palette(self) -> Palette:
        from capsviz.gui.desktop.palette import Palette

        made = Palette(self.window)
        made.set_theme(self._theme)
        return made

    @cached_property
    def _guide(self) -> Guide:
        from capsviz.gui.desktop.guide import Guide

        made = Guide(self.window)
        made.addActions([self.named[name] for name in ("zoom-in", "zoom-out", "zoom-reset")])
        made.set_theme(self._theme)
        return made

    def _made(self, command: Command) -> QAction:
        action = QAction(command.text, self)
        action.setObjectName(f"action-{command.name}")
        if command.keys:
            action.setShortcuts(QKeySequence.listFromString(command.keys))
        key = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        action.setToolTip(f"{command.tip} ({key})" if key else command.tip)
        if command.short:
            action.setIconText(command.short)
        self._connect(action, command)
        self.window.addAction(action)
        return action

    def _connect(self, action: QAction, command: Command) -> None:
        is_one = command.value is not None and command.is_choice
        action.setCheckable(command.is_ticked or is_one)
        action.setData(command.value)
        if not command.run.startswith(_LATE):
            self._let_run(action, command)

    def connect_training(self) -> None:
        """Let the commands of training run; until then, they do nothing."""
        for command in all_commands():
            if command.run.startswith(_LATE):
                self._let_run(self.named[command.name], command)
        self._availability.watch_training()

    def _let_run(self, action: QAction, command: Command) -> None:
        run = attrgetter(command.run)(self)
        if command.value is None:
            action.triggered.connect(run)
            return
        if command.run not in self._groups:
            self._groups[command.run] = QActionGroup(self)
            self._groups[command.run].triggered.connect(run)
        group = self._groups[command.run]
        group.addAction(action)
        action.setChecked(action.isCheckable() and len(group.actions()) == 1)

    def _connect_tools(self) -> None:
        tools = self._tools
        tools.pen_size.valueChanged.connect(self.set_tool)
        tools.iterations.valueChanged.connect(self.session.set_iterations)
        tools.iterations.finished.connect(self.window.canvas.setFocus)
        self.session.iterations_changed.connect(tools.show_iterations)
        self.session.model_changed.connect(tools.show_model)
        self.session.loading.loading_changed.connect(tools.models.show_loading)
        self.session.loading.device_changed.connect(tools.devices.show_device)
        tools.models.about_to_list.connect(self._list_models)
        tools.models.chosen.connect(self._load)
        tools.models.open_asked.connect(self.files.ask_for_weights)
        self.files.weights_chosen.connect(self._load)
        tools.devices.chosen.connect(self._move_to)
        self._network_menu.chosen.connect(self._load)

    def fill_menus(self, bar: QMenuBar, docks: Sequence[QDockWidget]) -> None:
        """Put every command where people look for it."""
        menus = fill(bar, self.named)
        view, network = menus["View"], menus["Network"]
        first = view.actions()[0]
        view.insertActions(first, [made.toggleViewAction() for made in docks])
        view.insertSeparator(first)
        self._network_menu.live_in(network)

    def tool_bar(self) -> Tools:
        """The few things that a hand on the mouse wants near."""
        return self._tools

    def set_theme(self, theme: Theme) -> None:
        """Draw the icons in these colours."""
        for command in all_commands():
            if command.icon:
                self.named[command.name].setIcon(icon(command.icon, theme.text, theme.faint))
        self._theme = theme
        self.labs.set_theme(theme)
        for made in ("_palette", "_guide", "training"):
            if made in vars(self):
                getattr(self, made).set_theme(theme)
        self._tools.follow_zoom()

    def show_appearance(self, appearance: Appearance) -> None:
        """Tick the appearance that is worn."""
        self.named.get(appearance, self.named["system"]).setChecked(True)

    # what commands run

    @Slot()
    def set_tool(self) -> None:
        """Draw or erase, as wide as the tool bar says."""
        erases = self.named["eraser"].isChecked()
        self.window.canvas.set_pen(self._tools.pen_size.value() / 10, erases)

    @Slot(QAction)
    def set_appearance(self, action: QAction) -> None:
        """Wear the chosen colours."""
        self.window.looks.set_appearance(cast("Appearance", action.data()))

    @Slot(QAction)
    def choose_capsule(self, action: QAction) -> None:
        """Decode the chosen capsule; chosen again, or the winner: whichever is longest."""
        chosen = action.data()
        posing = self.session.posing
        posing.choose(chosen if isinstance(chosen, int) and chosen != posing.pinned else None)

    @Slot(bool)
    def animate(self, starts: bool) -> None:
        """Move every dimension of the pose in turn, or stop."""
        posing = self.session.posing
        if starts and posing.pose is not None:
            posing.animate(tuple(range(len(posing.pose.values))))
        else:
            posing.stop()

    @Slot()
    def route_once_more(self) -> None:
        """One routing iteration more, up to the most that are offered."""
        self.session.set_iterations(min(self.session.iterations + 1, MAX_ITERATIONS))

    @Slot()
    def route_once_less(self) -> None:
        """One routing iteration fewer, down to one."""
        self.session.set_iterations(max(self.session.iterations - 1, 1))

    @Slot()
    def toggle_fullscreen(self) -> None:
        """Cover the whole screen, or go back to the size before."""
        self.window.setWindowState(self.window.windowState() ^ Qt.WindowState.WindowFullScreen)

    @Slot()
    def search(self) -> None:
        """Open the palette, in the window that is worked in."""
        every = entries(self.window.menuBar())
        if self.labs.active is None:
            self._palette.open_with(every)
        else:
            self.labs.search(every)

    @Slot()
    def show_guide(self) -> None:
        """What each card shows; brought to the front if it is open."""
        bring_up(self._guide)

    @Slot()
    def show_keys(self) -> None:
        """All keys at a glance."""
        from capsviz.gui.desktop.key_table import show_keys

        show_keys(self.labs.active or self.window)

    @Slot()
    def show_about(self) -> None:
        """Versions."""
        from capsviz.gui.desktop import about

        about.show_about(self.window, self.session.model)

    @Slot()
    def _list_models(self) -> None:
        self._tools.models.show_names(self.session.loading.names())

    @Slot(str)
    def _load(self, name: str) -> None:
        self.session.load_model(name)

    @Slot(str)
    def _move_to(self, device: str) -> None:
        if self.session.model is not None:
            self.session.load_model(str(self.session.model.path), device)
