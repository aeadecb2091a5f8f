"""The two plots of the agreement view: parents over the iterations, and a histogram of û·v."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPen, QPolygonF

from capsviz.explore.projection import steady_limit
from capsviz.gui.look.axes import Axes
from capsviz.gui.look.theme import DARK, GRID, SMALL, Theme, font

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray
    from PySide6.QtGui import QPainter
    from PySide6.QtWidgets import QWidget

    Floats = NDArray[np.float32]
    Doubles = NDArray[np.float64]

NAMES = ("all alike", "by activity", "most decided")
"""The two averages of the effective number of parents, and its minimum."""

_BELOW, _ABOVE = 0.05, 0.16  # margins of the axis of parents; above J stands a word
_FILLS = (60, 110)  # of 255
_BINS = 60  # about
_MARKS = 5  # numbers at an axis, about


class ParentsPlot(Axes):
    """Three lines over the iterations 1 … R, between one parent and all J."""

    def __init__(self, explain: Callable[[float], str], parent: QWidget | None = None) -> None:
        super().__init__("Effective number of parents by iteration", explain, parent)
        self._parents = np.zeros((3, 0), np.float32)
        self._iteration = 1
        self._digits = 10
        self.set_theme(DARK)

    def show_parents(self, parents: Floats | None, iteration: int, digits: int) -> None:
        """Show (3, R) numbers of parents, each in 1 … J, and mark an iteration 1 … R.

        In the order of `NAMES`; None shows the empty axes.
        """
        self._parents = np.zeros((3, 0), np.float32) if parents is None else parents
        self._iteration, self._digits = iteration, digits
        count = max(self._parents.shape[1], 1)
        marks = sorted({1, round((1 + digits) / 2), digits})
        self.set_axes(
            (0.7, count + 0.15) if count > 1 else (0.5, 1.5),
            [(i, str(i)) for i in range(count, 0, -math.ceil(count / _MARKS))],
            (1 - _BELOW * digits, (1 + _ABOVE) * digits),
            [(mark, str(mark)) for mark in marks],
        )

    def set_theme(self, theme: Theme) -> None:
        metrics = QFontMetricsF(font(SMALL))
        self.right = metrics.horizontalAdvance(f"{NAMES[2]} 10.00") + GRID
        super().set_theme(theme)

    def paint_data(self, painter: QPainter) -> None:
        self._paint_marks(painter)
        for line, pen in zip(self._parents, self._pens(), strict=True):
            places = [self.at(i, float(y)) for i, y in enumerate(line, 1)]
            painter.setPen(pen)
            painter.drawPolyline(QPolygonF(places))
            self._paint_dots(painter, places, pen.color())
        if self._parents.size:
            self._paint_names(painter)

    def _pens(self) -> list[QPen]:
        quiet, text = QColor(self.theme.quiet), QColor(self.theme.text)
        return [QPen(quiet, 1.5), QPen(text, 1.5), QPen(text, 1.5, Qt.PenStyle.DotLine)]

    def _paint_marks(self, painter: QPainter) -> None:
        """A line at J, where routing begins, and one at the iteration shown."""
        area = self.area
        level = self.at(0, self._digits).y()
        painter.setPen(QPen(QColor(self.theme.line), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(area.left(), level), QPointF(area.right(), level))
        painter.setPen(QColor(self.theme.quiet))
        painter.drawText(QPointF(area.left() + GRID, level - GRID), "undecided")
        if self._parents.size:
            here = self.at(self._iteration, 0).x()
            painter.setPen(QPen(QColor(self.theme.accent), 1))
            painter.drawLine(QPointF(here, level), QPointF(here, area.bottom()))

    def _paint_dots(self, painter: QPainter, places: Sequence[QPointF], colour: QColor) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        for iteration, place in enumerate(places, 1):
            radius = 4.5 if iteration == self._iteration else 3
            painter.drawEllipse(place, radius, radius)

    def _paint_names(self, painter: QPainter) -> None:
        """Beside the ends of their lines, below one another."""
        metrics = QFontMetricsF(painter.font())
        lowest = self.area.bottom()
        heights = [self.at(0, float(y)).y() for y in self._parents[:, -1]]
        for index in range(1, 3):
            heights[index] = max(heights[index], heights[index - 1] + metrics.height())
        for index in (2, 1, 0):
            heights[index] = min(heights[index], lowest - (2 - index) * metrics.height())
        last = self._parents[:, -1]
        for name, pen, height, number in zip(NAMES, self._pens(), heights, last, strict=True):
            painter.setPen(pen.color())
            place = QPointF(self.area.right() + GRID, height + metrics.capHeight() / 2)
            painter.drawText(place, f"{name} {number:.2f}")


class AgreementPlot(Axes):
    """Histograms of û·v: the votes for one digit capsule before those for all others."""

    def __init__(self, explain: Callable[[float], str], parent: QWidget | None = None) -> None:
        super().__init__("Histogram of the agreement", explain, parent)
        self._digit = 0
        self._limits: tuple[float, float] | None = None
        self._edges = np.array([-1.0, 1.0])
        self._shares = np.zeros((2, 0))
        self._floor = 1e-4
        self.right = 2.0 * GRID

    def show_agreement(
        self, own: Floats, others: Floats, reach: tuple[float, float], digit: int
    ) -> None:
        """Show (n,) and (m,) agreements; `reach` is the least and the greatest ever to show."""
        self._digit = digit
        self._edges = self.edges_for(*reach)
        self._shares = np.stack([shares_of(values, self._edges) for values in (others, own)])
        self._floor = 0.5 / max(others.size, own.size)  # a bin of one vote is seen
        self._mark_axes()

    def show_nothing(self) -> None:
        """The empty axes."""
        self._shares = np.zeros((2, 0))
        self._mark_axes()

    def shares_at(self, agreement: float) -> tuple[float, float, float, float] | None:
        """Both edges of the bin there, and the shares of own and of other votes in it."""
        at = int(np.searchsorted(self._edges, agreement, side="right")) - 1
        if not 0 <= at < self._shares.shape[1]:
            return None
        others, own = self._shares[:, at].tolist()
        return float(self._edges[at]), float(self._edges[at + 1]), own, others

    def paint_data(self, painter: QPainter) -> None:
        area, zero = self.area, self.at(0, 0).x()
        painter.setPen(QPen(QColor(self.theme.line), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(zero, area.top()), QPointF(zero, area.bottom()))
        colours = (self.theme.quiet, self.theme.digits[self._digit % 10])
        painter.setRenderHint(painter.RenderHint.Antialiasing, False)
        for shares, colour, opacity in zip(self._shares, colours, _FILLS, strict=True):
            fill = QColor(colour)
            fill.setAlpha(opacity)
            self._paint_bins(painter, shares, QColor(colour), fill)

    def _paint_bins(
        self, painter: QPainter, shares: Doubles, colour: QColor, fill: QColor
    ) -> None:
        """Filled bin by bin, which is far faster than one polygon; outlined in one go."""
        ground = math.log10(self._floor)
        heights = np.log10(np.maximum(shares, self._floor)).tolist()
        outline = [self.at(float(self._edges[0]), ground)]
        for height, left, right in zip(heights, self._edges, self._edges[1:], strict=False):
            top = self.at(float(left), height)
            outline += [top, self.at(float(right), height)]
            if height > ground:
                painter.fillRect(QRectF(top, self.at(float(right), ground)), fill)
        painter.setPen(QPen(colour, 1))
        painter.drawPolyline(QPolygonF(outline))

    def edges_for(self, least: float, greatest: float) -> Doubles:
        """(B + 1,) edges of bins of which one is centred on 0; they move only where they must."""
        before = self._limits or (None, None)
        self._limits = (steady_limit(-least, before[0]), steady_limit(greatest, before[1]))
        low, high = self._limits
        width = steady_limit((low + high) / _BINS)
        count = math.ceil(low / width), math.ceil(high / width)
        return np.arange(-count[0] - 0.5, count[1] + 1.0) * np.float64(width)

    def _mark_axes(self) -> None:
        first, last = float(self._edges[0]), float(self._edges[-1])
        step = _round_step((last - first) / _MARKS)
        marks = np.arange(math.ceil(first / step), math.floor(last / step) + 1) * step
        decades = range(math.floor(-math.log10(self._floor)) + 1)
        self.set_axes(
            (first, last),
            [(mark, f"{mark:g}".replace("-", "−")) for mark in marks.round(9).tolist()],
            (math.log10(self._floor), 0.1),
            [(-power, f"{100 / 10**power:g} %") for power in decades],
        )


def _round_step(least: float) -> float:
    """1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(n * power for n in (1, 2, 5, 10) if n * power >= 0.999 * least)


def shares_of(values: Floats, edges: Doubles) -> Doubles:
    """(B,) 0 … 1, of (n,) values in each bin between (B + 1,) edges, evenly spaced; what is beyond
    the ends counts at them.
    """
    bins = len(edges) - 1
    places = ((values - edges[0]) / (edges[1] - edges[0])).astype(np.intp)
    counts = np.bincount(np.clip(places, 0, bins - 1), minlength=bins)
    shares: Doubles = counts / max(values.size, 1)
    return shares
