"""`train` is a generator of Progress: window, command line and scripts iterate the same one."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

import msgspec
import torch
from torch.nn.functional import one_hot

from capsviz import __version__
from capsviz.files import CapsvizError
from capsviz.network import Provenance, lengths_of, margin_loss
from capsviz.training.learner import Learner, step_generator
from capsviz.training.progress import Progress
from capsviz.training.run import Position, RunFolder, RunPlan

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from torch import Tensor

    from capsviz.data.mnist import Digits
    from capsviz.network import CapsNet

_METRIC_STEPS = 10  # steps between two lines of metrics.jsonl
_VALIDATION_BATCH = 256
_SHORTEST_REPORT = 0.01  # seconds between two reports, so that no listener is flooded


@dataclass(slots=True)
class _Run:
    """A run under way: what is fixed, and the little that changes."""

    plan: RunPlan
    folder: RunFolder
    learner: Learner
    images: Tensor  # (n, 1, H, W) uint8 on the device
    labels: Tensor  # (n,) int64 on the device
    held_out: Tensor  # (v,) indices of the validation images
    kept: Tensor  # (n - v,) indices of the training images
    position: Position
    saved_step: int
    started: float = field(default_factory=time.perf_counter)
    first_step: int = 0
    is_whole: bool = True  # weights, position and metrics tell of the same step

    @property
    def epoch_steps(self) -> int:
        return math.ceil(len(self.kept) / self.plan.settings.batch_size)

    @property
    def total_steps(self) -> int:
        return self.epoch_steps * self.plan.settings.epochs


def train(
    plan: RunPlan,
    digits: Digits,
    output: Path,
    device: torch.device,
    resume: bool = False,
    start: CapsNet | None = None,
) -> Iterator[Progress]:
    """Train a network, step by step; to cancel, close the generator.

    However it ends, `output` holds the last state; `model.safetensors` there is the network with
    the lowest validation error so far. Batches and augmentation depend on the seed and the step
    alone, so a resumed run is bit-identical on a CPU with the same number of threads.

    Args:
        plan: settings, network and data.
        digits: all labelled images; `validation_images` of them are held out.
        output: the run's folder.
        device: where to train.
        resume: continue the run in `output` rather than begin one.
        start: weights to begin with instead of random ones, of the plan's sizes.

    Yields:
        Progress, after steps (at most 100 a second) and after each epoch's validation.

    Raises:
        CapsvizError: the data does not fit the network, the folder cannot be used, or the loss
            is no longer finite (the last good state stays on disk).
    """
    run = _prepare(plan, digits, output, device, resume, start)
    try:
        while run.position.step < run.total_steps:
            yield from _epoch(run)
    finally:
        # an interrupt within a step or validation leaves the state before it, which replays
        if run.is_whole and run.position.step > run.saved_step and run.learner.is_finite:
            _save_state(run)


def _prepare(
    plan: RunPlan,
    digits: Digits,
    output: Path,
    device: torch.device,
    resume: bool,
    start: CapsNet | None,
) -> _Run:
    _check_data(plan, digits)
    folder = RunFolder(output)
    learner = Learner(plan.settings, plan.config, device)
    position = Position()
    if resume:
        if folder.plan() != plan:
            raise CapsvizError(f"{output} was begun with other settings; resume it as it was.")
        folder.sweep()
        position = folder.load_state(learner)
        folder.forget_metrics_after(position.step)
    else:
        folder.begin(plan)
        if start is not None:
            learner.start_from(start)
            folder.save_state(learner, position)  # a resume could not know these weights
    order = torch.randperm(len(digits), generator=step_generator(plan.settings, 0, 0))
    held_out, kept = order.split(
        [plan.settings.validation_images, len(digits) - plan.settings.validation_images]
    )
    images = torch.from_numpy(digits.images.copy()).unsqueeze(1).to(device)
    labels = torch.from_numpy(digits.labels.astype("int64")).to(device)
    run = _Run(plan, folder, learner, images, labels, held_out, kept, position, position.step)
    run.first_step = position.step
    return run


def _check_data(plan: RunPlan, digits: Digits) -> None:
    size = plan.config.image_size
    if digits.images.shape[1:] != (size, size):
        raise CapsvizError(
            f"The network wants images of {size}×{size} pixels, "
            f"but the data has {digits.images.shape[1]}×{digits.images.shape[2]}."
        )
    if len(digits) <= plan.settings.validation_images:
        raise CapsvizError(
            f"{plan.settings.validation_images} validation images are to be held out of "
            f"{len(digits)}; nothing would be left to train on. Lower --validation-images."
        )


def _epoch(run: _Run) -> Iterator[Progress]:
    """The rest of the present epoch, then a validation."""
    settings = run.plan.settings
    epoch, done = divmod(run.position.step, run.epoch_steps)
    order = run.kept[torch.randperm(len(run.kept), generator=step_generator(settings, 1, epoch))]
    *batches, last = order.split(settings.batch_size)[done:]
    reported = 0.0
    for batch in batches:
        progress = _step(run, batch)
        if time.perf_counter() - reported >= _SHORTEST_REPORT:
            yield progress
            reported = time.perf_counter()
    # no report and no saved state between an epoch's last step and its validation, so that
    # wherever a run ends, the resumed one validates each epoch once
    yield _validated(run, _step(run, last, is_last=True))


def _step(run: _Run, batch: Tensor, is_last: bool = False) -> Progress:
    run.is_whole = False
    batch = batch.to(run.images.device)
    images = run.images[batch].float() / 255
    losses = run.learner.step(images, run.labels[batch], run.position.step, run.total_steps)
    margin, reconstruction, wrong = torch.stack([loss.float() for loss in losses]).tolist()
    if not math.isfinite(margin + reconstruction):
        raise _diverged(run, "loss", run.position.step + 1)
    run.position = msgspec.structs.replace(run.position, step=run.position.step + 1)
    progress = _progress(run, margin, reconstruction, wrong / len(batch))
    if progress.step % _METRIC_STEPS == 0:
        run.folder.append_metrics(progress)
    if not is_last:
        if progress.step - run.saved_step >= run.plan.settings.checkpoint_steps:
            _save_state(run)
        run.is_whole = True
    return progress


def _progress(run: _Run, margin: float, reconstruction: float, error: float) -> Progress:
    step = run.position.step
    seconds = time.perf_counter() - run.started
    per_step = seconds / (step - run.first_step)
    return Progress(
        step=step,
        total_steps=run.total_steps,
        epoch=step / run.epoch_steps,
        margin_loss=margin,
        reconstruction_loss=reconstruction,
        training_error=error,
        images_per_second=run.plan.settings.batch_size / per_step,
        seconds_left=per_step * (run.total_steps - step),
        best_validation_error=run.position.best[0] if run.position.best else None,
    )


def _validated(run: _Run, progress: Progress) -> Progress:
    """Measure on the held-out images; keep the network if it is the best so far."""
    _check_finite(run)
    found = _validate(run) if len(run.held_out) else None
    if found is None or run.position.best is None or found <= run.position.best:
        run.position = msgspec.structs.replace(run.position, best=found)
        run.folder.save_model(run.learner.best_weights, _provenance(run, progress, found))
    progress = replace(
        progress,
        validation_error=found[0] if found else None,
        best_validation_error=run.position.best[0] if run.position.best else None,
    )
    run.folder.append_metrics(progress)
    _save_state(run)
    run.is_whole = True
    return progress


def _validate(run: _Run) -> tuple[float, float]:
    model, chosen = run.learner.best_weights.eval(), run.plan.settings
    wrong = loss = 0.0
    for batch in run.held_out.to(run.images.device).split(_VALIDATION_BATCH):
        labels = run.labels[batch]
        lengths = _lengths(model, run.images[batch].float() / 255)
        present = one_hot(labels, lengths.shape[1]).to(lengths.dtype)
        margins = (chosen.m_plus, chosen.m_minus, chosen.down_weight)
        loss += float(margin_loss(lengths, present, *margins)) * len(batch)
        wrong += int((lengths.argmax(1) != labels).sum())
    return wrong / len(run.held_out), loss / len(run.held_out)


@torch.inference_mode()
def _lengths(model: CapsNet, images: Tensor) -> Tensor:
    return lengths_of(model(images))


def _save_state(run: _Run) -> None:
    _check_finite(run)
    run.folder.save_state(run.learner, run.position)
    run.saved_step = run.position.step


def _check_finite(run: _Run) -> None:
    if not run.learner.is_finite:
        raise _diverged(run, "weights", run.position.step)


def _diverged(run: _Run, what: str, step: int) -> CapsvizError:
    kept = f"its state after step {run.saved_step} is" if run.saved_step else "nothing of it is"
    return CapsvizError(
        f"Training diverged at step {step}: the {what} are no longer finite numbers; {kept} in "
        f"{run.folder.folder}. Begin again with a lower learning rate."
    )


def _provenance(run: _Run, progress: Progress, found: tuple[float, float] | None) -> Provenance:
    return Provenance(
        data=run.plan.data,
        seed=run.plan.settings.seed,
        epochs=progress.epoch,
        validation_error=found[0] if found else None,
        date=date.today().isoformat(),
        version=__version__,
        device=run.images.device.type,
    )
