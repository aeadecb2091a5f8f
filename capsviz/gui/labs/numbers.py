"""What is taken apart, in numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from capsviz.gui.look.view import Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from capsviz.explore.separation import Separation

    Floats = NDArray[np.float32]

_MASS = "above an even split, Σ_i ‖u_i‖ (c_ij - 1/J) w"


def numbers_of(answer: Separation, iteration: int) -> Table:
    """Every pixel of the tiles, row by row; the mass of both digits in this iteration."""
    columns = _columns(answer, iteration)
    height, width = answer.image.shape
    y, x = np.mgrid[:height, :width]
    stacked = np.stack([values.ravel() for values in columns.values()], axis=1).tolist()
    places = zip(x.ravel().tolist(), y.ravel().tolist(), stacked, strict=True)
    return Table(("x", "y", *columns), tuple((at, down, *row) for at, down, row in places))


def _columns(answer: Separation, iteration: int) -> dict[str, Floats]:
    columns = {"input": answer.image}
    for index, digit in enumerate(answer.digits):
        if answer.decoded is not None:
            columns[f"{digit} redrawn"] = answer.decoded[index]
        if answer.truth is not None:
            columns[f"truth beside {digit}"] = answer.truth.parts[index]
    if answer.unexplained is not None:
        columns["unexplained"] = answer.unexplained
    mass = answer.mass(iteration, difference=True)
    for index, digit in enumerate(answer.digits):
        columns[f"mass to {digit} {_MASS}, iteration {iteration}"] = mass[index]
    return columns
