"""What the finding of ink does to whole pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageFilter, ImageOps
from PIL.Image import Resampling

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

_DUST = 0.08  # ink around a pixel, on average, under which it is dust


def reduced(grey: Floats, longest: int) -> Floats:
    """At most `longest` pixels a side, by averaging."""
    picture = Image.fromarray(grey)
    scale = min(1.0, longest / max(grey.shape))
    sides = tuple(max(1, round(side * scale)) for side in picture.size)
    return np.asarray(picture.resize((sides[0], sides[1]), Resampling.BOX), np.float32)


def rim_of(image: NDArray[Any]) -> NDArray[Any]:
    """The pixels at the four edges of (h, w), one after the other: (2 h + 2 w,)."""
    return np.concatenate((image[0], image[-1], image[:, 0], image[:, -1]))


def without_dust(ink: Floats) -> Floats:
    """(h, w) ink 0 … 1 without specks that stand alone."""
    radius = max(ink.shape) // 80
    if radius < 2:
        return ink
    picture = ImageOps.expand(Image.fromarray((ink * 255).astype(np.uint8)), radius)
    around = np.asarray(ImageOps.crop(picture.filter(ImageFilter.BoxBlur(radius)), radius))
    return np.where(around >= _DUST * 255, ink, np.float32(0))
