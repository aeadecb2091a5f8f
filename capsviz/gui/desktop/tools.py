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
    from PySide6.QtGui import QAction
    from PySide6.QtWidgets import QWidget

    from capsviz.explore.models import LoadedModel

_ICON = 20  # pixels at the usual zoom
_WITH_WORDS = ("open-image", "sample")


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
        self.pen_size = pen_slider(12 * GRID)
        self.iterations = iterations_box("routing-iterations", iterations)
        self.models, self.devices = ModelPicker(), DevicePicker()
        self._named = named
        self._lay_out()

    def _lay_out(self) -> None:
        self._add("pen", "eraser")
        self.addWidget(self.pen_size)
        self.addSeparator()
        self._add("undo", "redo", "clear")
        self.addSeparator()
        self._add("open-image", "sample")
        self.addSeparator()
        for words, control in (
            ("Routing iterations", self.iterations),
            ("Network", self.models),
            ("on", self.devices),
        ):
            add_named(self, words, control)

    def _add(self, *names: str) -> None:
        for name in names:
            self.addAction(self._named[name])
            if name in _WITH_WORDS:
                button = cast("QToolButton", self.widgetForAction(self._named[name]))
                button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)

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
