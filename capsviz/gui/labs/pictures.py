"""Two digits as one picture, each in its own colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QColor, QImage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

_FAINTEST = 1e-9  # of mass, under which no place goes anywhere
_GLOW = 0.55  # of a digit's colour, where the most mass comes from but no ink is
_QUICK = 0.5  # power by which ink takes its colour: a little mass is seen, as in the first steps


def rgb(colour: str) -> Floats:
    """(3,) red, green and blue, 0 … 255."""
    parts = QColor(colour)
    return np.array([parts.red(), parts.green(), parts.blue()], np.float32)


def image_of(pixels: Floats) -> QImage:
    """(H, W, 3) in 0 … 255 as an image of its own memory."""
    whole = np.ascontiguousarray(np.clip(pixels, 0, 255).round().astype(np.uint8))
    height, width, _ = whole.shape
    return QImage(whole.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def tinted(values: Floats, colour: str) -> QImage:
    """(H, W) in 0 … 1 as ink of one colour on no ground."""
    height, width = values.shape
    alpha = (255 * np.clip(values, 0, 1)).round().astype(np.uint8)
    pixels = np.empty((height, width, 4), np.uint8)
    pixels[..., :3] = rgb(colour).astype(np.uint8)
    pixels[..., 3] = alpha
    return QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()


def overlaid_colours(layers: Floats, colours: Sequence[str], paper: str) -> Floats:
    """(2, H, W) in 0 … 1 → (H, W, 3): each adds its colour's difference from the paper.

    On dark paper both together are lighter than either, on light paper darker.
    """
    ground = rgb(paper)
    ways = np.stack([rgb(colour) - ground for colour in colours])  # 2 3
    mixed: Floats = ground + np.clip(layers, 0, 1).transpose(1, 2, 0) @ ways
    return np.clip(mixed, 0, 255)


def mass_colours(
    mass: Floats, most: float, image: Floats, colours: Sequence[str], paper: str, ink: str
) -> Floats:
    """Which digit each place goes to, laid over the image: (H, W, 3) in 0 … 255.

    A place has the two colours mixed by each digit's share in its mass above an even split, and
    glows by how much that is; ink there takes the colour, and keeps its own where nothing is.

    Args:
        mass: (2, H, W) of the two digits, M_j as `couplings.mass_maps` with `difference`.
        most: of both together anywhere, in any iteration: the brightest glow.
        image: (H, W) in 0 … 1.
        colours: of the two digits.
        paper: the light or dark ground of the image.
        ink: the other end of its scale.
    """
    above = np.clip(mass, 0, None)
    total = above.sum(axis=0)
    shares = above / np.maximum(total, _FAINTEST)  # 2 H W
    mixed = shares.transpose(1, 2, 0) @ np.stack([rgb(colour) for colour in colours])
    strength = np.clip(total / max(most, _FAINTEST), 0, 1)[..., None]
    ground = rgb(paper)
    glow = ground + _GLOW * strength * (mixed - ground)
    taken = strength**_QUICK
    drawn = rgb(ink) + taken * (mixed - rgb(ink))
    laid: Floats = glow + image[..., None] * (drawn - glow)
    return laid
