"""Where tiles, their names, and words with a legend stand in a view of any size."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect
from PySide6.QtGui import QFontMetrics

from capsviz.gui.look.theme import GRID, SMALL, font

if TYPE_CHECKING:
    from collections.abc import Sequence

_COUNT = 3  # tiles
_LEAST = 8 * GRID  # side of a tile
_TEXT_CELL = 18 * GRID  # narrowest cell that words may stand in, instead of below the tiles
_WIDE = 50 * GRID  # from this width on, gaps are wider
_ABOVE = GRID // 2  # between a tile and its name
_ROUNDED = 2  # pixels that a text may be wider than it says

LONGEST_LINE = "squared error 100.0, RMS 0.100"
"""Of the words on an answer."""

UNBROKEN = "squared error 100.0,"
"""What is not broken of that line."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Tiles in so many columns, with the words below; or in 2 or 4 columns, with the words as
    the last cell.

    Attributes:
        columns: 2, 3 or 4.
        side: of a tile.
        gap: between the cells.
        room: width of the view.
        name: height of a name.
    """

    columns: int
    side: int
    gap: int
    room: int
    name: int

    @property
    def has_words_below(self) -> bool:
        """Whether these stand below the row of tiles."""
        return self.columns == _COUNT

    def corners(self, widest: int) -> list[tuple[int, int]]:
        """Where the tiles and the words begin; tiles stand apart as far as names need it, the
        widest of which is so wide, and the view is.
        """
        across = self.side
        if self.has_words_below:
            most = (self.room - (_COUNT - 1) * self.gap) // _COUNT
            across = max(self.side, min(widest, most))
        right, down = across + self.gap, self.side + self.name + GRID + _ABOVE
        return [(at % self.columns * right, at // self.columns * down) for at in range(4)]

    def names(self, corners: list[tuple[int, int]], widths: Sequence[int]) -> list[QRect]:
        """A line under each tile; one that is wider begins further left, where there is room."""
        places = []
        ends = [corners[1][0], corners[2][0], self.room]
        if self.columns != _COUNT:
            ends = [x + self.side for x, _ in corners]
        taken = 0
        for (x, y), end, wide in zip(corners, ends, widths, strict=False):
            left = max(min(x, end - wide), taken if self.columns == _COUNT else x)
            places.append(QRect(left, y + self.side + _ABOVE, min(wide, end - left), self.name))
            taken = left + wide + GRID
        return places


def largest(width: int, height: int, name: int, below: int) -> Arrangement:
    """That of the largest tiles in a view.

    Args:
        width: of the view.
        height: of the view.
        name: height of a name.
        below: height of the words, where they stand below.
    """
    gap = GRID if width < _WIDE else 2 * GRID
    sides = {columns: _side(columns, width, height, gap, name, below) for columns in (2, 3, 4)}
    best = max(sides, key=lambda columns: (sides[columns], columns))
    return Arrangement(best, max(sides[best], _LEAST), gap, width, name)


def beside(width: int, third: int, legend: int) -> int | None:
    """Where a legend begins at the right of the words below a row: below the third tile if there
    is room; None if it has to stand below the words.

    Args:
        width: of the view.
        third: where that tile begins.
        legend: how wide it is.
    """
    least, most = advance(UNBROKEN) + GRID, width - legend
    return None if most < least else max(min(third, most), least)


def _side(columns: int, width: int, height: int, gap: int, name: int, below: int) -> int:
    """The tiles' side in so many columns, 0 if words would not fit."""
    rows, below = (1, below) if columns == _COUNT else (2 if columns == 2 else 1, 0)
    wide = (width - (columns - 1) * gap) // columns
    spare = GRID if below or rows > 1 else 0
    side = max(min(wide, (height - below - rows * (name + _ABOVE) - spare) // rows), 0)
    return side if columns == _COUNT or side >= _TEXT_CELL else 0


def advance(words: str) -> int:
    """How wide small words are, pixels; quick to ask again."""
    return _advance(words, font(SMALL).pointSizeF())


@lru_cache(maxsize=16)
def _advance(words: str, _points: float) -> int:
    return QFontMetrics(font(SMALL)).horizontalAdvance(words) + _ROUNDED
