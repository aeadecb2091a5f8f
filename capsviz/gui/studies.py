"""What is worked out beside the live answer: sweeps, effects, distributions, mistakes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from capsviz.data.samples import sample_digits
from capsviz.gui.jobs import Latest
from capsviz.gui.work import (
    DecodeRequest,
    MistakeRequest,
    describe_pose,
    find_mistake,
    pose_distribution,
    sweep_pose,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from capsviz.explore.mistakes import Mistake
    from capsviz.explore.models import LoadedModel
    from capsviz.gui.pose_edit import Pose

    _Routed = tuple[LoadedModel, int, NDArray[np.float32]]
    """A network, one of its digit capsules, and the pose that routing found for it."""

_PAUSE_MS = 150  # of the pen, before its drawing is described: live answers come first


class Studies(QObject):
    """Asks these questions whenever what they are about has changed, each in its own thread.

    Signals:
        effects_changed(object): tuple of Effect, one per dimension, or None.
        sweep_changed(object): Sweep of the pose that routing found, or None.
        statistics_changed(object): PoseStatistics of the present network, or None.
        mistake_found(object): Mistake, or None when the network makes none.
        searching_changed(bool): a mistake is being looked for, or no longer.
        failed(object): an exception of one of them.
    """

    effects_changed = Signal(object)
    sweep_changed = Signal(object)
    statistics_changed = Signal(object)
    mistake_found = Signal(object)
    searching_changed = Signal(bool)
    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._model: LoadedModel | None = None
        self._pose: Pose | None = None
        self._described: _Routed | None = None
        self._swept: _Routed | None = None
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self._describe)
        self._wants_sweep = self._wants_effects = self._is_searching = False
        self._describer = Latest(describe_pose, "describe", self)
        self._sweeper = Latest(sweep_pose, "sweep", self)
        self._counter = Latest(pose_distribution, "statistics", self)
        self._searcher = Latest(find_mistake, "mistakes", self)
        self._describer.done.connect(self.effects_changed)
        self._sweeper.done.connect(self.sweep_changed)
        self._sweeper.failed.connect(self._forget_sweep)
        self._counter.done.connect(self.statistics_changed)
        self._searcher.done.connect(self._show_mistake)
        self._searcher.failed.connect(self._end_search)
        for job in self._jobs:
            job.failed.connect(self.failed)

    @property
    def _jobs(self) -> tuple[Latest, ...]:
        return self._describer, self._sweeper, self._counter, self._searcher

    @property
    def is_idle(self) -> bool:
        """Nothing is being worked out."""
        return all(job.is_idle for job in self._jobs) and not self._pause.isActive()

    def follow_model(self, model: LoadedModel) -> None:
        """Another network: other distributions."""
        self._model = model
        self.forget_search()
        self.statistics_changed.emit(None)
        self._counter.forget()  # the other one's are not this one's
        self._counter.submit(model)

    def rest(self) -> None:
        """A learning network answers: it changes too often to be described or counted."""
        self._model = None
        self.forget_search()
        self._counter.forget()
        self._drop()
        self.statistics_changed.emit(None)

    @Slot(object)
    def follow_pose(self, pose: Pose | None) -> None:
        """Another pose: another sweep and other effects, if it is of another drawing."""
        before, self._pose = self._pose, pose
        if pose is None:
            self._drop()
            return
        if self._described is not None and self._described[:2] != (self._model, pose.digit):
            self._forget_effects()  # they are of another capsule's numbers
        if before is None or not self._pause.isActive() or not _is_alike(before, pose):
            self._describe_soon()  # an animation of one pose asks once
        self._sweep()

    @Slot(bool)
    def want_sweep(self, wanted: bool) -> None:
        """Sweep every pose from now on, or no longer."""
        self._wants_sweep = wanted
        self._sweep()

    @Slot(bool)
    def want_effects(self, wanted: bool) -> None:
        """Tell from now on what each dimension does, or no longer."""
        self._wants_effects = wanted
        self._describe_soon()

    def search(self, after: int, iterations: int) -> None:
        """Look for the next sample digit that the network gets wrong."""
        if self._model is not None:
            self._set_searching(True)
            request = MistakeRequest(self._model.network, sample_digits(), after, iterations)
            self._searcher.submit(request)

    @Slot()
    def forget_search(self) -> None:
        """What is being looked for is not wanted any more, or would not be so any more."""
        self._searcher.forget()
        self._set_searching(False)

    def close(self) -> None:
        """End all work and join the threads."""
        self._pause.stop()
        for job in self._jobs:
            job.close()

    def _drop(self) -> None:
        self._pause.stop()
        self._forget_effects()
        self._sweeper.forget()
        self._swept = None
        self.sweep_changed.emit(None)

    def _forget_effects(self) -> None:
        self._describer.forget()
        self._described = None
        self.effects_changed.emit(None)

    def _is_of(self, known: _Routed | None, pose: Pose) -> bool:
        """Effects and sweep belong to the pose that was inferred; edits leave them as they are."""
        if known is None:
            return False
        model, digit, inferred = known
        same = model is self._model and digit == pose.digit
        return same and np.array_equal(inferred, pose.inferred)

    def _describe_soon(self) -> None:
        pose = self._pose
        if self._wants_effects and pose is not None and not self._is_of(self._described, pose):
            self._pause.start()

    @Slot()
    def _describe(self) -> None:
        model, pose = self._model, self._pose
        if model is None or pose is None or not model.network.config.reconstruction:
            return
        self._described = (model, pose.digit, pose.inferred)
        self._describer.submit(DecodeRequest(model.network, pose.digit, pose.inferred))

    def _sweep(self) -> None:
        model, pose = self._model, self._pose
        if not self._wants_sweep or model is None or pose is None:
            return
        if model.network.config.reconstruction and not self._is_of(self._swept, pose):
            self._swept = (model, pose.digit, pose.inferred)
            self._sweeper.submit(DecodeRequest(model.network, pose.digit, pose.inferred))

    @Slot(object)
    def _forget_sweep(self, _error: Exception) -> None:
        """Ask again when it is wanted next."""
        self._swept = None

    @Slot(object)
    def _show_mistake(self, mistake: Mistake | None) -> None:
        self._set_searching(False)
        self.mistake_found.emit(mistake)

    @Slot(object)
    def _end_search(self, _error: Exception) -> None:
        self._set_searching(False)

    def _set_searching(self, searching: bool) -> None:
        if searching != self._is_searching:
            self._is_searching = searching
            self.searching_changed.emit(searching)


def _is_alike(one: Pose, other: Pose) -> bool:
    """Whether routing found both alike, whatever became of them."""
    return one.digit == other.digit and np.array_equal(one.inferred, other.inferred)
