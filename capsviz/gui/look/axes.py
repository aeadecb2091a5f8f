"""Axes painted by hand, for small plots that must be drawn in a millisecond."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QWidget

from capsviz.gui.look.theme import DARK, GRID, SMALL, Theme, font
from capsviz.gui.look.tips import shows_tip

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtGui import QPaintEvent

    Ticks = Sequence[tuple[float, str]]
    Range = tuple[float, float]


class Axes(QWidget):
    """An x and a y axis without a frame; a subclass paints between them.

    Args:
        name: for who cannot see it.
        explain: x in data units → the tooltip there.
    """

    right = 0.0
    """Room that the subclass needs right of the plot, pixels."""

    def __init__(
        self, name: str, explain: Callable[[float], str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._explain = explain
        self.theme = DARK
        self._x: Range = (0.0, 1.0)
        self._y: Range = (0.0, 1.0)
        self._x_ticks: Ticks = ()
        self._y_ticks: Ticks = ()
        self._room = (0.0, 0.0)

    def set_axes(self, x: Range, x_ticks: Ticks, y: Range, y_ticks: Ticks) -> None:
        """Show this part of the plane, with these (number, name) at its axes."""
        self._x, self._y, self._x_ticks, self._y_ticks = x, y, x_ticks, y_ticks
        self._make_room()
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self.theme = theme
        self._make_room()  # the text may be of another size
        self.update()

    @property
    def area(self) -> QRectF:
        """Between the axes, pixels."""
        left, below = self._room
        return QRectF(self.rect()).adjusted(left, GRID / 2, -self.right - 1, -below)

    def _make_room(self) -> None:
        """Left and below, for the numbers at the axes."""
        metrics = QFontMetricsF(font(SMALL))
        widest = max((metrics.horizontalAdvance(name) for _, name in self._y_ticks), default=0)
        self._room = (widest + GRID, metrics.height() + GRID / 2)

    def at(self, x: float, y: float) -> QPointF:
        """Where a place of the plane is in the widget."""
        area, (left, right), (low, high) = self.area, self._x, self._y
        return QPointF(
            area.left() + (x - left) / (right - left) * area.width(),
            area.bottom() - (y - low) / (high - low) * area.height(),
        )

    def paint_data(self, painter: QPainter) -> None:
        """Paint between the axes."""
        raise NotImplementedError

    def _paint_axes(self, painter: QPainter) -> None:
        area, metrics = self.area, QFontMetricsF(painter.font())
        painter.setPen(QPen(QColor(self.theme.line), 1))
        painter.drawLine(area.bottomLeft(), area.topLeft())
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.setPen(QColor(self.theme.quiet))
        below = area.bottom() + GRID / 2 + metrics.ascent()
        for x, name in self._x_ticks:
            width = metrics.horizontalAdvance(name)
            left = min(self.at(x, 0).x() - width / 2, self.width() - width)
            painter.drawText(QPointF(left, below), name)
        for y, name in self._y_ticks:
            left = area.left() - GRID / 2 - metrics.horizontalAdvance(name)
            painter.drawText(QPointF(left, self.at(0, y).y() + metrics.capHeight() / 2), name)

    def _tip_at(self, place: QPointF) -> str:
        area, (left, right) = self.area, self._x
        share = (place.x() - area.left()) / max(area.width(), 1)
        return self._explain(left + share * (right - left))

    # Qt calls these

    def sizeHint(self) -> QSize:
        return QSize(24 * GRID, 18 * GRID)

    def minimumSizeHint(self) -> QSize:
        return QSize(16 * GRID, 10 * GRID)

    def event(self, event: QEvent) -> bool:
        return shows_tip(self, event, self._tip_at) or super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(font(SMALL))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.paint_data(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self._paint_axes(painter)
