"""A plane of votes, painted: dots about the origin, and the arrow that they add up to.

Painted by hand from a stock of dots: 1152 of them take a third of the time of a pyqtgraph scatter.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from capsviz.gui.look.theme import BODY, DARK, GRID, SMALL, Theme, font
from capsviz.gui.look.tips import shows_tip
from capsviz.gui.routing.votes_picture import Dots, Edges, Picture, edges_for, spread

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent

_RADIUS = 2.2  # of a vote that is coupled alike to each digit, pixels, in a small picture
_GROWTH = 2.2  # times as large at most in a large picture
_LARGEST = 4.5  # times that radius, however strong the coupling
_REACH = 2 * GRID  # pixels between the pointer and a dot that it points at
_RINGS = (0.1, 1.0, 3.0)  # lengths
_SLANT = math.radians(150)  # where their names stand: left below, where few votes are
_ASIDE = [QPointF(x, y) for x in (-1.5, 1.5) for y in (-1.5, 1.5)]  # the seam of words
_HEAD = 4.5  # radii of a dot from the tip of the arrow to its barbs


class VotesPlane(QWidget):
    """Dots in a plane; distance from the origin is drawn as its square root.

    Args:
        explain: primary capsule → tooltip of its vote.

    Signals:
        pointed(object): the vote pointed at, None when it is left.
    """

    pointed = Signal(object)

    def __init__(self, explain: Callable[[int], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Plane of votes")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self._explain = explain
        self._theme = DARK
        self._picture: Picture | None = None
        self._spread = np.zeros((0, 2))
        self._edges = Edges()
        self._dots = Dots(DARK)
        self.ringed: int | None = None

    def show_picture(self, picture: Picture | None) -> None:
        """Show these votes, or nothing."""
        before, self._picture = self._picture, picture
        if picture is not None:
            known = before is not None and before.digit == picture.digit
            self._spread = spread(picture.points)
            self._edges = edges_for(self._spread, self._edges if known else None)
        self.update()

    def show_pointed(self, capsule: int | None) -> None:
        """Ring this vote, or none."""
        if capsule != self.ringed:
            self.ringed = capsule
            self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme = theme
        self._dots = Dots(theme)
        self.update()

    def place_of(self, capsule: int) -> QPointF:
        """Where a vote is drawn, pixels."""
        return self._in_pixels(self._edges.clip(self._spread[capsule]))

    def vote_at(self, position: QPointF) -> int | None:
        """The nearest vote within reach of a place in the widget."""
        if self._picture is None:
            return None
        here, unit = position - self._origin, self._unit
        away = np.hypot(*(self._edges.clip(self._spread) * [unit, -unit] - [here.x(), here.y()]).T)
        nearest = int(away.argmin())
        return nearest if away[nearest] <= _REACH else None

    @property
    def dot_radius(self) -> float:
        """Pixels, of a vote coupled alike to each digit; dots grow slower than the picture."""
        return _RADIUS * min(max(1.0, math.sqrt(self._unit / 100)), _GROWTH)

    @property
    def _unit(self) -> float:
        """Pixels from the origin to the circle of length 1."""
        edges = self._edges
        return min(self.width() / (edges.left + edges.right), self.height() / (2 * edges.up))

    @property
    def _origin(self) -> QPointF:
        """In the middle as far as both sides find room."""
        edges, unit = self._edges, self._unit
        middle = self.width() / 2
        x = min(max(middle, edges.left * unit), self.width() - edges.right * unit)
        return QPointF(x, self.height() / 2)

    def _in_pixels(self, place: NDArray[np.float64]) -> QPointF:
        x, y = (place * self._unit).tolist()
        return self._origin + QPointF(x, -y)

    def _paint_dots(self, painter: QPainter, picture: Picture) -> None:
        """The vivid last, to lie on top."""
        order = np.argsort(np.abs(picture.agreement), kind="stable")
        unit, origin = self._unit, self._origin
        places = self._edges.clip(self._spread)[order] * [unit, -unit] + [origin.x(), origin.y()]
        radii = np.minimum(np.sqrt(picture.coupling[order]), _LARGEST) * self.dot_radius
        self._dots.paint(painter, places, radii, picture.agreement[order])

    def _paint_rings(self, painter: QPainter) -> None:
        """Circles of equal length; no v_j can leave the one of length 1, which is stronger."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for length in _RINGS:
            radius = math.sqrt(length) * self._unit
            colour = self._theme.line if length == 1 else self._theme.raised
            painter.setPen(QPen(QColor(colour), 1))
            painter.drawEllipse(self._origin, radius, radius)

    def _name_rings(self, painter: QPainter) -> None:
        painter.setFont(font(SMALL))
        for length in _RINGS:
            radius = math.sqrt(length) * self._unit
            place = self._origin + QPointF(math.cos(_SLANT), math.sin(_SLANT)) * radius
            self._write(painter, place, f"{length:g}", QColor(self._theme.quiet))

    def _write(self, painter: QPainter, middle: QPointF, words: str, colour: QColor) -> None:
        """With a seam of the card's colour, to be read upon dots."""
        metrics = QFontMetricsF(painter.font())
        x = middle.x() - metrics.horizontalAdvance(words) / 2
        place = QPointF(x, middle.y() + metrics.capHeight() / 2)
        painter.setPen(QColor(self._theme.card))
        for aside in _ASIDE:
            painter.drawText(place + aside, words)
        painter.setPen(colour)
        painter.drawText(place, words)

    def _paint_origin(self, painter: QPainter) -> None:
        painter.setPen(QPen(QColor(self._theme.text), 1))
        for step in (QPointF(GRID / 2, 0), QPointF(0, GRID / 2)):
            painter.drawLine(self._origin - step, self._origin + step)

    def _paint_arrow(self, painter: QPainter, picture: Picture) -> None:
        """v_j, and on beyond its tip a thin line to s_j, from which squashing shortens it."""
        colour = QColor(self._theme.digits[picture.digit % 10])
        tip = self._in_pixels(spread(picture.pose))
        total = self._in_pixels(self._edges.clip(spread(picture.total)))
        painter.setPen(QPen(colour, 1, Qt.PenStyle.DashLine))
        painter.drawLine(tip, total)
        painter.setPen(QPen(colour, 2.5, c=Qt.PenCapStyle.RoundCap))
        along = tip - self._origin
        length = math.hypot(along.x(), along.y())
        head = _HEAD * self.dot_radius
        if length < head / 2:
            return
        along *= 1 / length
        painter.drawLine(self._origin, tip - along * (head / 2))
        across = QPointF(-along.y(), along.x()) * (0.4 * head)
        barbs = tip - along * head
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPolygon(QPolygonF([tip, barbs + across, barbs - across]))
        painter.setFont(font(BODY, bold=True))
        self._write(painter, tip - QPointF(0, 2 * GRID), f"v {picture.length:.2f}", colour)

    def _paint_ring(self, painter: QPainter) -> None:
        """Round the vote that is pointed at."""
        if self.ringed is not None and self.ringed < len(self._spread):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(self._theme.text), 1.5))
            painter.drawEllipse(self.place_of(self.ringed), GRID, GRID)

    def _paint_focus(self, painter: QPainter) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(self._theme.accent), 1))
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), GRID / 2, GRID / 2)

    def _step(self, by: int) -> None:
        """On to the next vote, or back, in order of coupling."""
        if self._picture is None:
            return
        order = np.argsort(-self._picture.coupling, kind="stable").tolist()
        known = self.ringed is not None and self.ringed < len(order)
        rank = order.index(self.ringed) + by if known else 0
        self.pointed.emit(order[min(max(rank, 0), len(order) - 1)])

    def _tip_at(self, place: QPointF) -> str:
        vote = self.vote_at(place)
        return "" if vote is None else self._explain(vote)

    # Qt calls these

    def sizeHint(self) -> QSize:
        return QSize(50 * GRID, 24 * GRID)

    def minimumSizeHint(self) -> QSize:
        return QSize(20 * GRID, 16 * GRID)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        vote = self.vote_at(event.position())
        if vote != self.ringed:
            self.pointed.emit(vote)

    def leaveEvent(self, event: QEvent) -> None:
        if self.ringed is not None:
            self.pointed.emit(None)
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
        if event.key() in steps:
            self._step(steps[Qt.Key(event.key())])
        elif event.key() == Qt.Key.Key_Escape and self.ringed is not None:
            self.pointed.emit(None)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        return shows_tip(self, event, self._tip_at) or super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_rings(painter)
        if self._picture is not None:
            self._paint_dots(painter, self._picture)
        self._name_rings(painter)
        if self._picture is not None:
            self._paint_arrow(painter, self._picture)
            self._paint_ring(painter)
        self._paint_origin(painter)
        if self.hasFocus():
            self._paint_focus(painter)
