"""The tile of what the network sees: its pixels, the way they came, and a receptive field."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Slot
from PySide6.QtGui import QPainter, QPainterPath

from capsviz.gui.input.hints import outline_field, paint_guide
from capsviz.gui.look.theme import GRID
from capsviz.gui.look.tile import Tile

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtGui import QPaintEvent

SIDE = 13 * GRID
"""The tile's least side, device-independent pixels."""


class InputTile(Tile):
    """A tile whose `values` are the true input even while it shows a passing image."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.setObjectName("network-input")
        self.setMinimumSize(SIDE, SIDE)
        self._passing: NDArray[np.float32] | None = None
        self._field: tuple[int, int, int] | None = None

    @Slot(object)
    def show_passing(self, image: NDArray[np.float32] | None) -> None:
        """Show this instead of the true input, or that again."""
        self._passing = image
        self.update()

    def show_pointed(self, field: tuple[int, int, int] | None) -> None:
        """Outline row, column, side in pixels, or nothing."""
        self._field = field
        self.update()

    # Qt calls this

    def paintEvent(self, event: QPaintEvent) -> None:
        true = self.values
        if true is not None and self._passing is not None:
            self.values = self._passing  # for this painting only: pointing reads the truth
        super().paintEvent(event)
        self.values = true
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        outline = QPainterPath()
        outline.addRoundedRect(self.square, GRID / 2, GRID / 2)
        painter.setClipPath(outline)
        if true is None:
            paint_guide(painter, self.square, self._theme)
        elif self._field is not None and self._passing is None:
            outline_field(painter, self.square, self._area(len(true)), self._theme)

    def _area(self, size: int) -> QRectF:
        row, column, side = self._field or (0, 0, 0)
        pixel = self.square.width() / size
        corner = self.square.topLeft()
        left, top = corner.x() + column * pixel, corner.y() + row * pixel
        return QRectF(left, top, side * pixel, side * pixel)
