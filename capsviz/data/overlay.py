"""Two digits laid over one another, each drawn or real, as MultiMNIST lays them.

Each digit is framed as MNIST's single ones are, whatever its size on the canvas, and placed by
whole pixels where it was drawn, at most `PAIR_SHIFT` off the middle. A drawing that holds both
digits at once cannot be framed so, as no one knows which line belongs to which: it keeps its size
and place as far as MultiMNIST knows such (`_SPANS`).

Letters: S = 36 side of the image, H = 28 side of one digit's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from capsviz.data.drawing import INK_SIDE, Drawing, Framing, framing_of, rasterize_at
from capsviz.data.layer import SIDE, UNIT, Layer, centre_of
from capsviz.files import CapsvizError
from capsviz.network.config import PAIR_SHIFT

if TYPE_CHECKING:
    from random import Random

    from numpy.typing import NDArray

    from capsviz.data.mnist import Digits

    Floats = NDArray[np.float32]

# 90 % of the pairs of MNIST's training digits have a box of ink whose longest side is in between;
# their mean is 23.5.
_SPANS = (20.0, 28.0)


@dataclass(frozen=True, slots=True, eq=False)
class Overlay:
    """Two layers, or one drawing that holds both digits.

    Attributes:
        layers: the two; if `is_one`, the first holds everything.
        is_one: both digits are in one drawing, and nobody knows which line is whose.
        apart: the two that this one was joined from, if nothing was drawn since.
    """

    layers: tuple[Layer, Layer] = field(default_factory=lambda: (Layer(), Layer()))
    is_one: bool = False
    apart: Overlay | None = None

    @property
    def is_empty(self) -> bool:
        """Nothing was drawn or taken."""
        return all(layer.is_empty for layer in self.layers)

    @property
    def is_pair(self) -> bool:
        """Whether both digits are there, each in a layer of its own."""
        return not self.is_one and not any(layer.is_empty for layer in self.layers)

    def with_layer(self, index: int, layer: Layer) -> Overlay:
        """This with one layer replaced, 0 or 1."""
        first, second = self.layers
        return Overlay((layer, second) if index == 0 else (first, layer), self.is_one)

    def joined(self) -> Overlay:
        """Both drawings as one; real digits cannot be part of it."""
        marks = tuple(mark for layer in self.layers for mark in layer.shown.marks)
        return Overlay((Layer(Drawing(marks)), Layer()), is_one=True, apart=self)

    def parted(self) -> Overlay:
        """One drawing as two layers again; what was drawn since is the first one's."""
        return self.apart or Overlay(self.layers)

    def image(self) -> Floats:
        """(S, S) float32 in 0 … 1, what a network is shown: sums, cut off at black."""
        if self.is_one:
            return _whole_drawing(self.layers[0].drawing)
        return overlaid_parts(np.stack([layer.part() for layer in self.layers]))

    def parts(self) -> Floats | None:
        """(2, S, S) each digit alone; None unless both are there."""
        return np.stack([layer.part() for layer in self.layers]) if self.is_pair else None

    def labels(self) -> tuple[int, int] | None:
        """What the two are, if somebody has said of both."""
        first, second = (layer.label for layer in self.layers)
        return None if first is None or second is None else (first, second)


def overlaid_parts(parts: Floats) -> Floats:
    """(k, S, S) → (S, S): ink over ink, cut off where the paper is black."""
    overlaid: Floats = np.minimum(parts.sum(axis=0), 1)
    return overlaid


def sampled(digits: Digits, random: Random) -> Overlay:
    """Two of these digits of different classes, by chance, each placed by chance; (n, H, H)."""
    first = random.randrange(len(digits))
    others = np.flatnonzero(digits.labels != digits.labels[first])
    if not len(others):
        raise CapsvizError("Two different digits are wanted, but all of these are of one class.")
    second = int(others[random.randrange(len(others))])
    one, other = (_placed(digits, index, random) for index in (first, second))
    return Overlay((one, other))


def _placed(digits: Digits, index: int, random: Random) -> Layer:
    x, y = (random.randint(-PAIR_SHIFT, PAIR_SHIFT) for _ in range(2))
    image = digits.images[index].astype(np.float32) / np.float32(255)
    return Layer(digit=image, label=int(digits.labels[index]), place=(x, y))


def _whole_drawing(drawing: Drawing) -> Floats:
    """(S, S) both digits of one drawing, in about the size and place that they were drawn in."""
    if drawing.is_empty:
        return np.zeros((SIDE, SIDE), np.float32)
    framing = framing_of(drawing, SIDE)
    usual = INK_SIDE * UNIT  # pixels of the longest side in that framing
    span = min(max(usual * UNIT / framing.scale, _SPANS[0]), _SPANS[1])
    scale = framing.scale * span / usual
    offsets = [
        min(max(at * UNIT, SIDE / 2 - PAIR_SHIFT), SIDE / 2 + PAIR_SHIFT) - scale * at
        for at in centre_of(framing, SIDE)
    ]
    return rasterize_at(drawing, Framing(scale, *offsets), SIDE)
