"""One of the two digits that are laid over one another, where it stands.

Letters: S = 36 side of the image, H = 28 side of one digit's.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from capsviz.data.drawing import CANVAS, Drawing, Framing, framing_of, rasterize, rasterize_at
from capsviz.network.config import PAIR_SHIFT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from capsviz.data.marks import Mark

    Floats = NDArray[np.float32]
    Place = tuple[int, int]

SIDE = 28 + 2 * PAIR_SHIFT
"""S, pixels."""

PEN = CANVAS / SIDE
"""Width of a mark that looks, on a canvas of S pixels, as wide as the standard pen does in one
digit's image."""

UNIT = SIDE / CANVAS
"""Pixels per unit of the canvas."""

_KEPT = 8  # framed digits remembered: those on show, and what a stroke under way makes of them


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """One of two digits; never changed, only replaced.

    A drawing that is slid stays as it was made, and so does its picture: lines that were moved
    out of the canvas would be measured anew where erasers have been at work.

    Attributes:
        drawing: marks on the canvas, which is 28 units wide and shows all S pixels.
        digit: (H, H) float32 in 0 … 1, a real digit in place of a drawing.
        label: what it is, if somebody has said.
        place: x and y where it was put, pixels from the middle; None: where it was drawn.
        slid: x and y, pixels by which the drawing was slid since it was begun.
        reach: units beyond the canvas from which it was slid while it was drawn.
    """

    drawing: Drawing = field(default_factory=Drawing)
    digit: Floats | None = None
    label: int | None = None
    place: Place | None = None
    slid: Place = (0, 0)
    reach: float = 0.0

    @property
    def is_empty(self) -> bool:
        """Nothing was drawn or taken."""
        return self.digit is None and self.drawing.is_empty

    @property
    def shown(self) -> Drawing:
        """The drawing where it is on the canvas."""
        return _shifted(self.drawing, (self.slid[0] / UNIT, self.slid[1] / UNIT))

    def with_mark(self, mark: Mark) -> Layer:
        """This layer and one mark more; a real digit that is changed is no longer what it was."""
        if self.digit is not None:
            marked = self._marked(mark)
            is_same = np.array_equal(marked, self.digit)
            return self if is_same else replace(self, digit=marked, label=None)
        x, y = (-by / UNIT for by in self.slid)
        (own,) = _shifted(Drawing((mark,)), (x, y)).marks
        reach = max(self.reach, abs(x), abs(y))
        return Layer(self.drawing.with_mark(own), slid=self.slid, reach=reach)

    def _marked(self, mark: Mark) -> Floats:
        """(H, H) the real digit, and a mark upon it as far as it lies within."""
        assert self.digit is not None
        x, y = (PAIR_SHIFT + at for at in self.stands())
        points = tuple((px * UNIT - x, py * UNIT - y) for px, py in mark.points)
        upon = replace(mark, points=points, width=mark.width * UNIT)
        return rasterize(Drawing((upon,)), len(self.digit), centred=False, ground=self.digit)

    def framed(self) -> Floats:
        """(H, H) float32 in 0 … 1, the digit as a single one is framed."""
        return self.digit if self.digit is not None else _drawn(self.drawing, self.reach)[0]

    def stands(self) -> Place:
        """Its x and y, whole pixels from the middle, each within `PAIR_SHIFT`."""
        if self.place is not None:
            return self.place
        if self.digit is not None:
            return (0, 0)
        x, y = _drawn(self.drawing, self.reach)[1]
        return _whole(x + self.slid[0]), _whole(y + self.slid[1])

    def moved(self, to: Place) -> Layer:
        """The same digit so many pixels from the middle; what was drawn is slid as far."""
        to = (_whole(to[0]), _whole(to[1]))
        was, (x, y) = self.stands(), self.slid
        return replace(self, place=to, slid=(x + to[0] - was[0], y + to[1] - was[1]))

    def is_slid_from(self, other: Layer) -> bool:
        """Whether it is the very same digit, wherever it stands."""
        return self.drawing is other.drawing and self.digit is other.digit

    def part(self) -> Floats:
        """(S, S) float32 in 0 … 1, the digit alone where it stands."""
        return laid(self.framed(), self.stands())


def laid(digit: Floats, place: Place) -> Floats:
    """(H, H) laid so many pixels from the middle of bare ground: (S, S)."""
    part = np.zeros((SIDE, SIDE), np.float32)
    x, y = (PAIR_SHIFT + shift for shift in place)
    part[y : y + len(digit), x : x + len(digit)] = digit
    return part


@lru_cache(maxsize=_KEPT)
def _drawn(own: Drawing, reach: float) -> tuple[Floats, tuple[float, float]]:
    """(H, H) the drawing framed as one digit, and where its centre of mass is: pixels of S from
    the middle.
    """
    # pens and erasers as wide for one digit's image as they look on the canvas
    marks = (replace(mark, width=mark.width * UNIT) for mark in own.marks)
    drawing = Drawing(tuple(marks))
    size = int(CANVAS)
    if drawing.is_empty:
        return np.zeros((size, size), np.float32), (0.0, 0.0)
    framing = framing_of(drawing, size, reach)
    x, y = centre_of(framing, size)
    place = (x * UNIT - SIDE / 2, y * UNIT - SIDE / 2)
    return rasterize_at(drawing, framing, size), place


def centre_of(framing: Framing, size: int) -> tuple[float, float]:
    """The centre of mass in the drawing's units: what the framing brings to the middle pixel."""
    middle = size / 2 + 0.5  # of the pixel whose index is size/2
    return (
        (middle - framing.offset_x) / framing.scale,
        (middle - framing.offset_y) / framing.scale,
    )


def _whole(shift: float) -> int:
    return min(max(round(shift), -PAIR_SHIFT), PAIR_SHIFT)


def _shifted(drawing: Drawing, by: tuple[float, float]) -> Drawing:
    """By so many units of the canvas."""
    if not any(by):
        return drawing
    return Drawing(
        tuple(
            replace(mark, points=tuple((x + by[0], y + by[1]) for x, y in mark.points))
            for mark in drawing.marks
        )
    )
