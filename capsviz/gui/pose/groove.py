"""What a pose slider runs in: the numbers within reach, and how common each of them is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QPolygonF, QTransform

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from capsviz.gui.look.theme import Theme

    Floats = NDArray[np.float32]

_BINS = 48
_SMOOTH = np.array([1, 2, 3, 4, 3, 2, 1]) / 16
_INNER = (0.01, 0.99)
ROUNDING = 0.0005  # sliders stand at thousandths
_FILL = 70  # of 255
_TALLEST = 16.0  # pixels to either side of the groove
_MARGIN = 1  # pixels round the filled outline
_FORMAT = QImage.Format.Format_ARGB32_Premultiplied
MARK = 8.0  # pixels from the groove to the ends of the mark of the inferred number
RADIUS = 5.0  # pixels
_DIAMOND = QPolygonF(
    [QPointF(RADIUS * x, RADIUS * y) * 1.3 for x, y in ((0, -1), (1, 0), (0, 1), (-1, 0))]
)
_ARROW = QPolygonF(
    [QPointF(RADIUS * x, RADIUS * y) * 1.3 for x, y in ((-0.7, -1), (1, 0), (-0.7, 1))]
)


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """How one number is distributed over test digits.

    Attributes:
        quantiles: (Q,) rising, at levels spaced evenly from 0 to 1.
        low, high: the 1st and the 99th percentile.
        outline: the density about the x axis, x in the number's own units, y within ±1.
    """

    quantiles: Floats
    low: float
    high: float
    outline: QPainterPath

    def level(self, value: float) -> float:
        """Which part of the test digits has a smaller number, 0 … 1."""
        return float(np.interp(value, self.quantiles, np.linspace(0, 1, len(self.quantiles))))

    def is_usual(self, value: float) -> bool:
        """Whether it lies between the 1st and the 99th percentile."""
        return self.low - ROUNDING <= value <= self.high + ROUNDING


def spread_of(quantiles: Floats) -> Spread:
    """The distribution that has these (Q,) quantiles."""
    low, high = np.interp(_INNER, np.linspace(0, 1, len(quantiles)), quantiles)
    return Spread(quantiles, float(low), float(high), _outline(quantiles))


@dataclass(frozen=True, slots=True)
class Groove:
    """Numbers from `low` to `high`, spread over the width of `area` in pixels."""

    area: QRectF
    low: float
    high: float

    def x(self, value: float) -> float:
        """Pixel of a number."""
        return self.area.left() + (value - self.low) * self.scale

    def value(self, x: float) -> float:
        """Number at a pixel; beyond the ends, the end's."""
        share = (x - self.area.left()) / max(self.area.width(), 1.0)
        return self.low + min(max(share, 0.0), 1.0) * (self.high - self.low)

    @property
    def scale(self) -> float:
        """Pixels for one unit of the number."""
        return self.area.width() / max(self.high - self.low, 1e-9)

    @property
    def middle(self) -> float:
        """Where the groove runs, pixels from above."""
        return self.area.center().y()


def paint_groove(painter: QPainter, groove: Groove, theme: Theme) -> None:
    """The line that the handle runs along; on the scale that is the same for all rows, with 0."""
    painter.setPen(QPen(QColor(theme.line), 1))
    y = groove.middle
    painter.drawLine(QPointF(groove.area.left(), y), QPointF(groove.area.right(), y))
    if groove.low == -groove.high:
        at = groove.x(0)
        painter.drawLine(QPointF(at, y - 3), QPointF(at, y + 3))


class SpreadPicture:
    """A distribution as it is painted: its outline is filled once, then only put in its place."""

    def __init__(self) -> None:
        self._key: tuple[Spread, float, float, str, float] | None = None
        self._image = QImage()

    def paint(self, painter: QPainter, groove: Groove, spread: Spread, colour: str) -> None:
        """Lay it below the groove, as wide as each number is common."""
        half = min(groove.area.height() * 0.42, _TALLEST)
        key = (spread, groove.scale, half, colour, painter.device().devicePixelRatio())
        if key != self._key:
            self._key, self._image = key, _filled(*key)
        left = groove.x(spread.outline.boundingRect().left()) - _MARGIN
        painter.save()
        painter.setClipRect(groove.area)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)  # between two pixels too
        painter.drawImage(QPointF(left, groove.middle - half - _MARGIN), self._image)
        painter.restore()


def _filled(spread: Spread, scale: float, half: float, colour: str, ratio: float) -> QImage:
    bounds = spread.outline.boundingRect()
    size = QSizeF(bounds.width() * scale + 2 * _MARGIN, 2 * (half + _MARGIN)) * ratio
    image = QImage(size.toSize().expandedTo(QSize(1, 1)), _FORMAT)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    fill = QColor(colour)
    fill.setAlpha(_FILL)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    to_pixels = QTransform(scale, 0, 0, half, _MARGIN - bounds.left() * scale, half + _MARGIN)
    painter.fillPath(to_pixels.map(spread.outline), fill)
    painter.end()
    return image


def paint_mark(painter: QPainter, groove: Groove, inferred: float, theme: Theme) -> None:
    """A stroke across the groove where routing put the number."""
    at, y = groove.x(inferred), groove.middle
    reach = min(MARK, groove.area.height() / 2 - 1)
    painter.setPen(QPen(QColor(theme.quiet), 1))
    painter.drawLine(QPointF(at, y - reach), QPointF(at, y + reach))


def paint_way(painter: QPainter, groove: Groove, ends: tuple[float, float], colour: str) -> None:
    """How far a number is from where routing put it."""
    start, end = (QPointF(groove.x(value), groove.middle) for value in ends)
    painter.setPen(QPen(QColor(colour), 2))
    painter.drawLine(start, end)


def paint_handle(
    painter: QPainter, at: QPointF, colour: str, theme: Theme, usual: bool, beyond: int = 0
) -> None:
    """A disc; a diamond where hardly any test digit has such a number.

    An arrowhead, rightward if `beyond` is positive and leftward if it is negative, where a number
    lies beyond the scale of the others, whose ends stand at the same place.
    """
    painter.setPen(QPen(QColor(theme.card), 1.5))
    painter.setBrush(QColor(colour))
    if beyond:
        painter.drawPolygon(QTransform.fromScale(beyond, 1).map(_ARROW).translated(at))
    elif usual:
        painter.drawEllipse(at, RADIUS, RADIUS)
    else:
        painter.drawPolygon(_DIAMOND.translated(at))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _outline(quantiles: Floats) -> QPainterPath:
    path = QPainterPath()
    low, high = float(quantiles[0]), float(quantiles[-1])
    if high - low < 1e-6:  # all test digits alike: nothing to draw
        return path
    edges = np.linspace(low, high, _BINS + 1)
    share = np.diff(np.interp(edges, quantiles, np.linspace(0, 1, len(quantiles))))
    height = np.convolve(share, _SMOOTH)  # reaches beyond both ends, where it falls to 0
    bin_width = (high - low) / _BINS
    beyond = len(_SMOOTH) // 2 - 0.5
    x = low + bin_width * (np.arange(len(height)) - beyond)
    height = height / height.max()
    outline = [*zip(x, -height, strict=True), *zip(x[::-1], height[::-1], strict=True)]
    path.addPolygon(QPolygonF([QPointF(float(at), float(y)) for at, y in outline]))
    path.closeSubpath()
    return path
