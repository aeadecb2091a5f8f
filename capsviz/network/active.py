"""A convolution of stride 2 from the units above 0 alone.

What a ReLU holds at 0 adds nothing to the next layer, and once trained it holds most units there:
of conv1's, on test digits, all but 3.4 % with the weights that come with the program. So every
place of the output is a sum of a few rows of one table, a row for each active unit in its window.

Letters as in `capsnet.py`; further: S side of the input · K kernel side · O maps made
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn.functional import embedding_bag

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    Indices = NDArray[np.int64]

_MOST_ACTIVE = 1 / 10  # of the units; there the dense ways become as fast, with one thread or two


def table_of(weight: Tensor) -> Tensor:
    """A row for each unit of a window, line by line: (O, C, K, K) → (K·K·C, O).

    No copy if that is the order in memory.
    """
    return weight.permute(2, 3, 1, 0).reshape(-1, len(weight))


def convolve_active(features: Tensor, table: Tensor, bias: Tensor) -> Tensor | None:
    """A convolution of stride 2 without padding, forward only.

    Args:
        features: (B, S, S, C) float32 on a CPU, contiguous; with or without the ReLU, as what is
            below 0 is left out here.
        table: (K·K·C, O) of `table_of`.
        bias: (O,).

    Returns:
        (B, G·G, O), or None if so many units are active that this way does not pay.
    """
    images, side, _, channels = features.shape
    kernel = round((len(table) / channels) ** 0.5)
    units = features.numpy().ravel()
    active = np.flatnonzero(~(units <= 0))  # what is no number counts, and is told in the answer
    if len(active) > _MOST_ACTIVE * len(units):
        return None
    begins = _windows(images, side, channels, kernel)
    rows, places, ends = _bags(active, begins, kernel * channels)
    sums = embedding_bag(
        torch.from_numpy(rows),
        table,
        torch.from_numpy(ends[::kernel]),
        mode="sum",
        per_sample_weights=torch.from_numpy(units.take(active).take(places)),
        include_last_offset=True,
    )
    return sums.add_(bias).view(images, begins.shape[1] ** 2, len(bias))


@lru_cache(maxsize=8)
def _windows(images: int, side: int, channels: int, kernel: int) -> Indices:
    """Where each line of each window begins, as an index of a flat input: (B, G, G, K)."""
    image = np.arange(images)[:, None, None, None] * side
    corner = np.arange(0, side - kernel + 1, 2)
    line = image + corner[:, None, None] + np.arange(kernel)
    begins = (line * side + corner[:, None]) * channels
    begins.setflags(write=False)  # as it is given away more than once
    return begins


def _bags(active: Indices, begins: Indices, width: int) -> tuple[Indices, Indices, Indices]:
    """The rows that each line of each window takes of the table, one line after the other.

    Args:
        active: (n,) indices of a flat input, ascending.
        begins: (B, G, G, K) of `_windows`.
        width: K·C units of a line: they lie side by side.

    Returns:
        rows (m,), where each stands in `active` (m,), and the ends of the lines, 0 before
        the first (B·G·G·K + 1,).
    """
    first = np.searchsorted(active, begins.ravel())
    counts = np.searchsorted(active, begins.ravel() + width) - first
    ends = np.concatenate(([0], counts.cumsum()))
    places = np.arange(ends[-1]) + np.repeat(first - ends[:-1], counts)
    into = begins - np.arange(begins.shape[-1]) * width  # a row is a unit's index less this
    return active[places] - np.repeat(into.ravel(), counts), places, ends
