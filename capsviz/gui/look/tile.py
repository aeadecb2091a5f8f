"""A small square picture whose every pixel can be read by pointing at it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from capsviz.gui.look.pictures import difference_image, grey_image
from capsviz.gui.look.theme import DARK, GRID, Theme
from capsviz.gui.look.tips import shows_tip

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtCore import QPointF
    from PySide6.QtGui import QPaintEvent


def enlarged(image: QImage, width: float) -> QImage:
    """The next whole multiple that is at least `width` device pixels wide.

    Drawn smoothly at that width, pixels stay sharp and all are equally large.
    """
    times = max(1, math.ceil(width / image.width()))
    return image.convertToFormat(QImage.Format.Format_RGB32).scaled(image.size() * times)


def paint_image(painter: QPainter, image: QImage, place: QRectF) -> None:
    """Paint an image with sharp pixels into a place, on a screen of any pixel ratio."""
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    ratio = painter.device().devicePixelRatioF()
    painter.drawImage(place, enlarged(image, place.width() * ratio))


class Tile(QWidget):
    """Shows (H, W) numbers as sharp pixels: grey from 0 to 1, or signed from -1 to 1."""

    def __init__(self, name: str, signed: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setMinimumSize(8 * GRID, 8 * GRID)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._signed = signed
        self._theme = DARK
        self.values: NDArray[np.float32] | None = None

    def show_values(self, values: NDArray[np.float32] | None) -> None:
        """Show these numbers, or nothing."""
        if values is not self.values:
            self.values = values
            self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme = theme
        self.update()

    @property
    def square(self) -> QRectF:
        """The part of the widget that shows the picture."""
        side = min(self.width(), self.height())
        return QRectF((self.width() - side) / 2, 0, side, side)

    def _picture(self, values: NDArray[np.float32]) -> QImage:
        """The numbers as an image."""
        picture = difference_image if self._signed else grey_image
        return picture(values, self._theme)

    def _pixel_at(self, place: QPointF, shape: tuple[int, ...]) -> tuple[int, int] | None:
        """Row and column of the pixel there, of a picture of (H, W)."""
        square, (height, width) = self.square, shape
        if not square.contains(place):
            return None
        column = int((place.x() - square.left()) / square.width() * width)
        row = int((place.y() - square.top()) / square.height() * height)
        return min(row, height - 1), min(column, width - 1)  # the edge belongs to the last

    def _value_at(self, place: QPointF) -> str:
        pixel = None if self.values is None else self._pixel_at(place, self.values.shape)
        if self.values is None or pixel is None:
            return ""
        value = format(self.values[pixel], "+.3f" if self._signed else ".3f")
        return f"x {pixel[1]}, y {pixel[0]}: {value.replace('-', '−')}"

    # Qt calls these

    def sizeHint(self) -> QSize:
        return QSize(14 * GRID, 14 * GRID)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return width

    def event(self, event: QEvent) -> bool:
        return shows_tip(self, event, self._value_at) or super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        outline = QPainterPath()
        outline.addRoundedRect(self.square, GRID / 2, GRID / 2)
        painter.setClipPath(outline)
        if self.values is None:
            painter.fillPath(outline, QColor(self._theme.paper))
        else:
            paint_image(painter, self._picture(self.values), self.square)
        if self._theme.is_outlined:
            painter.setPen(QPen(QColor(self._theme.line), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(outline)
