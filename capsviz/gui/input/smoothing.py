"""A smooth line through the places where a pointer was seen."""

from __future__ import annotations

import cmath
import math

Point = tuple[float, float]

_STEP = 0.5  # canvas units between two points of the line: half a network's pixel
# Turns between two chords up to the first angle belong to a bend, beyond the second to a corner,
# which is kept sharp; a hand that draws a circle in a third of a second turns 20° per event.
_BEND, _CORNER = math.radians(50), math.radians(95)


def smooth_line(seen: list[Point]) -> list[Point]:
    """The whole smooth line through these places, one or more, canvas units."""
    line = seen[:1]
    for end in range(2, len(seen) + 1):
        line += smooth_piece(seen[max(0, end - 4) : end])
    return line


def smooth_piece(seen: list[Point]) -> list[Point]:
    """The newest piece of a smooth line through the places seen, from the one before the last.

    A cubic Hermite piece. The direction at each place is that of the circle through it and the
    two places before it, so both pieces that meet there share it without waiting for the next
    place: each piece is final as soon as it is drawn, and ink never moves. On circles and
    straight lines it is exact.

    Args:
        seen: two places or more, canvas units.

    Returns:
        the points after `seen[-2]`, about half a unit apart, `seen[-1]` last.
    """
    places = [complex(*place) for place in seen[-4:]]
    start, end = places[-2], places[-1]
    chord = end - start
    pieces = max(1, math.ceil(abs(chord) / _STEP))
    leaving, arriving = _leaving(places), _arriving(places)
    line = [_hermite(start, end, leaving, arriving, i / pieces) for i in range(1, pieces)]
    return [*((at.real, at.imag) for at in line), seen[-1]]


def _arriving(places: list[complex]) -> complex:
    """Velocity at the last place, as long as the last chord."""
    chord = places[-1] - places[-2]
    if len(places) < 3 or places[-2] == places[-3]:
        return chord
    turn = _angle(places[-2] - places[-3], chord)
    # the angle between a chord and the tangent at its end is the inscribed angle upon it
    inscribed = _angle(places[-2] - places[-3], places[-1] - places[-3])
    return chord * cmath.rect(1, inscribed * _bend(turn))


def _leaving(places: list[complex]) -> complex:
    """Velocity at the last place but one: where the piece before arrived, or a new corner."""
    chord = places[-1] - places[-2]
    if len(places) < 3 or places[-2] == places[-3]:
        return chord
    arrived = _arriving(places[:-1])
    turn = _angle(arrived, chord)
    # a short chord knows its direction badly, so it may not swing a long one
    length = min(abs(chord), 2 * abs(arrived))
    sharp = chord / abs(chord) * length if chord else chord
    return _bend(turn) * length * arrived / abs(arrived) + (1 - _bend(turn)) * sharp


def _angle(first: complex, second: complex) -> float:
    """From the direction of the first to that of the second, -π … π; 0 if one is none."""
    return cmath.phase(second * first.conjugate()) if first and second else 0.0


def _bend(turn: float) -> float:
    """1 for a turn that belongs to a bend … 0 for a corner."""
    return min(1.0, max(0.0, (_CORNER - abs(turn)) / (_CORNER - _BEND)))


def _hermite(
    start: complex, end: complex, leaving: complex, arriving: complex, t: float
) -> complex:
    """Cubic from `start` to `end` with these velocities there."""
    rest = 1 - t
    return (
        (1 + 2 * t) * rest * rest * start
        + t * rest * rest * leaving
        + t * t * (3 - 2 * t) * end
        - t * t * rest * arriving
    )
