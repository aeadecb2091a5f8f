"""Numbers to colours: one map for amounts, one for what is above or below a middle."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from capsviz.places import resources_folder

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from capsviz.gui.look.theme import Theme

# Perceptually uniform maps whose quiet end is the theme's own ground: magma (of matplotlib), and
# Kovesi's diverging maps, blue-black-red and blue-white-red, arXiv 1509.03700.
_AMOUNT = {True: ("magma", False), False: ("magma", True)}
_SIGNED = {True: ("CET-D4", False), False: ("CET-D1", False)}


@dataclass(frozen=True, slots=True)
class Scale:
    """Which numbers get which colours.

    Attributes:
        low, high: the numbers at both ends of the map.
        is_signed: the middle means "as expected" and is quiet; else the low end is.
    """

    low: float
    high: float
    is_signed: bool = False


def colours(values: NDArray[Any], scale: Scale, theme: Theme) -> NDArray[np.uint8]:
    """(...) numbers → (..., 3) red, green, blue; numbers beyond the ends are clipped."""
    name, is_reversed = (_SIGNED if scale.is_signed else _AMOUNT)[theme.is_dark]
    table = _table(name, is_reversed)
    span = max(scale.high - scale.low, 1e-12)
    index = np.clip((values - scale.low) / span * (len(table) - 1), 0, len(table) - 1)
    picked: NDArray[np.uint8] = table[np.nan_to_num(index).round().astype(np.intp)]
    return picked


@cache
def _table(name: str, is_reversed: bool) -> NDArray[np.uint8]:
    with np.load(resources_folder() / "colour-maps.npz", allow_pickle=False) as maps:
        table: NDArray[np.uint8] = maps[name]
    return np.ascontiguousarray(table[::-1] if is_reversed else table)
