"""Where one digit was tried over the other, and what was read there."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from capsviz.gui.jobs import Stream
from capsviz.gui.labs.work import PLACES, PlacesRequest, Read, read_places

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from capsviz.network import CapsNet

    Floats = NDArray[np.float32]
    Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Tries:
    """What is known by now.

    Attributes:
        read: the two longest capsules by the place of the digit that is moved.
        labels: what the two digits are, if somebody has said.
    """

    read: Mapping[Place, frozenset[int]] = field(default_factory=dict)
    labels: frozenset[int] | None = None

    @property
    def expected(self) -> frozenset[int] | None:
        """The labels; where nobody has said, what is read most often."""
        if self.labels is not None or not self.read:
            return self.labels
        return Counter(self.read.values()).most_common(1)[0][0]

    def holds(self, place: Place) -> bool | None:
        """Whether what is expected is read there; None if it was not tried."""
        return self.read[place] == self.expected if place in self.read else None

    @property
    def kept(self) -> int:
        """Places where what is expected is read."""
        return sum(digits == self.expected for digits in self.read.values())

    @property
    def is_whole(self) -> bool:
        """Every place was tried."""
        return len(self.read) == len(PLACES)


class Trying(QObject):
    """Collects what is read as a digit is moved by hand, and can try every place by itself.

    Attributes:
        tries: what is known by now.
        key: of the digits, network and iterations that it is known of.

    Signals:
        changed(object): Tries.
        busy_changed(bool): every place is being tried, or no longer.
        failed(object): an exception of the network.
    """

    changed = Signal(object)
    busy_changed = Signal(bool)
    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.tries = Tries()
        self.key = 1  # of the digits that are tried
        self._stream = Stream(read_places, "places", self)
        self._stream.arrived.connect(self._take)
        self._stream.failed.connect(self.failed)
        self._stream.ended.connect(self._end)

    @property
    def is_idle(self) -> bool:
        """Nothing is being tried."""
        return self._stream.is_idle

    def begin(self, labels: tuple[int, int] | None) -> None:
        """Other digits, another network: nothing is known yet."""
        self.stop()
        self.key += 1
        labelled = None if labels is None else frozenset(labels)
        if self.tries.read or self.tries.labels != labelled:
            self._show(Tries(labels=labelled))

    def record(self, place: Place, digits: tuple[int, int]) -> None:
        """This was read there."""
        self._add({place: frozenset(digits)})

    def try_all(self, network: CapsNet, digit: Floats, other: Floats, iterations: int) -> None:
        """Read every place, unless that is under way."""
        if self.is_idle:
            self._stream.start(PlacesRequest(self.key, network, digit, other, iterations))
            self.busy_changed.emit(True)

    def stop(self) -> None:
        """Try no more by itself."""
        self._stream.stop()

    def close(self) -> None:
        """End all work and join the thread."""
        self._stream.close()

    def _add(self, read: Mapping[Place, frozenset[int]]) -> None:
        if not read.items() <= self.tries.read.items():
            self._show(Tries({**self.tries.read, **read}, self.tries.labels))

    def _show(self, tries: Tries) -> None:
        self.tries = tries
        self.changed.emit(tries)

    @Slot(object)
    def _take(self, items: tuple[Read, ...]) -> None:
        self._add({item.place: frozenset(item.digits) for item in items if item.key == self.key})

    @Slot()
    def _end(self) -> None:
        self.busy_changed.emit(False)
