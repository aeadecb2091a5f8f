"""Names at the ends of lines: as many as find room beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capsviz.gui.capsules.items import Word
from capsviz.gui.look.contrast import mixed
from capsviz.gui.look.theme import GRID

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from capsviz.gui.look.theme import Theme


def names_at_ends(
    lengths: NDArray[np.float32],
    x: float,
    unit: tuple[float, float],
    size: tuple[int, int, int],
    theme: Theme,
) -> list[Word]:
    """Name the lines that end at (x, lengths[j]), the longest first.

    Args:
        lengths: (J,) 0 … 1.
        x: where the lines end.
        unit: pixels per unit to the right and upwards.
        size: pixels: all the room on the right, the width of a letter, the height of a line.
        theme: the colours.
    """
    (across, up), (room, letter, line) = unit, size
    step = letter * len(str(len(lengths) - 1)) + GRID // 2
    places = places_for(lengths * up, line, (room - GRID) // step)
    return [
        Word(
            str(digit),
            x + (GRID + column * step) / across,
            height / up,
            # half way to the colour of words, which small letters need to be read
            mixed(theme.digits[digit % len(theme.digits)], theme.text),
            (0, 0.5),
        )
        for digit, (column, height) in places.items()
    ]


def places_for(
    heights: NDArray[np.float32], apart: float, in_a_row: int
) -> dict[int, tuple[int, float]]:
    """Column and height of each name that finds room, in rows, the highest first.

    Args:
        heights: (J,) of the lines' ends, pixels above the floor.
        apart: how far two rows must be from each other.
        in_a_row: names in a row, at most.
    """
    found: dict[int, tuple[int, float]] = {}
    column, row = 0, float("inf")
    for digit in (-heights).argsort(kind="stable"):
        height = max(float(heights[digit]), apart / 2)
        if row - height >= apart:
            column, row = 0, height
        if column < in_a_row:
            found[int(digit)] = column, row
        column += 1
    return found
