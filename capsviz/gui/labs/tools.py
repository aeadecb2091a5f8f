"""The lab's own commands in its tool bar; each has a key, and says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Slot
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QLabel, QSlider, QSpinBox, QToolBar, QToolButton

from capsviz.gui.look.icons import icon
from capsviz.gui.look.pickers import ModelPicker
from capsviz.gui.look.theme import GRID
from capsviz.network.config import MAX_ITERATIONS

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from capsviz.gui.look.theme import Theme

_ICON = QSize(20, 20)


@dataclass(frozen=True, slots=True)
class LabCommand:
    """One action of the lab: its name, words, keys as QKeySequence lists them, tip and icon.

    Those of one `group` exclude one another; `short` is what its button says.
    """

    name: str
    text: str
    keys: str
    tip: str
    icon: str = ""
    group: str = ""
    short: str = ""


# A table: one command a line.
# fmt: off
COMMANDS = (
    LabCommand("first", "First digit", "F", "Draw and move the first digit", "", "layer",
               "First"),
    LabCommand("second", "Second digit", "S", "Draw and move the second digit", "", "layer",
               "Second"),
    LabCommand("one", "Both in one", "O", "Draw both digits in one drawing, and let it split",
               "", "layer", "Both"),
    LabCommand("pen", "Pen", "P", "Draw with the left button", "pen", "tool"),
    LabCommand("eraser", "Eraser", "E", "Erase with the left button; the right one always does",
               "eraser", "tool"),
    LabCommand("undo", "Undo", "Ctrl+Z", "Take the last step back", "undo"),
    LabCommand("redo", "Redo", "Ctrl+Shift+Z; Ctrl+Y", "Take that step again", "redo"),
    LabCommand("clear", "Clear", "Delete; Ctrl+Backspace", "Empty both layers", "clear"),
    LabCommand("sample", "Sample", "N", "Two real MNIST test digits laid over one another",
               "sample"),
    LabCommand("longest", "Longest two", "W", "Decode the two longest capsules again"),
    LabCommand("try-all", "Try every place", "T", "Read every place of one digit over the other"),
    LabCommand("play", "Play the iterations", "K; /", "Show one iteration after the other"),
    LabCommand("step-back", "One iteration back", ",", "Show the routing iteration before"),
    LabCommand("step-on", "One iteration on", ".", "Show the routing iteration after"),
    LabCommand("close", "Close", "Ctrl+W", "Close this window; what is drawn stays"),
)
# fmt: on
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
