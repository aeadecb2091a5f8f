"""Which digit capsule is decoded, and what people did to its sixteen numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from capsviz.explore.answers import Redrawing
from capsviz.gui.jobs import Latest
from capsviz.gui.pose_edit import Edit, Pose, length_of, moved, ready_image
from capsviz.gui.steps import Step
from capsviz.gui.swing import Swing
from capsviz.gui.work import DecodeRequest, decode_pose

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QUndoCommand, QUndoStack

    from capsviz.explore.answers import Explanation, PoseStatistics
    from capsviz.network import CapsNet

    Floats = NDArray[np.float32]

_FILMS = 12
_INNER = (0.01, 0.99)  # of the distribution: random poses stay inside


class Posing(QObject):
    """The decoded capsule: the winner or a pinned one, as inferred or as edited.

    Signals:
        pinned_changed(object): the pinned digit, None while the winner is followed.
        pose_changed(object): Pose, None while there is no answer.
        redrawn(object): Redrawing of the present pose, None when there is nothing to decode.
        films_changed(tuple): the last Redrawings people made, oldest first.
        animated_changed(bool): dimensions move by themselves, or no longer.
        locked_changed(bool): the pose's length is kept, or free.
        failed(object): exception of the decoder.
    """

    pinned_changed = Signal(object)
    pose_changed = Signal(object)
    redrawn = Signal(object)
    films_changed = Signal(tuple)
    animated_changed = Signal(bool)
    locked_changed = Signal(bool)
    failed = Signal(object)

    def __init__(self, undo_stack: QUndoStack, parent: QObject) -> None:
        super().__init__(parent)
        self.pinned: int | None = None
        self.pose: Pose | None = None
        self.edit: Edit | None = None
        self.source = ""  # the file of the network whose poses these are
        self.is_locked = False
        self.statistics: PoseStatistics | None = None
        self._undo_stack = undo_stack
        self._network: CapsNet | None = None
        self._explanation: Explanation | None = None
        self._gesture, self._dimension = 0, -1
        self._films: list[tuple[int, Redrawing]] = []
        self._swing = Swing(self)
        self._swing.moved.connect(self._swing_to)
        self._swing.changed.connect(self.animated_changed)
        self._decoder = Latest(decode_pose, "decode", self)
        self._decoder.done.connect(self._show_redrawing)
        self._decoder.failed.connect(self.failed)

    @property
    def is_idle(self) -> bool:
        """Nothing is being decoded."""
        return self._decoder.is_idle

    @property
    def is_animated(self) -> bool:
        """Whether dimensions move by themselves."""
        return self._swing.is_active

    def follow_model(self, source: str) -> None:
        """Poses are of this network from now on; edits and films of another mean nothing to it."""
        if source == self.source:
            return
        self.stop()
        self.source, self.edit = source, None
        if self._films:
            self._films = []
            self.films_changed.emit(())

    def follow(self, network: CapsNet | None, explanation: Explanation | None) -> None:
        """Start from this answer's poses; edits of the same capsule are kept on top."""
        self._network, self._explanation = network, explanation
        self._refresh()

    @Slot(object)
    def pin(self, digit: int | None) -> None:
        """Decode this capsule from now on; None: whichever wins."""
        if digit == self.pinned:
            return
        self.stop()
        self.pinned = digit
        self.pinned_changed.emit(digit)
        self._refresh()

    @Slot()
    def begin_gesture(self) -> None:
        """What follows is one step to undo, and one film."""
        self._gesture += 1

    @Slot(int, float)
    def set_dimension(self, dimension: int, value: float) -> None:
        """Move one number of the pose; moves of one gesture merge into one step."""
        if self.pose is None:
            return
        self.stop()
        if dimension != self._dimension:
            self.begin_gesture()
        self._dimension = dimension
        values = moved(self.pose.values, dimension, value, self.is_locked)
        self._push(values - self.pose.inferred, f"dimension {dimension + 1}")

    @Slot(int)
    def reset_dimension(self, dimension: int) -> None:
        """Back to what routing found, for one number."""
        if self.pose is not None:
            self.begin_gesture()
            self.set_dimension(dimension, float(self.pose.inferred[dimension]))

    @Slot()
    def reset(self) -> None:
        """Back to what routing found."""
        if self.pose is not None and self.pose.is_edited:
            self._change(np.zeros_like(self.pose.inferred), "reset pose")

    @Slot()
    def randomise(self) -> None:
        """Each number drawn from the middle 98 % of its distribution for this digit."""
        if self.pose is None or self.statistics is None:
            return
        drawn = np.random.default_rng().uniform(*_INNER, len(self.pose.inferred))
        values = self.statistics.at(self.pose.digit, drawn)
        if self.is_locked:
            values = values * (length_of(self.pose.values) / max(length_of(values), 1e-9))
        self._change(values - self.pose.inferred, "random pose")

    @Slot(object)
    def show_values(self, values: Floats) -> None:
        """Take all numbers at once, such as an earlier film's."""
        if self.pose is not None:
            self._change(values - self.pose.inferred, "earlier pose")

    @Slot(bool)
    def set_locked(self, locked: bool) -> None:
        """Keep the pose's length when one number moves, by scaling the others; or leave it."""
        if locked != self.is_locked:
            self.is_locked = locked
            self.locked_changed.emit(locked)

    @Slot(tuple)
    def animate(self, dimensions: tuple[int, ...]) -> None:
        """Let these numbers go up and down in turn, by the paper's ±0.25, until `stop`."""
        if self.pose is not None and dimensions:
            self._swing.start(dimensions)

    @Slot()
    def stop(self) -> None:
        """End the animation where it began."""
        if self.is_animated:
            self._swing.stop()
            self._refresh()

    @Slot(object)
    def take_statistics(self, statistics: PoseStatistics | None) -> None:
        """Draw random poses from these distributions from now on."""
        self.statistics = statistics

    def put_edit(self, edit: Edit | None) -> None:
        """Take an edit without making an undo step."""
        self.edit = edit
        self._refresh()

    def put_edit_of(self, pinned: int | None, edit: Edit | None) -> None:
        """The same, decoding the capsule that was decoded when the edit was made."""
        self.pin(pinned)
        self.put_edit(edit)

    def close(self) -> None:
        """End all work and join the thread."""
        self._swing.stop()
        self._decoder.close()

    def _change(self, offsets: Floats, what: str) -> None:
        self.stop()
        self.begin_gesture()
        self._dimension = -1
        self._push(offsets, what)

    def _push(self, offsets: Floats, what: str) -> None:
        assert self.pose is not None
        if np.array_equal(offsets, self._offsets(self.pose.digit, self.pose.inferred)):
            return  # nothing that could be undone
        after = Edit(self.pose.digit, offsets, self.source) if offsets.any() else None
        self._undo_stack.push(_PoseStep(self, self.edit, after, what, self._gesture))

    def _offsets(self, digit: int, inferred: Floats) -> Floats:
        """(D,) of the present edit, as far as it was made for this capsule of this network."""
        edit = self.edit
        if edit is None or (edit.digit, edit.source) != (digit, self.source):
            return np.zeros_like(inferred)
        return edit.offsets if edit.offsets.shape == inferred.shape else np.zeros_like(inferred)

    def _refresh(self) -> None:
        """Show the pose that follows from answer, pin and edit, and decode it."""
        explanation = self._explanation
        if explanation is None:
            self._decoder.forget()
            self._emit(None)
            self.redrawn.emit(None)
            return
        is_there = self.pinned is not None and self.pinned < len(explanation.final_lengths)
        digit = self.pinned if self.pinned is not None and is_there else explanation.digit
        inferred = explanation.poses[-1, digit]
        offsets = self._offsets(digit, inferred)
        pose = Pose(digit, inferred, inferred + offsets)
        self._show(explanation, pose, bool(offsets.any()))

    def _emit(self, pose: Pose | None) -> None:
        self.pose = pose
        self.pose_changed.emit(pose)

    def _show(self, explanation: Explanation, pose: Pose, is_edited: bool) -> None:
        """Tell of a pose, and decode it; the views follow while the decoder is at work."""
        ready = None if is_edited else ready_image(explanation, pose.digit)
        has_decoder = explanation.reconstruction is not None
        if ready is not None:
            self._decoder.forget()
        elif has_decoder and self._network is not None:
            self._decoder.submit(DecodeRequest(self._network, pose.digit, pose.values))
        self._emit(pose)
        if ready is not None:
            self.redrawn.emit(Redrawing(pose.digit, pose.values, ready))
        elif not has_decoder:
            self.redrawn.emit(None)

    @Slot(object)
    def _show_redrawing(self, redrawing: Redrawing) -> None:
        self.redrawn.emit(redrawing)
        if self.pose is None or not self.pose.is_edited or self.is_animated:
            return
        kept = [film for film in self._films if film[0] != self._gesture]
        if not any(_is_alike(film, redrawing) for _, film in kept):  # as when one is gone back to
            kept.append((self._gesture, redrawing))
        self._films = kept[-_FILMS:]
        self.films_changed.emit(tuple(film for _, film in self._films))

    @Slot(int, float)
    def _swing_to(self, dimension: int, offset: float) -> None:
        """One frame of the animation."""
        if self.pose is None or self._explanation is None:
            self.stop()
            return
        digit, inferred = self.pose.digit, self.pose.inferred
        edited = inferred + self._offsets(digit, inferred)
        values = moved(edited, dimension, float(edited[dimension]) + offset, self.is_locked)
        self._show(self._explanation, Pose(digit, inferred, values), True)


def _is_alike(first: Redrawing, second: Redrawing) -> bool:
    """Whether both are of one pose of one capsule, but for rounding."""
    return first.digit == second.digit and np.allclose(first.pose, second.pose, atol=1e-6)


class _PoseStep(Step):
    """From one edit to another; one gesture is one step."""

    def __init__(
        self, posing: Posing, before: Edit | None, after: Edit | None, what: str, gesture: int
    ) -> None:
        super().__init__(what)
        self._posing, self._before, self._after = posing, before, after
        self._pinned, self._gesture = posing.pinned, gesture

    def take_back(self) -> None:
        self._posing.put_edit_of(self._pinned, self._before)

    def take(self) -> None:
        self._posing.put_edit_of(self._pinned, self._after)

    # Qt calls these

    def id(self) -> int:
        return 1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, _PoseStep) or other._gesture != self._gesture:
            return False
        self._after = other._after
        return True
