"""What the canvas shows besides ink: an invitation, the frame, a receptive field, cursors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from capsviz.data.drawing import CANVAS, INK_SIDE, Framing
from capsviz.data.pen import PEN_WIDTH
from capsviz.gui.look.theme import BODY, GRID, SMALL, Theme, font

if TYPE_CHECKING:
    from PySide6.QtGui import QFont

Field = tuple[int, int, int, Framing, int]
"""A receptive field: row, column and side in pixels of an image, how the canvas lies in that
image, and the image's side."""

_INVITATION = "Draw a digit here"
_WAYS = "mouse, pen, finger or arrow keys"
_LINES = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap


def paint_invitation(painter: QPainter, square: QRectF, theme: Theme) -> None:
    """A digit to follow, and a sentence; all of it goes with the first touch."""
    unit = square.width() / CANVAS
    painter.save()
    painter.translate(square.topLeft())
    painter.scale(unit, unit)
    pen = QPen(QColor(theme.raised), PEN_WIDTH, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.strokePath(_three(), pen)
    painter.restore()
    paint_words(painter, square, _INVITATION, theme)


def paint_words(painter: QPainter, square: QRectF, invitation: str, theme: Theme) -> None:
    """A sentence in the lower part, and the ways to do it; further up where that takes more lines,
    and the sentence alone where both would cover more than half.
    """
    room = square.adjusted(GRID, GRID, -GRID, -GRID / 2)
    first = _size(painter, room, invitation, font(BODY))
    second = _size(painter, room, _WAYS, font(SMALL))
    down = max(3 * GRID, first + GRID / 2)
    has_both = down + second <= room.height() / 2
    whole = down + second if has_both else first
    top = min(square.top() + 21.5 * square.width() / CANVAS, room.bottom() - whole)
    area = QRectF(room.left(), max(top, room.top()), room.width(), room.height())
    _write(painter, area, invitation, font(BODY), theme.text)
    if has_both:
        _write(painter, area.translated(0, down), _WAYS, font(SMALL), theme.quiet)


def _size(painter: QPainter, room: QRectF, text: str, in_font: QFont) -> float:
    """The height of lines as wide as there is room."""
    painter.setFont(in_font)
    return painter.boundingRect(room, int(_LINES), text).height()


def _write(painter: QPainter, area: QRectF, text: str, in_font: QFont, colour: str) -> None:
    painter.setFont(in_font)
    painter.setPen(QColor(colour))
    painter.drawText(area, int(_LINES), text)


def _three() -> QPainterPath:
    """A hand-drawn three in canvas units."""
    path = QPainterPath(QPointF(10, 6.6))
    path.cubicTo(11.5, 3.6, 18, 3.2, 17.8, 7.2)
    path.cubicTo(17.7, 9.6, 15.2, 10.8, 13.4, 10.9)
    path.cubicTo(19.6, 10.8, 20.4, 18.4, 13.8, 18.5)
    path.cubicTo(11.6, 18.5, 10, 17.6, 9.4, 16)
    return path


def paint_guide(painter: QPainter, square: QRectF, theme: Theme) -> None:
    """Where MNIST's frame would put the ink: a box of 20 pixels round the middle."""
    unit = square.width() / CANVAS
    side = INK_SIDE * unit
    middle = square.center()
    painter.setPen(QPen(QColor(theme.line), 1, Qt.PenStyle.DashLine))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(QRectF(middle.x() - side / 2, middle.y() - side / 2, side, side))
    painter.drawLine(middle - QPointF(GRID / 2, 0), middle + QPointF(GRID / 2, 0))
    painter.drawLine(middle - QPointF(0, GRID / 2), middle + QPointF(0, GRID / 2))


def paint_field(painter: QPainter, square: QRectF, field: Field, theme: Theme) -> None:
    """Light up what one primary capsule sees of the drawing, and dim the rest."""
    row, column, side, framing, _ = field
    unit = square.width() / CANVAS / framing.scale
    left = square.left() + (column - framing.offset_x) * unit
    top = square.top() + (row - framing.offset_y) * unit
    outline_field(painter, square, QRectF(left, top, side * unit, side * unit), theme)


def outline_field(painter: QPainter, square: QRectF, area: QRectF, theme: Theme) -> None:
    """Outline a part of a picture softly and dim the rest."""
    inside, all_of_it = QPainterPath(), QPainterPath()
    inside.addRoundedRect(area, GRID / 4, GRID / 4)
    all_of_it.addRect(square)
    shade = QColor(theme.paper)
    shade.setAlpha(110)
    painter.fillPath(all_of_it - inside, shade)
    for width, alpha in ((5.0, 60), (1.5, 255)):
        colour = QColor(theme.accent)
        colour.setAlpha(alpha)
        painter.strokePath(inside, QPen(colour, width))


def paint_ring(painter: QPainter, at: QPointF, radius: float, theme: Theme) -> None:
    """The size of the pen or eraser, where it would touch."""
    painter.setPen(QPen(QColor(theme.quiet), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(at, radius, radius)


def paint_key_cursor(
    painter: QPainter, at: QPointF, radius: float, is_down: bool, theme: Theme
) -> None:
    """The pen that keys lead: a cross in a ring, filled while it is down."""
    colour = QColor(theme.accent)
    painter.setPen(QPen(colour, 2))
    colour.setAlpha(120 if is_down else 0)
    painter.setBrush(colour)
    painter.drawEllipse(at, radius, radius)
    for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        rim, tip = radius, radius + GRID / 2
        painter.drawLine(at + QPointF(x * rim, y * rim), at + QPointF(x * tip, y * tip))
