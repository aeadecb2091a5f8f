"""Which routing iteration is shown; playing and scrubbing are one mechanism."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal, Slot

_STEP_MS = 700  # long enough to look at each picture


class Playhead(QObject):
    """Stands at one of the iterations 1 … count, and at the last unless someone moved it.

    Signals:
        moved(int): another iteration is shown.
        count_changed(int): there are so many iterations now.
        playing_changed(bool): it plays, or no longer.
    """

    moved = Signal(int)
    count_changed = Signal(int)
    playing_changed = Signal(bool)

    def __init__(self, count: int, parent: QObject) -> None:
        super().__init__(parent)
        self.count = self.iteration = count
        self._timer = QTimer(self, interval=_STEP_MS)
        self._timer.timeout.connect(self._advance)

    @property
    def is_playing(self) -> bool:
        """Whether it moves by itself."""
        return self._timer.isActive()

    @Slot(int)
    def set_count(self, count: int) -> None:
        """There are so many iterations; whoever stood at the last stays at the last."""
        if count == self.count:
            return
        at_last = self.iteration == self.count
        self.count = count
        self.count_changed.emit(count)
        self._move(count if at_last else min(self.iteration, count))

    @Slot(int)
    def scrub(self, iteration: int) -> None:
        """Show this iteration, clipped to 1 … count; ends playing."""
        self.pause()
        self._move(iteration)

    @Slot()
    def step_back(self) -> None:
        """One iteration earlier."""
        self.scrub(self.iteration - 1)

    @Slot()
    def step_on(self) -> None:
        """One iteration later."""
        self.scrub(self.iteration + 1)

    @Slot()
    def toggle(self) -> None:
        """Play from here, from the first if this is the last; or pause."""
        if self.is_playing:
            self.pause()
            return
        if self.iteration == self.count:
            self._move(1)
        self._timer.start()
        self.playing_changed.emit(True)

    def pause(self) -> None:
        """Stay where it is."""
        if self.is_playing:
            self._timer.stop()
            self.playing_changed.emit(False)

    def _move(self, iteration: int) -> None:
        clipped = min(max(iteration, 1), self.count)
        if clipped != self.iteration:
            self.iteration = clipped
            self.moved.emit(clipped)

    @Slot()
    def _advance(self) -> None:
        self._move(self.iteration + 1)
        if self.iteration == self.count:
            self.pause()
