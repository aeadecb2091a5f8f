"""What each dimension of a digit capsule does to the decoded drawing, in a word.

Measured on this drawing's decoder output, not a property the network was told: another digit, or
the same dimension far from here, may well earn another word.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from capsviz.explore.explain import reconstruct_many

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from capsviz.network import CapsNet

    Floats = NDArray[np.float32]
    Doubles = NDArray[np.float64]

STEP = 0.05
"""A dimension is moved so far to either side: about one standard deviation of the shipped
network's numbers over test digits, so strokes move less than their width. The paper's ±0.25
leaves that network's distribution (1st to 99th percentile: 0.19 wide) and fades most drawings."""

MIXED, LITTLE = "mixed", "little"

_CLEAR = 0.5  # of the change, by its square: one word explains more than all else together
_ROUGH = 0.25  # so much it must explain to be told at all
_PART = 0.05  # so much more a word for a part must explain than one for the whole
_LEAST = 0.02  # of the drawing: what changes less does little
_BLUR = 1.0  # pixels; more would make a thicker stroke look like a darker one
_ARROWS = {"rotation": "↻↺"} | dict.fromkeys(
    ("slant", "shift x", "left edge", "right edge", "top shift", "foot shift"), "→←"
)


@dataclass(frozen=True, slots=True)
class Effect:
    """What one dimension does as its number grows.

    Attributes:
        name: one of the words of `deformations`; "mixed" if none explains a quarter of the change,
            "little" if there is next to none.
        sign: 1 or -1, the way it goes; 0 for "mixed" and "little". Positive is thicker, darker,
            wider, higher, to the right, upwards, clockwise.
        strength: 0 … 1, the share of the change that the best word explains.
    """

    name: str
    sign: int
    strength: float

    @property
    def is_clear(self) -> bool:
        """Whether one word tells more than half of it."""
        return self.sign != 0 and self.strength >= _CLEAR

    @property
    def arrow(self) -> str:
        """The way it goes as the number grows; "" if no word tells it."""
        arrows = _ARROWS.get(self.name, "↑↓")
        return arrows[0 if self.sign > 0 else 1] if self.sign else ""

    @property
    def words(self) -> str:
        """Name and arrow; after a ~ where the word tells less than half."""
        about = "~" if self.sign and not self.is_clear else ""
        return f"{about}{self.name} {self.arrow}".strip()


def describe(model: CapsNet, pose: Floats, digit: int) -> tuple[Effect, ...]:
    """One word for each dimension of a pose, from 2·D drawings decoded in one batch.

    Args:
        model: with a decoder.
        pose: (D,) numbers of the capsule.
        digit: which capsule.

    Raises:
        CapsvizError: the network has no decoder, or pose or digit do not fit it.
    """
    moves = STEP * np.eye(len(pose), dtype=np.float32)
    images = reconstruct_many(model, np.concatenate((pose + moves, pose - moves)), digit)
    return effects_of(images[: len(pose)], images[len(pose) :])


def effects_of(more: Floats, less: Floats) -> tuple[Effect, ...]:
    """One word for each of D changes.

    The change is held against the linear change that each simple deformation makes of the middle
    image, and the one of greatest squared cosine, the share of the change that it explains alone,
    gives the word. Both changes are blurred, so that strokes that move by a pixel still overlap.

    Args:
        more: (D, H, W), 0 … 1, with the number raised.
        less: (D, H, W), the same lowered.
    """
    high, low = more.astype(np.float64), less.astype(np.float64)
    pairs = zip(_blurred(high - low), (high + low) / 2, strict=True)
    return tuple(_effect(change, image) for change, image in pairs)


