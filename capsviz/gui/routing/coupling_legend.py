"""The colour bar: which numbers the colours of the couplings stand for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath
from PySide6.QtWidgets import QSizePolicy, QWidget

from capsviz.gui.look.colours import Scale, colours
from capsviz.gui.look.theme import DARK, GRID, SMALL, Theme, font
from capsviz.gui.routing.coupling_paint import colour_image

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

_BAR = GRID
_STEPS = 256


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a colour bar says.

    Attributes:
        name: the number that is shown in colour, as rich text.
        scale: which numbers get which colours.
        is_beyond: whether numbers lie below the low end, and above the high end.
    """

    name: str
    scale: Scale
    is_beyond: tuple[bool, bool]

    @property
    def words(self) -> tuple[str, str, str]:
        """Names of the low end, the middle and the high end."""
        low, high = self.scale.low, self.scale.high
        below = "≤ " if self.is_beyond[0] else ""
        above = "≥ " if self.is_beyond[1] else ""
        middle = (low + high) / 2
        signed = self.scale.is_signed
        return (
            below + short(low, signed),
            short(middle, signed),
            above + short(high, signed),
        )


class CouplingLegend(QWidget):
    """A colour bar with its ends and middle below it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("coupling-legend")
        self.setAccessibleName("Colours of the couplings")
        self.setFont(font(SMALL))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.meaning: Meaning | None = None
        self._theme = DARK

    def show_meaning(self, meaning: Meaning | None) -> None:
        """Show what the colours mean now, or nothing."""
        self.meaning = meaning
        if meaning is not None:
            low, middle, high = meaning.words
            name = meaning.name.replace("<sub>", "_").replace("</sub>", "")
            self.setAccessibleDescription(f"{name} from {low} by {middle} to {high}")
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme = theme
        self.update()

    def _line(self) -> int:
        return self.fontMetrics().height()

    def _paint_bar(self, painter: QPainter, meaning: Meaning) -> None:
        scale = meaning.scale
        values = np.linspace(scale.low, scale.high, _STEPS)[None]
        area = QRectF(0, 0, self.width(), _BAR).adjusted(0.5, 0.5, -0.5, -0.5)
        shape = QPainterPath()
        shape.addRoundedRect(area, GRID / 4, GRID / 4)
        painter.setClipPath(shape)
        painter.drawImage(area, colour_image(colours(values, scale, self._theme)))
        painter.setClipping(False)
        painter.setPen(QColor(self._theme.line))
        painter.drawPath(shape)

    # Qt calls these

    def sizeHint(self) -> QSize:
        return QSize(20 * GRID, self._line() + _BAR)

    def minimumSizeHint(self) -> QSize:
        return QSize(14 * GRID, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self.meaning is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_bar(painter, self.meaning)
        painter.setPen(QColor(self._theme.quiet))
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        sides = (left, Qt.AlignmentFlag.AlignHCenter, right)
        for side, word in zip(sides, self.meaning.words, strict=True):
            painter.drawText(self.rect(), side | Qt.AlignmentFlag.AlignBottom, word)


def short(value: float, signed: bool = False) -> str:
    """Two digits that count, with a real minus sign."""
    text = f"{value:+.2g}" if signed and value else f"{value:.2g}"
    return text.replace("-", "−")
