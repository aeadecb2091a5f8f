"""Ink told from its ground: pen on paper or chalk on a board, under uneven light."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from capsviz.data.pixels import reduced, rim_of, without_dust
from capsviz.data.shadows import without_shadow

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

_COARSE = 64  # pixels of the longer side when looking for the ground
_FAINTEST = 0.08  # contrast of ink to ground, of the full range, that is still ink
_QUIETEST = 5.0  # the same in standard deviations of the ground's noise
_NEAR = 2.5  # median deviations; the ground grows by what lies so near its surface
_TWO_CLASSES = 0.85  # of the variance explained; an even slope of light reaches 0.75


def ink_from_image(grey: NDArray[np.float32]) -> Floats:
    """Tell ink from ground, dark on light or light on dark, under uneven light.

    A cast shadow and a table beside the paper are ground.

    Args:
        grey: (h, w) brightness, 0 … 1.

    Returns:
        (h, w) float32, 0 = ground … 1 = ink. Zeros if there is no ink.
    """
    ground = _ground(grey)
    if _ink_is_light(grey - ground):
        grey, ground = 1 - grey, 1 - ground
    ink = _stretched(ground - grey, np.maximum(ground, np.float32(0.05)))
    return without_shadow(grey, without_dust(ink))


def _otsu(grey: Floats) -> tuple[float, float]:
    """The threshold that parts two classes best, and the variance it explains, 0 … 1.

    N. Otsu, A threshold selection method from gray-level histograms, 1979.
    """
    counts, edges = np.histogram(grey, 64)
    values = (edges[:-1] + edges[1:]) / 2
    below, moment = np.cumsum(counts) / grey.size, np.cumsum(counts * values) / grey.size
    mean = moment[-1]
    between = (mean * below - moment) ** 2 / np.maximum(below * (1 - below), 1e-9)
    total = float(counts @ (values - mean) ** 2) / grey.size
    best = int(between.argmax())
    return float(edges[best + 1]), float(between[best]) / max(total, 1e-9)


def _ground(grey: Floats) -> Floats:
    """A quadratic surface of brightness through the ground, grown from a part of it."""
    small = reduced(grey, _COARSE)
    terms, values = _terms(*small.shape), small.ravel()
    within = _surely_ground(small).ravel()
    for count in (1, 3, 6, 6, 6):  # a part of the ground cannot tell how the whole curves
        weights = np.linalg.lstsq(terms[within, :count], values[within], rcond=None)[0]
        rest = np.abs(values - terms[:, :count] @ weights)
        within = rest <= max(_NEAR * float(np.median(rest[within])), 0.02)
    return _surface(weights.astype(np.float32), *grey.shape)


def _surely_ground(grey: Floats) -> NDArray[np.bool_]:
    """Of two clear classes of brightness the one that holds most of the rim, else the rim.

    A bold digit cropped to its box fills half of the rim; a slope of light makes no classes.
    """
    threshold, parted = _otsu(grey)
    bright: NDArray[np.bool_] = grey > threshold
    if parted >= _TWO_CLASSES:
        return bright if np.mean(rim_of(bright)) > 0.5 else ~bright
    rim = np.ones(grey.shape, bool)
    margin = max(1, min(grey.shape) // 10)
    rim[margin:-margin, margin:-margin] = False
    return rim


def _terms(height: int, width: int) -> Floats:
    """1, x, y, x², xy, y² of each pixel, x and y from -1 to 1: (height · width, 6)."""
    y, x = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    terms = np.stack((np.ones_like(x), x, y, x * x, x * y, y * y), axis=-1)
    return terms.reshape(-1, 6).astype(np.float32)


def _surface(weights: Floats, height: int, width: int) -> Floats:
    """The weighted sum of `_terms` as a picture, without a term's worth of memory each."""
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)
    mean, slope_x, slope_y, bend_x, twist, bend_y = weights
    across = mean + (slope_x + bend_x * x) * x
    surface: Floats = across + (slope_y + twist * x + bend_y * y) * y
    return surface


def _ink_is_light(rest: Floats) -> bool:
    """Ink is the rarer tail of the brightness around the ground."""
    return float((rest * rest * rest).mean()) > 0


def _stretched(rest: Floats, ground: Floats) -> Floats:
    """Ground and its noise to 0, the typical ink to 1; zeros where nothing stands out."""
    lighter = -rest[rest < 0]  # is ground only, and as far off 0 as the darker half of it
    noise = 1.48 * min(float(np.median(side)) for side in (lighter, np.abs(rest)) if side.size)
    ink = rest > np.maximum(_QUIETEST * noise, _FAINTEST * ground)
    if not ink.any():
        return np.zeros_like(rest)
    depth = (rest - 2.5 * noise) / ground  # a part of the light, so that shade does not fade it
    full = float(np.percentile(depth[ink], 70))
    stretched: Floats = np.clip((depth / full - 0.06) / 0.94, 0, 1, dtype=np.float32)
    return stretched
