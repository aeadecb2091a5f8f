"""Arrays to Qt images, in the theme's colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QColor, QImage

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from capsviz.gui.look.theme import Theme


def grey_image(values: NDArray[np.float32], theme: Theme) -> QImage:
    """(H, W) in 0 … 1 from the theme's paper to its ink."""
    return _blend(values, theme.paper, theme.ink)


def difference_image(values: NDArray[np.float32], theme: Theme) -> QImage:
    """(H, W) in -1 … 1: paper at 0, one colour for what is missing, another for what is added."""
    missing, added = theme.digits[0], theme.digits[3]
    low = _colours(np.clip(-values, 0, 1), theme.paper, missing)
    high = _colours(np.clip(values, 0, 1), theme.paper, added)
    return _image(np.where((values < 0)[..., None], low, high))


def _blend(values: NDArray[np.float32], first: str, last: str) -> QImage:
    return _image(_colours(np.clip(values, 0, 1), first, last))


def _colours(values: NDArray[np.float32], first: str, last: str) -> NDArray[np.float32]:
    start, end = (
        np.array([colour.red(), colour.green(), colour.blue()], np.float32)
        for colour in (QColor(first), QColor(last))
    )
    mixed: NDArray[np.float32] = start + values[..., None] * (end - start)
    return mixed


def _image(colours: NDArray[np.float32]) -> QImage:
    pixels = np.ascontiguousarray(colours.round().astype(np.uint8))
    height, width, _ = pixels.shape
    image = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    return image.copy()  # QImage only borrows the array's memory
