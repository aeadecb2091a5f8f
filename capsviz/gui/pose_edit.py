"""A pose as people see and change it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from capsviz.explore.answers import Explanation, PoseStatistics

    Floats = NDArray[np.float32]

PERTURBATION = 0.25
"""How far the paper moves one dimension to either side (figure 4)."""

_INNER = (0.01, 0.99)  # of the distribution: random poses stay inside


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """What the sliders show.

    Attributes:
        digit: the capsule that is decoded.
        inferred: (D,) its numbers as routing found them.
        values: (D,) the numbers that are decoded.
        is_edited: whether the two differ.
    """

    digit: int
    inferred: Floats
    values: Floats

    @property
    def is_edited(self) -> bool:
        return bool((self.inferred != self.values).any())


@dataclass(frozen=True, slots=True, eq=False)
class Edit:
    """(D,) offsets from the inferred pose of one digit capsule; `source` is the network's file."""

    digit: int
    offsets: Floats
    source: str = ""

    def is_of(self, digit: int, source: str, inferred: Floats) -> bool:
        """Whether it was made for this capsule of this network, whose pose is (D,) `inferred`."""
        is_same = (self.digit, self.source) == (digit, source)
        return is_same and self.offsets.shape == inferred.shape


def moved(values: Floats, dimension: int, value: float, is_locked: bool) -> Floats:
    """(D,) with one number moved; if locked, the others are scaled so that the length stays."""
    result = values.copy()
    result[dimension] = value
    if is_locked:
        length = length_of(values)
        result[dimension] = np.clip(value, -length, length)
        others = np.arange(len(values)) != dimension
        rest = math.sqrt(max(length**2 - float(result[dimension]) ** 2, 0.0))
        result[others] *= rest / max(length_of(result[others]), 1e-9)
    return result


def random_values(statistics: PoseStatistics, pose: Pose, is_locked: bool) -> Floats:
    """(D,) each drawn from the middle 98 % of its distribution; if locked, as long as before."""
    drawn = np.random.default_rng().uniform(*_INNER, len(pose.inferred))
    values = statistics.at(pose.digit, drawn)
    if is_locked:
        values = values * (length_of(pose.values) / max(length_of(values), 1e-9))
    return values


def length_of(pose: Floats) -> float:
    """‖v‖."""
    return float(np.linalg.norm(pose))


def ready_image(explanation: Explanation, digit: int) -> Floats | None:
    """The capsule as inferred, if the answer brought it."""
    if explanation.redrawn is not None:
        image: Floats = explanation.redrawn[digit]
        return image
    return explanation.reconstruction if digit == explanation.digit else None
