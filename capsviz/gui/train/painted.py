"""A view that paints itself and explains each place of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from capsviz.gui.look.theme import GRID, SMALL, font
from capsviz.gui.look.tips import shows_tip
from capsviz.gui.look.view import View

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent
    from PySide6.QtWidgets import QWidget

    from capsviz.training.report import Report


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
        return shows_tip(self, event, self.explain) or super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(font(SMALL))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.paint(painter)


class ReportView(Painted):
    """Paints the latest validation.

    Attributes:
        report: of it, None before the first.
    """

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.report: Report | None = None

    def show_report(self, report: Report | None) -> None:
        """Show the latest validation."""
        self.report = report
        self.refresh()
