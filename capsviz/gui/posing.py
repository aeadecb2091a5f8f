"""Which digit capsule is decoded, and what people did to its sixteen numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from capsviz.gui.films import Films
from capsviz.gui.jobs import Latest
from capsviz.gui.pose_edit import (
    Edit,
    fits,
    moved,
    offsets_of,
    pose_of,
    random_values,
    ready_redrawing,
    swung,
)
from capsviz.gui.pose_step import ChoiceStep, PoseStep
from capsviz.gui.swing import Swing
from capsviz.gui.work import DecodeRequest, decode_pose

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QUndoStack

    from capsviz.explore.answers import Explanation, PoseStatistics, Redrawing
    from capsviz.gui.pose_edit import Pose
    from capsviz.network import CapsNet

    Floats = NDArray[np.float32]


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
        self.source = ""  # the identity of the network whose poses these are
        self.is_locked = False
        self.statistics: PoseStatistics | None = None
        self._undo_stack = undo_stack
        self._network: CapsNet | None = None
        self._explanation: Explanation | None = None
        self._gesture, self._dimension = 0, -1
        self._films = Films(self)
        self._films.changed.connect(self.films_changed)
        self._swing = Swing(self)
        self._swing.moved.connect(self._swing_to)
        self._swing.changed.connect(self.animated_changed)
        self._decoder = Latest(decode_pose, "decode", self)
        self._decoder.done.connect(self._show_redrawing)
        self._decoder.failed.connect(self.failed)

    @property
    def is_idle(self) -> bool:
        """Nothing is being decoded, and all films are told."""
        return self._decoder.is_idle and self._films.is_idle

    @property
    def is_animated(self) -> bool:
        """Whether dimensions move by themselves."""
        return self._swing.is_active

    @property
    def can_randomise(self) -> bool:
        """Whether it is known how the present pose's numbers are distributed."""
        pose, statistics = self.pose, self.statistics
        return pose is not None and statistics is not None and fits(statistics, pose)

    def follow_model(self, source: str) -> None:
        """Poses are of this network from now on; edits and films of another mean nothing to it."""
        if source == self.source:
            return
        self.stop()
        self.source, self.edit = source, None
        self._films.clear()

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

    @Slot(object)
    def choose(self, digit: int | None) -> None:
        """`pin`, as a step to undo."""
        if digit != self.pinned:
            named = "the longest capsule" if digit is None else f"capsule {digit}"
            step = ChoiceStep(self.pin, self.pinned, digit, f"decode {named}", 2)
            step.join(self._undo_stack)

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
        if self.can_randomise:
            assert self.pose is not None
            assert self.statistics is not None
            values = random_values(self.statistics, self.pose, self.is_locked)
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

    @Slot(bool)
    def lock(self, locked: bool) -> None:
        """`set_locked`, as a step to undo."""
        if locked != self.is_locked:
            what = "keep the pose's length" if locked else "leave the pose's length free"
            step = ChoiceStep(self.set_locked, self.is_locked, locked, what, 3)
            step.join(self._undo_stack)

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
        self._films.stop()
        self._decoder.close()

    def _change(self, offsets: Floats, what: str) -> None:
        self.stop()
        self.begin_gesture()
        self._dimension = -1
        self._push(offsets, what)

    def _push(self, offsets: Floats, what: str) -> None:
        assert self.pose is not None
        digit, inferred = self.pose.digit, self.pose.inferred
        if np.array_equal(offsets, offsets_of(self.edit, digit, self.source, inferred)):
            return  # nothing that could be undone
        after = Edit(digit, offsets, self.source) if offsets.any() else None
        edits = self.edit, after
        self._undo_stack.push(PoseStep(self.put_edit_of, self.pinned, edits, what, self._gesture))

    def _refresh(self) -> None:
        """Show the pose that follows from answer, pin and edit, and decode it."""
        explanation = self._explanation
        if explanation is None:
            self._decoder.forget()
            self._emit(None)
            self.redrawn.emit(None)
            return
        self._show(explanation, pose_of(explanation, self.pinned, self.edit, self.source))

    def _emit(self, pose: Pose | None) -> None:
        self.pose = pose
        self.pose_changed.emit(pose)

    def _show(self, explanation: Explanation, pose: Pose) -> None:
        """Tell of a pose, and decode it; the views follow while the decoder is at work."""
        ready = ready_redrawing(explanation, pose)
        is_coming = ready is None and explanation.reconstruction is not None
        if is_coming and self._network is not None:
            self._decoder.submit(DecodeRequest(self._network, pose.digit, pose.values))
        else:
            self._decoder.forget()
        self._emit(pose)
        if not is_coming:
            self.redrawn.emit(ready)

    @Slot(object)
    def _show_redrawing(self, redrawing: Redrawing) -> None:
        self.redrawn.emit(redrawing)
        if self.pose is not None and self.pose.is_edited and not self.is_animated:
            self._films.add(self._gesture, redrawing)

    @Slot(int, float)
    def _swing_to(self, dimension: int, offset: float) -> None:
        """One frame of the animation."""
        if self.pose is None or self._explanation is None:
            self.stop()
            return
        still = pose_of(self._explanation, self.pinned, self.edit, self.source)
        self._show(self._explanation, swung(still, dimension, offset, self.is_locked))
