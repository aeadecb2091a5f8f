"""The last drawings that people made by moving numbers of a pose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal, Slot

if TYPE_CHECKING:
    from capsviz.explore.answers import Redrawing

_MOST = 12
_REST_MS = 100
_ROUNDING = 2e-6  # of numbers about 0.1


class Films(QObject):
    """One for each gesture: what it ended with, told when the hand rests.

    Signals:
        changed(tuple): the Redrawings that are kept now, oldest first.
    """

    changed = Signal(tuple)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._kept: list[tuple[int, Redrawing]] = []
        self._latest: tuple[int, Redrawing] | None = None
        self._rest = QTimer(self, singleShot=True, interval=_REST_MS)
        self._rest.timeout.connect(self._add_latest)

    @property
    def is_idle(self) -> bool:
        """All are told."""
        return self._latest is None

    def add(self, gesture: int, redrawing: Redrawing) -> None:
        """In place of the same gesture's; not if it is kept already, as when one goes back."""
        if self._latest is not None and self._latest[0] != gesture:
            self._add_latest()
        self._latest = gesture, redrawing
        self._rest.start()

    def clear(self) -> None:
        """None of them means anything any longer."""
        self.stop()
        if self._kept:
            self._keep([])

    def stop(self) -> None:
        """Forget what is not told yet."""
        self._rest.stop()
        self._latest = None

    @Slot()
    def _add_latest(self) -> None:
        assert self._latest is not None
        (gesture, redrawing), self._latest = self._latest, None
        kept = [film for film in self._kept if film[0] != gesture]
        if not any(_is_alike(film, redrawing) for _, film in kept):
            kept.append((gesture, redrawing))
        self._keep(kept[-_MOST:])

    def _keep(self, films: list[tuple[int, Redrawing]]) -> None:
        self._kept = films
        self.changed.emit(tuple(film for _, film in films))


def _is_alike(first: Redrawing, second: Redrawing) -> bool:
    """Whether both are of one pose of one capsule, but for rounding."""
    if first.digit != second.digit or first.pose.shape != second.pose.shape:
        return False
    return bool(np.abs(first.pose - second.pose).max() <= _ROUNDING)
