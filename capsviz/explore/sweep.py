"""What the decoder makes of a digit capsule: how far off it is, and each of its numbers moved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from capsviz.network import CapsNet

    Floats = NDArray[np.float32]

OFFSETS = tuple(step / 20 for step in range(-5, 6))
"""-0.25 to 0.25 by 0.05: how far the paper moves each dimension (section 5.1, figure 4)."""


@dataclass(frozen=True, slots=True, eq=False)
class Sweep:
    """One digit capsule decoded with one of its numbers moved, the others left.

    Attributes:
        digit: which capsule.
        pose: (D,) float32, its instantiation parameters.
        offsets: (n,) float32, what is added to one of them, rising.
        images: (D, n, H, W) float32 in 0 … 1: dimension d moved by offset k.
    """

    digit: int
    pose: Floats
    offsets: Floats
    images: Floats

    @property
    def middle(self) -> int:
        """The column that moves least: the pose itself."""
        return int(np.abs(self.offsets).argmin())

    @property
    def changes(self) -> Floats:
        """(D, n) RMS difference of each image to the middle one of its row, 0 … 1."""
        difference = self.images - self.images[:, self.middle, None]
        rms: Floats = np.sqrt((difference**2).mean(axis=(-2, -1)))
        return rms

    def value(self, dimension: int, column: int) -> float:
        """The number that dimension has in this column."""
        return float(self.pose[dimension] + self.offsets[column])


def sweep(
    model: CapsNet, pose: NDArray[Any], digit: int, offsets: Sequence[float] = OFFSETS
) -> Sweep:
    """Move each dimension of a pose by each offset and decode all in one batch (figure 4).

    Args:
        model: with a decoder.
        pose: (D,) instantiation parameters of the capsule.
        digit: which capsule they belong to.
        offsets: n numbers, rising.

    Raises:
        CapsvizError: the network has no decoder, or pose or digit do not fit it.
    """
    from capsviz.explore.explain import reconstruct_many  # torch takes seconds to import

    inferred, steps = np.array(pose, np.float32), np.array(offsets, np.float32)
    moves = np.eye(len(inferred), dtype=np.float32)[:, None] * steps[:, None]  # D n D
    images = reconstruct_many(model, (inferred + moves).reshape(-1, len(inferred)), digit)
    table = images.reshape(len(inferred), len(steps), *images.shape[1:])
    return Sweep(digit, inferred, steps, table)


def squared_error(decoded: Floats, image: Floats) -> Floats:
    """(...) Σ (decoded - image)² over the pixels of (..., H, W): the paper's reconstruction loss.

    Source: section 4.1 of Sabour et al. 2017, before its weight of 0.0005.
    """
    error: Floats = ((decoded - image) ** 2).sum(axis=(-2, -1))
    return error
