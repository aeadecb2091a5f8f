"""A run is a folder.

`run.json` holds the plan, `metrics.jsonl` a line every ten steps and after each validation,
`state.safetensors` all that an exact resume needs, `model.safetensors` the kept network,
`report.safetensors` what its validation found, `snapshots/` networks along the way if they were
asked for. `unfinished` is there while the run is not at its end, locked while it is under way.
"""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

import msgspec

from capsviz.files import CapsvizError, reason, write_atomically
from capsviz.network import save_checkpoint
from capsviz.network.tensorfile import read_tensors, write_tensors
from capsviz.training.marker import at_work, settle
from capsviz.training.plan import Position
from capsviz.training.reportfile import save_report
from capsviz.training.runfiles import (
    METRICS,
    MODEL,
    PLAN,
    REPORT,
    STATE,
    TROUBLE,
    decoded,
    last_metrics,
    read_metrics,
    read_plan,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import torch

    from capsviz.network import CapsNet, Provenance
    from capsviz.training.learner import Learner
    from capsviz.training.plan import RunPlan
    from capsviz.training.progress import Progress
    from capsviz.training.report import Report

_KIND = "capsviz-training-state"

METRIC_STEPS = 10
"""Steps between two lines of metrics.jsonl; validations have lines of their own."""


class RunFolder:
    """Reads and writes one run's folder; every write is atomic."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.model_file, self.report_file = folder / MODEL, folder / REPORT
        self._plan_file, self._metrics_file = folder / PLAN, folder / METRICS
        self._state_file = folder / STATE
        self._is_over = False

    def check_free(self) -> None:
        """Refuse to begin a run over another.

        Raises:
            CapsvizError: there is a run here already.
        """
        if self._plan_file.exists():
            raise CapsvizError(
                f"{self.folder} already holds a run; continue it with --resume, "
                "or choose another folder with --output."
            )

    def begin(self, plan: RunPlan) -> None:
        """Start a new run here.

        Raises:
            CapsvizError: there is a run here already, or the folder cannot be written.
        """
        self.check_free()
        write_atomically(self._plan_file, msgspec.json.format(msgspec.json.encode(plan)))
        write_atomically(self._metrics_file, b"")

    @contextmanager
    def at_work(self, leads: bool = True) -> Iterator[None]:
        """Mark the run as unfinished and this process as being at work on it.

        Args:
            leads: whether this process writes; one that does not marks nothing.

        Raises:
            CapsvizError: another process is at work on it.
        """
        self._is_over = False
        try:
            with at_work(self.folder) if leads else nullcontext():
                yield
        finally:
            if self._is_over:  # not before: Windows removes no file that is open
                settle(self.folder)

    def settle(self) -> None:
        """Take the mark of an unfinished run off when the work on it ends."""
        self._is_over = True

    @property
    def has_state(self) -> bool:
        """Whether there is a state to resume from."""
        return self._state_file.exists()

    def sweep(self) -> None:
        """Remove what a killed run was writing when it died, and word of an earlier trouble."""
        for left in (*self.folder.glob("*.tmp"), self.folder / TROUBLE):
            left.unlink(missing_ok=True)

    def plan(self) -> RunPlan:
        """The settings this run was begun with.

        Raises:
            CapsvizError: there is no run here, or its settings are not understood.
        """
        return read_plan(self.folder)

    def save_state(self, learner: Learner, position: Position) -> None:
        """Keep everything that an exact resume needs.

        Raises:
            CapsvizError: the file cannot be written; the state before stays whole.
        """
        texts = {"position": msgspec.json.encode(position).decode()}
        write_tensors(self._state_file, _KIND, _state_tensors(learner), texts)

    def load_state(self, learner: Learner) -> Position:
        """Put the kept state into `learner`; a run killed before its first save begins anew.

        Raises:
            CapsvizError: the file is damaged or belongs to another network.
        """
        if not self._state_file.exists():
            return Position()
        tensors, texts = read_tensors(self._state_file, _KIND)
        position = decoded(self._state_file, texts.get("position", "").encode(), Position)
        try:
            _restore(learner, tensors, position.step)
        except (KeyError, RuntimeError, ValueError) as error:
            raise CapsvizError(
                f"{self._state_file} does not fit the run's network; its folder was mixed up."
            ) from error
        return position

    def save_model(self, model: CapsNet, provenance: Provenance, report: Report | None) -> None:
        """Write the run's best network, ready for the window and `evaluate`, and its report.

        Raises:
            CapsvizError: a file cannot be written.
        """
        if report is None:
            self.report_file.unlink(missing_ok=True)
        else:
            save_report(self.report_file, report)
        save_checkpoint(self.model_file, model, provenance)

    def append_metrics(self, progress: Progress) -> None:
        """Add a line to metrics.jsonl.

        Raises:
            CapsvizError: the file cannot be written.
        """
        try:
            with self._metrics_file.open("ab") as file:
                file.write(msgspec.json.encode(progress.metrics) + b"\n")
        except OSError as error:
            raise CapsvizError(
                f"Could not write {self._metrics_file}: {reason(error)}."
            ) from error

    def metrics(self) -> list[Progress]:
        """Every line of metrics.jsonl; a last line cut short by a kill is left out."""
        return read_metrics(self.folder)

    def last_speed(self) -> float:
        """Images/s as told last; 0 if nothing was."""
        told = last_metrics(self.folder) if self._metrics_file.exists() else None
        return told.images_per_second if told else 0.0

    def forget_metrics_after(self, position: Position) -> None:
        """Drop the lines of what a kill undid, so the resumed run tells them once."""
        if not self._metrics_file.exists():
            return
        lines = self.metrics()
        kept = [line for line in lines if line.step < position.step]
        told = [line for line in lines if line.step == position.step]
        if position.pending:  # the last of them is of its validation, which is to come again
            told = told[: position.step % METRIC_STEPS == 0]
        encoded = [msgspec.json.encode(line.metrics) + b"\n" for line in kept + told]
        write_atomically(self._metrics_file, b"".join(encoded))


def _state_tensors(learner: Learner) -> dict[str, torch.Tensor]:
    tensors = {f"model.{name}": value for name, value in learner.model.state_dict().items()}
    if learner.average is not None:
        average = learner.average.state_dict()
        tensors |= {f"average.{name}": value for name, value in average.items()}
    for index, state in learner.optimizer.state_dict()["state"].items():
        tensors |= {f"adam.{index}.{name}": value for name, value in state.items()}
    return tensors


def _restore(learner: Learner, tensors: dict[str, torch.Tensor], step: int) -> None:
    learner.model.load_state_dict(_under("model.", tensors))
    if learner.average is not None:
        learner.average.load_state_dict(_under("average.", tensors))
    adam: dict[int, dict[str, torch.Tensor]] = {}
    for name, value in _under("adam.", tensors).items():
        index, _, field = name.partition(".")
        adam.setdefault(int(index), {})[field] = value
    if step or adam:  # weights to start from are kept before Adam's first step
        _check_moments(learner, adam)
    groups = learner.optimizer.state_dict()["param_groups"]
    learner.optimizer.load_state_dict({"state": adam, "param_groups": groups})


def _check_moments(learner: Learner, adam: dict[int, dict[str, torch.Tensor]]) -> None:
    """Adam itself would take moments of any shape, or none, and go on from there."""
    for index, weight in enumerate(learner.model.parameters()):
        moments = adam[index]
        shapes = [moments[name].shape for name in ("exp_avg", "exp_avg_sq")]
        if moments["step"].numel() != 1 or shapes != [weight.shape] * 2:
            raise ValueError(f"moments of parameter {index} have another shape")


def _under(prefix: str, tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {
        name.removeprefix(prefix): value
        for name, value in tensors.items()
        if name.startswith(prefix)
    }
