"""The handle that slides a digit: a square of all its places, each with what was read there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from capsviz.gui.labs.tries import Tries
from capsviz.gui.look.theme import DARK, GRID, Theme
from capsviz.gui.look.tips import shows_tip
from capsviz.network.config import PAIR_SHIFT

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    Place = tuple[int, int]

_CELLS = 2 * PAIR_SHIFT + 1
_WAYS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_HOLDS, _BREAKS = 150, 60  # of 255: how strong a place is filled
_WORDS = "Drag, or use the arrow keys; Home brings the digit back to the middle."


class SlidePad(QWidget):
    """Nine by nine places round the middle; a puck stands where the moved digit does.

    Signals:
        gripped(): what is slid until the next time is one gesture.
        slid(int, int): x and y, whole pixels from the middle, where the digit is to go.
    """

    gripped = Signal()
    slid = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("two-digits-slide")
        self.setAccessibleName("Place of the digit over the other")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setMinimumSize(16 * GRID, 16 * GRID)
        self._theme = DARK
        self._tries = Tries()
        self._place: Place | None = None
        self._other: Place | None = None
        self._colours = ("", "")

    def show_places(self, place: Place | None, other: Place | None) -> None:
        """Where the moved digit is, and the other; None where there is none."""
        self._place, self._other = place, other
        self.setCursor(
            Qt.CursorShape.ArrowCursor if place is None else Qt.CursorShape.OpenHandCursor
        )
        self._tell()

    def show_tries(self, tries: Tries) -> None:
        """What was read where."""
        self._tries = tries
        self._tell()

    def show_colours(self, moved: str, other: str) -> None:
        """Of the two digits."""
        self._colours = (moved, other)
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme = theme
        self.update()

    def _tell(self) -> None:
        where = "nothing to move" if self._place is None else f"at {_spoken(self._place)}"
        self.setAccessibleDescription(f"The digit is {where}. {_WORDS}")
        self.update()

    @property
    def _square(self) -> QRectF:
        side = min(self.width(), self.height()) // _CELLS * _CELLS
        return QRectF((self.width() - side) // 2, 0, side, side)

    def cell(self, place: Place) -> QRectF:
        """Where a place stands in the widget."""
        square = self._square
        side = square.width() / _CELLS
        x, y = (at + PAIR_SHIFT for at in place)
        return QRectF(square.left() + x * side, square.top() + y * side, side, side)

    def place_at(self, point: QPointF) -> Place:
        """The nearest place."""
        square = self._square
        side = max(square.width() / _CELLS, 1.0)
        x = int((point.x() - square.left()) // side) - PAIR_SHIFT
        y = int((point.y() - square.top()) // side) - PAIR_SHIFT
        return _within(x), _within(y)

    def _slide(self, place: Place) -> None:
        if self._place is not None:
            self.slid.emit(*place)

    def _explain(self, place: Place) -> str:
        read = self._tries.read.get(place)
        if read is None:
            return f"{_spoken(place)}: not tried"
        told = " and ".join(map(str, sorted(read)))
        return f"{_spoken(place)}: read as {told}"

    def _paint_cell(self, painter: QPainter, place: Place) -> None:
        area, theme = self.cell(place).adjusted(1, 1, -1, -1), self._theme
        holds = self._tries.holds(place)
        fill = QColor(theme.raised)
        if holds is not None:
            fill = QColor(theme.digits[2] if holds else theme.warning)
            fill.setAlpha(_HOLDS if holds else _BREAKS)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawRoundedRect(area, 2, 2)
        if holds is False:  # told apart without colours too
            cross = area.adjusted(*(0.3 * area.width() * sign for sign in (1, 1, -1, -1)))
            painter.setPen(QPen(QColor(theme.warning), 1.5))
            painter.drawLine(cross.topLeft(), cross.bottomRight())
            painter.drawLine(cross.topRight(), cross.bottomLeft())

    def _paint_digits(self, painter: QPainter) -> None:
        moved, other = (QColor(colour or self._theme.text) for colour in self._colours)
        if self._other is not None:
            area = self.cell(self._other)
            painter.setPen(QPen(other, 2, Qt.PenStyle.DotLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(area.center(), 0.42 * area.width(), 0.42 * area.width())
        if self._place is not None:
            area = self.cell(self._place)
            painter.setPen(QPen(QColor(self._theme.card), 2))
            painter.setBrush(moved)
            painter.drawEllipse(area.center(), 0.34 * area.width(), 0.34 * area.width())

    def _tip_at(self, place: QPointF) -> str:
        return self._explain(self.place_at(place))

    # Qt calls these

    def sizeHint(self) -> QSize:
        return QSize(27 * GRID, 27 * GRID)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return width

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.gripped.emit()
            self._slide(self.place_at(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._slide(self.place_at(event.position()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not event.isAutoRepeat():
            self.gripped.emit()
        if event.key() == Qt.Key.Key_Home:
            self._slide((0, 0))
        elif event.key() in _WAYS and self._place is not None:
            x, y = _WAYS[Qt.Key(event.key())]
            self._slide((_within(self._place[0] + x), _within(self._place[1] + y)))
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        return shows_tip(self, event, self._tip_at) or super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        reach = range(-PAIR_SHIFT, PAIR_SHIFT + 1)
        for y in reach:
            for x in reach:
                self._paint_cell(painter, (x, y))
        self._paint_digits(painter)
        if self.hasFocus():
            painter.setPen(QPen(QColor(self._theme.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self._square.adjusted(1, 1, -1, -1), GRID / 2, GRID / 2)


def _within(shift: int) -> int:
    return min(max(shift, -PAIR_SHIFT), PAIR_SHIFT)


def _spoken(place: Place) -> str:
    x, y = (f"{at:+d}".replace("-", "−") for at in place)
    return f"x {x}, y {y}"
