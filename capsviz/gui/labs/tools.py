"""The lab's own commands in its tool bar; each has a key, and says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Slot
from PySide6.QtGui import QAction, QActionGroup, QKeySequence

from capsviz.gui.labs.commands import COMMANDS, LabCommand
from capsviz.gui.look.bars import iterations_box, pen_slider
from capsviz.gui.look.icons import icon
from capsviz.gui.look.pickers import ModelPicker
from capsviz.gui.look.theme import GRID
from capsviz.gui.look.yielding import HALF_PEN, YieldingBar

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from capsviz.gui.look.theme import Theme

_NAMING = ("Routing iterations", "Network")
_LEFT_OUT = (
    frozenset(("sample",)),
    frozenset(("sample", "Network")),
    frozenset(("sample", *_NAMING)),
    frozenset(("sample", *_NAMING, HALF_PEN)),
)


class LabTools(YieldingBar):
    """Pen, history, sample, routing iterations and the network.

    Attributes:
        named: every action of the lab by its name.
        pen_size: tenths of the usual pen's width.
        iterations: of routing.
        models: which network answers.
    """

    def __init__(self, iterations: int, parent: QWidget) -> None:
        super().__init__("Tools of two digits", parent, _LEFT_OUT)
        self._groups: dict[str, QActionGroup] = {}
        self.named = {command.name: self._made(command) for command in COMMANDS}
        self.pen_size = pen_slider(10 * GRID)
        self.iterations = iterations_box("two-digits-iterations", iterations)
        about = "The network that answers; only such as read two digits are listed"
        self.models = ModelPicker("two-digits-model", about)
        self.models.setMinimumContentsLength(14)
        self._lay_out()

    def _made(self, command: LabCommand) -> QAction:
        made = QAction(command.text, self)
        made.setObjectName(f"two-digits-{command.name}")
        made.setShortcuts(QKeySequence.listFromString(command.keys))
        key = made.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        made.setToolTip(f"{command.tip} ({key})")
        if command.short:
            made.setIconText(command.short)
        if command.group:
            group = self._groups.setdefault(command.group, QActionGroup(self))
            made.setCheckable(True)
            made.setChecked(not group.actions())
            group.addAction(made)
        window = self.window()
        window.addAction(made)
        return made

    def _lay_out(self) -> None:
        self._add("pen", "eraser")
        self.add_pen(self.pen_size)
        self.addSeparator()
        self._add("undo", "redo", "clear")
        self.addSeparator()
        self.add_worded("sample", self.named["sample"])
        self.addSeparator()
        for words, control in zip(_NAMING, (self.iterations, self.models), strict=True):
            self.add_control(words, control)

    def _add(self, *names: str) -> None:
        for name in names:
            self.addAction(self.named[name])

    @Slot(int)
    def show_iterations(self, iterations: int) -> None:
        """The network routes so often now."""
        with QSignalBlocker(self.iterations):
            self.iterations.setValue(iterations)

    def set_theme(self, theme: Theme) -> None:
        """Draw the icons in these colours, as large as the words now are."""
        self.follow_zoom()
        for command in COMMANDS:
            if command.icon:
                self.named[command.name].setIcon(icon(command.icon, theme.text, theme.faint))
