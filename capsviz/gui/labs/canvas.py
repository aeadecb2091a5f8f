"""The canvas of two layers: one is drawn on, the other is seen below it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPen

from capsviz.data.drawing import INK_SIDE
from capsviz.data.layer import PEN, SIDE
from capsviz.data.overlay import Overlay
from capsviz.gui.input import hints
from capsviz.gui.input.canvas import Canvas
from capsviz.gui.input.ink import Ink
from capsviz.gui.labs.pictures import tinted
from capsviz.gui.look.theme import DARK, Theme
from capsviz.gui.scene import Scene

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtGui import QImage
    from PySide6.QtWidgets import QWidget

    from capsviz.data.layer import Layer

    Floats = NDArray[np.float32]

_FIRST, _SECOND = "Draw a digit here", "Draw another digit over it"
_ONE = "Draw two digits, one over the other"


class LayerCanvas(Canvas):
    """A canvas of 36×36 pixels with a layer for each digit, each in its own colour."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("two-digits-canvas")
        self.setAccessibleName("Canvas of two digits")
        self._overlay, self._active = Overlay(), 0
        self._plain = DARK
        self._digits: tuple[int | None, int | None] = (None, None)
        self._ink, self._other = Ink(_clear_image), Ink(_clear_image)
        self.set_pen(1.0, False)

    def show_overlay(self, overlay: Overlay) -> None:
        """Show what both layers hold; a stroke under way goes on upon its own."""
        self._overlay = overlay
        self.show_scene(_scene_of(self._layer))

    def show_active(self, active: int) -> None:
        """Draw on the first (0) or the second (1) layer."""
        self._active = active
        self._dress()
        self.show_overlay(self._overlay)

    def show_digits(self, digits: tuple[int | None, int | None]) -> None:
        """Paint each layer in the colour of the digit it is seen as, or in none."""
        if digits != self._digits:
            self._digits = digits
            self._dress()

    def set_pen(self, width: float, erases: bool) -> None:
        """Width relative to the usual pen, as it looks in one digit's image."""
        super().set_pen(width * PEN, erases)

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._plain = theme
        self._dress()

    def _dress(self) -> None:
        super().set_theme(replace(self._plain, ink=self._colour(self._active)))

    @property
    def _layer(self) -> Layer:
        return self._overlay.layers[self._active]

    def _colour(self, index: int) -> str:
        digit = None if self._overlay.is_one else self._digits[index]
        if digit is not None:
            return self._plain.digits[digit % len(self._plain.digits)]
        return self._plain.ink if index == self._active else self._plain.quiet

    def _paint_below(self, painter: QPainter) -> None:
        self._paint_frame(painter)
        other = 1 - self._active
        scene = _scene_of(self._overlay.layers[other])
        if not scene.is_empty:
            side = self._ink.image.width()
            theme = replace(self._plain, ink=self._colour(other))
            self._other.paint_scene(scene, side, theme)
            painter.drawImage(self._ink_area(), self._other.image)

    def _paint_frame(self, painter: QPainter) -> None:
        """Where a digit in the middle would have its 20 pixels."""
        painter.setPen(QPen(QColor(self._plain.line), 1, Qt.PenStyle.DashLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        unit = self.square.width() / SIDE
        edge = (SIDE - INK_SIDE) / 2 * unit
        painter.drawRect(self.square.adjusted(edge, edge, -edge, -edge))

    def _paint_invitation(self, painter: QPainter) -> None:
        if self._overlay.is_one:
            hints.paint_words(painter, self.square, _ONE, self._plain)
        elif self._layer.is_empty:
            words = _FIRST if self._overlay.is_empty else _SECOND
            hints.paint_words(painter, self.square, words, self._plain)


def _scene_of(layer: Layer) -> Scene:
    """A layer as the canvas shows it; a real digit is drawn upon as an image is."""
    return Scene(layer.shown, None if layer.digit is None else layer.part())


def _clear_image(values: Floats, theme: Theme) -> QImage:
    """Ink on no ground, through which the other layer is seen."""
    return tinted(values, theme.ink)
