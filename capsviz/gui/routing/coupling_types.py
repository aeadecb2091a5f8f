"""The mean couplings of every type of primary capsule to every digit: a J × T matrix."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen

from capsviz.gui.look.theme import GRID, SMALL, font
from capsviz.gui.routing.coupling_paint import (
    LEAST_SEPARATED,
    colour_image,
    outline,
    plain_pixels,
    rimmed,
    snap,
)
from capsviz.gui.routing.coupling_part import DigitPart

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtGui import QPaintEvent
    from PySide6.QtWidgets import QWidget

_TALLEST = 2  # times as high as wide: cells that fill a large window
_DENSEST = 0.7  # of a line's height, between two labels
_RIM = 1  # kept free round the cells for outlines


class CouplingTypes(DigitPart):
    """One row per digit, one column per type; a click or Enter chooses the digit of a row.

    Args:
        explain: (type, digit) → the tooltip of a cell.
    """

    steps: ClassVar = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}

    def __init__(self, explain: Callable[[int, int], str], parent: QWidget | None = None) -> None:
        super().__init__("coupling-types", "Mean couplings by type and digit", parent)
        self.setMinimumSize(14 * GRID, 10 * GRID)
        self._explain = explain
        self._types = 32  # of the paper, until an answer says otherwise
        self._type: int | None = None
        self._image = QImage()

    def show_cells(self, pixels: NDArray[np.uint8], digit: int) -> None:
        """(J, T, 3) colours of the means, and the digit whose row is marked."""
        self.digits, self._types, _ = pixels.shape
        self.is_empty = False
        self._image = colour_image(pixels)
        self.mark_digit(digit)

    def show_nothing(self) -> None:
        """Show cells that wait for an answer."""
        self.is_empty = True
        self._image = colour_image(plain_pixels((self.digits, self._types), self.theme.raised))
        self.mark_digit(None)

    def show_type(self, kind: int | None) -> None:
        """Mark the column of this type, or none."""
        if kind != self._type:
            self._type = kind
            self.update()

    def needed_height(self, width: int, most: int) -> int:
        """How much of a height the cells can use at a width."""
        return math.ceil(self.digits * self._row_height(width, most)) + 2 * _RIM

    @property
    def _left(self) -> int:
        """Width of the digits beside the rows."""
        widest = QFontMetricsF(font(SMALL, bold=True)).horizontalAdvance(str(self.digits - 1))
        return math.ceil(widest) + GRID // 2 + 1

    def _column_width(self, width: int) -> float:
        density = self.devicePixelRatioF()
        each = max(1, width - self._left - _RIM) / self._types
        is_small = 1 <= each * density and each < LEAST_SEPARATED
        return snap(each, density) if is_small else each  # large cells may differ by a pixel

    def _row_height(self, width: int, height: int) -> float:
        tallest = max(_TALLEST * self._column_width(width), self.fontMetrics().height())
        return snap(min((height - 2 * _RIM) / self.digits, tallest), self.devicePixelRatioF())

    @property
    def matrix(self) -> QRectF:
        """The part of the widget that the cells cover."""
        width = self._types * self._column_width(self.width())
        height = self.digits * self._row_height(self.width(), self.height())
        return QRectF(self._left, _RIM, width, height)

    def row(self, digit: int, matrix: QRectF) -> QRectF:
        """The row of one digit."""
        height = matrix.height() / self.digits
        return QRectF(matrix.left(), matrix.top() + digit * height, matrix.width(), height)

    def column(self, kind: int, matrix: QRectF) -> QRectF:
        """The column of one type."""
        width = matrix.width() / self._types
        return QRectF(matrix.left() + kind * width, matrix.top(), width, matrix.height())

    def digit_at(self, place: QPointF) -> int | None:
        """The digit whose row or label is there."""
        matrix = self.matrix
        if not matrix.adjusted(-self._left, 0, 0, 0).contains(place):
            return None
        row = int((place.y() - matrix.top()) / matrix.height() * self.digits)
        return min(row, self.digits - 1)

    def tip_at(self, place: QPointF) -> str:
        """What is known of the type and digit there."""
        matrix, digit = self.matrix, self.digit_at(place)
        if digit is None or place.x() < matrix.left():
            return ""
        kind = int((place.x() - matrix.left()) / matrix.width() * self._types)
        return self._explain(min(kind, self._types - 1), digit)

    def labelled(self, matrix: QRectF) -> list[int]:
        """The digits that are written beside the rows: not all of them if rows are lower than
        letters, but always the chosen one, alone in its place.
        """
        height, chosen = matrix.height() / self.digits, self.digit
        apart = _DENSEST * QFontMetricsF(font(SMALL)).height()
        if apart > height:  # then those at the edges are moved towards the others
            apart += max(0.0, _half() - height / 2)
        every = math.ceil(apart / height)
        return [
            digit
            for digit in range(self.digits)
            if digit == chosen
            or (digit % every == 0 and (chosen is None or abs(digit - chosen) >= every))
        ]

    def label(self, digit: int, matrix: QRectF) -> QRectF:
        """Where a digit is written: in the middle of its row, but not beyond an edge."""
        row = self.row(digit, matrix)
        half = _half()
        middle = min(max(row.center().y(), half), max(self.height() - half, half))
        area = QRectF(0, row.top(), row.left() - GRID / 2 - 1, row.height())
        return area.translated(0, middle - row.center().y())

    def _paint_labels(self, painter: QPainter, matrix: QRectF) -> None:
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        plain, bold = font(SMALL), font(SMALL, bold=True)
        for digit in self.labelled(matrix):
            is_chosen = digit == self.digit
            colour = self.theme.word(digit) if is_chosen else self.theme.quiet
            painter.setPen(QColor(colour))
            painter.setFont(bold if is_chosen else plain)
            area = self.label(digit, matrix)
            painter.drawText(area, flags | Qt.TextFlag.TextDontClip, str(digit))

    def _paint_cells(self, painter: QPainter, matrix: QRectF) -> None:
        painter.drawImage(matrix, self._image)
        painter.setPen(QPen(QColor(self.theme.card), 1))
        painter.drawLines(self._separators(matrix))
        if self.theme.is_dark and not self.is_empty:
            # the black middle of the colours is hardly darker than the card
            painter.setPen(QPen(QColor(self.theme.raised), 1))
            painter.drawRect(rimmed(matrix))

    def _separators(self, matrix: QRectF) -> list[QLineF]:
        """Hairlines between the cells, where those are large enough."""
        lines = []
        if matrix.width() / self._types >= LEAST_SEPARATED:
            columns = (self.column(kind, matrix) for kind in range(1, self._types))
            lines += [QLineF(area.topLeft(), area.bottomLeft()) for area in columns]
        if matrix.height() / self.digits >= LEAST_SEPARATED:
            rows = (self.row(digit, matrix) for digit in range(1, self.digits))
            lines += [QLineF(area.topLeft(), area.topRight()) for area in rows]
        return lines

    def _paint_marks(self, painter: QPainter, matrix: QRectF) -> None:
        if self._type is not None and self._type < self._types:
            painter.setPen(QPen(QColor(self.theme.text), 1))
            painter.drawRect(rimmed(self.column(self._type, matrix)))
        if self.digit is not None:
            colour = self.theme.digits[self.digit % 10]
            outline(painter, self.row(self.digit, matrix), colour, self.theme)
        if self.hasFocus() and not self.is_empty:
            row = self.row(self.cursor_digit, matrix)
            outline(painter, row, self.theme.accent, self.theme)

    # Qt calls these

    def sizeHint(self) -> QSize:
        return QSize(23 * GRID, 16 * GRID)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, matrix = QPainter(self), self.matrix
        self._paint_labels(painter, matrix)
        self._paint_cells(painter, matrix)
        self._paint_marks(painter, matrix)


def _half() -> float:
    """Of the height of a digit beside the rows."""
    return QFontMetricsF(font(SMALL, bold=True)).capHeight() / 2 + 1
