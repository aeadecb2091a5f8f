"""Where one digit was tried over the other, and what was read there."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from capsviz.gui.jobs import Stream
from capsviz.gui.labs.work import PLACES, PlacesRequest, Read, read_places

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capsviz.data.layer import Layer
    from capsviz.network import CapsNet

    Place = tuple[int, int]

_KEPT = 3  # questions before the present one: the other digit moved, and some steps back


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


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What is read with one digit over the other, wherever the first one stands."""

    network: CapsNet
    iterations: int
    moved: Layer
    still: Layer

    def is_same_as(self, other: Question) -> bool:
        """Whether what is known of one holds for the other."""
        is_same_network = self.network is other.network and self.iterations == other.iterations
        is_same_moved = self.moved.is_slid_from(other.moved)
        return is_same_network and is_same_moved and self.still is other.still

    @property
    def labels(self) -> frozenset[int] | None:
        """What the two digits are, if somebody has said of both."""
        first, second = self.moved.label, self.still.label
        return None if first is None or second is None else frozenset((first, second))


@dataclass(slots=True, eq=False)
class _Known:
    """What is known of one question; None: of no two digits."""

    question: Question | None
    key: int
    tries: Tries


class Trying(QObject):
    """Collects what is read as a digit is moved by hand, and can try every place by itself.

    What was known of the last questions comes back with them.

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
        self._keys = count(1)
        self._known = [_Known(None, next(self._keys), Tries())]  # the present one last
        self._stream = Stream(read_places, "places", self)
        self._stream.arrived.connect(self._take)
        self._stream.failed.connect(self.failed)
        self._stream.ended.connect(self._end)

    @property
    def is_idle(self) -> bool:
        """Nothing is being tried."""
        return self._stream.is_idle

    @property
    def tries(self) -> Tries:
        """What is known by now."""
        return self._known[-1].tries

    @property
    def key(self) -> int:
        """Of the question that it is known of."""
        return self._known[-1].key

    def begin(self, question: Question | None) -> None:
        """Other digits, another network: what is known of them, if anything."""
        there = self._known[-1].question
        if question is not None and there is not None and question.is_same_as(there):
            return
        self.stop()
        before, known = self.tries, self._recalled(question)
        others = [each for each in self._known if each is not known]
        self._known = [*others[-_KEPT:], known]
        if known.tries != before:
            self.changed.emit(known.tries)

    def _recalled(self, question: Question | None) -> _Known:
        if question is None:
            return _Known(None, next(self._keys), Tries())
        for each in self._known:
            if each.question is not None and question.is_same_as(each.question):
                return each
        return _Known(question, next(self._keys), Tries(labels=question.labels))

    def record(self, place: Place, digits: tuple[int, int]) -> None:
        """This was read there."""
        self._add({place: frozenset(digits)})

    def try_all(self) -> None:
        """Read every place, unless that is under way."""
        asked = self._known[-1].question
        if self.is_idle and asked is not None:
            moved, still = asked.moved.framed(), asked.still.part()
            request = PlacesRequest(self.key, asked.network, moved, still, asked.iterations)
            self._stream.start(request)
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
        self._known[-1].tries = tries
        self.changed.emit(tries)

    @Slot(object)
    def _take(self, items: tuple[Read, ...]) -> None:
        self._add({item.place: frozenset(item.digits) for item in items if item.key == self.key})

    @Slot()
    def _end(self) -> None:
        self.busy_changed.emit(False)
