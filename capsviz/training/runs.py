"""The person's runs: a folder each, in one folder; listed, compared, renamed, published.

Needs no torch, but for publishing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from capsviz.files import CapsvizError
from capsviz.places import user_runs_folder
from capsviz.training.marker import is_under_way, is_unfinished
from capsviz.training.runcare import (
    delete_run,
    extend_run,
    publish_run,
    rename_run,
    restore_run,
    trash_run,
)
from capsviz.training.runfiles import (
    MODEL,
    PLAN,
    last_metrics,
    read_metrics,
    read_plan,
    trouble_of,
)
from capsviz.training.runnames import TRASH, check_name, new_run_folder

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from capsviz.training.plan import RunPlan
    from capsviz.training.progress import Progress

__all__ = [
    "Curves",
    "RunSummary",
    "State",
    "check_name",
    "curves_of",
    "delete_run",
    "extend_run",
    "list_runs",
    "new_run_folder",
    "publish_run",
    "rename_run",
    "restore_run",
    "summary_of",
    "trash_run",
    "trashed_runs",
    "unfinished_run",
]

State = Literal["finished", "stopped", "interrupted", "running", "damaged"]


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A run as a list shows it.

    Attributes:
        name: of its folder.
        folder: where it lies.
        state: "finished", all its steps done; "stopped", ended early on purpose; "interrupted",
            broken off by a kill, a failure or the window's end, to be offered for continuation;
            "running", a process is at work on it; "damaged", see `problem`.
        date: seconds since 1970 of its last change.
        plan: its settings, if they can be read.
        last: its last line of metrics, if any.
        has_model: whether a network is kept.
        problem: why it is damaged, in one sentence.
        trouble: what went wrong when it was broken off and nobody could be told, if anything did.
    """

    name: str
    folder: Path
    state: State
    date: float
    plan: RunPlan | None = None
    last: Progress | None = None
    has_model: bool = False
    problem: str = ""
    trouble: str = ""

    @property
    def best_error(self) -> float | None:
        """The lowest validation error, 0–1, if there was a validation."""
        return self.last.best_validation_error if self.last else None

    @property
    def can_resume(self) -> bool:
        """Whether there are steps left that an exact resume would do."""
        return self.state in ("stopped", "interrupted")

    @property
    def can_extend(self) -> bool:
        """Whether more epochs than planned can follow exactly; see `extend_run`."""
        return (
            self.state in ("finished", "stopped", "interrupted")
            and self.plan is not None
            and self.plan.settings.schedule == "exponential"
        )


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """A run's metrics in columns, to be laid over those of others; all float64.

    Attributes:
        step: (n,) of the training columns, ascending.
        epoch: (n,) the same in epochs.
        margin_loss, reconstruction_loss, training_error: (n,) of single batches.
        validation_step, validation_epoch, validation_error: (v,) of the validations.
    """

    step: NDArray[np.float64]
    epoch: NDArray[np.float64]
    margin_loss: NDArray[np.float64]
    reconstruction_loss: NDArray[np.float64]
    training_error: NDArray[np.float64]
    validation_step: NDArray[np.float64]
    validation_epoch: NDArray[np.float64]
    validation_error: NDArray[np.float64]


def list_runs(folder: Path | None = None) -> tuple[RunSummary, ...]:
    """Every run in a folder, the person's own if None, the latest first.

    A run that cannot be read is listed as damaged with the reason; folders that hold no run are
    passed over.
    """
    folder = folder or user_runs_folder()
    if not folder.is_dir():
        return ()
    places = [path for path in folder.iterdir() if path.name != TRASH and path.is_dir()]
    found = [summary_of(path) for path in places if (path / PLAN).exists()]
    return tuple(sorted(found, key=lambda run: (-run.date, run.name)))


def summary_of(folder: Path) -> RunSummary:
    """One run, damaged or not; `folder` holds a run.json."""
    date = _changed(folder)
    has_model = (folder / MODEL).is_file()
    try:
        plan, last = read_plan(folder), last_metrics(folder)
    except CapsvizError as error:
        return RunSummary(
            folder.name, folder, "damaged", date, has_model=has_model, problem=str(error)
        )
    state = _state(folder, plan, last)
    trouble = trouble_of(folder)
    return RunSummary(folder.name, folder, state, date, plan, last, has_model, trouble=trouble)


def unfinished_run(folder: Path | None = None) -> RunSummary | None:
    """The latest run that was broken off and may be continued, to be offered at the start."""
    found = (run for run in list_runs(folder) if run.state == "interrupted")
    return next(found, None)


def curves_of(folder: Path) -> Curves:
    """The metrics of a run.

    Raises:
        CapsvizError: they cannot be read.
    """
    lines = read_metrics(folder)
    trained = list({line.step: line for line in lines}.values())  # a validation tells of a step
    validations = [line for line in lines if line.validation_error is not None]
    return Curves(
        *(
            _column(trained, name)
            for name in (
                "step",
                "epoch",
                "margin_loss",
                "reconstruction_loss",
                "training_error",
            )
        ),
        *(_column(validations, name) for name in ("step", "epoch", "validation_error")),
    )


def trashed_runs(folder: Path | None = None) -> tuple[RunSummary, ...]:
    """What `restore_run` could bring back, the latest first."""
    return list_runs((folder or user_runs_folder()) / TRASH)


def _state(folder: Path, plan: RunPlan, last: Progress | None) -> State:
    if is_under_way(folder):
        return "running"
    if is_unfinished(folder):
        return "interrupted"
    return "finished" if last and last.epoch >= plan.settings.epochs else "stopped"


def _changed(folder: Path) -> float:
    times = [path.stat().st_mtime for path in folder.iterdir() if path.is_file()]
    return max(times, default=0.0)


def _column(lines: list[Progress], name: str) -> NDArray[np.float64]:
    return np.array([getattr(line, name) for line in lines], np.float64)
