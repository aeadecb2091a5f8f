"""A tool bar that leaves words out where it is too narrow for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QApplication, QToolBar, QToolButton

from capsviz.gui.look.bars import add_named
from capsviz.gui.look.theme import zoom

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QAction, QResizeEvent
    from PySide6.QtWidgets import QSlider, QWidget

_ICON = 20  # pixels at the usual zoom
HALF_PEN = "half of the pen"


class YieldingBar(QToolBar):
    """Actions as icons, some with words, and controls with words before them.

    Tooltips and accessible names say what the words say, so these can give way.

    Args:
        title: as screen readers tell it.
        parent: its window.
        left_out: what gives way in turn, each step with those before it: names of worded
            actions, words of controls, `HALF_PEN`.
    """

    def __init__(self, title: str, parent: QWidget, left_out: Sequence[frozenset[str]]) -> None:
        super().__init__(title, parent)
        self.setMovable(False)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self._left_out = (frozenset[str](), *left_out)
        self._worded: dict[str, QToolButton] = {}
        self._words: dict[str, QAction] = {}
        self._pen: tuple[QSlider, int] | None = None
        self._needed: dict[int, int] = {}  # pixels of width, by what is left out

    def add_worded(self, name: str, action: QAction) -> None:
        """An action with its words beside its icon."""
        self.addAction(action)
        self._worded[name] = button = cast("QToolButton", self.widgetForAction(action))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)

    def add_control(self, words: str, control: QWidget) -> None:
        """A control with quiet words before it."""
        self._words[words] = add_named(self, words, control)

    def add_pen(self, slider: QSlider) -> None:
        """A slider that is good at half its width, too."""
        self.addWidget(slider)
        self._pen = slider, slider.width()

    def follow_zoom(self) -> None:
        """Icons as large as the words beside them."""
        application = cast("QApplication", QApplication.instance())
        self.setIconSize(QSize(_ICON, _ICON) * zoom(application))
        self._needed.clear()
        if self.isVisible():
            self._fit()

    def _fit(self) -> None:
        """Leave out as little as lets all controls stand in the bar."""
        steps = range(len(self._left_out))
        self._leave_out(next((at for at in steps if self._width(at) <= self.width()), steps[-1]))

    def _width(self, at: int) -> int:
        """What the bar needs if so much is left out."""
        if at not in self._needed:
            self._leave_out(at)
            self._needed[at] = self.sizeHint().width()
        return self._needed[at]

    def _leave_out(self, at: int) -> None:
        left_out, style = self._left_out[at], Qt.ToolButtonStyle
        for name, button in self._worded.items():
            is_quiet = name in left_out
            button.setToolButtonStyle(
                style.ToolButtonIconOnly if is_quiet else style.ToolButtonTextBesideIcon
            )
        for words, action in self._words.items():
            action.setVisible(words not in left_out)
        if self._pen is not None:
            slider, width = self._pen
            slider.setFixedWidth(width // 2 if HALF_PEN in left_out else width)

    # Qt calls this

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
