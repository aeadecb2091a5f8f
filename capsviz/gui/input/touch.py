"""Which finger draws, and when several fingers mean that none does."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QEvent, QPointF
from PySide6.QtGui import QEventPoint

if TYPE_CHECKING:
    from PySide6.QtGui import QTouchEvent

    from capsviz.gui.input.stroke import Stroke

_SLIP = 4.0  # canvas units that a finger may move before a second one joins it for a gesture


@dataclass(frozen=True, slots=True)
class Step:
    """What a touch means for the drawing."""

    kind: Literal["begin", "move", "end", "drop", "nothing"]
    position: QPointF = field(default_factory=QPointF)


class Finger:
    """Follows the one finger that draws from touch to touch."""

    def __init__(self) -> None:
        self._number: int | None = None

    def follow(self, event: QTouchEvent, stroke: Stroke | None) -> Step:
        """What this event means; `stroke` is the one under way."""
        points = event.points()
        if event.type() == QEvent.Type.TouchCancel:
            return self._leave("drop")
        if event.type() == QEvent.Type.TouchBegin and len(points) == 1:
            self._number = points[0].id()
            return Step("begin", points[0].position())
        if self._number is None:
            return Step("nothing")
        if len(points) > 1 and stroke is not None and stroke.extent < _SLIP:
            return self._leave("drop")
        return self._go_on(points)

    def _go_on(self, points: list[QEventPoint]) -> Step:
        own = [point for point in points if point.id() == self._number]
        if not own:
            return Step("nothing")
        if own[0].state() == QEventPoint.State.Released:
            return self._leave("end", own[0].position())
        return Step("move", own[0].position())

    def _leave(self, kind: Literal["end", "drop"], position: QPointF | None = None) -> Step:
        is_drawing, self._number = self._number is not None, None
        return Step(kind, position or QPointF()) if is_drawing else Step("nothing")
