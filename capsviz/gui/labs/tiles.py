"""A tile whose pixels have colours, and whose numbers can be read by pointing at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capsviz.gui.labs.pictures import image_of
from capsviz.gui.look.tile import Tile

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtCore import QPointF
    from PySide6.QtGui import QImage

    Floats = NDArray[np.float32]


class ColourTile(Tile):
    """Shows one or two layers of numbers in colours."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._layers: Floats | None = None
        self._pixels: Floats | None = None

    def show_colours(self, layers: Floats | None, pixels: Floats | None) -> None:
        """Show (H, W, 3) colours of (k, H, W) numbers, or nothing."""
        self._layers, self._pixels = layers, pixels
        self.show_values(None if layers is None else layers.sum(axis=0))

    def show_values(self, values: Floats | None) -> None:
        """Show nothing if there are no values; the colours may be others of the same values."""
        if values is None:
            self._layers = self._pixels = None
        self.values = values
        self.update()

    def _picture(self, values: Floats) -> QImage:
        return super()._picture(values) if self._pixels is None else image_of(self._pixels)

    def _value_at(self, place: QPointF) -> str:
        pixel = None if self._layers is None else self._pixel_at(place, self._layers.shape[1:])
        if self._layers is None or pixel is None:
            return ""
        row, column = pixel
        numbers = ", ".join(f"{layer[row, column]:.3f}" for layer in self._layers)
        return f"x {column}, y {row}: {numbers}".replace("-", "−")
