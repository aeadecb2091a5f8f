"""Where the pictures of the wheel stand: evenly round an ellipse, as large as they can be."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF

from capsviz.gui.look.theme import GRID

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Shape = Callable[[float, float, int], Floats]

_SMALLEST = 2 * GRID  # of a picture; below that they overlap
_LABEL = 3.6  # widest label below a picture, in lines
_MARKED_LABEL = 4.6  # the same with both marks, where it must not leave the widget
_BARE_LABEL = 2.2  # that of a digit with both marks, without a number
_KEY = 4.8  # widest words of the key, in lines
_INPUT = 1.8  # times as wide as a picture, at most
_GAP = GRID // 2
_FLAT = 1.8  # times as wide as high: an ellipse would leave no room in its middle
_CRAMPED = 5 * GRID  # pictures smaller than this are larger in rows, though these have no key


@dataclass(frozen=True, slots=True)
class Ring:
    """Places in a widget.

    Attributes:
        cells: one per capsule, clockwise from the top: a picture with a label below.
        across: diameter of the picture in the upper part of a cell.
        middle: the square of the input.
        line: height of a line of text.
        keys: a line in each lower corner, for what the marks mean; none where corners are full.
        has_numbers: whether labels have room for more than their digit and a mark.
    """

    cells: tuple[QRectF, ...]
    across: int
    line: int
    middle: QRectF
    keys: tuple[QRectF, ...]
    has_numbers: bool = True

    @property
    def area(self) -> QRectF:
        """All of it."""
        around = QRectF()
        for cell in self.cells:
            around = around.united(cell)
        return around

    def disc(self, at: int) -> QRectF:
        """The round picture in a cell."""
        cell = self.cells[at]
        return QRectF(cell.center().x() - self.across / 2, cell.top(), self.across, self.across)

    def label(self, at: int) -> QRectF:
        """The line of words below it, with room for a mark."""
        cell, line = self.cells[at], self.line
        return QRectF(cell.left(), cell.bottom() - _GAP - line, cell.width(), line + _GAP)

    @property
    def places(self) -> list[QRectF]:
        """Pictures, labels and keys."""
        cells = range(len(self.cells))
        return [*map(self.disc, cells), *map(self.label, cells), *self.keys]

    def at(self, x: float, y: float) -> int | None:
        """The cell at a place."""
        hits = (index for index, cell in enumerate(self.cells) if cell.contains(x, y))
        return next(hits, None)


@lru_cache(maxsize=8)
def ring(width: int, height: int, count: int, line: int) -> Ring:
    """The ring of the largest pictures that do not touch, nor the input in their middle.

    Args:
        width: of the widget.
        height: of the widget.
        count: pictures.
        line: height of a line of text.
    """
    if width <= _FLAT * height:
        oval = _largest(width, height, count, line, _round_ellipse, _LABEL)
        if oval.across >= _CRAMPED:
            return oval
    rows = _largest(width, height, count, line, _round_rectangle, _MARKED_LABEL)
    if _fits(rows, count):
        return rows
    bare = _largest(width, height, count, line, _round_rectangle, _BARE_LABEL)
    return replace(bare, has_numbers=False)


def _largest(width: int, height: int, count: int, line: int, shape: Shape, label: float) -> Ring:
    low, high = _SMALLEST, max(_SMALLEST, min(width, height) // 2)
    while low < high:  # the larger they are, the less they fit
        middle = (low + high + 1) // 2
        fits = _fits(_made(width, height, count, line, middle, shape, label), count)
        low, high = (middle, high) if fits else (low, middle - 1)
    return _made(width, height, count, line, low, shape, label)


def _fits(made: Ring, count: int) -> bool:
    places = [place.adjusted(0, 0, 0, _GAP / 2) for place in made.places]
    touching = any(
        first.intersects(second) and not (at < count and _apart(first, second))
        for at, first in enumerate(places)
        for second in places[:at]
    )
    return not touching and made.middle.width() >= made.across


def _apart(first: QRectF, second: QRectF) -> bool:
    """Whether two round pictures are, though the squares round them may not be."""
    between = first.center() - second.center()
    return math.hypot(between.x(), between.y()) >= first.width() + _GAP


def _made(
    width: int, height: int, count: int, line: int, across: int, shape: Shape, label: float
) -> Ring:
    is_round = shape is _round_ellipse
    wide = max(across, round(label * line))
    high = across + _GAP + line + _GAP
    centres = shape((width - wide) / 2, (height - high) / 2, count)
    cells = tuple(
        QRectF(width / 2 + x - wide / 2, height / 2 + y - high / 2, wide, high) for x, y in centres
    )
    key = QRectF(0, height - line, min(_KEY * line, width / 2), line)
    keys = (key, key.translated(width - key.width(), 0)) if is_round else ()
    empty = Ring(cells, across, line, QRectF(), keys)
    return replace(empty, middle=_room(empty.places, width / 2, height / 2, _INPUT * across))


def _round_rectangle(a: float, b: float, count: int) -> Floats:
    """(count, 2) points in three rows round the middle, clockwise from the top left."""
    across = max(2, (count - 1) // 2)
    top = np.linspace(-a, a, across)
    bottom = np.linspace(a, -a, max(1, count - across - 2))
    left, right = np.array([[-a, 0.0]]), np.array([[a, 0.0]])
    rows = (np.column_stack((row, np.full(len(row), y))) for row, y in ((top, -b), (bottom, b)))
    above, below = rows
    return np.concatenate((above, right, below, left))[:count]


def _round_ellipse(a: float, b: float, count: int) -> Floats:
    """(count, 2) points as far apart as can be along an ellipse, clockwise from its top."""
    angles = np.linspace(0, 2 * np.pi, 721)
    points = np.column_stack((a * np.sin(angles), -b * np.cos(angles)))
    passed = np.append(0, np.hypot(*np.diff(points, axis=0).T).cumsum())
    wanted = np.arange(count) * passed[-1] / count
    return np.column_stack([np.interp(wanted, passed, points[:, axis]) for axis in (0, 1)])


def _room(places: list[QRectF], x: float, y: float, largest: float) -> QRectF:
    """The square round the centre, at most so large, that keeps clear of all others."""
    low, high = 0.0, min(2 * x, 2 * y, largest)
    while high - low > 1:
        side = (low + high) / 2
        clear = QRectF(x - side / 2 - GRID, y - side / 2 - GRID, side + 2 * GRID, side + 2 * GRID)
        low, high = (
            (low, side) if any(clear.intersects(place) for place in places) else (side, high)
        )
    return QRectF(x - low / 2, y - low / 2, low, low)
