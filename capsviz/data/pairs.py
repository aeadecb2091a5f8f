"""Two digits in one image: MultiMNIST (Sabour et al. 2017, section 6).

Each digit of 28×28 is shifted by its own whole number of pixels, up to 4 each way, in an image of
36×36, and laid over a digit of another class. The 20×20 boxes of two digits then share 73 % of
their area on average; the paper says 80 %. Its authors' code differs from the text: by default it
shifts less, pads only when told to, and gives a digit one shift for all of its pairs.

Letters at line ends: B images · S side of an image of two digits · H side of a digit's image
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn.functional import pad

from capsviz.data.augment import shift_draws, shifted
from capsviz.files import CapsvizError
from capsviz.network import sent
from capsviz.network.config import PAIR_SHIFT

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Generator, Tensor

    from capsviz.data.mnist import Digits


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Images of two digits each, with what they were made of.

    Attributes:
        images: (n, S, S) uint8, 0 = ground: both digits, sums cut off at 255.
        parts: (n, 2, S, S) uint8, each digit alone where it stands.
        labels: (n, 2) int64, of different classes.
    """

    images: NDArray[np.uint8]
    parts: NDArray[np.uint8]
    labels: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)


def multimnist(digits: Digits, seed: int, count: int | None = None) -> Pairs:
    """Every digit once with another of a different class, drawn by the seed.

    Args:
        digits: at least two classes of them.
        seed: the same pairs for the same seed.
        count: of pairs: the digits in turn, again and again; each once if None.

    Raises:
        CapsvizError: all digits are of one class.
    """
    generator = torch.Generator().manual_seed(seed)
    labels = torch.from_numpy(digits.labels.astype(np.int64))
    first = torch.arange(len(digits) if count is None else count) % len(digits)
    both = torch.stack((first, partners(first, labels, generator)), dim=1)  # n 2
    images = torch.from_numpy(digits.images.copy())[both].unsqueeze(2)  # n 2 1 H H
    parts = placed(images, generator)
    return Pairs(overlaid(parts)[:, 0].numpy(), parts[:, :, 0].numpy(), labels[both].numpy())


def partners(first: Tensor, labels: Tensor, generator: Generator) -> Tensor:
    """For each digit another one, any of a different class.

    Args:
        first: (B,) int64, indices of digits.
        labels: (n,) int64, of all digits, on the CPU.
        generator: on the CPU.

    Returns:
        (B,) int64 indices.

    Raises:
        CapsvizError: all digits are of one class.
    """
    if bool((labels == labels[0]).all()):
        raise CapsvizError(
            f"Two different digits are to be laid over one another, but all {len(labels)} images "
            "show the same; give data of at least two classes."
        )
    found = first.clone()
    while len(same := torch.nonzero(labels[found] == labels[first])[:, 0]):
        found[same] = torch.randint(len(labels), (len(same),), generator=generator)
    return found


def placed(images: Tensor, generator: Generator, shift: int = PAIR_SHIFT) -> Tensor:
    """Each digit alone in the larger image, shifted by its own whole pixels.

    Args:
        images: (B, k, 1, H, H), any type.
        generator: on the CPU, so that the draws are the same on every device.
        shift: pixels at most, each way; the image grows by as many on every side.

    Returns:
        (B, k, 1, S, S) with S = H + 2 `shift`.
    """
    start = shift_draws(images.shape[0] * images.shape[1], generator, shift)
    return placed_by(images, sent(start, images.device), shift)


def placed_by(images: Tensor, start: Tensor, shift: int = PAIR_SHIFT) -> Tensor:
    """Each digit alone in the larger image, shifted as drawn by `shift_draws`.

    Args:
        images: (B, k, 1, H, H), any type.
        start: (2, B·k, 1) int64 on the same device.
        shift: pixels at most, each way, as it was drawn.

    Returns:
        (B, k, 1, S, S) with S = H + 2 `shift`.
    """
    flat = pad(images.flatten(0, 1), (shift,) * 4)  # B·k 1 S S
    moved = shifted(flat, start, shift)
    return moved.view(*images.shape[:3], *moved.shape[2:])


def overlaid(parts: Tensor) -> Tensor:
    """Ink over ink: sums, cut off where the paper is black.

    Args:
        parts: (B, k, 1, S, S), float in [0, 1] or uint8.

    Returns:
        (B, 1, S, S) of the same type.
    """
    if parts.is_floating_point():
        return parts.sum(1).clamp(max=1)
    return parts.sum(1, dtype=torch.int32).clamp(max=255).to(parts.dtype)
