"""The lab's own commands in its tool bar; each has a key, and says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Slot
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QLabel, QSlider, QSpinBox, QToolBar, QToolButton

from capsviz.gui.labs.commands import COMMANDS, LabCommand
from capsviz.gui.look.icons import icon
from capsviz.gui.look.pickers import ModelPicker
from capsviz.gui.look.theme import GRID
from capsviz.network import MAX_ITERATIONS

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from capsviz.gui.look.theme import Theme

_ICON = QSize(20, 20)


_ON_BAR = ("pen", "eraser", None, "undo", "redo", "clear", None, "sample")


class LabTools(QToolBar):
    """Pen, history, sample, routing iterations and the network.

    Attributes:
        named: every action of the lab by its name.
        pen_size: tenths of the usual pen's width.
        iterations: of routing.
        models: which network answers.
    """

    def __init__(self, iterations: int, parent: QWidget) -> None:
        super().__init__("Tools of two digits", parent)
        self.setMovable(False)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self.setIconSize(_ICON)
        self._groups: dict[str, QActionGroup] = {}
        self.named = {command.name: self._made(command) for command in COMMANDS}
        self.pen_size = QSlider(Qt.Orientation.Horizontal)
        self.iterations = QSpinBox()
        self.models = ModelPicker("two-digits-model")
        self._dress(iterations)
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

    def _dress(self, iterations: int) -> None:
        self.pen_size.setRange(5, 25)
        self.pen_size.setValue(10)
        self.pen_size.setFixedWidth(10 * GRID)
        self.pen_size.setAccessibleName("Pen size")
        self.pen_size.setToolTip("Width of the pen or eraser")
        self.iterations.setObjectName("two-digits-iterations")
        self.iterations.setAccessibleName("Routing iterations")
        self.iterations.setRange(1, MAX_ITERATIONS)
        self.iterations.setValue(iterations)
        self.models.setToolTip("The network that answers; only such as read two digits are listed")
        self.models.setMinimumContentsLength(14)

    def _lay_out(self) -> None:
        for name in _ON_BAR:
            if name is None:
                self.addSeparator()
            else:
                self.addAction(self.named[name])
            if name == "eraser":
                self.addWidget(self.pen_size)
        sample = self.widgetForAction(self.named["sample"])
        assert isinstance(sample, QToolButton)
        sample.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.addSeparator()
        for words, control in (("Routing iterations", self.iterations), ("Network", self.models)):
            label = QLabel(words)
            label.setProperty("quiet", True)
            label.setContentsMargins(GRID, 0, GRID // 2, 0)
            label.setBuddy(control)
            self.addWidget(label)
            self.addWidget(control)

    @Slot(int)
    def show_iterations(self, iterations: int) -> None:
        """The network routes so often now."""
        with QSignalBlocker(self.iterations):
            self.iterations.setValue(iterations)

    def set_theme(self, theme: Theme) -> None:
        """Draw the icons in these colours."""
        for command in COMMANDS:
            if command.icon:
                self.named[command.name].setIcon(icon(command.icon, theme.text, theme.faint))
