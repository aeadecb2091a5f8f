"""What the pictures of the couplings have in common: pixels, whole device pixels, outlines."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtCore import QRectF

    from capsviz.gui.look.theme import Theme

LEAST_SEPARATED = 8
"""Cells from this size on stand apart by a hairline; smaller ones would lose too much to it."""


def colour_image(pixels: NDArray[np.uint8]) -> QImage:
    """(H, W, 3) red, green, blue as an image of its own memory."""
    pixels = np.ascontiguousarray(pixels)
    height, width, _ = pixels.shape
    image = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    # a copy, since QImage only borrows the array's memory, and in the format painted fastest
    return image.convertToFormat(QImage.Format.Format_RGB32)


def plain_pixels(shape: tuple[int, ...], colour: str) -> NDArray[np.uint8]:
    """(*shape, 3) of one colour: the place of what is not there yet."""
    parts = QColor(colour)
    return np.full((*shape, 3), (parts.red(), parts.green(), parts.blue()), np.uint8)


def snap(length: float, density: float) -> float:
    """The largest length of whole device pixels, at least one, that is no longer than this."""
    return max(1, math.floor(length * density + 1e-6)) / density


def rimmed(area: QRectF) -> QRectF:
    """Where a line of one pixel stands round an area, covering none of it."""
    return area.adjusted(-0.5, -0.5, 0.5, 0.5)


def outline(painter: QPainter, area: QRectF, colour: str, theme: Theme) -> None:
    """A line along an area's border; a rim in the card's colour sets it off from any other."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for name, width in ((theme.card, 3.0), (colour, 1.5)):
        pen = QPen(QColor(name), width)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        painter.drawRect(rimmed(area))
