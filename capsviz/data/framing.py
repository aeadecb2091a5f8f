"""Pictures of any size brought to MNIST's frame, as MNIST itself was made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image
from PIL.Image import Resampling

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

_INK_SIDE = 20  # of 28: the longest side of the ink in MNIST
# Part of the darkest ink that still counts as ink when its box is sought. MNIST's digits come
# back from enlargement (2 to 10 times, with or without blur) best between 0.1 and 0.4.
_FAINTEST = 0.2


def frame_image(ink: NDArray[Any], size: int = 28) -> Floats:
    """Longest side of the ink to 20/28 of `size`, centre of mass to the pixel (size/2, size/2).

    The centre of mass is brought there to the nearest whole pixel, as in MNIST, so a digit of
    MNIST that was enlarged comes back to where it was.

    Args:
        ink: (h, w), 0 = ground; floats 0 … 1 or uint8 0 … 255.
        size: side of the result, pixels.

    Returns:
        (size, size) float32, 0 … 1, its darkest ink at 1; zeros if there is no ink.
    """
    floats = as_floats(ink)
    peak = float(floats.max(initial=0))
    image = np.zeros((size, size), np.float32)
    if peak > 0:
        small = _resized(_cropped(floats, _FAINTEST * peak), _INK_SIDE * size / 28)
        _paste(small / small.max(), image)
    return image


def frame_images(images: NDArray[Any], size: int = 28) -> Floats:
    """`frame_image` of each picture (n, h, w): (n, size, size) float32."""
    framed = np.zeros((len(images), size, size), np.float32)
    for place, image in enumerate(images):
        framed[place] = frame_image(image, size)
    return framed


def fit_images(images: NDArray[Any], size: int = 28, border: int = 0) -> Floats:
    """Pictures of one digit each as a network takes them: (n, size, size) float32.

    Args:
        images: (n, h, h); those of the network's size, or of its digits', are taken as they are.
        size: side of the network's images, pixels.
        border: kept free on every side, as where two digits share an image.
    """
    side, inner = images.shape[1], size - 2 * border
    if side == size:
        return as_floats(images)
    framed = as_floats(images) if side == inner else frame_images(images, inner)
    fitting: Floats = np.pad(framed, ((0, 0), (border, border), (border, border)))
    return fitting


def as_floats(ink: NDArray[Any]) -> Floats:
    """The same picture as float32 0 … 1; uint8 is 0 … 255."""
    if ink.dtype == np.uint8:
        return ink.astype(np.float32) / np.float32(255)
    return np.clip(ink.astype(np.float32), 0, 1)


def _cropped(ink: Floats, threshold: float) -> Floats:
    seen = ink >= threshold
    rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _resized(ink: Floats, longest: float) -> Floats:
    scale = longest / max(ink.shape)
    height, width = (max(1, round(side * scale)) for side in ink.shape)
    # plain averaging undoes an enlargement exactly; near 1:1 it would drop or double rows
    method = Resampling.BOX if scale <= 0.5 else Resampling.LANCZOS
    picture = Image.fromarray(np.ascontiguousarray(ink)).resize((width, height), method)
    return np.clip(np.asarray(picture, np.float32), 0, 1)


def _paste(small: Floats, image: Floats) -> None:
    """Lay `small` into the ground, its centre of mass near the middle; what sticks out is cut."""
    size = len(image)
    spans = []
    for axis in (0, 1):
        ink = small.sum(1 - axis)
        centre = float(ink @ np.arange(len(ink))) / float(ink.sum())
        spans.append(_overlap(int(np.floor(size / 2 - centre + 0.5)), len(ink), size))
    (rows, from_rows), (columns, from_columns) = spans
    image[rows, columns] = small[from_rows, from_columns]


def _overlap(start: int, length: int, size: int) -> tuple[slice, slice]:
    """Where 0 … length laid at `start` lies in 0 … size, and which part of it does."""
    low, high = max(start, 0), min(start + length, size)
    return slice(low, high), slice(low - start, high - start)
