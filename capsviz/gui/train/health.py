"""Which capsules work, and which are dead or starved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from capsviz.gui.look.theme import GRID
from capsviz.gui.look.view import Table
from capsviz.gui.train.painted import ReportView

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from capsviz.training.report import Health

_NOTHING = "After the first validation: which capsules work, and which are dead or starved"
_DEAD, _STARVED, _WELL = "dead", "starved", ""
_MEANS = {
    (True, _DEAD): "dead: it stays short even where its digit is there",
    (True, _STARVED): "starved: routing gives it less than half of an even split",
    (False, _DEAD): "dead: it is silent on every image",
    (False, _STARVED): "starved: it speaks, but hardly reaches the right digit capsule",
}
_HIGHEST = 3.0  # times an even share, where the axis of types ends


class CapsuleHealth(ReportView):
    """Bars: the mean length of each digit capsule where its digit is there, and below them the
    part that each type of primary capsule has in the right answer, as multiples of an even share.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Health of the capsules", parent)
        self.setObjectName("training-health")

    def summary(self) -> str:
        """Which capsules do not work."""
        if self.report is None:
            return _NOTHING
        health = self.report.health
        counts = f"{len(health.digit_length)} digit capsules and {len(health.type_share)} types"
        told = self._told()
        return f"After step {self.report.step}, of {counts}: {told or 'all work'}"

    def table(self) -> Table | None:
        """Of every capsule or type: length or activity, mean coupling, share, and its flag."""
        if self.report is None:
            return None
        health = self.report.health
        digits = zip(health.digit_length, health.digit_coupling, self._flags(True), strict=True)
        types = zip(health.type_activity, health.type_coupling, self._flags(False), strict=True)
        rows = [
            ("digit capsule", number, float(length), float(coupling), "", flag)
            for number, (length, coupling, flag) in enumerate(digits)
        ] + [
            ("primary type", number, float(activity), float(coupling), float(share), flag)
            for number, ((activity, coupling, flag), share) in enumerate(
                zip(types, health.type_share, strict=True), 1
            )
        ]
        return Table(
            ("kind", "number", "mean length", "mean coupling", "share", "flag"), tuple(rows)
        )

    def explain(self, place: QPointF) -> str:
        """The numbers of the bar there."""
        if self.report is None:
            return ""
        for of_digits in (True, False):
            area, count = self._area(of_digits), len(self._flags(of_digits))
            if area.left() <= place.x() < area.right() and place.y() <= area.bottom() + 2 * GRID:
                number = int((place.x() - area.left()) / area.width() * count)
                return self._about(of_digits, number)
        return ""

    def paint(self, painter: QPainter) -> None:
        """Both rows of bars, and in words what does not work."""
        if self.report is None:
            self.paint_nothing(painter, _NOTHING)
            return
        health = self.report.health
        even = health.type_share * len(health.type_share)
        self._paint_title(painter, True, "Digit capsules: length where theirs is the digit")
        self._paint_bars(painter, True, health.digit_length / 1.0)
        self._paint_title(painter, False, "Primary types: part in the answer, × an even one")
        self._paint_bars(painter, False, np.minimum(even, _HIGHEST) / _HIGHEST)
        told = self._told()
        painter.setPen(QColor(self.theme.warning if told else self.theme.quiet))
        room = QRectF(0, self.height() - self._line(), self.width(), self._line())
        words = told or "All capsules work."
        elided = QFontMetricsF(painter.font()).elidedText(
            words, Qt.TextElideMode.ElideRight, room.width()
        )
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft, elided)

    def _paint_title(self, painter: QPainter, of_digits: bool, title: str) -> None:
        area = self._area(of_digits)
        painter.setPen(QColor(self.theme.quiet))
        room = QRectF(0, area.top() - 1.25 * self._line(), self.width(), self._line())
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft, title)

    def _paint_bars(self, painter: QPainter, of_digits: bool, heights: np.ndarray) -> None:
        area, flags = self._area(of_digits), self._flags(of_digits)
        width = area.width() / len(flags)
        gap = 2.0 if width > 8 else 1.0
        level = area.bottom() - area.height() * (0.9 if of_digits else 1 / _HIGHEST)
        painter.setPen(QPen(QColor(self.theme.line), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(area.left(), level), QPointF(area.right(), level))
        for number, (height, flag) in enumerate(zip(heights.tolist(), flags, strict=True)):
            colour = self.theme.digits[number % 10] if of_digits else self.theme.quiet
            tall = max(height * area.height(), 1.0)
            left = area.left() + number * width + gap / 2
            bar = QRectF(left, area.bottom() - tall, width - gap, tall)
            painter.fillRect(bar, QColor(self.theme.warning if flag else colour))
            if of_digits:
                room = QRectF(left, area.bottom() + 1, width - gap, self._line())
                painter.setPen(QColor(self.theme.warning if flag else self.theme.quiet))
                painter.drawText(room, Qt.AlignmentFlag.AlignCenter, str(number))
        painter.setPen(QPen(QColor(self.theme.line), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())

    def _about(self, of_digits: bool, number: int) -> str:
        health, flag = self._health, self._flags(of_digits)[number]
        if of_digits:
            told = (
                f"digit capsule {number}\nmean length {health.digit_length[number]:.3f} "
                f"where its digit is there\nmean coupling {health.digit_coupling[number]:.3f}"
            )
        else:
            even = health.type_share[number] * len(health.type_share)
            told = (
                f"primary type {number + 1}\nmean length {health.type_activity[number]:.3f}\n"
                f"{even:.2f} × an even share in the right answer"
            )
        return f"{told}\n{_MEANS[of_digits, flag]}" if flag else told

    @property
    def _health(self) -> Health:
        assert self.report is not None
        return self.report.health

    def _flags(self, of_digits: bool) -> list[str]:
        health = self._health
        dead = health.digit_dead if of_digits else health.type_dead
        starved = health.digit_starved if of_digits else health.type_starved
        return [
            _DEAD if is_dead else _STARVED if is_starved else _WELL
            for is_dead, is_starved in zip(dead, starved, strict=True)
        ]

    def _told(self) -> str:
        """Which do not work: "dead digit capsules 4, 7; starved types 3"."""
        told = []
        for of_digits, kind in ((True, "digit capsules"), (False, "types")):
            for flag in (_DEAD, _STARVED):
                first = 0 if of_digits else 1  # types are counted from 1, as in every view
                flags = enumerate(self._flags(of_digits), first)
                found = [str(number) for number, own in flags if own == flag]
                if found:
                    told.append(f"{flag} {kind} {', '.join(found)}")
        return "; ".join(told)

    def _line(self) -> float:
        return QFontMetricsF(self.font()).height()

    def _area(self, of_digits: bool) -> QRectF:
        """Where the bars stand."""
        line = self._line()
        tall = max((self.height() - 5.5 * line) / 2, 2.0 * GRID)
        top = 1.25 * line if of_digits else 1.25 * line + tall + 2.75 * line
        return QRectF(0, top, self.width(), tall)

    # Qt calls this

    def minimumSizeHint(self) -> QSize:
        return QSize(24 * GRID, 16 * GRID)
