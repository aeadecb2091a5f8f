"""How the wheel is painted."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QImage,
    QPainter,
    QPainterPath,
    QPen,
    QPolygonF,
)

from capsviz.gui.look.theme import GRID, SMALL, Theme, font
from capsviz.gui.look.tile import paint_image

if TYPE_CHECKING:
    from capsviz.gui.pose.ring import Ring

_TURN = 360 * 16  # Qt's sixteenths of a degree
_MARK = 3  # pixels, height of the bar below a pinned capsule
_SPARE = 3 * GRID  # beside the input, that words may use
_CENTRE = Qt.AlignmentFlag.AlignCenter
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip
_WRAPPED = _CENTRE | Qt.TextFlag.TextWordWrap


@dataclass(frozen=True, slots=True)
class Shown:
    """What is painted.

    Attributes:
        images: one per capsule; none while there are none.
        middle: the input.
        lengths, errors: one per capsule, as the images.
        longest, best: the capsules that stand out.
        words: said in the middle, in place of the input.
    """

    images: tuple[QImage, ...] = ()
    middle: QImage | None = None
    lengths: tuple[float, ...] = ()
    errors: tuple[float, ...] = ()
    longest: int | None = None
    best: int | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Marks:
    """Capsules that people pinned, point at, or reached by keyboard."""

    pinned: int | None = None
    lit: int | None = None
    cursor: int | None = None


class WheelPicture:
    """One painting of the wheel."""

    def __init__(
        self, painter: QPainter, ring: Ring, shown: Shown, marks: Marks, theme: Theme
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._painter, self._ring, self._theme = painter, ring, theme
        self._shown, self._marks = shown, marks
        self._plain, self._strong = font(SMALL), font(SMALL, bold=True)
        self._line = ring.line

    def paint(self) -> None:
        """Paint all of it; words that do not fit into the middle stand alone."""
        if self._shown.words and not self._fits():
            self._paint_words()
            return
        cells = range(len(self._ring.cells))
        for at in cells:
            self._paint_ground(at)
        self._paint_images()
        for at in cells:
            self._paint_arc(at)
            self._paint_label(at)
        if self._shown.words:
            self._paint_words()
        elif self._shown.middle is not None:
            self._paint_input(self._shown.middle)
            self._paint_keys()

    @property
    def _stroke(self) -> float:
        """Width of an arc."""
        return max(2.0, self._ring.across / 26)

    def _font(self, is_strong: bool) -> QFont:
        return self._strong if is_strong else self._plain

    def _colour(self, at: int) -> QColor:
        return QColor(self._theme.digits[at % len(self._theme.digits)])

    def _paint_ground(self, at: int) -> None:
        """Where the pointer is, and where the keyboard."""
        painter, cell = self._painter, self._ring.cells[at]
        if at in (self._marks.lit, self._marks.cursor):
            is_lit, is_here = at == self._marks.lit, at == self._marks.cursor
            painter.setPen(QPen(QColor(self._theme.accent), 2) if is_here else Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self._theme.raised) if is_lit else Qt.BrushStyle.NoBrush)
            inside = self._ring.area.adjusted(1, 1, -1, -1)  # so that no side of it is cut off
            painter.drawRoundedRect(cell.adjusted(-3, -3, 3, 3).intersected(inside), GRID, GRID)

    def _paint_images(self) -> None:
        """The round pictures under one clip, or empty paper."""
        painter, inset = self._painter, 2.2 * self._stroke
        discs = map(self._ring.disc, range(len(self._ring.cells)))
        places = [disc.adjusted(inset, inset, -inset, -inset) for disc in discs]
        round_ = QPainterPath()
        for place in places:
            round_.addEllipse(place)
        if not self._shown.images:
            painter.fillPath(round_, QColor(self._theme.paper))
            return
        painter.setClipPath(round_)
        for place, image in zip(places, self._shown.images, strict=True):
            paint_image(painter, image, place)
        painter.setClipping(False)

    def _paint_arc(self, at: int) -> None:
        """A thin circle, and on it from the top, clockwise, an arc as long as the capsule."""
        painter, half = self._painter, self._stroke / 2
        line = self._ring.disc(at).adjusted(half, half, -half, -half)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(self._theme.line), 1))
        painter.drawEllipse(line)
        if self._shown.lengths:
            painter.setPen(QPen(self._colour(at), self._stroke, c=Qt.PenCapStyle.FlatCap))
            painter.drawArc(line, _TURN // 4, -round(self._shown.lengths[at] * _TURN))

    def _paint_label(self, at: int) -> None:
        """The digit, filled for the longest; its squared error, with a star for the least."""
        cell, shown = self._ring.cells[at], self._shown
        line = self._line
        has_number = bool(shown.errors) and self._ring.has_numbers
        number = f"{shown.errors[at]:.1f}" if has_number else ""
        star = line * 0.8 if at == shown.best else 0.0
        wide = QFontMetrics(self._font(at == shown.best)).horizontalAdvance(number)
        gap = GRID / 2 if number or star else 0
        left = cell.center().x() - (line + gap + star + wide) / 2
        row = QRectF(left, cell.bottom() - line - GRID / 2, line, line)
        self._paint_digit(row, at)
        if star:
            self._paint_star(QPointF(row.right() + gap + star / 2, row.center().y()), star / 2)
        self._text(row.translated(line + gap + star, 0), number, at == shown.best)
        if at == self._marks.pinned:
            self._painter.setPen(Qt.PenStyle.NoPen)
            self._painter.setBrush(self._colour(at))
            bar = QRectF(left, cell.bottom() - _MARK, line + gap + star + wide, _MARK)
            self._painter.drawRoundedRect(bar, _MARK / 2, _MARK / 2)

    def _paint_digit(self, place: QRectF, at: int) -> None:
        painter, theme = self._painter, self._theme
        colour = QColor(theme.word(at) if self._shown.images else theme.quiet)
        if at == self._shown.longest:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawEllipse(place)
            colour = QColor(theme.card)
        painter.setFont(self._strong)
        painter.setPen(colour)
        painter.drawText(place, _CENTRE, str(at))

    def _paint_star(self, centre: QPointF, radius: float) -> None:
        points = [
            centre + QPointF(math.sin(turn), -math.cos(turn)) * radius * (1 - 0.58 * (corner % 2))
            for corner in range(10)
            for turn in (corner * math.pi / 5,)
        ]
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(QColor(self._theme.text))
        self._painter.drawPolygon(QPolygonF(points))

    def _text(self, left: QRectF, text: str, is_strong: bool) -> None:
        self._painter.setFont(self._font(is_strong))
        self._painter.setPen(QColor(self._theme.text if is_strong else self._theme.quiet))
        place = QRectF(left.left(), left.top(), self._ring.cells[0].width() * 2, left.height())
        self._painter.drawText(place, int(_LEFT), text)

    def _paint_input(self, image: QImage) -> None:
        painter, place = self._painter, self._ring.middle
        outline = QPainterPath()
        outline.addRoundedRect(place, GRID / 2, GRID / 2)
        painter.setClipPath(outline)
        paint_image(painter, image, place)
        painter.setClipping(False)
        if not self._theme.is_dark:
            painter.setPen(QPen(QColor(self._theme.line), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(outline)

    def _paint_keys(self) -> None:
        """What a filled digit and a star mean."""
        shown = self._shown
        if shown.longest is None or shown.best is None or not self._ring.keys:
            return
        left, right = self._ring.keys
        mark = QRectF(left.left(), left.top(), self._line, self._line)
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(self._colour(shown.longest))
        self._painter.drawEllipse(mark.adjusted(1, 1, -1, -1))
        self._text(mark.translated(self._line + GRID / 2, 0), "longest", False)
        words = "nearest"
        wide = QFontMetrics(self._plain).horizontalAdvance(words)
        place = QRectF(right.right() - wide, right.top(), wide, self._line)
        self._text(place, words, False)
        self._paint_star(
            place.center() - QPointF(wide / 2 + self._line * 0.7, 0), self._line * 0.4
        )

    @property
    def words_place(self) -> QRectF:
        """The middle of the ring, or all of it for words that need more."""
        return self._beside_input if self._fits() else self._ring.area.adjusted(GRID, 0, -GRID, 0)

    @property
    def _beside_input(self) -> QRectF:
        return self._ring.middle.adjusted(-_SPARE, -GRID / 2, _SPARE, GRID / 2)

    def _fits(self) -> bool:
        """Whether the words stay clear of the pictures."""
        place, letters = self._beside_input, QFontMetrics(self._plain)
        words = letters.boundingRect(place.toRect(), int(_WRAPPED), self._shown.words)
        return place.contains(QRectF(words))

    def _paint_words(self) -> None:
        self._painter.setFont(self._plain)
        self._painter.setPen(QColor(self._theme.quiet))
        self._painter.drawText(self.words_place, int(_WRAPPED), self._shown.words)
