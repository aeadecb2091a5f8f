"""Which finger draws, and when none does: several mean something else, a palm beside a pen
nothing.
"""

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

    kind: Literal["begin", "move", "end", "drop", "nothing"] = "nothing"
    position: QPointF = field(default_factory=QPointF)


class Finger:
    """Follows the one finger that draws from touch to touch."""

    def __init__(self) -> None:
        self._number = -1

    def follow(self, event: QTouchEvent, stroke: Stroke | None) -> Step:
        """What this event means; `stroke` is the one under way."""
        points = event.points()
        is_own = stroke is not None and stroke.by == "finger"
        if event.type() == QEvent.Type.TouchBegin and (stroke is None or is_own):
            return self._begin(points)
        if stroke is None or not is_own:
            return Step()  # a pen draws, say, and this is the palm of its hand
        is_gesture = len(points) > 1 and stroke.extent < _SLIP
        if is_gesture or event.type() == QEvent.Type.TouchCancel:
            return Step("drop")
        return self._go_on(points)

    def _begin(self, points: list[QEventPoint]) -> Step:
        if len(points) > 1:
            return Step()
        self._number = points[0].id()
        return Step("begin", points[0].position())

    def _go_on(self, points: list[QEventPoint]) -> Step:
        own = [point for point in points if point.id() == self._number]
        if not own:
            return Step()
        is_lifted = own[0].state() == QEventPoint.State.Released
        return Step("end" if is_lifted else "move", own[0].position())
