"""Picture files of any kind, photographs of paper included, brought to ink on bare ground."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from capsviz.data.framing import frame_image

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

PIXEL_LIMIT = 2**26  # of a picture; the largest phones make 50 million
_FILE_LIMIT = 2**27  # bytes
_LONGEST = 1024  # pixels kept of the longer side: a digit in a corner still has some hundred
_COARSE = 64  # pixels of the longer side when looking for the ground
_FAINTEST = 0.08  # contrast of ink to ground, of the full range, that is still ink
_QUIETEST = 4.0  # the same in standard deviations of the ground's noise
_DUST = 0.08  # ink around a pixel, on average, under which it is dust


def read_image(path: Path) -> Floats:
    """The ink of a picture file, whatever its ground and light.

    Args:
        path: in any format that Pillow decodes, EPS apart; of animations the first picture.

    Returns:
        (h, w) float32, 0 = ground … 1 = ink; large pictures are reduced to 1024 pixels.

    Raises:
        CapsvizError: the file is no picture, is damaged, has more than `PIXEL_LIMIT` pixels,
            or shows no ink; names it.
    """
    return _ink_of(_read_grey(path), path)


def image_to_input(path: Path, size: int = 28) -> Floats:
    """What a network of the given input size is to see of a picture file.

    A picture of exactly size × size with a dark ground, like MNIST's, is taken as it is; any
    other is brought to ink and framed.

    Returns:
        (size, size) float32, 0 = ground … 1 = ink.

    Raises:
        CapsvizError: as `read_image`.
    """
    grey = _read_grey(path)
    if grey.shape == (size, size) and _has_dark_ground(grey):
        return grey
    return frame_image(_ink_of(grey, path), size)


def ink_from_image(grey: NDArray[np.float32]) -> Floats:
    """Tell ink from ground, dark on light or light on dark, under uneven light.

    Args:
        grey: (h, w) brightness, 0 … 1.

    Returns:
        (h, w) float32, 0 = ground … 1 = ink. Zeros if there is no ink.
    """
    ground = _smooth_ground(grey)
    if _ink_is_light(grey - ground):
        grey, ground = 1 - grey, 1 - ground
    even = np.clip(grey / np.maximum(ground, 0.05), 0, 1.2)
    depth = 1 - even / np.maximum(_local_ground(even), 0.05)
    return _without_dust(_stretched(depth))
