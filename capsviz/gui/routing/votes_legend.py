"""What area and colour of a vote's dot mean."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from capsviz.gui.look.theme import DARK, GRID, SMALL, Theme, font
from capsviz.gui.routing.votes_picture import level_colours

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

_SAID = "Legend: area is coupling, colour is agreement û·v from -1 or less to 1 or more"
_COLOUR, _MOST = "colour = û·v  ≤ −1", "≥ 1"  # what is beyond has the colour of the end
_TIMES = (1, 2)  # the couplings shown, in units of 1/J
_SCALE = 9 * GRID  # least pixels of the colours, and of the dots above them
_SECOND = 0.6  # of the scale, to the second dot


class VotesLegend(QWidget):
    """Two lines: dots of two couplings, and the colours from disagreement to agreement."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(_SAID)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFont(font(SMALL))
        self._theme = DARK
        self._digits = 0
        self._radius = 1.0

    def show_scale(self, digits: int, radius: float) -> None:
        """Show what dots mean among J digit capsules; 1/J has this radius. Nothing for J = 0."""
        self._digits, self._radius = digits, radius
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme = theme
        self.setFont(font(SMALL))
        self.update()

    @property
    def _line(self) -> int:
        return self.fontMetrics().height()

    @property
    def _indent(self) -> int:
        """Where the scales begin."""
        return self.fontMetrics().horizontalAdvance(_COLOUR) + GRID

    @property
    def _scale(self) -> int:
        """Width of the colours: enough for the numbers of two dots."""
        each = self.fontMetrics().horizontalAdvance("0.1") + 5 * GRID // 2
        return max(_SCALE, math.ceil(each / _SECOND))

    def _write(self, painter: QPainter, x: float, line: int, words: str) -> None:
        painter.setPen(QColor(self._theme.quiet))
        painter.drawText(QPointF(x, line * self._line + self.fontMetrics().ascent()), words)

    def _paint_dots(self, painter: QPainter) -> None:
        self._write(painter, 0, 0, "area = coupling")
        for part, times in enumerate(_TIMES):
            x = self._indent + part * self._scale * _SECOND + GRID
            share = min(times / self._digits, 1)
            radius = self._radius * math.sqrt(share * self._digits)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self._theme.quiet))
            painter.drawEllipse(QPointF(x, self._line / 2), radius, radius)
            self._write(painter, x + radius + GRID / 2, 0, f"{share:.2g}")

    def _paint_colours(self, painter: QPainter) -> None:
        bar = QRectF(self._indent, 1.5 * self._line - 3, self._scale, 6)
        gradient = QLinearGradient(bar.topLeft(), bar.topRight())
        colours = level_colours(self._theme)
        for level, colour in enumerate(colours):
            gradient.setColorAt(level / (len(colours) - 1), colour)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(gradient)
        painter.drawRoundedRect(bar, 3, 3)
        self._write(painter, 0, 1, _COLOUR)
        self._write(painter, bar.right() + GRID / 2, 1, _MOST)

    # Qt calls these

    def sizeHint(self) -> QSize:
        end = max(2 * GRID, GRID + self.fontMetrics().horizontalAdvance(_MOST))
        return QSize(self._indent + self._scale + end, 2 * self._line)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._digits:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_dots(painter)
            self._paint_colours(painter)
