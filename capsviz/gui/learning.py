"""All that has to do with learning, as one part of the session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from capsviz.files import CapsvizError
from capsviz.gui.archive import Archive, Changed
from capsviz.gui.filming import Filming
from capsviz.gui.following import Following
from capsviz.gui.hand import Hand
from capsviz.gui.offer import Offer
from capsviz.gui.preparing import Preparing
from capsviz.gui.training import Ended, Training
from capsviz.gui.training_source import kept_source
from capsviz.gui.training_work import RunRequest

if TYPE_CHECKING:
    from pathlib import Path

    from capsviz.gui.archive import Reopened
    from capsviz.training.progress import Progress
    from capsviz.training.runs import RunSummary


class Learning(QObject):
    """Its parts: `training`, the run under way; `following`, what the explorer shows of it;
    `filming`, the film of pinned drawings; `preparing`, what must be known before a run;
    `archive`, earlier runs; `hand`, the person's own drawings.

    Signals:
        reopened(object): Reopened, an earlier run to show in place of the one before.
        offered(object): Offer, something that can be done now.
        noticed(str): a sentence for the person.
        failed(object): an exception of one of the parts.
    """

    reopened = Signal(object)
    offered = Signal(object)
    noticed = Signal(str)
    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.training = Training(self)
        self.following = Following(self)
        self.filming = Filming(self)
        self.preparing = Preparing(self)
        self.archive = Archive(self)
        self.hand = Hand(self)
        self._broken_off: RunSummary | None = None
        self.training.begun.connect(self._begin)
        self.training.progressed.connect(self._go_on)
        self.training.ended.connect(self._end)
        self.training.noticed.connect(self.noticed)
        self.archive.unfinished.connect(self._offer_to_continue)
        self.archive.reopened.connect(self._reopen)
        self.archive.changed.connect(self._continue_extended)
        self.archive.offered.connect(self.offered)
        self.hand.offered.connect(self.offered)
        self.hand.noticed.connect(self.noticed)
        for part in (*self._parts, self.hand):
            part.failed.connect(self.failed)

    @property
    def _parts(self) -> tuple[Training, Following, Filming, Preparing, Archive]:
        return self.training, self.following, self.filming, self.preparing, self.archive

    @property
    def is_settled(self) -> bool:
        """Nothing but a run is under way."""
        return all(part.is_idle for part in self._parts[1:])

    def close(self) -> None:
        """End all work and join the threads."""
        for part in self._parts:
            part.close()

    def resume(self, name: str, folder: Path) -> None:
        """Go on with an earlier run as it was begun."""
        try:
            source = kept_source(folder)
        except CapsvizError as error:
            self.failed.emit(error)
            return
        self.training.start(
            RunRequest(
                name=name,
                folder=folder,
                source=source,
                device="auto",
                settings=None,
                config=None,
                start=None,
                is_wanted=self.training.is_wanted,
                tell=self.training.noticed.emit,
            )
        )

    @Slot(object)
    def _begin(self, request: RunRequest) -> None:
        self.following.show_run(request.name, request.folder)
        self.filming.show_run(request.folder)

    @Slot(object)
    def _go_on(self, news: tuple[Progress, ...]) -> None:
        self.following.take(news)
        if any(one.snapshot is not None for one in news):
            self.filming.look()

    @Slot(object)
    def _end(self, _ended: Ended) -> None:
        self.filming.look()
        self.archive.look()

    @Slot(object)
    def _reopen(self, reopened: Reopened) -> None:
        if not self.training.is_idle:  # a run was begun since it was asked for
            return
        summary = reopened.summary
        self.following.show_run(summary.name, summary.folder)
        self.filming.show_run(summary.folder)
        self.reopened.emit(reopened)

    @Slot(object)
    def _offer_to_continue(self, run: RunSummary) -> None:
        self._broken_off = run
        at = f" at step {run.last.step} of {run.last.total_steps}" if run.last else ""
        trouble = f" and could not be kept as it was: {run.trouble}" if run.trouble else "."
        sentence = f"The run {run.name} was broken off{at}{trouble}"
        self.offered.emit(Offer(sentence, "Continue it", self._continue))

    @Slot()
    def _continue(self) -> None:
        if self._broken_off is not None:
            self.resume(self._broken_off.name, self._broken_off.folder)

    @Slot(object)
    def _continue_extended(self, changed: Changed) -> None:
        if changed.change.kind == "extend":
            self.resume(changed.target.name, changed.target)
