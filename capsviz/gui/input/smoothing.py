"""A smooth line through the places where a pointer was seen."""

from __future__ import annotations

import math

Point = tuple[float, float]

_STEP = 0.5  # canvas units between two points of the line: half a network's pixel


def smooth_piece(seen: list[Point]) -> list[Point]:
    """The newest piece of a centripetal-like Catmull-Rom line, from the point before the last.

    The tangent at the newest point is not known yet, so the piece ends along its chord; it is
    final all the same, so that ink once drawn never moves.

    Args:
        seen: two points or more, canvas units.

    Returns:
        the points after `seen[-2]`, about half a unit apart, `seen[-1]` last.
    """
    before = seen[-3] if len(seen) > 2 else seen[-2]
    start, end = seen[-2], seen[-1]
    chord = math.dist(start, end)
    pieces = max(1, math.ceil(chord / _STEP))
    tangent = _tangent(before, start, end, chord)
    return [_hermite(start, end, tangent, i / pieces) for i in range(1, pieces)] + [end]


def _tangent(before: Point, start: Point, end: Point, chord: float) -> Point:
    """Direction of the line through the neighbours at `start`, as long as the chord."""
    x, y = end[0] - before[0], end[1] - before[1]
    length = math.hypot(x, y) or 1.0
    return x / length * chord, y / length * chord


def _hermite(start: Point, end: Point, tangent: Point, t: float) -> Point:
    """Quadratic through both ends, leaving `start` along `tangent`."""
    return (
        start[0] + t * tangent[0] + t * t * (end[0] - start[0] - tangent[0]),
        start[1] + t * tangent[1] + t * t * (end[1] - start[1] - tangent[1]),
    )
