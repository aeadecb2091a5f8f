"""The tool bar: the few things that a hand on the mouse wants near."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Slot

from capsviz.gui.desktop.pickers import DevicePicker
from capsviz.gui.look.bars import iterations_box, pen_slider
from capsviz.gui.look.pickers import ModelPicker
from capsviz.gui.look.theme import GRID
from capsviz.gui.look.yielding import HALF_PEN, YieldingBar

if TYPE_CHECKING:
    from PySide6.QtGui import QAction
    from PySide6.QtWidgets import QWidget

    from capsviz.explore.models import LoadedModel

_PEN = 12 * GRID  # pixels, of the slider
_WITH_WORDS = ("open-image", "sample")
_NAMING = ("Routing iterations", "Network", "on")
_LEFT_OUT = (
    frozenset(_WITH_WORDS),
    frozenset((*_WITH_WORDS, "Network", "on")),
    frozenset((*_WITH_WORDS, *_NAMING)),
    frozenset((*_WITH_WORDS, *_NAMING, HALF_PEN)),
)


class Tools(YieldingBar):
    """Pen, history, input, routing, network; shows what the session says and emits by its parts.

    Attributes:
        pen_size: tenths of the usual pen's width.
        iterations: routing iterations.
        models, devices: which network answers, and where.
    """

    def __init__(self, named: dict[str, QAction], iterations: int, parent: QWidget) -> None:
        super().__init__("Tools", parent, _LEFT_OUT)
        self.setObjectName("tools")
        self.pen_size = pen_slider(_PEN)
        self.iterations = iterations_box("routing-iterations", iterations)
        self.models, self.devices = ModelPicker(), DevicePicker()
        self._named = named
        self._lay_out()

    def _lay_out(self) -> None:
        self._add("pen", "eraser")
        self.add_pen(self.pen_size)
        self.addSeparator()
        self._add("undo", "redo", "clear")
        self.addSeparator()
        self._add(*_WITH_WORDS)
        self.addSeparator()
        controls = (self.iterations, self.models, self.devices)
        for words, control in zip(_NAMING, controls, strict=True):
            self.add_control(words, control)

    def _add(self, *names: str) -> None:
        for name in names:
            if name in _WITH_WORDS:
                self.add_worded(name, self._named[name])
            else:
                self.addAction(self._named[name])

    @Slot(int)
    def show_iterations(self, iterations: int) -> None:
        """The network routes so often now."""
        with QSignalBlocker(self.iterations):
            self.iterations.setValue(iterations)

    @Slot(object)
    def show_model(self, model: LoadedModel) -> None:
        """This network answers now."""
        self.models.show_model(model)
        self.devices.show_model(model)
