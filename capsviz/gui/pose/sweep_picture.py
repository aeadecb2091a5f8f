"""Where the pictures of a sweep stand, and how they are painted."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPen

from capsviz.gui.look.pictures import grey_image
from capsviz.gui.look.theme import BODY, GRID, SMALL, Theme, font
from capsviz.gui.pose.groove import RADIUS, ROUNDING, paint_handle

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from capsviz.explore.sweep import Sweep

Cell = tuple[int, int]
"""Row and column: dimension and offset, both from 0."""

EMPTY = (
    "Draw a digit, and every row shows what one dimension of its capsule does, "
    "moved by −0.25 to +0.25 as in the paper's figure 4. It takes a network with a decoder."
)
NO_DECODER = (
    "This network was trained without a decoder, so it cannot show what each dimension of a "
    "capsule does."
)
_SMALLER = 0.7  # times a slider's handle
_SHARP = 3.0  # device pixels per pixel from which on no smoothing is needed
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_ABOVE = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip
_WRAPPED = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap


@dataclass(frozen=True, slots=True)
class Grid:
    """Square cells in rows and columns, with labels on the left and above."""

    rows: int
    columns: int
    table: QRectF

    @classmethod
    def inside(cls, width: int, height: int, rows: int, columns: int) -> Grid:
        """The largest that there is room for, from the top, in the middle."""
        words = QFontMetrics(font(SMALL))
        left, top = words.horizontalAdvance("00") + GRID, words.height() + GRID // 2
        side = max(1, min((width - left) // columns, (height - top - 1) // rows))
        wide = side * columns
        return cls(rows, columns, QRectF(max(left, (width - wide) // 2), top, wide, side * rows))

    @property
    def side(self) -> float:
        """Of a cell."""
        return self.table.width() / self.columns

    def cell(self, row: int, column: int) -> QRectF:
        """Its place."""
        side = self.side
        corner = self.table.topLeft()
        return QRectF(corner.x() + column * side, corner.y() + row * side, side, side)

    def at(self, x: float, y: float) -> Cell | None:
        """The cell at a place."""
        row, column = (y - self.table.top()) // self.side, (x - self.table.left()) // self.side
        cell = int(row), int(column)
        return cell if self.has(cell) else None

    def has(self, cell: Cell) -> bool:
        """Whether there is such a cell."""
        return 0 <= cell[0] < self.rows and 0 <= cell[1] < self.columns


@dataclass(frozen=True, slots=True)
class Marks:
    """What is marked: rows whose number people moved, and by how much; pointer; keyboard."""

    moves: Mapping[int, float]
    lit: Cell | None = None
    cursor: Cell | None = None


class SweepPicture:
    """One painting of a sweep."""

    def __init__(self, painter: QPainter, grid: Grid, theme: Theme) -> None:
        self._painter, self._grid, self._theme = painter, grid, theme
        self._gap = max(1, round(grid.side / 24)) if theme.is_dark else 1
        self._plain, self._strong = font(SMALL), font(SMALL, bold=True)

    def paint_empty(self, view: QRectF, said: str) -> None:
        """Say what would be here, or why nothing is: upon the table, or in all of the view."""
        self._painter.setFont(font(BODY))
        self._painter.setPen(QColor(self._theme.quiet))
        self._painter.drawText(self.words_place(view, said), int(_WRAPPED), said)

    def words_place(self, view: QRectF, said: str) -> QRectF:
        """Where these words have room."""
        place = self._grid.table
        inset = place.width() / 10
        words = place.adjusted(inset, 0, -inset, -place.height() / 4)
        letters = QFontMetrics(font(BODY))
        needed = letters.boundingRect(words.toRect(), int(_WRAPPED), said)
        return words if words.contains(QRectF(needed)) else view

    def paint(self, sweep: Sweep, image: QImage, marks: Marks) -> None:
        """The table, its labels, and what is marked."""
        painter, table = self._painter, self._grid.table
        scale = self._grid.side * self._grid.columns / image.width()
        is_sharp = scale * painter.device().devicePixelRatioF() >= _SHARP
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not is_sharp)
        painter.drawImage(table, image)
        self._paint_gaps()
        self._paint_offsets(sweep, marks.lit)
        self._paint_dimensions(marks.lit)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_marks(sweep, marks)

    def _paint_marks(self, sweep: Sweep, marks: Marks) -> None:
        first, last = (self._grid.cell(row, sweep.middle) for row in (0, self._grid.rows - 1))
        colour = self._theme.digits[sweep.digit % len(self._theme.digits)]
        self._paint_frame(first.united(last), colour, 2)
        if marks.lit is not None:
            self._paint_frame(self._grid.cell(*marks.lit), self._theme.text, 2)
        if marks.cursor is not None:
            self._paint_frame(self._grid.cell(*marks.cursor), self._theme.accent, 2)
        for row, offset in marks.moves.items():
            self._paint_move(sweep, row, offset, colour)

    def _paint_move(self, sweep: Sweep, row: int, offset: float, colour: str) -> None:
        """A line from the middle to where the pose stands, with a handle, as in its slider."""
        reach = float(sweep.offsets[0]), float(sweep.offsets[-1])
        inside = min(max(offset, reach[0]), reach[1])
        beyond = 0 if abs(offset - inside) < ROUNDING else round(math.copysign(1, offset))
        start, end = (self._place(sweep, row, at) for at in (0.0, inside))
        self._painter.setPen(QPen(QColor(colour), 2))
        self._painter.drawLine(start, end)
        self._painter.save()
        self._painter.translate(end)
        self._painter.scale(_SMALLER, _SMALLER)
        paint_handle(self._painter, QPointF(), colour, self._theme, True, beyond)
        self._painter.restore()

    def _place(self, sweep: Sweep, row: int, offset: float) -> QPointF:
        """Where an offset stands at the foot of a row: below the middle of its column."""
        column = np.interp(offset, sweep.offsets, np.arange(len(sweep.offsets)))
        cell = self._grid.cell(row, 0)
        return QPointF(
            cell.center().x() + column * cell.width(), cell.bottom() - RADIUS * _SMALLER
        )

    def _paint_gaps(self) -> None:
        """Lines in the card's colour between the pictures."""
        table, side, gap = self._grid.table, self._grid.side, self._gap
        colour = QColor(self._theme.card if self._theme.is_dark else self._theme.line)
        for column in range(self._grid.columns + 1):
            x = table.left() + column * side - gap / 2
            self._painter.fillRect(QRectF(x, table.top(), gap, table.height()), colour)
        for row in range(self._grid.rows + 1):
            y = table.top() + row * side - gap / 2
            self._painter.fillRect(QRectF(table.left(), y, table.width(), gap), colour)

    def _paint_offsets(self, sweep: Sweep, lit: Cell | None) -> None:
        """Above the columns, as many as there is room for, and that below the pointer."""
        room = (QFontMetrics(self._strong).horizontalAdvance("−0.25") + GRID / 2) / self._grid.side
        step, pointed = _step(room, sweep.middle), None if lit is None else lit[1]
        for column, offset in enumerate(sweep.offsets):
            is_near = pointed is not None and 0 < abs(column - pointed) < room
            if column == pointed or ((column - sweep.middle) % step == 0 and not is_near):
                is_strong = column in (pointed, sweep.middle)
                self._paint_offset(column, float(offset), is_strong)

    def _paint_offset(self, column: int, offset: float, is_strong: bool) -> None:
        cell = self._grid.cell(0, column)
        place = QRectF(cell.left(), 0, cell.width(), cell.top() - GRID / 2)
        self._text(place, _ABOVE, signed(offset), is_strong)

    def _paint_dimensions(self, lit: Cell | None) -> None:
        step = math.ceil(QFontMetrics(self._plain).ascent() / self._grid.side)
        for row in range(0, self._grid.rows, step):
            cell = self._grid.cell(row, 0)
            place = QRectF(0, cell.top(), cell.left() - GRID, cell.height())
            self._text(place, _RIGHT, str(row + 1), lit is not None and lit[0] == row)

    def _text(
        self, place: QRectF, how: Qt.AlignmentFlag | Qt.TextFlag, text: str, is_strong: bool
    ) -> None:
        used: QFont = self._strong if is_strong else self._plain
        self._painter.setFont(used)
        self._painter.setPen(QColor(self._theme.text if is_strong else self._theme.quiet))
        self._painter.drawText(place, int(how), text)

    def _paint_frame(self, place: QRectF, colour: str, width: int) -> None:
        self._painter.setPen(QPen(QColor(colour), width))
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        self._painter.drawRoundedRect(place, 2, 2)


def atlas(images: NDArray[np.float32], theme: Theme) -> QImage:
    """All pictures (D, n, H, W) in one, in the theme's greys."""
    rows, columns, height, width = images.shape
    whole = images.transpose(0, 2, 1, 3).reshape(rows * height, columns * width)
    levels = np.ascontiguousarray((np.clip(whole, 0, 1) * 255).round().astype(np.uint8))
    down, along = levels.shape
    image = QImage(levels.data, along, down, along, QImage.Format.Format_Indexed8)
    ramp = grey_image(np.linspace(0, 1, 256, dtype=np.float32)[None], theme)
    image.setColorTable([ramp.pixel(level, 0) for level in range(256)])
    return image.convertToFormat(QImage.Format.Format_RGB32)


def signed(offset: float) -> str:
    """With two places and a sign: −0.25, 0, +0.25."""
    return "0" if abs(offset) < 0.005 else f"{offset:+.2f}".replace("-", "−")


def _step(least: float, middle: int) -> int:
    """Every how many columns a label fits, so that the outermost have one where that can be."""
    fitting = [step for step in range(math.ceil(least), middle + 1) if middle % step == 0]
    return fitting[0] if fitting else max(1, math.ceil(least))
