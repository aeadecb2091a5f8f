"""The row of words below a plot: one per place; some strong, some marked, one focused."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from capsviz.gui.look.theme import BODY, DARK, GRID, SMALL, Theme, font
from capsviz.gui.look.tips import renew_tip, shows_tip

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QPaintEvent

_MARK = 3  # pixels high


@dataclass(frozen=True, slots=True)
class Row:
    """What the row says.

    Attributes:
        count: the places are `first` … count - 1, and their words these numbers.
        strong: the places whose words stand out.
        marked: the places with a line below.
        colours: of these lines.
        lit: the place the pointer is on.
        focused: the place the keyboard is on.
        first: the first place.
    """

    count: int
    strong: tuple[int, ...] = ()
    marked: tuple[int, ...] = ()
    colours: tuple[str, ...] = ()
    lit: int | None = None
    focused: int | None = None
    first: int = 0


class Labels(QWidget):
    """Stands right below a plot of the same width and shares its range.

    Args:
        caption: what the numbers count, in the column on the left.
        explain: (x, y) in data units → the tooltip there, "" for none.

    Signals:
        pressed(float, float): the left button went down at x, in the plot's units; y is 0.
        pointed(float): the pointer is at x.
    """

    pressed = Signal(float, float)
    pointed = Signal(float)

    def __init__(
        self, caption: str, explain: Callable[[float, float], str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self._caption, self._explain = caption, explain
        self._theme = DARK
        self._range, self._indent = (0.0, 1.0), 0
        self._row = Row(0)

    def show_row(self, row: Row) -> None:
        """Say this."""
        if row != self._row:
            self._row = row
            self.update()

    def set_range(self, x: tuple[float, float], indent: int) -> None:
        """The plot's range, and how many pixels on its left the caption has."""
        self._range, self._indent = x, indent
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme = theme
        self.updateGeometry()  # text may have become larger
        self.update()

    def renew_tip(self) -> None:
        """What a tooltip tells of the place pointed at has changed."""
        renew_tip(self, self._tip_at)

    @property
    def _unit(self) -> float:
        first, last = self._range
        return self.width() / (last - first)

    def _x_at(self, place: QPointF) -> float:
        return self._range[0] + place.x() / self._unit

    def _cell(self, at: float, width: float) -> QRectF:
        centre = (at - self._range[0]) * self._unit
        return QRectF(centre - width / 2, 0, width, self.height())

    def _paint_word(self, painter: QPainter, at: int) -> None:
        row, theme = self._row, self._theme
        stands_out = at in row.strong or at in row.marked
        painter.setFont(font(BODY, bold=stands_out))
        painter.setPen(QColor(theme.text if stands_out else theme.quiet))
        word = self._cell(at, max(self._unit, 8 * GRID)).adjusted(0, 0, 0, -_MARK)
        painter.drawText(word, Qt.AlignmentFlag.AlignCenter, str(at))

    def _readable(self) -> list[int]:
        """The places whose words find room: those that stand out, and every n-th of the others."""
        row = self._row
        widest = QFontMetrics(font(BODY, bold=True)).horizontalAdvance(str(row.count)) + GRID // 2
        step = max(math.ceil(widest / self._unit), 1)
        first = {at for at in (*row.strong, *row.marked) if at < row.count}
        return [
            at
            for at in range(row.first, row.count)
            if at in first or (at % step == 0 and all(abs(at - one) >= step for one in first))
        ]

    def _paint_lit(self, painter: QPainter, at: int) -> None:
        """The lower end of the column the pointer is on."""
        cell = self._cell(at, self._unit)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.raised))
        painter.drawRoundedRect(cell, GRID / 2, GRID / 2)
        painter.drawRect(cell.adjusted(0, 0, 0, -GRID / 2))

    def _paint_mark(self, painter: QPainter, at: int, colour: str) -> None:
        cell = self._cell(at, min(3 * GRID, self._unit - 2))
        cell.setTop(cell.bottom() - _MARK)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
        painter.drawRoundedRect(cell, _MARK / 2, _MARK / 2)

    def _paint_focus(self, painter: QPainter, at: int) -> None:
        cell = self._cell(at, min(4 * GRID, self._unit - 2)).adjusted(0, 1, 0, -_MARK - 2)
        painter.setPen(QPen(QColor(self._theme.accent), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(cell, GRID / 2, GRID / 2)

    def _paint_caption(self, painter: QPainter) -> None:
        painter.setFont(font(SMALL))
        painter.setPen(QColor(self._theme.quiet))
        place = QRectF(0, 0, self._indent, self.height() - _MARK)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(place, right, self._caption)

    def _tip_at(self, place: QPointF) -> str:
        return self._explain(self._x_at(place), 0.0)

    # Qt calls these

    def sizeHint(self) -> QSize:
        return QSize(10 * GRID, QFontMetrics(font(BODY, bold=True)).height() + GRID)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.pressed.emit(self._x_at(event.position()), 0.0)
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.pointed.emit(self._x_at(event.position()))
        super().mouseMoveEvent(event)

    def event(self, event: QEvent) -> bool:
        return shows_tip(self, event, self._tip_at) or super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        row = self._row
        if row.lit is not None and row.lit < row.count:
            self._paint_lit(painter, row.lit)
        for at, colour in zip(row.marked, row.colours, strict=True):
            if at < row.count:
                self._paint_mark(painter, at, colour)
        if row.focused is not None and row.focused < row.count:
            self._paint_focus(painter, row.focused)
        self._paint_caption(painter)
        for at in self._readable():
            self._paint_word(painter, at)
