"""Where on the axis of routing iterations something ends: training's r, and the r asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyqtgraph as pg
from PySide6.QtCore import Qt

from capsviz.gui.capsules.items import Word
from capsviz.gui.look.theme import GRID

if TYPE_CHECKING:
    from capsviz.gui.look.plot import Plot
    from capsviz.gui.look.theme import Theme


class Moments:
    """Two upright lines, one where they coincide; beyond the r asked for, shade.

    Args:
        plot: what they are drawn in.
        last: the last iteration on the axis.
    """

    def __init__(self, plot: Plot, last: int) -> None:
        self._last = last
        self._drawn: tuple[int, int | None] | None = None
        self._beyond = pg.BarGraphItem(x0=[0], x1=[last], height=1, pen=None)
        self._trained, self._asked = pg.PlotCurveItem(), pg.PlotCurveItem()
        for depth, item in enumerate((self._beyond, self._trained, self._asked)):
            item.setZValue(depth - 3)
            plot.addItem(item, ignoreBounds=True)

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._beyond.setOpts(brush=theme.ground)
        self._trained.setPen(pg.mkPen(theme.quiet, width=1, style=Qt.PenStyle.DotLine))
        self._asked.setPen(pg.mkPen(theme.quiet, width=1))

    def draw(self, trained: int, asked: int | None) -> None:
        """Put the lines at the r of training and at the r of the answer, None without one."""
        if self._drawn == (trained, asked):
            return
        self._drawn = trained, asked
        self._trained.setData([trained, trained], [0, 1])
        self._asked.setVisible(asked is not None)
        self._beyond.setVisible(asked is not None)
        if asked is not None:
            self._asked.setData([asked, asked], [0, 1])
            self._beyond.setOpts(x0=[asked], x1=[self._last])


def words_of_moments(
    trained: int, asked: int | None, last: int, unit: float, theme: Theme
) -> list[Word]:
    """What the lines mean: each word on the side away from the other line; one where they meet.

    At the end of the axis it is the side before: beyond it stand the names of the curves.

    Args:
        trained: r of training.
        asked: r of the answer, None without one.
        last: the last iteration on the axis.
        unit: pixels from one iteration to the next.
        theme: the colours.
    """
    is_left = asked is not None and trained < asked
    is_first = is_left or trained == last
    words = [_beside(trained, is_first, unit, f"trained r = {trained}", theme.quiet)]
    if asked is not None and asked != trained:
        words.append(
            _beside(asked, not is_left or asked == last, unit, f"r = {asked}", theme.text)
        )
    return words


def _beside(at: int, is_left: bool, unit: float, text: str, colour: str) -> Word:
    gap = GRID / 2 / unit
    return Word(text, at - gap if is_left else at + gap, 1, colour, (1 if is_left else 0, 1))
