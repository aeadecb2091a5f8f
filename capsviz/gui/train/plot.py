"""A plot of curves over steps: numbers by decades, and the values under the pointer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPen, QPolygonF

from capsviz.gui.look.axes import Axes
from capsviz.gui.look.theme import DARK, GRID

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QMouseEvent, QPainter
    from PySide6.QtWidgets import QWidget

    Doubles = NDArray[np.float64]

_MARKS = 4  # numbers at the x axis, about
_FAINT = 110  # of 255: the ragged line behind a smooth one


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """One line of a plot.

    Attributes:
        name: as said beside its value.
        colour: of the line.
        points: (n, 2) float64, steps and numbers.
        has_dots: each point is a measurement of its own, such as a validation.
        is_faint: it stands behind the others, and is not said.
    """

    name: str
    colour: str
    points: Doubles
    has_dots: bool = False
    is_faint: bool = False


class CurvePlot(Axes):
    """Curves over steps on a logarithmic scale between two numbers.

    Signals:
        pointed(object): the step under the pointer, None when it has left.
    """

    pointed = Signal(object)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, self._words_at, parent)
        self.setMouseTracking(True)
        self._is_share = False
        self._curves: tuple[Curve, ...] = ()
        self._step: float | None = None
        self.right = 2.0 * GRID
        self.set_theme(DARK)

    @property
    def curves(self) -> tuple[Curve, ...]:
        """Those on show."""
        return self._curves

    def show_curves(self, curves: Sequence[Curve], last: float, is_share: bool = False) -> None:
        """Show these over the steps 0 … last; a share is written in per cent."""
        self._curves, self._is_share = tuple(curves), is_share
        low, high = _limits(curves)
        levels = [(math.log10(mark), _written(mark, is_share)) for mark in _decades(low, high)]
        steps = [(at, f"{at:g}") for at in round_marks(last)]
        self.set_axes((0.0, max(last, 1.0)), steps, (math.log10(low), math.log10(high)), levels)

    def show_pointed(self, step: float | None) -> None:
        """Mark this step, whichever plot the pointer is in."""
        self._step = step
        self.update()

    def value_at(self, curve: Curve, step: float | None) -> float | None:
        """The number of the point nearest to a step, the last one for None."""
        if not len(curve.points):
            return None
        if step is None:
            return float(curve.points[-1, 1])
        return float(curve.points[np.abs(curve.points[:, 0] - step).argmin(), 1])

    def words(self, step: float | None) -> str:
        """What the curves say at a step, or last."""
        told = []
        for curve in self._curves:
            value = self.value_at(curve, step)
            if value is not None and not curve.is_faint:
                told.append(f"{curve.name} {_spoken(value, self._is_share)}".strip())
        return " · ".join(told)

    def paint_data(self, painter: QPainter) -> None:
        """Lines, dots, and the pointer's step."""
        self._paint_levels(painter)
        for curve in self._curves:
            places = self._places(curve.points)
            colour = QColor(curve.colour)
            colour.setAlpha(_FAINT if curve.is_faint else 255)
            painter.setPen(QPen(colour, 1 if curve.is_faint else 1.5))
            painter.drawPolyline(QPolygonF(places))
            if curve.has_dots or len(places) == 1:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colour)
                for place in places:
                    painter.drawEllipse(place, 3.0, 3.0)
        if self._step is not None:
            self._paint_pointed(painter, self._step)

    def _paint_levels(self, painter: QPainter) -> None:
        area = self.area
        painter.setPen(QPen(QColor(self.theme.line), 1, Qt.PenStyle.DotLine))
        for level, _ in self._y_ticks:
            y = self.at(0, level).y()
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))

    def _paint_pointed(self, painter: QPainter, step: float) -> None:
        area, x = self.area, self.at(step, 0).x()
        painter.setPen(QPen(QColor(self.theme.quiet), 1))
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        painter.setPen(Qt.PenStyle.NoPen)
        for curve in self._curves:
            if len(curve.points) and not curve.is_faint:
                nearest = np.abs(curve.points[:, 0] - step).argmin()
                painter.setBrush(QColor(curve.colour))
                painter.drawEllipse(self._places(curve.points[nearest : nearest + 1])[0], 4, 4)

    def _places(self, points: Doubles) -> list[QPointF]:
        low, high = self._y
        levels = np.log10(np.maximum(points[:, 1], 1e-12)).clip(low, high)
        return [self.at(x, y) for x, y in zip(points[:, 0].tolist(), levels.tolist(), strict=True)]

    def _words_at(self, step: float) -> str:
        words = self.words(step)
        return f"step {max(step, 0):.0f}\n{words.replace(' · ', chr(10))}" if words else ""

    # Qt calls these

    def minimumSizeHint(self) -> QSize:
        return QSize(14 * GRID, 8 * GRID)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        area, (left, right) = self.area, self._x
        share = (event.position().x() - area.left()) / max(area.width(), 1)
        self.pointed.emit(left + min(max(share, 0.0), 1.0) * (right - left))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.pointed.emit(None)


def round_marks(last: float) -> list[float]:
    """0 and a few round numbers up to `last`."""
    rough = max(last, 1.0) / _MARKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = max(next(n * power for n in (1, 2, 5, 10) if n * power >= 0.999 * rough), 1.0)
    return [n * step for n in range(int(last / step) + 1)]


def _limits(curves: Sequence[Curve]) -> tuple[float, float]:
    """From below the least to above the greatest number, a factor of three apart at least."""
    numbers = np.concatenate([curve.points[:, 1] for curve in curves] or [np.zeros(0)])
    numbers = numbers[numbers > 0]
    if not numbers.size:
        return 0.1, 1.0
    low, high = float(numbers.min()) / 1.15, float(numbers.max()) * 1.15
    middle = math.sqrt(low * high)
    return min(low, middle / math.sqrt(3)), max(high, middle * math.sqrt(3))


def _decades(low: float, high: float) -> list[float]:
    """Powers of ten between two numbers; where they are few, their halves and fifths too."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    for parts in ((1,), (1, 3), (1, 2, 5)):
        marks = [part * 10.0**power for power in range(first, last + 1) for part in parts]
        marks = [mark for mark in marks if low <= mark <= high]
        if len(marks) >= 2:
            return marks
    return marks


def _written(mark: float, is_share: bool) -> str:
    return f"{100 * mark:g} %" if is_share else f"{mark:g}"


def _spoken(value: float, is_share: bool) -> str:
    return f"{value:.2%}".replace("%", " %") if is_share else f"{value:.4g}"
