"""The work of the lab's threads, and requests that carry all it needs.

As in `capsviz.gui.work`, the rooms that import torch are imported in the thread that needs them.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from capsviz.data.layer import SIDE, laid
from capsviz.data.overlay import overlaid_parts
from capsviz.files import CapsvizError
from capsviz.network.config import PAIR_SHIFT

if TYPE_CHECKING:
    from collections.abc import Generator

    from numpy.typing import NDArray

    from capsviz.data.overlay import Overlay
    from capsviz.explore.answers import Truth
    from capsviz.explore.separation import Separation
    from capsviz.network import CapsNet, CapsNetConfig

    Floats = NDArray[np.float32]
    Place = tuple[int, int]

PLACES: tuple[Place, ...] = tuple(
    (x, y) for y, x in product(range(-PAIR_SHIFT, PAIR_SHIFT + 1), repeat=2)
)
"""Every place that a digit can have: x and y, pixels from the middle, row by row."""

_AT_ONCE = 27  # places: half a second on one core, half as long for each as nine at once


@dataclass(frozen=True, slots=True, eq=False)
class SplitRequest:
    """An image to be taken apart.

    Attributes:
        network: that is asked.
        image: (S, S) float32 in 0 … 1.
        truth: what it was made of, if that is known.
        iterations: of routing.
        overlay: what it is a picture of.
        key: of the tries it belongs to; 0 if to none.
    """

    network: CapsNet
    image: Floats
    truth: Truth | None
    iterations: int
    overlay: Overlay
    key: int


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """An answer, what it is an answer to, and the key of that."""

    separation: Separation
    overlay: Overlay
    key: int


@dataclass(frozen=True, slots=True, eq=False)
class PlacesRequest:
    """One digit at every place over the other.

    Attributes:
        key: told back with each answer, to know which question it answers.
        network: that reads them.
        digit: (H, H) float32, the digit that is moved.
        other: (S, S) float32, the part that stays.
        iterations: of routing.
    """

    key: int
    network: CapsNet
    digit: Floats
    other: Floats
    iterations: int


@dataclass(frozen=True, slots=True)
class Read:
    """The two longest capsules with the digit at a place."""

    key: int
    place: Place
    digits: tuple[int, int]


def split(request: SplitRequest) -> Split:
    """In the lab's explain thread."""
    from capsviz.explore.separation import separate

    found = separate(request.network, request.image, request.iterations, truth=request.truth)
    return Split(found, request.overlay, request.key)


def read_places(request: PlacesRequest) -> Generator[Read, None, None]:
    """In the lab's places thread: every place in turn."""
    from capsviz.explore.explain import lengths_in_batches
    from capsviz.explore.separation import two_longest

    images = np.stack(
        [overlaid_parts(np.stack((laid(request.digit, at), request.other))) for at in PLACES]
    )
    places = iter(PLACES)
    for lengths in lengths_in_batches(request.network, images, _AT_ONCE, request.iterations):
        for row in lengths:
            yield Read(request.key, next(places), two_longest(row))


def reads_two_digits(config: CapsNetConfig) -> bool:
    """Whether a network of this kind can answer in the lab."""
    return config.digits_per_image == 2 and config.image_size == SIDE


def two_digit_networks(_request: object) -> tuple[str, ...]:
    """In the lab's list thread: the names of the networks that read two digits."""
    from capsviz.network.checkpoint import read_about
    from capsviz.places import model_files

    names = []
    for path in model_files():
        try:
            if reads_two_digits(read_about(path)[0]):
                names.append(path.stem)
        except CapsvizError:  # a damaged file is told of when it is asked for
            continue
    return tuple(names)
