"""Arrays to Qt images, in the theme's colours."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QColor, QImage

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from capsviz.gui.look.theme import Theme

_LEVELS = 255


def grey_image(values: NDArray[np.float32], theme: Theme) -> QImage:
    """(H, W) in 0 … 1 from the theme's paper to its ink."""
    levels = np.rint(np.clip(values, 0, 1) * _LEVELS).astype(np.uint8)
    return _image(_ramp(theme.paper, theme.ink)[levels])


def difference_colours(theme: Theme) -> tuple[str, str]:
    """Of what is missing, and of what is added."""
    return theme.digits[0], theme.digits[3]


def difference_image(values: NDArray[np.float32], theme: Theme) -> QImage:
    """(H, W) in -1 … 1: paper at 0, one colour for what is missing, another for what is added."""
    levels = np.rint(np.clip(values, -1, 1) * _LEVELS).astype(np.int16) + _LEVELS
    return _image(_fork(theme.paper, *difference_colours(theme))[levels])


@cache
def _ramp(first: str, last: str) -> NDArray[np.uint8]:
    """(256, 3) colours from one to the other."""
    start, end = (
        np.array([colour.red(), colour.green(), colour.blue()], np.float32)
        for colour in (QColor(first), QColor(last))
    )
    parts = np.linspace(0, 1, _LEVELS + 1, dtype=np.float32)[:, None]
    return np.rint(start + parts * (end - start)).astype(np.uint8)


@cache
def _fork(middle: str, low: str, high: str) -> NDArray[np.uint8]:
    """(511, 3) colours from `low` through `middle` to `high`."""
    return np.concatenate((_ramp(middle, low)[:0:-1], _ramp(middle, high)))


def _image(pixels: NDArray[np.uint8]) -> QImage:
    height, width, _ = pixels.shape
    image = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    return image.copy()  # QImage only borrows the array's memory
