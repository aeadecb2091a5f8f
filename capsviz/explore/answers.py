"""The answers of `explore`: frozen, numpy only, safe to hand from thread to thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

SEEN = 0.5
"""A digit is claimed from this length on: nearer to m⁺ = 0.9 than to m⁻ = 0.1."""

FIELD_STEP = 2
"""Pixels between the receptive fields of neighbouring primary capsules: the second stride."""


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """Every number of the routing of one image, in iterations 1 … R. All arrays are float32.

    Letters: I primary capsules (T types × G × G places, type-major), P units of one, J digit
    capsules, D dimensions of one.

    Attributes:
        image: (H, W) what the network saw, 0 … 1.
        grid: (T, G, G), how the I primary capsules are laid out.
        primary: (I, P) u_i, lengths in [0, 1).
        votes: (I, J, D) prediction vectors û_{j|i}.
        logits: (R, I, J) b_ij as each iteration begins.
        couplings: (R, I, J) c_ij; each row over j sums to 1.
        poses: (R, J, D) v_j after each iteration.
        lengths: (R, J) ‖v_j‖ after each iteration, in [0, 1).
        field: side of a primary capsule's receptive field, pixels; the fields of neighbours
            begin `FIELD_STEP` pixels apart.
        reconstruction: (H, W) the longest capsule decoded, 0 … 1; None without a decoder.
        seconds: how long the network took.
        curve: (10, J) ‖v_j‖ after 1 … 10 iterations, whatever R is; None unless asked for.
        redrawn: (J, H, W) each capsule decoded; None unless asked for, or without a decoder.
    """

    image: Floats
    grid: tuple[int, int, int]
    primary: Floats
    votes: Floats
    logits: Floats
    couplings: Floats
    poses: Floats
    lengths: Floats
    field: int
    reconstruction: Floats | None
    seconds: float
    curve: Floats | None = None
    redrawn: Floats | None = None

    @property
    def iterations(self) -> int:
        """R, the number of routing iterations."""
        return len(self.lengths)

    @property
    def final_lengths(self) -> Floats:
        """(J,) lengths after the last iteration."""
        last: Floats = self.lengths[-1]
        return last

    @property
    def digit(self) -> int:
        """The longest digit capsule."""
        return int(self.final_lengths.argmax())

    @property
    def is_seen(self) -> bool:
        """Whether any capsule is long enough to claim that a digit is there."""
        return bool(self.final_lengths.max() >= SEEN)


@dataclass(frozen=True, slots=True, eq=False)
class Redrawing:
    """One digit capsule decoded, all others masked.

    Attributes:
        digit: which capsule.
        pose: (D,) its instantiation parameters.
        image: (H, W) float32 in 0 … 1.
    """

    digit: int
    pose: Floats
    image: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """What an image of two digits was made of; S its side.

    Attributes:
        parts: (2, S, S) float32 in 0 … 1, each digit alone where it stands.
        labels: what they are; None where nobody has said.
    """

    parts: Floats
    labels: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class PoseStatistics:
    """How the numbers of each digit capsule are distributed over test digits of its class.

    Attributes:
        quantiles: (J, D, Q) float32, at Q levels spaced evenly from 0 to 1.
        n: digits it was measured on.
    """

    quantiles: Floats
    n: int

    def at(self, digit: int, levels: NDArray[np.float64]) -> Floats:
        """(D,) the value of each dimension at its own level, 0 … 1, linear between quantiles."""
        grid = np.linspace(0, 1, self.quantiles.shape[-1])
        return np.array(
            [
                np.interp(level, grid, row)
                for level, row in zip(levels, self.quantiles[digit], strict=True)
            ],
            np.float32,
        )


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How often a network errs on labelled images.

    Attributes:
        n: images.
        error_rate: fraction answered wrongly, 0–1.
        per_digit_error: the same for each true digit; None where there is no image of it.
        images_per_second: throughput of the network alone.
    """

    n: int
    error_rate: float
    per_digit_error: tuple[float | None, ...]
    images_per_second: float
