"""`train` is a generator of Progress: window, command line and scripts iterate the same one."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
import torch

from capsviz.network import sent
from capsviz.training.batches import split_of
from capsviz.training.clock import WorkClock
from capsviz.training.divergence import DivergenceError, check_finite, losses_of
from capsviz.training.keeping import copy_of, keep_last, provenance_of
from capsviz.training.learner import Learner
from capsviz.training.progress import Progress
from capsviz.training.run import METRIC_STEPS, RunFolder
from capsviz.training.saving import is_due, is_due_after_validation, save_state
from capsviz.training.team import Team
from capsviz.training.underway import begin, check_same, keep_frame, prepare
from capsviz.training.watch import UNWATCHED

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    from torch import Tensor

    from capsviz.data.mnist import Digits
    from capsviz.network import CapsNet
    from capsviz.training.plan import RunPlan, Told
    from capsviz.training.underway import UnderWay
    from capsviz.training.watch import Watch

# seconds between two reports: no listener is flooded, and a GPU seldom waits until it is read
_SHORTEST_REPORT, _SHORTEST_REPORT_ON_CUDA = 0.01, 0.05
_FEW = 3  # steps, which also set libraries up: they do not tell how fast the others will be


def train(
    plan: RunPlan,
    digits: Digits,
    output: Path,
    device: torch.device,
    resume: bool = False,
    start: CapsNet | None = None,
    watch: Watch = UNWATCHED,
    team: Team | None = None,
) -> Generator[Progress, None, None]:
    """Train a network, step by step; to pause, stop asking; to cancel, close the generator.

    However it ends, `output` holds the last state and, in `model.safetensors`, the network with
    the lowest validation error so far; before the first validation, the last one. Batches and
    augmentation depend on the seed and the step alone, so a resumed run is bit-identical on a
    CPU with the same number of threads. The run stays marked as unfinished until its end.

    Args:
        plan: settings, network and data.
        digits: all labelled images, the `plan.own` own drawings last; `validation_images` of
            the others are held out.
        output: the run's folder.
        device: where to train.
        resume: continue the run in `output` rather than begin one.
        start: weights to begin with instead of random ones, of the plan's sizes.
        watch: which snapshots to give away and to keep.
        team: the processes that share each batch; this one alone if None.

    Yields:
        Progress, after steps (at most 100 a second, on a GPU 20) and each epoch's validation.

    Raises:
        CapsvizError: the data does not fit the network, the folder cannot be used or is in use,
            or the loss is no longer finite (the last good state stays on disk).
    """
    team, folder = team or Team(), RunFolder(output)
    split = split_of(plan, digits)
    if resume:
        check_same(plan, folder)
    elif team.leads:
        folder.begin(plan)
    with folder.at_work(team.leads):
        learner = Learner(plan.settings, plan.config, device, team)
        run = prepare(plan, digits, folder, learner, split, watch)
        begin(run, resume, start)
        yield from _steps(run)


def _steps(run: UnderWay) -> Iterator[Progress]:
    try:
        if run.position.pending:
            yield from _told(run, _validated(run))
        while run.position.step < run.total_steps:
            yield from _epoch(run)
        if run.leads:
            run.folder.settle()
    except DivergenceError:
        _give_up(run)
        raise
    finally:
        _leave(run)


def _give_up(run: UnderWay) -> None:
    """Keep the last good network of a run that has diverged; there is nothing to go on with."""
    run.is_whole = False  # the weights are about to be those of another step
    if run.leads:
        keep_last(run.folder, run.learner, run.validator, run.plan, run.epoch_steps)
        run.folder.settle()


def _leave(run: UnderWay) -> None:
    # an interrupt within an update leaves the state before it on disk, which replays
    if not run.leads or not run.is_whole or run.learner.is_changing:
        return
    try:
        losses_of(run)
        check_finite(run)
    except DivergenceError:
        _give_up(run)
        raise
    if run.position.step > run.saved_step:
        save_state(run)
    keep_last(run.folder, run.learner, run.validator, run.plan, run.epoch_steps, run.position)
    if run.watch.measures_last and run.position.step % run.epoch_steps:
        run.position = msgspec.structs.replace(run.position, pending=run.told)
        _measured(run, _progress(run, run.told))


def _epoch(run: UnderWay) -> Iterator[Progress]:
    """The rest of the present epoch, then a validation."""
    epoch, done = divmod(run.position.step, run.epoch_steps)
    *batches, last = run.split.batches(run.plan.settings, epoch)[done:]
    reported = 0.0
    on_cuda = run.learner.device.type == "cuda"
    wait = _SHORTEST_REPORT_ON_CUDA if on_cuda else _SHORTEST_REPORT
    for batch in batches:
        progress = _step(run, batch)
        if time.perf_counter() - reported >= wait:
            reported = time.perf_counter()  # now: whoever asks for one step gets no more
            yield from _told(run, progress or _progress(run, losses_of(run)))
    _step(run, last)
    yield from _told(run, _validated(run))


def _told(run: UnderWay, progress: Progress) -> Iterator[Progress]:
    every = run.watch.snapshot_seconds
    if every is not None and time.perf_counter() - run.shown >= every:
        run.shown = time.perf_counter()
        progress = replace(progress, snapshot=copy_of(run.learner.best_weights))
    run.clock.hand_over()
    yield progress
    run.clock.take_back()


def _step(run: UnderWay, batch: Tensor) -> Progress | None:
    """Learn from one batch; what it tells stays on the device until it is wanted, as here."""
    run.learner.team.check()
    if run.position.step == run.first_step:
        run.clock = WorkClock()  # reading and a resumed validation are no step's time
    batch = sent(batch, run.images.device)  # B, or B 2 where two digits share an image
    images = run.images[batch].float() / 255
    losses = run.learner.step(images, run.labels[batch], run.position.step, run.total_steps)
    run.unread.append((torch.stack([loss.float() for loss in losses]), len(batch)))
    step = run.position.step + 1
    run.position = msgspec.structs.replace(run.position, step=step, pending=None)
    if run.learner.team.size > 1:  # all ranks must find a divergence at the same step
        losses_of(run)
    if step % run.epoch_steps == 0:
        run.position = msgspec.structs.replace(run.position, pending=losses_of(run))
    progress = _written(run) if run.leads else None
    run.learner.is_changing = False
    return progress


def _written(run: UnderWay) -> Progress | None:
    """Keep of the latest step what it is time to keep; the line of its metrics, if any."""
    step, line = run.position.step, None
    if step % METRIC_STEPS == 0:
        line = _progress(run, losses_of(run))
        run.folder.append_metrics(line)
    # after a validation there is a save at once; one before it would cost as much again
    if is_due(run) and not run.position.pending:
        save_state(run)
    if run.filmstrip.is_due(step):
        losses_of(run)
        keep_frame(run)
    return line


def _progress(run: UnderWay, told: Told) -> Progress:
    margin, reconstruction, error = told
    step, images = run.position.step, run.plan.settings.batch_size
    done = step - run.first_step  # 0 if the run was resumed at a validation
    speed = images * done / run.clock.seconds if done else run.speed_before
    expected = run.speed_before if done < _FEW and run.speed_before else speed
    return Progress(
        step=step,
        total_steps=run.total_steps,
        epoch=step / run.epoch_steps,
        margin_loss=margin,
        reconstruction_loss=reconstruction,
        training_error=error,
        images_per_second=speed,
        seconds_left=images * (run.total_steps - step) / expected if expected else 0.0,
        best_validation_error=run.position.best[0] if run.position.best else None,
    )


def _validated(run: UnderWay) -> Progress:
    """Measure on the held-out images; keep the network if it is the best so far."""
    assert run.position.pending is not None
    progress = _progress(run, run.position.pending)
    if run.leads:
        progress = _measured(run, progress)
    else:
        run.position = msgspec.structs.replace(run.position, pending=None)
    return progress


def _measured(run: UnderWay, progress: Progress) -> Progress:
    check_finite(run)
    network = run.learner.best_weights
    report = run.validator.measure(network, progress.step) if len(run.validator) else None
    found = (report.error, report.margin_loss) if report else None
    run.is_whole = False
    best = run.position.best
    is_kept = run.plan.own > 0 or found is None or best is None or found <= best
    if is_kept:
        about = provenance_of(run.plan, progress.epoch, found, run.learner.device.type)
        run.folder.save_model(network, about, report)
    best = _lower(found, best)
    run.position = msgspec.structs.replace(run.position, best=best, pending=None)
    progress = replace(
        progress,
        validation_error=found[0] if found else None,
        best_validation_error=best[0] if best else None,
        report=report,
    )
    run.folder.append_metrics(progress)
    if is_kept or is_due_after_validation(run):  # a resumed run knows what it has to beat
        save_state(run)
    run.is_whole = True
    return progress


def _lower(
    found: tuple[float, float] | None, best: tuple[float, float] | None
) -> tuple[float, float] | None:
    return best if found is None else min(found, best or found)
