"""A mark in parts that are painted in one go, in pixels of the screen."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath

from capsviz.data.pen import PEN_WIDTH

if TYPE_CHECKING:
    from capsviz.data.drawing import Mark

# An even run ends at so many points or canvas units, which bounds what a move paints again.
_MOST_POINTS, _LONGEST = 48, 4.0
_TAPER = 0.3  # canvas units: how long one tapered piece of an uneven mark grows


class Run:
    """Either a line of one width, or one piece that tapers from its first width to its last.

    Attributes:
        line: the places of its middle.
        first, last: its widths at both ends.
        area: what it may touch.
    """

    def __init__(self, place: QPointF, width: float) -> None:
        self.line = [place]
        self.first = self.last = width
        self.area = _around(place, width)

    @property
    def length(self) -> float:
        """From its first place straight to its last."""
        step = self.line[-1] - self.line[0]
        return math.hypot(step.x(), step.y())

    def append(self, place: QPointF, width: float) -> QRectF:
        """End at one place more; returns what that may touch."""
        before = self.line[-1]
        self.line.append(place)
        return self._reach(before, place, width)

    def stretch(self, place: QPointF, width: float) -> QRectF:
        """End at another place; returns what that may touch."""
        start = self.line[0]
        touched = _around(self.line[-1], self.last) | self._reach(start, place, width)
        self.line = [start, place]
        return touched

    def _reach(self, start: QPointF, end: QPointF, width: float) -> QRectF:
        self.last = width
        touched = _around(start, max(self.first, width)) | _around(end, max(self.first, width))
        self.area |= touched
        return touched

    def outline(self) -> QPainterPath:
        """The outline of a tapered piece: the hull of a disc at either end."""
        start, end = self.line[0], self.line[-1]
        step = end - start
        length, narrower = self.length, (self.first - self.last) / 2
        path = QPainterPath()
        if length <= abs(narrower):  # one disc holds the other
            path.addEllipse(_disc(*max((self.first, start), (self.last, end), key=_width)))
            return path
        towards = math.degrees(math.atan2(-step.y(), step.x()))
        tangent = math.degrees(math.acos(narrower / length))
        path.arcMoveTo(_disc(self.first, start), towards + tangent)
        path.arcTo(_disc(self.first, start), towards + tangent, 360 - 2 * tangent)
        path.arcTo(_disc(self.last, end), towards - tangent, 2 * tangent)
        path.closeSubpath()
        return path


class Runs:
    """The runs of one mark; where one ends and the next begins depends on earlier points only."""

    def __init__(self, unit: float) -> None:
        self._unit = unit  # pixels of the screen per canvas unit
        self.all: list[Run] = []

    def append(self, mark: Mark, index: int) -> QRectF:
        """Take in a mark's point; returns what it may touch."""
        x, y = mark.points[index]
        place = QPointF(x * self._unit, y * self._unit)
        factor = mark.widths[index] if mark.widths else 1.0
        width = factor * mark.width * PEN_WIDTH * self._unit
        if not self.all:
            self.all.append(Run(place, width))
            return self.all[-1].area
        return self._taper(place, width) if mark.widths else self._go_on(place, width)

    def _go_on(self, place: QPointF, width: float) -> QRectF:
        last = self.all[-1]
        if len(last.line) >= _MOST_POINTS or last.length >= _LONGEST * self._unit:
            self.all.append(Run(last.line[-1], width))
        return self.all[-1].append(place, width)

    def _taper(self, place: QPointF, width: float) -> QRectF:
        last = self.all[-1]
        if last.length >= _TAPER * self._unit:
            self.all.append(Run(last.line[-1], last.last))
        return self.all[-1].stretch(place, width)


def _width(disc: tuple[float, QPointF]) -> float:
    return disc[0]


def _disc(width: float, middle: QPointF) -> QRectF:
    return QRectF(middle.x() - width / 2, middle.y() - width / 2, width, width)


def _around(place: QPointF, width: float) -> QRectF:
    """A disc with a pixel's margin for its soft edge."""
    return _disc(width + 2, place)
