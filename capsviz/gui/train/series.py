"""Numbers that come step by step, kept thin enough to be drawn at once however long a run is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Doubles = NDArray[np.float64]

_MOST = 600  # points: more than a plot has pixels to tell apart


class Series:
    """Steps and their numbers; whenever there are too many, neighbours are averaged in pairs.

    So each point stands for the mean over equally many steps, and none is forgotten.
    """

    def __init__(self) -> None:
        self._points: list[tuple[float, float]] = []
        self._group = 1  # numbers that one point is the mean of
        self._waiting: list[tuple[float, float]] = []

    def __len__(self) -> int:
        return len(self._points) + bool(self._waiting)

    def add(self, step: float, value: float) -> None:
        """One number more; steps only ever rise."""
        self._waiting.append((step, value))
        if len(self._waiting) == self._group:
            self._points.append(_mean(self._waiting))
            self._waiting = []
        if len(self._points) >= 2 * _MOST:
            pairs = zip(self._points[::2], self._points[1::2], strict=True)
            self._points = [_mean(list(pair)) for pair in pairs]
            self._group *= 2

    @property
    def points(self) -> Doubles:
        """(n, 2) steps and means, n ≤ 1200; the last may be of fewer steps than the others."""
        known = [*self._points, _mean(self._waiting)] if self._waiting else self._points
        return np.array(known, np.float64).reshape(-1, 2)


def _mean(points: list[tuple[float, float]]) -> tuple[float, float]:
    count = len(points)
    return sum(step for step, _ in points) / count, sum(value for _, value in points) / count


def smooth(points: Doubles, reach: int) -> Doubles:
    """(n, 2) with each number the mean of itself and up to `reach` before it."""
    if not len(points):
        return points
    sums = np.concatenate(([0.0], points[:, 1].cumsum()))
    last = np.arange(1, len(points) + 1)
    first = np.maximum(last - reach - 1, 0)
    means = (sums[last] - sums[first]) / (last - first)
    return np.stack((points[:, 0], means), axis=1)


def thinned(points: Doubles) -> Doubles:
    """(n, 2) as few that they are drawn at once: the means of as many neighbours as that takes."""
    group = -(-len(points) // (2 * _MOST))
    if group <= 1:
        return points
    whole = len(points) // group * group
    means = points[:whole].reshape(-1, group, 2).mean(axis=1)
    rest = points[whole:]
    return np.concatenate((means, rest.mean(axis=0, keepdims=True))) if len(rest) else means
