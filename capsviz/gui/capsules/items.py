"""Words and lines in a plot, all by one item: an item each would cost far more to paint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF, QTransform

from capsviz.gui.look.theme import SMALL, font

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

_DOT = 3.5  # pixels from its middle to its edge


@dataclass(frozen=True, slots=True)
class Word:
    """Small letters at a place in the plot's units.

    Attributes:
        anchor: which part of the word stands there: from (0, 0), its upper left corner, to (1, 1).
        ground: the colour behind it; "" for none.
    """

    text: str
    x: float
    y: float
    colour: str
    anchor: tuple[float, float] = (0.5, 0.5)
    ground: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """Points joined in the plot's units, of which one may be marked by a dot."""

    points: tuple[tuple[float, float], ...]
    colour: QColor
    width: int = 1
    dot: int | None = None


class _Item(pg.GraphicsObject):  # type: ignore[misc]  # pyqtgraph ships no types
    """Paints somewhere in the part of the plane that the plot shows."""

    def __init__(self) -> None:
        super().__init__()
        self._bounds = QRectF()

    def set_bounds(self, bounds: QRectF) -> None:
        """The part that the plot shows."""
        self.prepareGeometryChange()
        self._bounds = bounds

    def paint_shown(self, painter: QPainter, to_pixels: QTransform) -> None:
        """Paint in pixels of the screen, to which the transform leads from the plot's units."""
        raise NotImplementedError

    # Qt calls these

    def boundingRect(self) -> QRectF:  # noqa: N802
        return self._bounds

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        to_pixels = painter.worldTransform()
        painter.setWorldTransform(QTransform())
        self.paint_shown(painter, to_pixels)


class Words(_Item):
    """Words whose size is that of the screen's other words, whatever the plot's range."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: tuple[Word, ...] = ()

    def show_words(self, words: Sequence[Word]) -> None:
        """Show these."""
        self.shown = tuple(words)
        self.update()

    def paint_shown(self, painter: QPainter, to_pixels: QTransform) -> None:
        """Paint them; the last is on top."""
        painter.setFont(font(SMALL))
        measure = QFontMetricsF(painter.font())
        height = measure.height()
        for word in self.shown:
            width = measure.horizontalAdvance(word.text)
            at = to_pixels.map(QPointF(word.x, word.y))
            left = round(at.x() - word.anchor[0] * width)
            top = round(at.y() - word.anchor[1] * height)
            if word.ground:
                painter.fillRect(QRectF(left, top, width, height), QColor(word.ground))
            painter.setPen(QColor(word.colour))
            painter.drawText(QPointF(left, top + measure.ascent()), word.text)


class Lines(_Item):
    """Lines of a width in pixels; the last is on top."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: tuple[Line, ...] = ()

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Show these."""
        self.shown = tuple(lines)
        self.update()

    def paint_shown(self, painter: QPainter, to_pixels: QTransform) -> None:
        """Paint them; the last is on top."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for line in self.shown:
            points = [to_pixels.map(QPointF(*point)) for point in line.points]
            painter.setPen(QPen(line.colour, line.width))
            painter.drawPolyline(QPolygonF(points))
            if line.dot is not None:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(line.colour)
                painter.drawEllipse(points[line.dot], _DOT, _DOT)
