"""What the couplings of one routing iteration say: by place, by type, and over the image.

Letters as in `Explanation`: I primary capsules (T types × G × G places), J digit capsules,
iterations counted 1 … R. In every function `weighted` multiplies by the activity ‖u_i‖, and
`difference` measures c_ij from 1/J, where routing begins (Sabour et al. 2017, procedure 1).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from capsviz.explore.answers import FIELD_STEP

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from capsviz.explore.answers import Explanation

    Floats = NDArray[np.float32]

WITHIN = 0.998
"""The share of all cells that `usual_extent` spans; the few beyond would darken the rest."""


def activity(explanation: Explanation) -> Floats:
    """(I,) float32 ‖u_i‖ in [0, 1): how sure each primary capsule is that its part is there."""
    primary = explanation.primary
    lengths: Floats = np.sqrt(np.einsum("ip,ip->i", primary, primary))
    return lengths


def coupling_cells(
    explanation: Explanation, iteration: int, weighted: bool = False, difference: bool = False
) -> Floats:
    """(I, J) float32 [‖u_i‖] (c_ij [- 1/J]) of one iteration, 1 … R."""
    cells: Floats = explanation.couplings[iteration - 1]
    if difference:
        cells = cells - np.float32(1 / cells.shape[1])
    if weighted:
        cells = cells * activity(explanation)[:, None]
    return cells


def coupling_grid(
    explanation: Explanation,
    iteration: int,
    digit: int,
    weighted: bool = False,
    difference: bool = False,
) -> Floats:
    """(T, G, G) float32 the same numbers of one digit capsule, 0 … J-1, by type and place."""
    cells = explanation.couplings[iteration - 1, :, digit]
    if difference:
        cells = cells - np.float32(1 / explanation.couplings.shape[2])
    if weighted:
        cells = cells * activity(explanation)
    return cells.reshape(explanation.grid)


def coupling_by_type(
    explanation: Explanation, iteration: int, weighted: bool = False, difference: bool = False
) -> Floats:
    """(T, J) float32 means over places, 1/G² Σ_places [‖u_i‖] (c_ij [- 1/J])."""
    types, rows, columns = explanation.grid
    cells = coupling_cells(explanation, iteration, weighted, difference)
    means: Floats = cells.reshape(types, rows * columns, -1).mean(axis=1)
    return means


def usual_extent(
    explanation: Explanation, iteration: int, weighted: bool = False, difference: bool = False
) -> float:
    """The magnitude that `WITHIN` of all I × J cells of one iteration do not exceed, ≥ 0.

    Couplings have a long tail: most stay near 1/J while a few of them come near 1.
    """
    sizes = np.abs(coupling_cells(explanation, iteration, weighted, difference)).ravel()
    last = min(int(WITHIN * sizes.size), sizes.size - 1)
    return float(np.partition(sizes, last)[last])


def receptive_field(explanation: Explanation, capsule: int) -> tuple[int, int, int]:
    """(row, column, side) in pixels of the square that primary capsule 0 … I-1 sees.

    The place (r, c) of its grid sees the square of side `field` that begins at pixel
    (r, c) · `FIELD_STEP`. The first row and column of pixels are 0.

    Raises:
        IndexError: there is no such capsule.
    """
    row, column = place_of(explanation, capsule)[1:]
    return row * FIELD_STEP, column * FIELD_STEP, explanation.field


def place_of(explanation: Explanation, capsule: int) -> tuple[int, int, int]:
    """(type, row, column) of primary capsule 0 … I-1, where i = (type · G + row) · G + column.

    Raises:
        IndexError: there is no such capsule.
    """
    types, rows, columns = explanation.grid
    if not 0 <= capsule < types * rows * columns:
        raise IndexError(f"primary capsule {capsule} of {types * rows * columns}")
    kind, place = divmod(capsule, rows * columns)
    return kind, *divmod(place, columns)


def mass_maps(explanation: Explanation, iteration: int, difference: bool = False) -> Floats:
    """(J, H, W) float32 from which pixels the mass of each digit capsule comes.

    M_j(y, x) = Σ_i ‖u_i‖ (c_ij [- 1/J]) w(y - y_i) w(x - x_i), where (y_i, x_i) is the corner
    of capsule i's receptive field. The window w(n) ∝ sin²(π (n + 1) / (field + 1)), n from 0 to
    field - 1, is close to the Gaussian by which the middle of a receptive field weighs more than
    its rim (Luo et al. 2016, arXiv 1701.04128). It sums to 1, so that no mass is lost:
    Σ_pixels M_j = Σ_i ‖u_i‖ (c_ij [- 1/J]).
    """
    types, rows, columns = explanation.grid
    cells = coupling_cells(explanation, iteration, weighted=True, difference=difference)
    by_place = cells.reshape(types, rows, columns, -1).sum(axis=0)  # G G J
    height, width = explanation.image.shape
    down = _windows(explanation.field, rows, height)
    across = _windows(explanation.field, columns, width)
    maps: Floats = down.T @ by_place.transpose(2, 0, 1) @ across
    return maps


def mass_share(explanation: Explanation, iteration: int) -> Floats:
    """(J,) float32 share of each digit capsule in the mass, Σ_i ‖u_i‖ c_ij / Σ_i ‖u_i‖.

    The shares sum to 1; all are 0 where no primary capsule is active.
    """
    weights = activity(explanation)
    total = weights.sum()
    share: Floats = weights @ explanation.couplings[iteration - 1]
    return share / total if total > 0 else np.zeros_like(share)


@cache
def _windows(field: int, places: int, pixels: int) -> Floats:
    """(places, pixels) the window of each place along one side of the image; rows sum to 1."""
    window = np.sin(np.pi * np.arange(1, field + 1, dtype=np.float32) / (field + 1)) ** 2
    rows = np.zeros((places, FIELD_STEP * (places - 1) + field), np.float32)
    for place in range(places):
        start = FIELD_STEP * place
        rows[place, start : start + field] = window / window.sum()
    unseen = max(0, pixels - rows.shape[1])  # the stride may leave a last row of pixels out
    return np.pad(rows, ((0, 0), (0, unseen)))[:, :pixels]
