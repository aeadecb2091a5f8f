"""The same few held-out images after every validation, above what the network makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from capsviz.gui.look.articles import a_digit
from capsviz.gui.look.pictures import grey_image
from capsviz.gui.look.theme import GRID
from capsviz.gui.look.tile import paint_image
from capsviz.gui.look.view import Table
from capsviz.gui.train.painted import ReportView

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtWidgets import QWidget


_NOTHING = "After the first validation: a few held-out digits, and how the network redraws them"
_LARGEST, _SMALLEST = 64, 26  # pixels, side of one picture
_GAP = GRID // 2


class Batch(ReportView):
    """Pairs of pictures: the digit, its reconstruction below, the answer below that.

    Where an image shows two digits, it is the first of them that is redrawn and answered; how far
    that is from the digit alone cannot be told, as only the whole image is kept.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Reconstructions of held-out digits", parent)
        self.setObjectName("training-batch")

    def summary(self) -> str:
        """How many of these digits are right, and how far off their pictures are."""
        report = self.report
        if report is None:
            return _NOTHING
        right = int((report.labels == report.answers).sum())
        digits = "digits" if report.wrong_pairs is None else "images' first digits"
        told = (
            f"After step {report.step}: {right} of these {len(report.labels)} {digits} are right"
        )
        if report.wrong_pairs is not None:
            return told
        if report.reconstructions is None:
            return f"{told}; the network has no decoder"
        return f"{told}; mean squared error of the pictures {self._squares().mean():.1f}"

    def table(self) -> Table | None:
        """Label, answer, and squared error of each picture."""
        if self.report is None:
            return None
        rows = zip(self.report.labels.tolist(), self.report.answers.tolist(), strict=True)
        if self.report.reconstructions is None or self.report.wrong_pairs is not None:
            return Table(("label", "answer"), tuple(rows))
        errors = self._squares().tolist()
        return Table(
            ("label", "answer", "squared error"),
            tuple((*row, error) for row, error in zip(rows, errors, strict=True)),
        )

    def explain(self, place: QPointF) -> str:
        """What the digit there is, and what was answered."""
        report, index = self.report, self._index_at(place)
        if report is None or index is None:
            return ""
        told = f"{a_digit(int(report.labels[index]))}, answered {report.answers[index]}"
        if report.wrong_pairs is not None:
            return f"{told}: the first of its two digits, which is redrawn below"
        if report.reconstructions is None:
            return told
        return f"{told}\nsquared error of its reconstruction {self._squares()[index]:.1f}"

    def paint(self, painter: QPainter) -> None:
        """All pairs that have room."""
        if self.report is None:
            self.paint_nothing(painter, _NOTHING)
            return
        for index in range(len(self.report.labels)):
            place = self._place(index)
            if place.bottom() <= self.height():
                self._paint_pair(painter, index, place)

    def _paint_pair(self, painter: QPainter, index: int, place: QRectF) -> None:
        report, side = self.report, place.width()
        assert report is not None
        pictures = [report.images[index]]
        if report.reconstructions is not None:
            pictures.append(report.reconstructions[index])
        for row, values in enumerate(pictures):
            square = QRectF(place.left(), place.top() + row * (side + 1), side, side)
            paint_image(painter, grey_image(values, self.theme), square)
        label, answer = int(report.labels[index]), int(report.answers[index])
        is_right = label == answer
        painter.setPen(QColor(self.theme.quiet if is_right else self.theme.warning))
        told = str(answer) if is_right else f"{answer} not {label}"
        words = QRectF(place.left() - _GAP, place.bottom() - self._line(), side + 2 * _GAP, 0)
        words.setHeight(self._line())
        painter.drawText(words, Qt.AlignmentFlag.AlignCenter, told if side > 40 else str(answer))

    def _squares(self) -> NDArray[np.float32]:
        """(k,) squared error of each picture of one digit; only where there is a decoder."""
        report = self.report
        assert report is not None
        assert report.reconstructions is not None
        squares: NDArray[np.float32] = (report.images - report.reconstructions) ** 2
        summed: NDArray[np.float32] = squares.sum(axis=(1, 2))
        return summed

    def _line(self) -> float:
        return QFontMetricsF(self.font()).height()

    @property
    def _rows(self) -> int:
        """Pictures above one another in a pair."""
        return 1 if self.report is None or self.report.reconstructions is None else 2

    def _columns(self) -> int:
        """So many pairs beside one another that all are as large as they can be."""
        count = 1 if self.report is None else len(self.report.labels)
        best, largest = 1, 0.0
        for columns in range(1, count + 1):
            side = self._side(columns)
            if side > largest:
                best, largest = columns, side
        return best

    def _side(self, columns: int) -> float:
        count = 1 if self.report is None else len(self.report.labels)
        lines = -(-count // columns)
        across = (self.width() + _GAP) / columns - _GAP
        down = ((self.height() / lines) - self._line() - _GAP) / self._rows - 1
        return float(int(max(min(across, down, _LARGEST), _SMALLEST)))

    def _place(self, index: int) -> QRectF:
        columns = self._columns()
        side = self._side(columns)
        height = self._rows * (side + 1) + self._line()
        row, column = divmod(index, columns)
        return QRectF(column * (side + _GAP), row * (height + _GAP), side, height)

    def _index_at(self, place: QPointF) -> int | None:
        count = 0 if self.report is None else len(self.report.labels)
        return next((i for i in range(count) if self._place(i).contains(place)), None)

    # Qt calls this

    def minimumSizeHint(self) -> QSize:
        return QSize(24 * GRID, 16 * GRID)
