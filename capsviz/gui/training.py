"""The run under way: begun, held, stepped, stopped; what it tells goes to whoever listens."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, Signal, Slot

from capsviz.files import CapsvizError
from capsviz.gui.failure import sentence_of
from capsviz.gui.film_work import MODEL_FILE
from capsviz.gui.jobs import Stream
from capsviz.gui.training_work import RunRequest, UnwantedError, run_training
from capsviz.training.marker import settle
from capsviz.training.runfiles import keep_trouble, last_metrics, read_plan

if TYPE_CHECKING:
    from pathlib import Path

    from capsviz.training.progress import Comparison, Progress

_log = logging.getLogger("capsviz")

State = Literal["idle", "running", "paused", "stopping"]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run came to its end.

    Attributes:
        name, folder: the run's.
        sentence: what happened, for people.
        model_file: the network it leaves, if it leaves one.
        is_whole: it went to its last step.
        comparison: what a fine-tuning has changed, if it was one.
    """

    name: str
    folder: Path
    sentence: str
    model_file: Path | None
    is_whole: bool
    comparison: Comparison | None = None


class Training(QObject):
    """Trains one network at a time, in a thread of its own.

    Attributes:
        request: of the run under way or last under way.
        latest: what it told last.
        state: "idle", "running", "paused" or "stopping".

    Signals:
        begun(object): RunRequest of a run that begins now.
        progressed(object): tuple of Progress since the last time, at least one.
        state_changed(str): another state.
        ended(object): Ended; the run under way is no more.
        noticed(str): a sentence of a run for the person; emitted in the run's thread.
        failed(object): an exception that a run ended with, at once before `ended`.
    """

    begun = Signal(object)
    progressed = Signal(object)
    state_changed = Signal(str)
    ended = Signal(object)
    noticed = Signal(str)
    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.request: RunRequest | None = None
        self.latest: Progress | None = None
        self.state: State = "idle"
        self._failure: Exception | None = None
        self._is_wanted, self._is_stopped = True, False
        self._stream = Stream(run_training, "train", self)
        self._stream.arrived.connect(self._take)
        self._stream.failed.connect(self._fail)
        self._stream.ended.connect(self._end)
        self._stream.paused_changed.connect(self._follow_stream)

    @property
    def is_idle(self) -> bool:
        """No run is under way."""
        return self._stream.is_idle

    def start(self, request: RunRequest) -> None:
        """Begin a run, or go on with one; does nothing while one is under way."""
        if not self.is_idle:
            return
        self.request, self.latest, self._failure = request, None, None
        self._is_stopped = False
        self.begun.emit(request)
        self._stream.start(request)
        self._follow_stream()

    def is_wanted(self) -> bool:
        """Whether a run is to go on; asked by its thread."""
        return self._is_wanted

    @Slot(bool)
    def hold(self, held: bool) -> None:
        """Pause after the step under way, or go on."""
        if held:
            self._stream.pause()
        else:
            self._stream.resume()

    @Slot()
    def toggle(self) -> None:
        """Pause, or go on."""
        self.hold(self.state == "running")

    @Slot()
    def step(self) -> None:
        """One step, then hold."""
        self._stream.step()

    @Slot()
    def stop(self) -> None:
        """End after what is under way, and keep the best network, the last one measured too."""
        self._is_stopped = not self.is_idle
        self._stream.stop()
        self._follow_stream()

    def give_up(self) -> None:
        """Break off as soon as the state can be kept; does not wait."""
        self._is_wanted = False

    def close(self) -> None:
        """The same, and join the thread; what then went wrong is logged, and told next time."""
        self.give_up()
        self._stream.close()
        failure, self._stream.failure = self._stream.failure, None
        if failure is None or isinstance(failure, UnwantedError) or self.request is None:
            return
        _log.error("The run %s: %s", self.request.name, sentence_of(failure))
        with suppress(CapsvizError):  # the same may keep this from being written
            keep_trouble(self.request.folder, sentence_of(failure))

    @Slot(object)
    def _take(self, news: tuple[Progress, ...]) -> None:
        self.latest = news[-1]
        self.progressed.emit(news)

    @Slot(object)
    def _fail(self, error: Exception) -> None:
        self._failure = error
        self.failed.emit(error)

    @Slot()
    def _end(self) -> None:
        assert self.request is not None
        if self._is_stopped:  # a run that is held is no longer "stopping" when this comes
            self._settle(self.request.folder)
            self._take_measured(self.request.folder)
        self._follow_stream()
        folder, latest = self.request.folder, self.latest
        model = folder / MODEL_FILE
        is_whole = latest is not None and latest.step == latest.total_steps
        ended = Ended(
            name=self.request.name,
            folder=folder,
            sentence=_sentence(latest, self._failure, _keeps_last(folder)),
            model_file=model if model.is_file() else None,
            is_whole=is_whole and self._failure is None,
            comparison=None if latest is None else latest.comparison,
        )
        self.ended.emit(ended)

    def _settle(self, folder: Path) -> None:
        """It was stopped on purpose, so nobody need be asked whether to go on."""
        try:
            settle(folder)
        except CapsvizError as error:
            self.failed.emit(error)

    def _take_measured(self, folder: Path) -> None:
        """What was measured when it was stopped; a generator that is closed tells nothing."""
        with suppress(CapsvizError):
            last = last_metrics(folder)
            told = self.latest
            if last is None or told is None or told.validation_error is not None:
                return  # what was told with its report and comparison is worth more
            if last.step == told.step and last.validation_error is not None:
                self._take((last,))

    @Slot()
    def _follow_stream(self) -> None:
        stream, state = self._stream, self.state
        self.state = "running"
        if stream.is_idle:
            self.state = "idle"
        elif stream.is_stopping:
            self.state = "stopping"
        elif stream.is_paused:
            self.state = "paused"
        if self.state != state:
            self.state_changed.emit(self.state)


def _keeps_last(folder: Path) -> bool:
    """A fine-tuning keeps its last network, whatever the held-out digits say."""
    try:
        return read_plan(folder).own > 0
    except CapsvizError:
        return False


def _sentence(latest: Progress | None, failure: Exception | None, keeps_last: bool) -> str:
    if failure is not None:
        return sentence_of(failure)
    if latest is None:
        return "Stopped before the first step."
    return f"{_how_far(latest)}{_kept(latest, keeps_last)}."


def _how_far(latest: Progress) -> str:
    if latest.step == latest.total_steps:
        return f"Finished after {latest.step} steps"
    return f"Stopped at step {latest.step} of {latest.total_steps}"


def _kept(latest: Progress, keeps_last: bool) -> str:
    best = latest.validation_error if keeps_last else latest.best_validation_error
    if best is None:
        return "" if latest.step == latest.total_steps else ", and kept"
    which = "kept" if latest.validation_error == best else "an earlier network is kept"
    return f"; {which}: {best:.2%} of the held-out digits are wrong"
