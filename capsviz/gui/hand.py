"""Learn my hand: drawings whose answer was wrong, kept with what the person says they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from capsviz.data.personal import OwnDrawing, add_drawing, load_personal, remove_last, take_back
from capsviz.files import CapsvizError
from capsviz.gui.look.articles import a_digit
from capsviz.gui.offer import Offer

if TYPE_CHECKING:
    from capsviz.explore.answers import Explanation
    from capsviz.gui.scene import Scene

ENOUGH = 3
"""Corrections from which on it is worth offering to learn from them."""


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    """A correction: what was on the canvas, the drawing as the file has it, and the one whose
    place it took there.
    """

    scene: Scene
    entry: OwnDrawing
    before: OwnDrawing | None


class Hand(QObject):
    """The personal set, a file of the person's own; see `data/personal.py`.

    Signals:
        count_changed(int): so many drawings are kept now.
        offered(object): Offer to take the last one back, or to learn from them.
        learn_asked(): the person wants the network to learn them.
        noticed(str): one sentence for the person.
        failed(object): an exception; the file cannot be read or written.
    """

    count_changed = Signal(int)
    offered = Signal(object)
    learn_asked = Signal()
    noticed = Signal(str)
    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._kept: list[_Kept] = []  # since the start, the latest last

    def count(self) -> int:
        """How many drawings are kept.

        Raises:
            CapsvizError: the file cannot be read.
        """
        return len(load_personal())

    def correct(
        self, scene: Scene, explanation: Explanation, model: str, label: int, border: int = 0
    ) -> None:
        """Keep what is on the canvas, without the network's border, as a drawing of this digit;
        what was said of this very drawing before no longer counts.
        """
        entry = _entry(scene, explanation, model, label, border)
        before = self._kept_of(scene)
        try:
            count = add_drawing(entry, instead_of=before)
        except CapsvizError as error:
            self.failed.emit(error)
            return
        self._kept.append(_Kept(scene, entry, before))
        self.count_changed.emit(count)
        self._tell(label, before, count)

    def _kept_of(self, scene: Scene) -> OwnDrawing | None:
        latest = reversed(self._kept)
        return next((kept.entry for kept in latest if kept.scene.holds_the_same_as(scene)), None)

    def _tell(self, label: int, before: OwnDrawing | None, count: int) -> None:
        is_other = before is not None and before.label != label
        change = f", no longer as {a_digit(before.label)}" if before and is_other else ""
        kept = f"Kept as {a_digit(label)}{change}; your own set has {_drawings(count)}."
        if count >= ENOUGH:
            self.offered.emit(Offer(kept, "Let the network learn them", self.learn_asked.emit))
        else:
            self.offered.emit(Offer(kept, "Undo", self.forget_last))

    @Slot()
    def forget_last(self) -> None:
        """Take the last correction back: of a drawing corrected before, the one before counts."""
        last = self._kept.pop() if self._kept else None
        try:
            count = _remove_last() if last is None else take_back(last.entry, last.before)
        except CapsvizError as error:
            self._kept += [last] if last else []
            self.failed.emit(error)
            return
        if count is None:
            self._kept.clear()  # somebody else has changed the file
        else:
            self.count_changed.emit(count)
        self.noticed.emit(_taken_back(last, count))


def _remove_last() -> int | None:
    """Of the drawings kept before this start; None if there is none."""
    return remove_last() if load_personal() else None


def _taken_back(last: _Kept | None, count: int | None) -> str:
    if count is None and last is None:
        return "There is no drawing of yours to forget."
    if count is None:
        return "That drawing is not in your own set any more, so nothing was changed."
    again = last.before if last else None
    what = f"Kept as {a_digit(again.label)} again" if again else "Forgotten"
    return f"{what}; your own set has {_drawings(count)}."


def _entry(
    scene: Scene, explanation: Explanation, model: str, label: int, border: int
) -> OwnDrawing:
    size = len(explanation.image)
    image = scene.network_input(size, border)
    is_answered = np.array_equal(image, explanation.image)  # else its answer is on the way
    is_plain = scene.ground is None and scene.framed
    return OwnDrawing(
        label=label,
        drawing=scene.drawing,
        image=None if is_plain else image[border : size - border, border : size - border],
        answer=explanation.digit if is_answered else None,
        model=model,
        date=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _drawings(count: int) -> str:
    return "one drawing" if count == 1 else f"{count or 'no'} drawings"