def deformations(image: Doubles) -> tuple[dict[str, Doubles], dict[str, Doubles]]:
    """Linear changes (H, W) of an image by each deformation: of the whole, and of a part.

    Moving every point by (u, v) changes an image by -u·∂I/∂x - v·∂I/∂y; moving its contours
    outwards by |∇I|; more ink by I. x and y are taken from the ink's middle, in units of twice
    its standard deviation, so strokes end near ±1; y points down.
    """
    x, y = _coordinates(image)
    down, right = np.gradient(image)
    left_part, top_part = (np.clip((1 - at) / 2, 0, 1) for at in (x, y))
    stretch = -x * right * _spread(image, 1) - y * down * _spread(image, 0)
    turn = y * right * _spread(image, 0) - x * down * _spread(image, 1)
    whole = {
        "thickness": np.hypot(right, down),
        "ink": image,
        "width": -x * right,
        "height": -y * down,
        "size": stretch,
        "slant": y * right,
        "rotation": turn,
        "shift x": -right,
        "shift y": down,
    }
    part = {
        "left ink": left_part * image,
        "right ink": (1 - left_part) * image,
        "top ink": top_part * image,
        "foot ink": (1 - top_part) * image,
        "middle ink": np.exp(-2 * (x**2 + y**2)) * image,
        "left edge": -left_part * right,
        "right edge": -(1 - left_part) * right,
        "top edge": top_part * down,
        "foot edge": (1 - top_part) * down,
        "top shift": -top_part * right,
        "foot shift": -(1 - top_part) * right,
    }
    return whole, part


def _effect(change: Doubles, image: Doubles) -> Effect:
    if np.linalg.norm(change) <= _LEAST * np.linalg.norm(image):
        return Effect(LITTLE, 0, 0.0)
    whole, part = (_best(words, change) for words in deformations(image))
    name, cosine = part if part[1] ** 2 > whole[1] ** 2 + _PART else whole
    share = min(cosine**2, 1.0)
    if share < _ROUGH:
        return Effect(MIXED, 0, share)
    return Effect(name, 1 if cosine > 0 else -1, share)


def _best(words: dict[str, Doubles], change: Doubles) -> tuple[str, float]:
    """The word whose deformation is most like the change, and the cosine between the two."""
    patterns = _blurred(np.stack(list(words.values())))
    cosines = {
        name: _cosine(pattern, change) for name, pattern in zip(words, patterns, strict=True)
    }
    name = max(cosines, key=lambda word: abs(cosines[word]))
    return name, cosines[name]


def _cosine(first: Doubles, second: Doubles) -> float:
    lengths = np.linalg.norm(first) * np.linalg.norm(second)
    return float((first * second).sum() / max(lengths, 1e-12))


def _coordinates(image: Doubles) -> tuple[Doubles, Doubles]:
    """(1, W) and (H, 1): places in units of twice the ink's standard deviation from its middle."""
    y, x = (_places(image, axis) for axis in (0, 1))
    return x[None, :], y[:, None]


def _places(image: Doubles, axis: int) -> Doubles:
    at = np.arange(image.shape[axis], dtype=np.float64) - _middle(image, axis)
    return at / (2 * _spread(image, axis))


def _middle(image: Doubles, axis: int) -> float:
    ink = image.sum(1 - axis)
    return float((ink * np.arange(len(ink))).sum() / max(ink.sum(), 1e-12))


def _spread(image: Doubles, axis: int) -> float:
    """Standard deviation of the ink along an axis, pixels; at least one."""
    ink = image.sum(1 - axis)
    squares = (np.arange(len(ink)) - _middle(image, axis)) ** 2
    return max(math.sqrt(float((ink * squares).sum() / max(ink.sum(), 1e-12))), 1.0)


def _blurred(images: Doubles) -> Doubles:
    """(n, H, W) through a Gaussian of `_BLUR` pixels."""
    down, across = (_gaussian(side) for side in images.shape[1:])
    result: Doubles = down @ images @ across
    return result


def _gaussian(side: int) -> Doubles:
    """(side, side) that blurs by matrix product; symmetric."""
    at = np.arange(side)
    weights: Doubles = np.exp(-((at[:, None] - at) ** 2) / (2 * _BLUR**2))
    return weights / (_BLUR * math.sqrt(2 * math.pi))
