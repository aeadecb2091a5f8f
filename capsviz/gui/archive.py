"""The person's runs: listed, compared, opened again, and changed; each change can be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, Signal, Slot

from capsviz.gui.jobs import Latest
from capsviz.gui.offer import Offer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from capsviz.training.progress import Comparison, Progress
    from capsviz.training.report import Report
    from capsviz.training.runs import Curves, RunSummary

Kind = Literal["rename", "trash", "restore", "delete", "publish", "extend"]


@dataclass(frozen=True, slots=True)
class Change:
    """Something to be done to a run.

    Attributes:
        kind: rename it, move it into the trash or back, delete it from there for good, copy its
            network among one's own, or plan more epochs for it.
        folder: the run's.
        name: its new name, or the network's.
        epochs: of the new plan.
    """

    kind: Kind
    folder: Path
    name: str = ""
    epochs: int = 0


@dataclass(frozen=True, slots=True)
class Changed:
    """What was done, and where the result lies."""

    change: Change
    target: Path


@dataclass(frozen=True, slots=True, eq=False)
class Reopened:
    """An earlier run, as the training card shows one."""

    summary: RunSummary
    news: tuple[Progress, ...]
    report: Report | None
    comparison: Comparison | None


class Archive(QObject):
    """Reads and changes the folder of runs, in threads of its own.

    Signals:
        listed(object): tuple of RunSummary, the latest first.
        trash_listed(object): the same of those in the trash.
        unfinished(object): RunSummary of a run that was broken off, at the start.
        curves_changed(object): mapping of folder to Curves of the runs asked for.
        reopened(object): Reopened.
        changed(object): Changed.
        offered(object): Offer to take a change back.
        failed(object): an exception; nothing was changed.
    """

    listed = Signal(object)
    trash_listed = Signal(object)
    unfinished = Signal(object)
    curves_changed = Signal(object)
    reopened = Signal(object)
    changed = Signal(object)
    offered = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._lister = Latest(_list, "runs", self)
        self._curver = Latest(_curves, "curves", self)
        self._opener = Latest(_reopen, "reopen", self)
        self._changer = Latest(_change, "change", self)
        self._trashed: Path | None = None
        self._lister.done.connect(self._take_list)
        self._curver.done.connect(self.curves_changed)
        self._opener.done.connect(self.reopened)
        self._changer.done.connect(self._take_change)
        for job in self._jobs:
            job.failed.connect(self.failed)
        self._is_start = False

    @property
    def _jobs(self) -> tuple[Latest, ...]:
        return self._lister, self._curver, self._opener, self._changer

    @property
    def is_idle(self) -> bool:
        """Nothing is being read or changed."""
        return all(job.is_idle for job in self._jobs)

    @Slot()
    def look(self) -> None:
        """List the runs anew."""
        self._lister.submit(None)

    def look_for_unfinished(self) -> None:
        """At the start: is there a run that was broken off?"""
        self._is_start = True
        self.look()

    @Slot(object)
    def compare(self, folders: tuple[Path, ...]) -> None:
        """Read the curves of these runs."""
        self._curver.submit(folders)

    def reopen(self, folder: Path) -> None:
        """Read all that the training card shows of a run."""
        self._opener.submit(folder)

    @Slot(object)
    def change(self, change: Change) -> None:
        """Do this to a run; does nothing while another change is under way."""
        if self._changer.is_idle:
            self._changer.submit(change)

    def close(self) -> None:
        """End all work and join the threads."""
        for job in self._jobs:
            job.close()

    @Slot(object)
    def _take_list(self, found: tuple[tuple[RunSummary, ...], tuple[RunSummary, ...]]) -> None:
        runs, trashed = found
        self.listed.emit(runs)
        self.trash_listed.emit(trashed)
        if self._is_start:
            self._is_start = False
            for run in runs:
                if run.state == "interrupted":
                    self.unfinished.emit(run)
                    return

    @Slot(object)
    def _take_change(self, changed: Changed) -> None:
        self.look()
        self.changed.emit(changed)
        if changed.change.kind == "trash":
            self._trashed = changed.target
            sentence = f"The run {changed.change.folder.name} is in the trash."
            self.offered.emit(Offer(sentence, "Bring it back", self._restore))

    @Slot()
    def _restore(self) -> None:
        if self._trashed is not None:
            self.change(Change("restore", self._trashed))


def _list(_request: object) -> tuple[tuple[RunSummary, ...], tuple[RunSummary, ...]]:
    """In the runs thread: those there are, and those in the trash."""
    from capsviz.training.runs import list_runs, trashed_runs

    return list_runs(), trashed_runs()


def _curves(folders: tuple[Path, ...]) -> Mapping[Path, Curves]:
    """In the curves thread."""
    from capsviz.training.runs import curves_of

    there = [folder for folder in folders if folder.exists()]  # none that was just deleted
    return {folder: curves_of(folder) for folder in there}


def _reopen(folder: Path) -> Reopened:
    """In the reopen thread."""
    from capsviz.training.finetune import load_comparison
    from capsviz.training.reportfile import load_report
    from capsviz.training.runfiles import REPORT, read_metrics
    from capsviz.training.runs import summary_of

    path = folder / REPORT
    return Reopened(
        summary_of(folder),
        tuple(read_metrics(folder)),
        load_report(path) if path.exists() else None,
        load_comparison(folder),
    )


def _change(change: Change) -> Changed:
    """In the change thread."""
    from capsviz.training import runs

    folder = change.folder
    target = folder
    if change.kind == "rename":
        target = runs.rename_run(folder, change.name)
    elif change.kind == "trash":
        target = runs.trash_run(folder)
    elif change.kind == "restore":
        target = runs.restore_run(folder)
    elif change.kind == "delete":
        runs.delete_run(folder)
    elif change.kind == "publish":
        target = runs.publish_run(folder, change.name)
    else:
        runs.extend_run(folder, change.epochs)
    return Changed(change, target)
