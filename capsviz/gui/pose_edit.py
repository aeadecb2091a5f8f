"""A pose as people see and change it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from capsviz.explore.answers import Redrawing

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

    @property
    def pairs(self) -> list[tuple[float, float]]:
        """Of each dimension, its inferred number and the one that is decoded."""
        return list(zip(self.inferred.tolist(), self.values.tolist(), strict=True))


@dataclass(frozen=True, slots=True, eq=False)
class Edit:
    """(D,) offsets from the inferred pose of one digit capsule; `source` names its network."""

    digit: int
    offsets: Floats
    source: str = ""

    def is_of(self, digit: int, source: str, inferred: Floats) -> bool:
        """Whether it was made for this capsule of this network, whose pose is (D,) `inferred`."""
        is_same = (self.digit, self.source) == (digit, source)
        return is_same and self.offsets.shape == inferred.shape


def offsets_of(edit: Edit | None, digit: int, source: str, inferred: Floats) -> Floats:
    """(D,) of an edit, as far as it was made for this capsule of this network; else zeros."""
    if edit is None or not edit.is_of(digit, source, inferred):
        return np.zeros_like(inferred)
    return edit.offsets


def pose_of(explanation: Explanation, pinned: int | None, edit: Edit | None, source: str) -> Pose:
    """What is decoded of an answer: the pinned capsule or the winner, with the edit on top."""
    is_there = pinned is not None and pinned < len(explanation.final_lengths)
    digit = pinned if pinned is not None and is_there else explanation.digit
    inferred = explanation.poses[-1, digit]
    return Pose(digit, inferred, inferred + offsets_of(edit, digit, source, inferred))


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


def swung(pose: Pose, dimension: int, offset: float, is_locked: bool) -> Pose:
    """The pose with one number so far from where it is."""
    value = float(pose.values[dimension]) + offset
    return replace(pose, values=moved(pose.values, dimension, value, is_locked))


def fits(statistics: PoseStatistics, pose: Pose) -> bool:
    """Whether they were measured, and on capsules such as this pose's."""
    classes, dim, _ = statistics.quantiles.shape
    return statistics.n > 0 and pose.digit < classes and len(pose.values) == dim


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


def ready_redrawing(explanation: Explanation, pose: Pose) -> Redrawing | None:
    """The capsule as inferred, if that is what is shown and the answer brought it."""
    image = explanation.reconstruction if pose.digit == explanation.digit else None
    if explanation.redrawn is not None:
        image = explanation.redrawn[pose.digit]
    return None if image is None or pose.is_edited else Redrawing(pose.digit, pose.values, image)
