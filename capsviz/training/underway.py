"""A run under way: what it holds, and how it is begun or taken up again."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import torch

from capsviz.data.pairs import overlaid, placed
from capsviz.files import CapsvizError
from capsviz.network import choose_device
from capsviz.training.clock import WorkClock
from capsviz.training.frames import Filmstrip
from capsviz.training.keeping import provenance_of
from capsviz.training.learner import step_generator
from capsviz.training.plan import Position
from capsviz.training.validation import Validator

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from capsviz.data.mnist import Digits
    from capsviz.network import CapsNet
    from capsviz.training.batches import Split
    from capsviz.training.learner import Learner
    from capsviz.training.plan import RunPlan, Told
    from capsviz.training.run import RunFolder
    from capsviz.training.watch import Watch


@dataclass(slots=True)
class UnderWay:
    """A run under way: what is fixed, and the little that changes."""

    plan: RunPlan
    folder: RunFolder
    learner: Learner
    images: Tensor  # (n, 1, H, W) uint8 on the device
    labels: Tensor  # (n,) int64 on the device
    split: Split
    validator: Validator
    watch: Watch
    filmstrip: Filmstrip
    position: Position = field(default_factory=Position)
    saved_step: int = 0
    saved_at: float = -math.inf  # seconds of the monotonic clock
    first_step: int = 0
    clock: WorkClock = field(default_factory=WorkClock)
    shown: float = -math.inf  # when a snapshot was last given away
    is_whole: bool = True  # weights, position and metrics tell of the same step
    unread: list[tuple[Tensor, int]] = field(default_factory=list)  # a step's losses and images
    told: Told = (0.0, 0.0, 0.0)  # by the last step that was read
    speed_before: float = 0.0  # images/s before it was broken off

    @property
    def leads(self) -> bool:
        return self.learner.team.leads

    @property
    def epoch_steps(self) -> int:
        return self.split.epoch_steps(self.plan.settings)

    @property
    def total_steps(self) -> int:
        return self.epoch_steps * self.plan.settings.epochs


def check_same(plan: RunPlan, folder: RunFolder) -> None:
    """Refuse to resume a run by another plan than its own.

    Raises:
        CapsvizError: the plans differ, or there is no run.
    """
    if folder.plan() != plan:
        raise CapsvizError(f"{folder.folder} was begun with other settings; resume it as it was.")


def device_to_resume_on(plan: RunPlan) -> tuple[torch.device, str]:
    """The device a run was begun on, or the fastest here and a sentence on why it is another."""
    try:
        return choose_device(plan.device or "auto"), ""
    except CapsvizError:
        found = choose_device()
    return found, (
        f"The run was begun on the device {plan.device.upper()}, which is not there now; it goes "
        f"on on {found.type.upper()}, and may end a little differently."
    )


def prepare(
    plan: RunPlan,
    digits: Digits,
    folder: RunFolder,
    learner: Learner,
    split: Split,
    watch: Watch,
) -> UnderWay:
    """A run with its data on the learner's device, before its first step."""
    images = torch.from_numpy(digits.images.copy()).unsqueeze(1).to(learner.device)
    labels = torch.from_numpy(digits.labels.astype("int64")).to(learner.device)
    validator = validator_of(plan, images, labels, split, learner.team.check)
    return UnderWay(
        plan=plan,
        folder=folder,
        learner=learner,
        images=images,
        labels=labels,
        split=split,
        validator=validator,
        watch=watch,
        filmstrip=Filmstrip(folder.folder, watch),
    )


def validator_of(
    plan: RunPlan, images: Tensor, labels: Tensor, split: Split, beat: Callable[[], None]
) -> Validator:
    """Of the held-out images, in pairs where the network reads two digits in one.

    Args:
        plan: of the run.
        images: (n, 1, H, W) uint8, all of them, on the device where networks are measured.
        labels: (n,) int64, beside them.
        split: says which are held out.
        beat: called between the batches of a measurement; raises to break off.
    """
    own = split.own_held_out.to(images.device)
    mine = (images[own], labels[own]) if len(own) else None
    if split.labels is None:
        held_out = split.held_out.to(images.device)
        return Validator(plan.settings, images[held_out], labels[held_out], mine, beat)
    pairs = split.held_out_pairs(plan.settings).to(images.device)
    seen = overlaid(placed(images[pairs], step_generator(plan.settings, 6, 0)))
    return Validator(plan.settings, seen, labels[pairs], None, beat)


def begin(run: UnderWay, resume: bool, start: CapsNet | None) -> None:
    """Take up the run's last state, or the weights to start from.

    Raises:
        CapsvizError: the folder cannot be read or written.
    """
    if resume:
        if run.leads:
            run.folder.sweep()
        run.position = run.folder.load_state(run.learner)
        run.saved_step = run.first_step = run.position.step
        if run.leads:
            run.folder.forget_metrics_after(run.position)
            run.filmstrip.forget_after(run.position.step)
        run.speed_before = run.folder.last_speed()
    elif start is not None:
        run.learner.start_from(start)
        if run.leads:
            run.folder.save_state(run.learner, run.position)  # a resume could not know them
    if run.position.step == 0:
        keep_frame(run)


def keep_frame(run: UnderWay) -> None:
    """Keep the present weights on disk, if it is time for a snapshot.

    Raises:
        CapsvizError: they cannot be written.
    """
    step = run.position.step
    if run.leads and run.filmstrip.is_due(step) and run.learner.is_finite:
        about = provenance_of(run.plan, step / run.epoch_steps, None, run.learner.device.type)
        run.filmstrip.keep(step, run.learner.best_weights, about)
