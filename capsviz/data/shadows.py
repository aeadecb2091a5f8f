"""Ink on a ground that changes at an edge: a cast shadow, or the table beside the paper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image
from PIL.Image import Resampling

from capsviz.data.pixels import reduced, without_dust

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

_LONGEST = 512  # pixels of the longer side: a shadow's edge stays sharp, a thin pen two wide
_COARSE = 256  # the same where ink is followed along its outline
_WINDOW = 0.3  # of the shorter side: wider than any stroke
_FAINTEST, _QUIETEST = 0.08, 5.0  # contrast of ink, of its ground and of the noise's deviation
_FAINT = 0.4  # of the typical ink's contrast, under which it is a line of the paper
_SEEN = 0.2  # ink that counts when its box is sought, as in framing
_SAME_BOX = 0.03  # of the side, by which the edges of two boxes may differ
# Of the outline of what stands out, the part beyond which it is as dark: next to none around ink
# on paper in shadow, far more where a digit that fills its picture has lost a stroke.
_CUT = 0.01


@dataclass(frozen=True, slots=True)
class _Finding:
    """What stands out from its surroundings: ink (h, w) 0 … 1, and whether it is all of it."""

    ink: Floats
    is_whole: bool


def without_shadow(grey: Floats, ink: Floats) -> Floats:
    """The ink, found anew where a shadow, a patch of light or a table was taken for it.

    A digit that fills its picture or is cut by its rim is a large dark area at the rim too.
    There no stroke along the rim stands out, so what does ends within the dark; the ink is
    then left as it is.

    Args:
        grey: (h, w) brightness 0 … 1, inverted where ink was found to be light.
        ink: (h, w) 0 … 1, as told from one smooth surface of light.

    Returns:
        (h, w) float32, 0 = ground … 1 = ink.
    """
    small, taken = reduced(grey, _LONGEST), reduced(ink, _LONGEST)
    found = _whole_ink(small, taken)
    if found is None or _is_same_box(found, ink):
        return ink
    picture = Image.fromarray(found).resize(ink.shape[::-1], Resampling.BILINEAR)
    return np.asarray(picture, np.float32)


def _whole_ink(grey: Floats, taken: Floats) -> Floats | None:
    """What stands out and is not cut: of dark and light the wider, as a 0 holds its middle."""
    findings = [_standing_out(grey)]
    is_odd = _is_wide(taken) or not (taken > _SEEN).any()
    if is_odd or not _overlap(findings[0].ink, taken):  # even the ink's colour is in doubt
        inverse = _standing_out(1 - grey)
        if is_odd or not _lies_within(inverse.ink, taken):  # or is it the middle of an 8
            findings.append(inverse)
    return max((f.ink for f in findings if f.is_whole), key=_spread, default=None)


def _standing_out(grey: Floats) -> _Finding:
    ground = _local_ground(grey)
    rest = ground - grey
    depth = rest / np.maximum(ground, np.float32(0.05))
    noise = 1.48 * float(np.median(np.abs(rest)))
    stands = (rest > _QUIETEST * noise) & (depth > _FAINTEST)
    if not stands.any():
        return _Finding(np.zeros_like(grey), False)
    full = float(np.percentile(depth[stands], 99))
    ink = np.clip((depth / full - _FAINT) / (0.6 * (1 - _FAINT)), 0, 1, dtype=np.float32)
    ink = without_dust(np.where(stands, ink, np.float32(0)))
    return _Finding(ink, bool((ink > _SEEN).any()) and _cut(ink, ground, grey) < _CUT)


def _local_ground(grey: Floats) -> Floats:
    """Brightness with all dark filled that no window fits into; windows may overhang the rim.

    So strokes are filled, while the edge of a shadow stays and a table at the rim stays dark.
    """
    tones = np.round(grey * 255).astype(np.uint8)
    window = max(3, round(_WINDOW * min(grey.shape)))
    closed = _extreme(_extreme(np.pad(tones, window - 1), window, np.maximum), window, np.minimum)
    ground: Floats = closed.astype(np.float32) / np.float32(255)
    ground -= np.median(ground - grey)  # of the noise the brightest was taken
    return ground


def _extreme(image: NDArray[Any], window: int, better: np.ufunc) -> NDArray[Any]:
    """The best of each window × window pixels: (h, w) → (h - window + 1, w - window + 1)."""
    for _ in range(2):
        done = 1
        while done < window:  # two windows that overlap make one
            step = min(done, window - done)
            image = better(image[:-step], image[step:])
            done += step
        image = np.ascontiguousarray(image.T)
    return image


def _cut(ink: Floats, ground: Floats, grey: Floats) -> float:
    """The part of the ink's outline beyond which the picture is as dark as the ink, 0 … 1."""
    within = reduced(ink, _COARSE) > 0.25
    if not within.any():
        return 1.0
    ground, grey = reduced(ground, _COARSE), reduced(grey, _COARSE)
    typical = float(np.median(1 - grey[within] / np.maximum(ground[within], 0.05)))
    outline = _around(within) & ~within
    light = _around(np.where(within, ground, np.float32(0)))  # on the ink, by its ground
    dark = outline & (light - grey > 0.75 * typical * light)
    return float(dark.sum() / max(1, outline.sum()))


def _around(image: NDArray[Any]) -> NDArray[Any]:
    """The highest within two pixels."""
    return _extreme(np.pad(image, 2, mode="edge"), 5, np.maximum)


def _is_wide(ink: Floats) -> bool:
    """Whether a window fits into the ink, as into no stroke."""
    small = reduced(ink, 64) > 0.3
    window = max(2, round(_WINDOW * min(small.shape)))
    return min(small.shape) >= window and bool(_extreme(small, window, np.logical_and).any())


def _overlap(one: Floats, other: Floats) -> bool:
    both, either = np.minimum(one, other) > 0.3, np.maximum(one, other) > 0.3
    return bool(both.sum() >= 0.05 * either.sum())


def _box(ink: Floats) -> NDArray[np.float64]:
    """Where the ink ends to the top, bottom, left and right, in parts of the side: (4,)."""
    seen = ink > _SEEN
    rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
    height, width = ink.shape
    ends = (rows[0] / height, rows[-1] / height, columns[0] / width, columns[-1] / width)
    return np.array(ends)


def _is_same_box(one: Floats, other: Floats) -> bool:
    if not (other > _SEEN).any():
        return False
    return bool(np.abs(_box(one) - _box(other)).max() < _SAME_BOX)


def _lies_within(inner: Floats, outer: Floats) -> bool:
    if not (inner > _SEEN).any():
        return True
    grown = (_box(inner) - _box(outer)) * (1, -1, 1, -1)
    return bool((grown >= 0).all())


def _spread(ink: Floats) -> float:
    """How far the ink reaches from its middle, down and across; few pixels astray weigh little."""
    return _variance(ink.sum(1)) * _variance(ink.sum(0))


def _variance(weights: Floats) -> float:
    """Of the places 0, 1, 2 … with these weights."""
    places = np.arange(len(weights))
    mean = np.average(places, weights=weights)
    return float(np.average((places - mean) ** 2, weights=weights))
