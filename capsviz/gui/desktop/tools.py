"""The tool bar: the few things that a hand on the mouse wants near."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Slot
from PySide6.QtWidgets import QApplication, QToolBar, QToolButton

from capsviz.gui.desktop.pickers import DevicePicker
from capsviz.gui.look.bars import add_named, iterations_box, pen_slider
from capsviz.gui.look.pickers import ModelPicker
from capsviz.gui.look.theme import GRID, zoom

if TYPE_CHECKING:
    from PySide6.QtGui import QAction, QResizeEvent
    from PySide6.QtWidgets import QWidget

    from capsviz.explore.models import LoadedModel

_ICON = 20  # pixels at the usual zoom
_PEN = 12 * GRID  # pixels, of the slider
_WITH_WORDS = ("open-image", "sample")
_NAMING = ("Routing iterations", "Network", "on")
_LEFT_OUT = (
    frozenset[str](),
    frozenset(_WITH_WORDS),
    frozenset((*_WITH_WORDS, "Network", "on")),
    frozenset((*_WITH_WORDS, *_NAMING)),
    frozenset((*_WITH_WORDS, *_NAMING, "half of the pen")),
)
"""What gives way in turn where the bar is too narrow for its text; tooltips say it too."""


class Tools(QToolBar):
    """Pen, history, input, routing, network; shows what the session says and emits by its parts.

    Attributes:
        pen_size: tenths of the usual pen's width.
        iterations: routing iterations.
        models, devices: which network answers, and where.
    """

    def __init__(self, named: dict[str, QAction], iterations: int, parent: QWidget) -> None:
        super().__init__("Tools", parent)
        self.setObjectName("tools")
        self.setMovable(False)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self.pen_size = pen_slider(_PEN)
        self.iterations = iterations_box("routing-iterations", iterations)
        self.models, self.devices = ModelPicker(), DevicePicker()
        self._named = named
        self._words: dict[str, QAction] = {}
        self._needed: dict[int, int] = {}  # pixels of width, by what is left out
        self._lay_out()

    def _lay_out(self) -> None:
        self._add("pen", "eraser")
        self.addWidget(self.pen_size)
        self.addSeparator()
        self._add("undo", "redo", "clear")
        self.addSeparator()
        self._add("open-image", "sample")
        self.addSeparator()
        for words, control in zip(
            _NAMING, (self.iterations, self.models, self.devices), strict=True
        ):
            self._words[words] = add_named(self, words, control)

    def _add(self, *names: str) -> None:
        for name in names:
            self.addAction(self._named[name])
            self._show_words(name, name in _WITH_WORDS)

    def _show_words(self, name: str, are_shown: bool) -> None:
        style = Qt.ToolButtonStyle
        button = cast("QToolButton", self.widgetForAction(self._named[name]))
        button.setToolButtonStyle(
            style.ToolButtonTextBesideIcon if are_shown else style.ToolButtonIconOnly
        )

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

    def follow_zoom(self) -> None:
        """Icons as large as the words beside them."""
        application = cast("QApplication", QApplication.instance())
        self.setIconSize(QSize(_ICON, _ICON) * zoom(application))
        self._needed.clear()
        if self.isVisible():
            self._fit()

    def _fit(self) -> None:
        """Leave out as little as lets all controls stand in the bar."""
        steps = range(len(_LEFT_OUT))
        self._leave_out(next((at for at in steps if self._width(at) <= self.width()), steps[-1]))

    def _width(self, at: int) -> int:
        """What the bar needs if so much is left out."""
        if at not in self._needed:
            self._leave_out(at)
            self._needed[at] = self.sizeHint().width()
        return self._needed[at]

    def _leave_out(self, at: int) -> None:
        left_out = _LEFT_OUT[at]
        for name in _WITH_WORDS:
            self._show_words(name, name not in left_out)
        for words, action in self._words.items():
            action.setVisible(words not in left_out)
        self.pen_size.setFixedWidth(_PEN // 2 if "half of the pen" in left_out else _PEN)

    # Qt calls this

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
