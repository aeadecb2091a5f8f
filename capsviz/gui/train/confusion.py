"""Which digits the network takes for which: the confusion matrix of the held-out images."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from capsviz.gui.look.colours import Scale, colours
from capsviz.gui.look.contrast import contrast
from capsviz.gui.look.theme import GRID
from capsviz.gui.look.view import Table
from capsviz.gui.train.painted import ReportView
from capsviz.gui.train.words import spoken_share

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


_NOTHING = "After the first validation: which digits are taken for which"
_INK, _PAPER = "#14171c", "#ffffff"  # letters upon a colour
_STRONGEST = 0.1  # share of a class that is answered as another, and all above


class Confusion(ReportView):
    """Rows are what the digit is, columns what was answered; the diagonal is right. An image of
    two digits is counted for both.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Confusion matrix", parent)
        self.setObjectName("training-confusion")

    def summary(self) -> str:
        """The error, and the commonest confusions."""
        if self.report is None:
            return _NOTHING
        told = [f"{count} times {true} as {answer}" for true, answer, count in self._commonest(3)]
        is_paired = self.report.wrong_pairs is not None
        what = "images wrong, as both digits must be found" if is_paired else "digits wrong"
        wrong = f"{spoken_share(self.report.error)} of {self.report.n} held-out {what}"
        return f"After step {self.report.step}: {wrong}; {', '.join(told) or 'none confused'}"

    def table(self) -> Table | None:
        """The counts, one row per class."""
        if self.report is None:
            return None
        counts = self.report.confusion
        names = ("digit", *(f"answered {answer}" for answer in range(len(counts))))
        return Table(names, tuple((digit, *row) for digit, row in enumerate(counts.tolist())))

    def explain(self, place: QPointF) -> str:
        """The count of the cell there."""
        report = self.report
        if report is None:
            return ""
        square, side = self._square(), self._side()
        column, row = (int(at // side) for at in (place - square.topLeft()).toTuple())
        if not square.contains(place) or not max(row, column) < len(report.confusion):
            return ""
        count, seen = int(report.confusion[row, column]), int(report.confusion[row].sum())
        share = spoken_share(count / seen) if seen else "none"
        return f"digit {row}, answered {column}:\n{count} of {seen}, {share}"

    def paint(self, painter: QPainter) -> None:
        """Cells, numbers, and the error of each class at the right."""
        if self.report is None:
            self.paint_nothing(painter, _NOTHING)
            return
        counts = self.report.confusion
        shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
        off = shares * (1 - np.eye(len(shares)))
        strength = np.sqrt(np.minimum(off / _STRONGEST, 1))
        fills = colours(strength, Scale(-0.2, 1.0), self.theme)  # one mistake is seen
        for row, column in np.ndindex(*counts.shape):
            fill = QColor(*fills[row, column].tolist())
            self._paint_cell(painter, row, column, fill)
        self._paint_names(painter)

    def _paint_cell(self, painter: QPainter, row: int, column: int, fill: QColor) -> None:
        assert self.report is not None
        cell, count = self._cell(row, column), int(self.report.confusion[row, column])
        is_plain = row == column or count == 0
        painter.fillRect(cell, QColor(self.theme.raised) if is_plain else fill)
        words = self.theme.text
        if not is_plain:
            words = max((_INK, _PAPER), key=lambda ink: contrast(ink, fill.name()))
        fits = QFontMetricsF(painter.font()).horizontalAdvance(str(count)) < cell.width() - 2
        if count and fits:
            painter.setPen(QColor(words))
            painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, str(count))

    def _paint_names(self, painter: QPainter) -> None:
        assert self.report is not None
        square, side = self._square(), self._side()
        middle, right = Qt.AlignmentFlag.AlignCenter, Qt.AlignmentFlag.AlignVCenter
        for digit, error in enumerate(self.report.digit_error.tolist()):
            painter.setPen(QColor(self.theme.word(digit)))
            at = digit * side
            beside = QRectF(square.left() - 2 * GRID, square.top() + at, 2 * GRID, side)
            below = QRectF(square.left() + at, square.bottom(), side, self._line())
            painter.drawText(beside, middle, str(digit))
            painter.drawText(below, middle, str(digit))
            painter.setPen(QColor(self.theme.quiet))
            room = QRectF(square.right() + GRID, square.top() + at, 8 * GRID, side)
            told = "" if np.isnan(error) else spoken_share(error)
            painter.drawText(room, right, told)
        painter.drawText(
            QRectF(square.left(), square.bottom() + self._line(), square.width(), self._line()),
            middle,
            "answered",
        )

    def _commonest(self, most: int) -> list[tuple[int, int, int]]:
        assert self.report is not None
        wrong = self.report.confusion * (1 - np.eye(len(self.report.confusion), dtype=np.int64))
        ranked = np.dstack(np.unravel_index((-wrong).argsort(axis=None)[:most], wrong.shape))[0]
        return [(int(a), int(b), int(wrong[a, b])) for a, b in ranked if wrong[a, b]]

    def _line(self) -> float:
        return QFontMetricsF(self.font()).height()

    def _side(self) -> float:
        """Of a cell, whole pixels."""
        classes = 10 if self.report is None else len(self.report.confusion)
        room = min(self.width() - 10 * GRID, self.height() - 2 * self._line())
        return max(float(room // classes), 4.0)

    def _square(self) -> QRectF:
        classes = 10 if self.report is None else len(self.report.confusion)
        side = self._side() * classes
        left = max((self.width() - side - 10 * GRID) / 2, 0) + 2 * GRID
        return QRectF(round(left), 0, side, side)

    def _cell(self, row: int, column: int) -> QRectF:
        square, side = self._square(), self._side()
        return QRectF(
            square.left() + column * side + 0.5,
            square.top() + row * side + 0.5,
            side - 1,
            side - 1,
        )

    # Qt calls this

    def minimumSizeHint(self) -> QSize:
        return QSize(24 * GRID, 20 * GRID)
