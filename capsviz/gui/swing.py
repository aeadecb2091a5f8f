"""Dimensions of a pose that move by themselves."""

from __future__ import annotations

import math

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from capsviz.gui.pose_edit import PERTURBATION

_FRAME_MS = 33
_PERIOD = 2400  # ms for one dimension, there and back


class Swing(QObject):
    """Moves one dimension after the other up and down, by the paper's ±0.25, until stopped.

    Signals:
        moved(int, float): this dimension is so far from where it was.
        changed(bool): it moves, or no longer.
    """

    moved = Signal(int, float)
    changed = Signal(bool)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._dimensions: tuple[int, ...] = ()
        self._frame = 0
        self._timer = QTimer(self, interval=_FRAME_MS)
        self._timer.timeout.connect(self._move_on)

    @property
    def is_active(self) -> bool:
        """Whether something moves."""
        return self._timer.isActive()

    def start(self, dimensions: tuple[int, ...]) -> None:
        """Move these in turn."""
        self._dimensions, self._frame = dimensions, 0
        self._timer.start()
        self.changed.emit(True)

    def stop(self) -> None:
        """Stand still."""
        if self.is_active:
            self._timer.stop()
            self.changed.emit(False)

    @Slot()
    def _move_on(self) -> None:
        turn, phase = divmod(self._frame * _FRAME_MS, _PERIOD)
        self._frame += 1
        dimension = self._dimensions[turn % len(self._dimensions)]
        self.moved.emit(dimension, PERTURBATION * math.sin(2 * math.pi * phase / _PERIOD))
