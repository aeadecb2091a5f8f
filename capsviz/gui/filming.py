"""Up to six pinned drawings, read by every state that is kept of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from capsviz.gui.film_work import MOST_PINNED, FilmRequest, develop
from capsviz.gui.jobs import Latest

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from capsviz.gui.film_work import Developed, Reading
    from capsviz.gui.scene import Scene


@dataclass(frozen=True, slots=True, eq=False)
class Pinned:
    """A drawing: what stood on the canvas, and the (S, S) image that the network was shown."""

    number: int
    scene: Scene
    image: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Footage:
    """What is known by now.

    Attributes:
        images: (S, S) float32 each, one per row.
        steps: after which the run's weights were kept, rising.
        readings: by (row, step), as far as they are known.
    """

    images: tuple[NDArray[np.float32], ...]
    steps: tuple[int, ...]
    readings: dict[tuple[int, int], Reading]


class Filming(QObject):
    """Reads one kept state after the other, the latest first, whenever there are new ones.

    Signals:
        footage_changed(object): Footage.
        failed(object): an exception; a kept state cannot be read.
    """

    footage_changed = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.pinned: tuple[Pinned, ...] = ()
        self._folder: Path | None = None
        self._steps: tuple[int, ...] = ()
        self._known: dict[tuple[int, int], Reading] = {}
        self._next = 0
        self._developer = Latest(develop, "film", self)
        self._developer.done.connect(self._take)
        self._developer.failed.connect(self.failed)

    @property
    def is_idle(self) -> bool:
        """Nothing is being read."""
        return self._developer.is_idle

    def show_run(self, folder: Path | None) -> None:
        """Another run, with none of its states read yet."""
        self._developer.forget()
        self._folder, self._steps, self._known = folder, (), {}
        self._tell()
        self.look()

    def pin(self, scene: Scene, size: int, border: int = 0) -> None:
        """One drawing more, if there is room and something is drawn."""
        if len(self.pinned) < MOST_PINNED and not scene.is_empty:
            image = scene.network_input(size, border)
            self.pinned += (Pinned(self._next, scene, image),)
            self._next += 1
            self._tell()
            self.look()

    @Slot(int)
    def unpin(self, row: int) -> None:
        """Drop the drawing of this row."""
        self.pinned = (*self.pinned[:row], *self.pinned[row + 1 :])
        self._tell()

    def look(self) -> None:
        """See whether the run has new states, and read them."""
        if self._folder is not None:
            images = {pinned.number: pinned.image for pinned in self.pinned}
            self._developer.submit(FilmRequest(self._folder, images, frozenset(self._known)))

    def close(self) -> None:
        """End all work and join the thread."""
        self._developer.close()

    @Slot(object)
    def _take(self, developed: Developed) -> None:
        has_news = developed.steps != self._steps or bool(developed.readings)
        self._steps = developed.steps
        self._known |= developed.readings
        if has_news:
            self._tell()
        if developed.readings:
            self.look()

    def _tell(self) -> None:
        rows = {pinned.number: row for row, pinned in enumerate(self.pinned)}
        readings = {
            (rows[number], step): reading
            for (number, step), reading in self._known.items()
            if number in rows and step in self._steps
        }
        images = tuple(pinned.image for pinned in self.pinned)
        self.footage_changed.emit(Footage(images, self._steps, readings))
