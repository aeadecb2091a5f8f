"""Pinned drawings over the steps of a run: what the network saw in them, early and late."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from capsviz.gui.look.pictures import grey_image
from capsviz.gui.look.theme import GRID
from capsviz.gui.look.tile import paint_image
from capsviz.gui.look.view import Table
from capsviz.gui.train.painted import Painted

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtGui import QKeyEvent, QMouseEvent
    from PySide6.QtWidgets import QWidget

    from capsviz.gui.film_work import Reading

    Floats = NDArray[np.float32]

_GAP = GRID // 2
_LARGEST, _SMALLEST = 44, 28  # pixels, side of a picture
_NOTHING = (
    "Pin up to six drawings: each becomes a row that shows how the network learns to read it."
)


class FilmBoard(Painted):
    """One row per pinned drawing, one column per step; the drawing itself stands on the left.

    Signals:
        step_chosen(object): int, a step of the run is to be shown.
        drawing_chosen(int): the drawing of this row is to be put on the canvas.
        unpin_asked(int): the row is to go.
    """

    step_chosen = Signal(object)
    drawing_chosen = Signal(int)
    unpin_asked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Film of the pinned drawings", parent)
        self.setObjectName("training-film")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.drawings: tuple[Floats, ...] = ()
        self.readings: Mapping[tuple[int, int], Reading] = {}
        self.steps: tuple[int, ...] = ()
        self._step: int | None = None

    def show_film(
        self,
        drawings: tuple[Floats, ...],
        steps: tuple[int, ...],
        readings: Mapping[tuple[int, int], Reading],
    ) -> None:
        """Show (S, S) drawings; what was read after a step is under (row, step), if known yet."""
        self.drawings, self.steps, self.readings = drawings, steps, dict(readings)
        self.refresh()

    def show_step(self, step: int | None) -> None:
        """Mark the step that the explorer shows, None for the present."""
        if step != self._step:
            self._step = step
            self.refresh()

    def summary(self) -> str:
        """From when on each drawing is read as it is at last."""
        if not self.drawings:
            return _NOTHING
        told = [self._story(row) for row in range(len(self.drawings))]
        return "; ".join(told)

    def table(self) -> Table | None:
        """Drawing, step, digit, length."""
        rows = [
            (row + 1, step, reading.digit, reading.length)
            for (row, step), reading in sorted(self.readings.items(), key=lambda item: item[0])
        ]
        return Table(("drawing", "step", "digit", "length"), tuple(rows)) if rows else None

    def explain(self, place: QPointF) -> str:
        """What is read there."""
        row, step = self._at(place)
        if row is None:
            return ""
        if step is None:
            return "Click to put it on the canvas; right-click or Delete to unpin"
        reading = self.readings.get((row, step))
        if reading is None:
            return f"step {step}: being worked out"
        return f"step {step}: capsule {reading.digit} is the longest, {reading.length:.3f}"

    def paint(self, painter: QPainter) -> None:
        """The drawings, then as many steps as fit, evenly chosen."""
        if not self.drawings:
            self.paint_nothing(painter, _NOTHING)
            return
        columns = self._columns()
        for row, drawing in enumerate(self.drawings):
            paint_image(painter, grey_image(drawing, self.theme), self._cell(row, 0))
            for column, step in enumerate(columns, 1):
                self._paint_reading(
                    painter, self._cell(row, column), self.readings.get((row, step))
                )
        self._paint_steps(painter, columns)

    def _paint_reading(self, painter: QPainter, cell: QRectF, reading: Reading | None) -> None:
        painter.fillRect(cell, QColor(self.theme.paper))
        if reading is None:
            return
        colour = QColor(self.theme.digits[reading.digit % 10])
        if reading.redrawn is not None:
            paint_image(painter, grey_image(reading.redrawn, self.theme), cell)
        else:
            painter.setPen(colour)
            painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, str(reading.digit))
        width = cell.width() * min(reading.length, 1.0)
        painter.fillRect(QRectF(cell.left(), cell.bottom() - 3, width, 3), colour)
        painter.setPen(colour)
        painter.drawText(
            cell.adjusted(3, 1, -3, 0), Qt.AlignmentFlag.AlignLeft, str(reading.digit)
        )

    def _paint_steps(self, painter: QPainter, columns: tuple[int, ...]) -> None:
        height = len(self.drawings) * (self._side() + _GAP) - _GAP
        for column, step in enumerate(columns, 1):
            cell = self._cell(0, column)
            is_here = step == self._nearest(columns)
            painter.setPen(QColor(self.theme.text if is_here else self.theme.quiet))
            room = QRectF(cell.left() - _GAP, height, cell.width() + 2 * _GAP, self._line())
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, str(step))
            if is_here:
                painter.setPen(QPen(QColor(self.theme.accent), 1.5))
                outline = QRectF(cell.left(), cell.top(), cell.width(), height)
                painter.drawRect(outline.adjusted(-1, 0.5, 1, -0.5))

    def _nearest(self, columns: tuple[int, ...]) -> int | None:
        """The column of the step on show."""
        if self._step is None or not columns:
            return None
        at = self._step
        return min(columns, key=lambda step: abs(step - at))

    def _story(self, row: int) -> str:
        read = [(s, self.readings[row, s].digit) for s in self.steps if (row, s) in self.readings]
        if not read:
            return f"drawing {row + 1} is not read yet"
        last = read[-1][1]
        since = read[-1][0]
        for step, digit in reversed(read):
            if digit != last:
                break
            since = step
        return f"drawing {row + 1} is read as {last} since step {since}"

    def _line(self) -> float:
        return QFontMetricsF(self.font()).height()

    def _side(self) -> float:
        rows = max(len(self.drawings), 1)
        down = (self.height() - self._line()) / rows - _GAP
        return float(int(max(min(down, _LARGEST), _SMALLEST)))

    def _columns(self) -> tuple[int, ...]:
        """As many of the steps as fit, from the first to the last."""
        room = max(int((self.width() - self._side() - GRID) / (self._side() + _GAP)), 1)
        count = len(self.steps)
        if count <= room:
            return self.steps
        if room == 1:
            return self.steps[-1:]
        return tuple(self.steps[round(i * (count - 1) / (room - 1))] for i in range(room))

    def _cell(self, row: int, column: int) -> QRectF:
        side = self._side()
        left = column * (side + _GAP) + (GRID if column else 0)
        return QRectF(left, row * (side + _GAP), side, side)

    def _at(self, place: QPointF) -> tuple[int | None, int | None]:
        """Row and step of a place; no step on the drawing itself."""
        for row in range(len(self.drawings)):
            for column, step in enumerate((None, *self._columns())):
                if self._cell(row, column).contains(place):
                    return row, step
        return None, None

    # Qt calls these

    def minimumSizeHint(self) -> QSize:
        return QSize(24 * GRID, 10 * GRID)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row, step = self._at(event.position())
        if row is None:
            return
        if step is not None:
            self.step_chosen.emit(step)
        elif event.button() == Qt.MouseButton.RightButton:
            self.unpin_asked.emit(row)
        else:
            self.drawing_chosen.emit(row)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete and self.drawings:
            self.unpin_asked.emit(len(self.drawings) - 1)
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right) and self.steps:
            self.step_chosen.emit(self._beside(event.key() == Qt.Key.Key_Right))
        else:
            super().keyPressEvent(event)

    def _beside(self, is_later: bool) -> int:
        at = self.steps[-1] if self._step is None else self._step
        others = [step for step in self.steps if (step > at if is_later else step < at)]
        return (min(others) if is_later else max(others)) if others else at
