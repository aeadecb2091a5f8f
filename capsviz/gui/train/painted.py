"""A view that paints itself and explains each place of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter
from PySide6.QtWidgets import QToolTip

from capsviz.gui.look.theme import GRID, SMALL, font
from capsviz.gui.look.view import View

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent


class Painted(View):
    """A subclass paints in `paint` and says in `explain` what stands at a place."""

    def draw(self) -> None:
        """Paint anew."""
        self.update()

    def paint(self, painter: QPainter) -> None:
        """Paint, with small letters, smooth edges."""
        raise NotImplementedError

    def explain(self, place: QPointF) -> str:
        """The tooltip there, "" for none."""
        raise NotImplementedError

    def paint_nothing(self, painter: QPainter, sentence: str) -> None:
        """A quiet sentence where there is nothing to show yet."""
        painter.setPen(QColor(self.theme.quiet))
        room = QRectF(self.rect()).adjusted(GRID, GRID, -GRID, -GRID)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(room, flags, sentence)

    # Qt calls these

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            text = self.explain(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(font(SMALL))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.paint(painter)
