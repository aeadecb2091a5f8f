"""The person's runs: a folder each, in one folder; listed, compared, renamed, published.

Needs no torch, but for publishing.
"""

from __future__ import annotations

import re
import shutil
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import msgspec
import numpy as np

from capsviz.files import CapsvizError, reason, write_atomically
from capsviz.places import MODEL_SUFFIX, user_models_folder, user_runs_folder
from capsviz.training.marker import is_under_way, is_unfinished
from capsviz.training.runfiles import MODEL, PLAN, read_metrics, read_plan

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from capsviz.training.plan import RunPlan
    from capsviz.training.progress import Progress

State = Literal["finished", "stopped", "interrupted", "running", "damaged"]

TRASH = ".trash"
_NAME = re.compile(r"[\w](?:[\w .+()=,-]{0,78}[\w)+])?")
_RESERVED = {"con", "prn", "aux", "nul", *(f"{p}{n}" for p in ("com", "lpt") for n in range(10))}


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
    """

    name: str
    folder: Path
    state: State
    date: float
    plan: RunPlan | None = None
    last: Progress | None = None
    has_model: bool = False
    problem: str = ""

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
        plan, lines = read_plan(folder), read_metrics(folder)
    except CapsvizError as error:
        return RunSummary(
            folder.name, folder, "damaged", date, has_model=has_model, problem=str(error)
        )
    last = lines[-1] if lines else None
    state = _state(folder, plan, last)
    return RunSummary(folder.name, folder, state, date, plan, last, has_model)


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
    plain = [line for line in lines if line.validation_error is None]
    validations = [line for line in lines if line.validation_error is not None]
    return Curves(
        *(
            _column(plain, name)
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


def check_name(name: str) -> str:
    """The name of a run or network, without blanks around it, if it can name a file anywhere.

    Raises:
        CapsvizError: it cannot; says which names can.
    """
    name = name.strip()
    if not _NAME.fullmatch(name) or name.split(".")[0].lower() in _RESERVED:
        raise CapsvizError(
            f"Expected a name of up to 80 letters, digits, blanks and - _ . + ( ) = , that begins "
            f"with a letter or digit, found {name!r:.100}; choose another."
        )
    return name


def new_run_folder(name: str, folder: Path | None = None) -> Path:
    """Where a new run of this name is to lie; a number is added if the name is taken.

    Raises:
        CapsvizError: the name cannot name a folder.
    """
    name, folder = check_name(name), folder or user_runs_folder()
    number = 2
    place = folder / name
    while place.exists():
        place = folder / f"{name} {number}"
        number += 1
    return place


def rename_run(folder: Path, name: str) -> Path:
    """Give a run another name; its new folder.

    Raises:
        CapsvizError: the name is taken or cannot name a folder, or the run is under way.
    """
    target = folder.with_name(check_name(name))
    if target == folder:
        return folder
    if target.exists():
        raise CapsvizError(f"There is a run called {target.name!r} already; choose another name.")
    return _moved(folder, target)


def trash_run(folder: Path) -> Path:
    """Move a run into the trash beside it; where it lies there. Nothing is deleted.

    Raises:
        CapsvizError: the run is under way, or its folder cannot be moved.
    """
    stamp = time.strftime("%Y%m%d-%H%M%S")
    target = folder.parent / TRASH / f"{stamp} {folder.name}"
    number = 2
    while target.exists():
        target = target.with_name(f"{stamp}-{number} {folder.name}")
        number += 1
    return _moved(folder, target)


def restore_run(trashed: Path) -> Path:
    """Bring a run back from the trash; its folder, with a number added if the name is taken.

    Raises:
        CapsvizError: it cannot be moved.
    """
    name = trashed.name.partition(" ")[2] or trashed.name
    return _moved(trashed, new_run_folder(name, trashed.parent.parent))


def trashed_runs(folder: Path | None = None) -> tuple[RunSummary, ...]:
    """What `restore_run` could bring back, the latest first."""
    return list_runs((folder or user_runs_folder()) / TRASH)


def extend_run(folder: Path, epochs: int) -> RunPlan:
    """Plan more epochs for a run, which is then resumed; its new plan.

    Exact where the rate of a step does not depend on the steps to come: with the "exponential"
    schedule the result is bit-identical to a run that was planned so from the start. A "cosine"
    has come down to nothing at its last step; begin a new run from such a run's network instead.

    Raises:
        CapsvizError: the schedule is "cosine", `epochs` is no more than planned, or the run is
            under way.
    """
    plan = read_plan(folder)
    if plan.settings.schedule != "exponential":
        raise CapsvizError(
            f"{folder.name} follows a {plan.settings.schedule} schedule, which ends with its "
            "epochs; start a new run from its network instead."
        )
    if epochs <= plan.settings.epochs:
        raise CapsvizError(
            f"Expected more than the {plan.settings.epochs} epochs that {folder.name} has "
            f"planned already, found {epochs}."
        )
    _check_idle(folder)
    settings = msgspec.structs.replace(plan.settings, epochs=epochs)
    extended = msgspec.structs.replace(plan, settings=settings)
    write_atomically(folder / PLAN, msgspec.json.format(msgspec.json.encode(extended)))
    return extended


def publish_run(folder: Path, name: str, purpose: str = "") -> Path:
    """Copy a run's network among the person's own, where every model list shows it.

    Args:
        folder: of the run.
        name: of the network.
        purpose: what it is for, one line; says how it was trained if left out.

    Returns:
        The network's file.

    Raises:
        CapsvizError: the run has no network, the name is taken or cannot name a file.
    """
    from capsviz.network import load_checkpoint, save_checkpoint

    target = user_models_folder() / f"{check_name(name)}{MODEL_SUFFIX}"
    if target.exists():
        raise CapsvizError(f"There is a network called {name!r} already; choose another name.")
    checkpoint = load_checkpoint(folder / MODEL)
    about = msgspec.structs.replace(
        checkpoint.provenance,
        purpose=purpose or checkpoint.provenance.purpose or f"trained as run {folder.name}",
    )
    save_checkpoint(target, checkpoint.model, about)
    return target


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


def _check_idle(folder: Path) -> None:
    if is_under_way(folder):
        raise CapsvizError(f"{folder.name} is being trained at this moment; stop it first.")


def _moved(folder: Path, target: Path) -> Path:
    _check_idle(folder)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(folder, target)
    except OSError as error:
        raise CapsvizError(f"Could not move {folder} to {target}: {reason(error)}.") from error
    return target
