"""The way of a drawing from its place on the canvas to MNIST's frame, shown as it moves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEasingCurve, QObject, QVariantAnimation, Signal, Slot
from PySide6.QtWidgets import QApplication

from capsviz.data.drawing import CANVAS, INK_SIDE, Framing, rasterize_at

if TYPE_CHECKING:
    from capsviz.data.drawing import Drawing

_DURATION_MS = 400
_LEAST_WAY = 0.75  # pixels of 28; a shorter way is not worth looking at


@dataclass(frozen=True, slots=True)
class Way:
    """A drawing and where it lies in an image of `size` pixels, at first and at last; and how
    many pixels of free ground that image has round it.
    """

    drawing: Drawing
    first: Framing
    last: Framing
    size: int
    border: int = 0

    @property
    def is_noticeable(self) -> bool:
        """Whether a corner of a drawing of usual size moves by most of a pixel or more."""
        margin = (CANVAS - INK_SIDE) / 2
        scale = self.last.scale - self.first.scale
        x, y = self.last.offset_x - self.first.offset_x, self.last.offset_y - self.first.offset_y
        corners = (margin, CANVAS - margin)
        longest = max(abs(scale * at + shift) for at in corners for shift in (x, y))
        return longest > _LEAST_WAY * self.size / CANVAS

    def at(self, part: float) -> Framing:
        """The framing after this part of the way, 0 … 1; every point goes straight."""
        first, last = self.first, self.last
        return Framing(
            first.scale + part * (last.scale - first.scale),
            first.offset_x + part * (last.offset_x - first.offset_x),
            first.offset_y + part * (last.offset_y - first.offset_y),
        )


class FramingEase(QObject):
    """Goes the way in 0.4 s, quick at first.

    Signals:
        passed(object): (S, S) float32 image on the way; None once it is over.
    """

    passed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._way: Way | None = None
        self._clock = QVariantAnimation(self)
        self._clock.setDuration(_DURATION_MS)
        self._clock.setStartValue(0.0)
        self._clock.setEndValue(1.0)
        self._clock.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._clock.valueChanged.connect(self._pass)
        self._clock.finished.connect(self.stop)

    @property
    def is_running(self) -> bool:
        """Whether it is on the way."""
        return self._way is not None

    def start(self, way: Way) -> None:
        """Go, unless the way is too short to be seen or the person wants no motion."""
        self.stop()
        application = QApplication.instance()
        is_still = application is not None and bool(application.property("reduced-motion"))
        if way.is_noticeable and not is_still:
            self._way = way
            self._pass(0.0)  # the clock tells of its first value only a frame later
            self._clock.start()

    @Slot()
    def stop(self) -> None:
        """Be over at once."""
        if self._way is not None:
            self._way = None
            self._clock.stop()
            self.passed.emit(None)

    @Slot(object)
    def _pass(self, part: float) -> None:
        if self._way is not None:
            way = self._way
            image = rasterize_at(way.drawing, way.at(part), way.size)
            self.passed.emit(np.pad(image, way.border))
