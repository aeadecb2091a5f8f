"""A row of numbers as bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize
from PySide6.QtGui import QColor, QFontMetricsF, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from capsviz.gui.look.theme import DARK, GRID, SMALL, Theme, font
from capsviz.gui.look.tips import shows_tip

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from PySide6.QtGui import QPaintEvent

    Floats = NDArray[np.float32]

_TALLEST = 9 * GRID
_WIDEST = 2.0 * GRID  # but for strips where it is less than half
_GAP = 2.0  # pixels between two bars
_EDGE = 2.0  # pixels above and below them


class Strip(QWidget):
    """Bars up and down from a line; numbers below them where there is room.

    Args:
        letter: what the numbers are called, as in "u" → "u₁ = 0.5" in tooltips.
        is_share: the numbers are 0 … 1 and stand on the ground; else they have a sign.
        first: the number of the first bar in tooltips: dimensions count from 1, digits from 0.
    """

    def __init__(
        self,
        name: str,
        letter: str,
        is_share: bool = False,
        first: int = 1,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMaximumHeight(_TALLEST)
        self._letter, self._is_share, self._first = letter, is_share, first
        self._theme = DARK
        self._scale = 1.0
        self._colours: Sequence[QColor] = ()
        self.values = np.zeros(0, np.float32)

    def show_values(self, values: Floats, scale: float, colours: Sequence[QColor]) -> None:
        """Show (n,) numbers; `scale` is what fills the height; colours repeat if there are less.

        The numbers may be none.
        """
        self.values, self._scale, self._colours = values, max(scale, 1e-12), colours
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme = theme
        self.update()

    @property
    def _cell(self) -> float:
        """The width of a bar and its gap."""
        return self.width() / max(len(self.values), 1)

    def _words(self) -> list[str]:
        figures = 3 if np.abs(self.values).max(initial=0) < 0.1 else 2
        words = [f"{value:.{figures}f}" for value in self.values.round(figures) + 0.0]  # no -0.0
        return [word.replace("-", "−") for word in words]

    def _line_below(self, metrics: QFontMetricsF) -> float:
        """The height of the numbers below; 0 where there is no room."""
        widest = metrics.horizontalAdvance("−0.000") + GRID
        is_roomy = self._cell >= widest and self.height() >= 2.5 * metrics.height()
        return metrics.height() if is_roomy else 0.0

    def _paint_bars(self, painter: QPainter, height: float) -> None:
        reach = height - 2 * _EDGE if self._is_share else height / 2 - _EDGE
        ground = height - _EDGE if self._is_share else height / 2
        painter.fillRect(QRectF(0, ground - 0.5, self.width(), 1), QColor(self._theme.line))
        cell = self._cell
        width = min(cell - _GAP, max(_WIDEST, 0.45 * cell)) if cell > 2 * _GAP else cell
        sizes = (np.clip(self.values / self._scale, -1, 1) * reach).tolist()
        for index, size in enumerate(sizes):
            left = (index + 0.5) * cell - width / 2
            bar = QRectF(left, ground - size, width, size).normalized()
            painter.fillRect(bar, self._colours[index % len(self._colours)])

    def _paint_words(self, painter: QPainter, baseline: float, metrics: QFontMetricsF) -> None:
        painter.setPen(QColor(self._theme.quiet))
        for index, word in enumerate(self._words()):
            middle = (index + 0.5) * self._cell
            left = middle - metrics.horizontalAdvance(word) / 2
            painter.drawText(QPointF(left, baseline), word)

    def _tip_at(self, place: QPointF) -> str:
        index = int(place.x() / self._cell)
        known = 0 <= index < len(self.values)
        said = f"{self._letter} {index + self._first} = {self.values[index]:.5f}" if known else ""
        return "\n".join(part for part in (said, self.toolTip()) if part)

    # Qt calls these

    def sizeHint(self) -> QSize:
        return QSize(20 * GRID, 3 * GRID)

    def minimumSizeHint(self) -> QSize:
        return QSize(8 * GRID, 2 * GRID)

    def event(self, event: QEvent) -> bool:
        return shows_tip(self, event, self._tip_at) or super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(font(SMALL))
        metrics = QFontMetricsF(painter.font())
        below = self._line_below(metrics)
        self._paint_bars(painter, self.height() - below)
        if below:
            self._paint_words(painter, self.height() - metrics.descent(), metrics)
