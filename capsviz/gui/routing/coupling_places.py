"""The couplings of every primary capsule to one digit: T blocks of G × G cells."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from capsviz.gui.look.keys import CHOOSE
from capsviz.gui.look.theme import GRID, SMALL, font
from capsviz.gui.routing.coupling_blocks import Blocks, fitted
from capsviz.gui.routing.coupling_paint import (
    LEAST_SEPARATED,
    colour_image,
    outline,
    plain_pixels,
    rimmed,
)
from capsviz.gui.routing.coupling_part import CouplingPart

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent

_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_RIM = 1  # kept free round the blocks for outlines
_NAMED = 10  # blocks are named from cells of this size on


class CouplingPlaces(CouplingPart):
    """One cell per primary capsule, to be pointed at by mouse or arrow keys.

    Args:
        explain: primary capsule → the tooltip of its cell.

    Signals:
        pointed(object): the primary capsule pointed at, 0 … I-1, or None.
        chosen(int): the one that was clicked, or on which Enter was pressed.
    """

    pointed = Signal(object)
    chosen = Signal(int)

    def __init__(self, explain: Callable[[int], str], parent: QWidget | None = None) -> None:
        super().__init__("coupling-places", "Couplings by type and place", parent)
        self.setMouseTracking(True)
        self.setMinimumSize(24 * GRID, 10 * GRID)
        self._explain = explain
        self.shape = (32, 6, 6)  # of the paper, until an answer says otherwise
        self._strongest = 0
        self._image = QImage()
        self.capsule: int | None = None

    def show_cells(self, pixels: NDArray[np.uint8], strongest: int) -> None:
        """(T, G, G, 3) colours of the cells; `strongest` is where the Home key leads."""
        types, rows, columns, _ = pixels.shape
        self.shape = (types, rows, columns)
        self._strongest = strongest
        self.is_empty = False
        self._take(pixels)

    def show_nothing(self) -> None:
        """Show cells that wait for an answer."""
        self.is_empty = True
        self._take(plain_pixels(self.shape, self.theme.raised))

    def _take(self, pixels: NDArray[np.uint8]) -> None:
        """All blocks one below the other, one pixel per cell."""
        types, rows, columns, _ = pixels.shape
        self._image = colour_image(pixels.reshape(types * rows, columns, 3))
        self.update()

    def show_pointed(self, capsule: int | None) -> None:
        """Outline the cell of this primary capsule, or none."""
        if capsule != self.capsule:
            self.capsule = capsule
            self.update()

    @property
    def _shown(self) -> int | None:
        """The capsule pointed at, if this answer has it."""
        types, rows, columns = self.shape
        is_there = self.capsule is not None and 0 <= self.capsule < types * rows * columns
        return self.capsule if is_there and not self.is_empty else None

    @property
    def blocks(self) -> Blocks:
        """Where the cells are."""
        return self._fitted(self.width(), self.height())

    def needed_height(self, width: int, most: int) -> int:
        """How much of a height the cells can use at a width."""
        return math.ceil(self._fitted(width, most).least_height) + 2 * _RIM

    def needed_width(self, most: int, height: int) -> int:
        """How much of a width the cells can use at a height."""
        return math.ceil(self._fitted(most, height).least_width) + 2 * _RIM

    def _fitted(self, width: int, height: int) -> Blocks:
        """Blocks with their types' numbers above them, if cells stay large."""
        types, side, _ = self.shape
        density, corner = self.devicePixelRatioF(), (_RIM, _RIM)
        area = (max(1, width - 2 * _RIM), max(1, height - 2 * _RIM))
        line = round(QFontMetricsF(font(SMALL)).height())
        named = fitted(types, side, area, density, corner, header=line)
        return named if named.cell >= _NAMED else fitted(types, side, area, density, corner)

    def tip_at(self, place: QPointF) -> str:
        """What is known of the primary capsule there."""
        capsule = self.blocks.capsule_at(place.x(), place.y())
        return "" if capsule is None else self._explain(capsule)

    def _point_at(self, capsule: int | None) -> None:
        if capsule != self.capsule:
            self.show_pointed(capsule)
            self.pointed.emit(capsule)

    def _put_cursor(self, capsule: int) -> None:
        """Point by keyboard; the numbers come along, since no pointer rests anywhere."""
        self._point_at(capsule)
        corner = self.blocks.cell_of(capsule).bottomRight().toPoint()
        QToolTip.showText(self.mapToGlobal(corner), self._explain(capsule), self)

    def _paint_cells(self, painter: QPainter, blocks: Blocks) -> None:
        places = [blocks.block(kind) for kind in range(blocks.types)]
        for kind, place in enumerate(places):
            source = QRectF(0, kind * blocks.side, blocks.side, blocks.side)
            painter.drawImage(place, self._image.copy(source.toRect()))  # SVG knows no sources
        if blocks.cell >= LEAST_SEPARATED:
            painter.setPen(QPen(QColor(self.theme.card), 1))
            painter.drawLines(_separators(blocks))
        if self.theme.is_dark and not self.is_empty:
            # the black middle of the colours is hardly darker than the card
            painter.setPen(QPen(QColor(self.theme.raised), 1))
            painter.drawRects([rimmed(place) for place in places])

    def _paint_names(self, painter: QPainter, blocks: Blocks) -> None:
        painter.setPen(QColor(self.theme.quiet))
        painter.setFont(font(SMALL))
        for kind in range(blocks.types):
            area = blocks.block(kind).translated(0, -blocks.header)
            painter.drawText(area, Qt.AlignmentFlag.AlignLeft, str(kind + 1))

    # Qt calls these

    def sizeHint(self) -> QSize:
        return QSize(40 * GRID, 20 * GRID)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self.is_empty:
            self._point_at(self.blocks.capsule_at(event.position().x(), event.position().y()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        capsule = self.blocks.capsule_at(event.position().x(), event.position().y())
        if event.button() == Qt.MouseButton.LeftButton and not self.is_empty:
            if capsule is not None:
                self.chosen.emit(capsule)
        super().mousePressEvent(event)

    def leaveEvent(self, _event: QEvent) -> None:
        self._point_at(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if self.is_empty:
            super().keyPressEvent(event)
        elif key in _ARROWS:
            start = self._shown
            self._put_cursor(0 if start is None else self.blocks.stepped(start, *_ARROWS[key]))
        elif key == Qt.Key.Key_Home:
            self._put_cursor(self._strongest)
        elif key in CHOOSE and self._shown is not None:
            self.chosen.emit(self._shown)
        elif key == Qt.Key.Key_Escape and self._shown is not None:
            self._point_at(None)
            QToolTip.hideText()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, blocks = QPainter(self), self.blocks
        self._paint_cells(painter, blocks)
        if blocks.header:
            self._paint_names(painter, blocks)
        colour = self.theme.accent if self.hasFocus() else self.theme.text
        if self._shown is not None:
            outline(painter, blocks.cell_of(self._shown), colour, self.theme)
        elif self.hasFocus():
            painter.setPen(QPen(QColor(colour), 1))
            painter.drawRect(rimmed(blocks.area))


def _separators(blocks: Blocks) -> list[QLineF]:
    """Hairlines between the cells, through whole rows and columns of blocks."""
    area, lines = blocks.area, []
    for step in range(1, blocks.side):
        for column in range(blocks.columns):
            x = blocks.block(column).left() + step * blocks.cell
            lines.append(QLineF(x, area.top(), x, area.bottom()))
        for row in range(blocks.rows):
            y = blocks.block(row * blocks.columns).top() + step * blocks.cell
            lines.append(QLineF(area.left(), y, area.right(), y))
    return lines
