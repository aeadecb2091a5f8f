"""Where in the image the coupling mass of each digit capsule comes from: a row of tiles."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen

from capsviz.gui.look.theme import GRID, SMALL, font
from capsviz.gui.look.tile import paint_image
from capsviz.gui.routing.coupling_paint import colour_image, plain_pixels, rimmed, snap
from capsviz.gui.routing.coupling_part import DigitPart

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtGui import QPaintEvent
    from PySide6.QtWidgets import QWidget

_RIM = 1  # kept free round the tiles for outlines


class CouplingMass(DigitPart):
    """One tile per digit with the digit and its share below; a click or Enter chooses it.

    Args:
        explain: digit → the tooltip of its tile.
    """

    steps: ClassVar = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}

    def __init__(self, explain: Callable[[int], str], parent: QWidget | None = None) -> None:
        super().__init__("coupling-mass", "Mass of the couplings over the image, by digit", parent)
        self.setMinimumHeight(5 * GRID)
        self._explain = explain
        self._images: list[QImage] = []
        self._shares: list[str] = []
        self._pixels = 28  # along one side of the network's images
        self._field: QRectF | None = None

    def show_maps(
        self, pixels: NDArray[np.uint8], shares: NDArray[np.float32], digit: int
    ) -> None:
        """(J, H, W, 3) colours of the tiles, (J,) shares in 0 … 1, and the digit marked."""
        self._images = [colour_image(tile) for tile in pixels]
        self._shares = [f"{100 * share:.1f}" for share in shares]
        self.digits, self._pixels = pixels.shape[:2]
        self.is_empty = False
        self.mark_digit(digit)

    def show_nothing(self) -> None:
        """Show tiles that wait for an answer."""
        plain = colour_image(plain_pixels((1, 1), self.theme.raised))
        self._images = [plain] * self.digits
        self._shares = [""] * self.digits
        self.is_empty = True
        self.mark_digit(None)

    def show_field(self, field: tuple[int, int, int] | None) -> None:
        """Outline the receptive field (row, column, side) in the chosen digit's tile, or none."""
        area = None if field is None else QRectF(field[1], field[0], field[2], field[2])
        if area != self._field:
            self._field = area
            self.update()

    @property
    def _line(self) -> int:
        """Height of the words below a tile, and of the gap between."""
        return round(QFontMetricsF(font(SMALL)).height()) + GRID // 4

    def _widest(self, width: int) -> float:
        return max(1, (width - 2 * _RIM - (self.digits - 1) * GRID) / self.digits)

    @property
    def _pitch(self) -> float:
        return (self.width() - 2 * _RIM + GRID) / self.digits

    def needed_height(self, width: int) -> int:
        """How much of a height the tiles can use at a width."""
        return math.ceil(self._widest(width)) + self._line + 2 * _RIM

    def tile(self, digit: int) -> QRectF:
        """The picture of one digit; a whole multiple of its pixels where there is room for two."""
        density, pixels = self.devicePixelRatioF(), self._pixels
        side = max(1, min(self._widest(self.width()), self.height() - self._line - 2 * _RIM))
        times = math.floor(side * density / pixels)
        side = times * pixels / density if times > 1 else snap(side, density)
        left = _RIM + digit * self._pitch + (self._pitch - GRID - side) / 2
        return QRectF(round(left * density) / density, _RIM, side, side)

    def digit_at(self, place: QPointF) -> int | None:
        """The digit whose tile or label is there."""
        areas = (self.tile(digit).adjusted(0, 0, 0, self._line) for digit in range(self.digits))
        return next((digit for digit, area in enumerate(areas) if area.contains(place)), None)

    def tip_at(self, place: QPointF) -> str:
        """What is known of the digit whose tile is there."""
        digit = self.digit_at(place)
        return "" if digit is None else self._explain(digit)

    def _paint_tile(self, painter: QPainter, digit: int, tile: QRectF) -> None:
        paint_image(painter, self._images[digit], tile)
        if digit == self.digit:
            self._paint_field(painter, tile)
        painter.setPen(self._frame(digit))
        painter.drawRect(rimmed(tile))

    def _frame(self, digit: int) -> QPen:
        """The line round a tile says whether it is chosen, or under the keyboard's cursor."""
        if self.hasFocus() and not self.is_empty and digit == self.cursor_digit:
            return QPen(QColor(self.theme.accent), 2)
        if digit == self.digit:
            return QPen(QColor(self.theme.digits[digit % 10]), 2)
        return QPen(QColor(self.theme.card if self.theme.is_dark else self.theme.line), 1)

    def _paint_field(self, painter: QPainter, tile: QRectF) -> None:
        if self._field is None:
            return
        unit, field = tile.width() / self._pixels, self._field
        corner = tile.topLeft() + field.topLeft() * unit
        painter.setPen(QPen(QColor(self.theme.text), 1))
        painter.drawRect(QRectF(corner, field.size() * unit))

    def _paint_label(
        self, painter: QPainter, digit: int, tile: QRectF, fonts: tuple[QFont, QFont]
    ) -> None:
        """The digit in its colour, and its share, centred below the tile."""
        name, share, (bold, light) = str(digit), self._shares[digit], fonts
        indent = QFontMetricsF(bold).horizontalAdvance(name) + (GRID / 2 if share else 0)
        width = indent + QFontMetricsF(light).horizontalAdvance(share)
        if width > self._pitch - 1:  # no room: the tooltip still says it
            share, width = "", indent - GRID / 2
        left = min(max(0, tile.center().x() - width / 2), self.width() - width)
        area = QRectF(left, tile.bottom(), width + GRID, self._line)
        painter.setFont(bold)
        painter.setPen(QColor(self.theme.word(digit)))
        painter.drawText(area, Qt.AlignmentFlag.AlignBottom, name)
        painter.setFont(light)
        is_chosen = digit == self.digit
        painter.setPen(QColor(self.theme.text if is_chosen else self.theme.quiet))
        painter.drawText(area.adjusted(indent, 0, 0, 0), Qt.AlignmentFlag.AlignBottom, share)

    # Qt calls these

    def sizeHint(self) -> QSize:
        return QSize(60 * GRID, 7 * GRID)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        fonts = (font(SMALL, bold=True), font(SMALL))
        for digit in range(len(self._images)):
            tile = self.tile(digit)
            self._paint_tile(painter, digit, tile)
            self._paint_label(painter, digit, tile, fonts)
