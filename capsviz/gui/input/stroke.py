"""A stroke while the pen is down: the places seen become a line that is final at once."""

from __future__ import annotations

import math
from typing import Literal

from capsviz.data.drawing import Mark
from capsviz.gui.input.smoothing import Point, smooth_piece

Drawer = Literal["mouse", "pen", "finger", "keys"]
"""What a stroke is drawn with."""

_LEAST_MOVE = 0.05  # canvas units between two kept places: a twentieth of a network's pixel
_LEAST_PRESS = 0.02  # of the pen's width
# A mouse is seen at whole pixels of the screen. Slow lines hang this far behind it, as if drawn
# by a string, and so lose the pixels' steps; fast ones, whose steps are small, do not.
_STRING, _FAST = 0.14, 1.0  # canvas units


class Stroke:
    """Grows place by place; knows nothing of Qt.

    Args:
        by: who draws it; nobody else goes on with it.
        place: where the pen came down, canvas units.
        width: of the pen, 1.0 the standard one.
        erases: whether it takes ink away.
        factor: what pressure makes of the width there; None from a pen that feels none.
    """

    def __init__(
        self, by: Drawer, place: Point, width: float, erases: bool, factor: float | None = None
    ) -> None:
        self.by, self.erases = by, erases
        self._width = width
        self._seen = [place]
        self._points = [place]
        self._factors = [] if factor is None else [factor]

    @property
    def mark(self) -> Mark:
        """The mark as it would end here."""
        return Mark(tuple(self._points), self._width, self.erases, tuple(self._factors))

    @property
    def extent(self) -> float:
        """How far the line came from where it began, canvas units."""
        return max(math.dist(self._points[0], point) for point in self._points)

    def go_on(self, place: Point, factor: float = 1.0, *, exactly: bool = False) -> int:
        """Draw on to a place, or nearly.

        Returns:
            how many points the line got.
        """
        place = place if exactly else _pulled(self._seen[-1], place)
        if math.dist(self._seen[-1], place) < _LEAST_MOVE:
            return self._press(factor)
        self._seen.append(place)
        piece = smooth_piece(self._seen)
        self._points += piece
        if self._factors:
            before, count = self._factors[-1], len(piece)
            self._factors += [before + (factor - before) * i / count for i in range(1, count + 1)]
        return len(piece)

    def _press(self, factor: float) -> int:
        """Widen where it stands, so that a dot is as thick as it was pressed."""
        if not self._factors or factor < self._factors[-1] + _LEAST_PRESS:
            return 0
        self._points.append(self._points[-1])
        self._factors.append(factor)
        return 1


def _pulled(last: Point, place: Point) -> Point:
    """Where the pen comes to rest when it is pulled from `last` towards a place."""
    way = math.dist(last, place)
    lag = _STRING * max(0.0, 1 - way / _FAST)
    part = max(0.0, 1 - lag / way) if way else 0.0
    return last[0] + part * (place[0] - last[0]), last[1] + part * (place[1] - last[1])
