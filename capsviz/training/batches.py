"""Which images are held out, and which are in each batch: by the seed and the epoch alone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from capsviz.data.pairs import partners
from capsviz.files import CapsvizError
from capsviz.training.learner import step_generator

if TYPE_CHECKING:
    from torch import Tensor

    from capsviz.data.mnist import Digits
    from capsviz.training.plan import RunPlan
    from capsviz.training.settings import TrainingSettings

_OWN_HELD_OUT = 5  # one own drawing in so many is never trained on
FEWEST_OWN_TO_HOLD_OUT = 10
"""With fewer drawings of one's own nothing is measured on them."""


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Indices into the run's images; the person's own drawings stand at their end.

    Attributes:
        kept: (m,) int64, trained on, once an epoch.
        held_out: (v,) int64, measured on.
        own: (p,) int64, own drawings trained on; a part of every batch.
        own_held_out: (q,) int64, own drawings measured on.
        labels: (n,) int64 on the CPU, of all images where two digits share an image; else None.
    """

    kept: Tensor
    held_out: Tensor
    own: Tensor
    own_held_out: Tensor
    labels: Tensor | None = None

    def epoch_steps(self, settings: TrainingSettings) -> int:
        """Batches in one epoch."""
        return math.ceil(len(self.kept) / (settings.batch_size - self._own_in_batch(settings)))

    def batches(self, settings: TrainingSettings, epoch: int) -> tuple[Tensor, ...]:
        """Every batch of an epoch: the kept images in a new order, own drawings among them.

        Indices (B,) int64, or (B, 2) where two digits share an image: each has another of the
        epoch for a partner.
        """
        batches = self._batches(settings, epoch)
        if self.labels is None:
            return batches
        first = torch.cat(batches)
        # all at once: one batch after another takes as long as a GPU needs to learn from them
        generator = step_generator(settings, 4, epoch)
        second = first[partners(torch.arange(len(first)), self.labels[first], generator)]
        pairs: tuple[Tensor, ...] = torch.stack((first, second), dim=1).split(
            [len(batch) for batch in batches]
        )
        return pairs

    def held_out_pairs(self, settings: TrainingSettings) -> Tensor:
        """(v, 2) int64: each held-out image with another of a different class."""
        assert self.labels is not None
        labels = self.labels[self.held_out]
        first = torch.arange(len(labels))
        second = partners(first, labels, step_generator(settings, 5, 0))
        return torch.stack((self.held_out, self.held_out[second]), dim=1)

    def _batches(self, settings: TrainingSettings, epoch: int) -> tuple[Tensor, ...]:
        generator = step_generator(settings, 1, epoch)
        order = self.kept[torch.randperm(len(self.kept), generator=generator)]
        own = self._own_in_batch(settings)
        parts: tuple[Tensor, ...] = order.split(settings.batch_size - own)
        if not own:
            return parts
        mine = self._repeated(own * len(parts), generator).split(own)
        return tuple(torch.cat(pair) for pair in zip(parts, mine, strict=True))

    def _own_in_batch(self, settings: TrainingSettings) -> int:
        if not len(self.own):
            return 0
        count = round(settings.own_share * settings.batch_size)
        return min(max(1, count), settings.batch_size - 1)

    def _repeated(self, count: int, generator: torch.Generator) -> Tensor:
        """All own drawings in a new order, again and again."""
        rounds = math.ceil(count / len(self.own))
        orders = [torch.randperm(len(self.own), generator=generator) for _ in range(rounds)]
        return self.own[torch.cat(orders)[:count]]


def split_of(plan: RunPlan, digits: Digits) -> Split:
    """Who is trained on and who is measured on.

    Raises:
        CapsvizError: the images do not fit the network, or none would be left to train on.
    """
    _check(plan, digits)
    settings, count = plan.settings, len(digits) - plan.own
    order = torch.randperm(count, generator=step_generator(settings, 0, 0))
    held_out, kept = order.split([settings.validation_images, count - settings.validation_images])
    own, aside = _own_split(settings, plan.own)
    measured = aside if plan.own >= FEWEST_OWN_TO_HOLD_OUT else aside[:0]
    kept = kept[: settings.training_images or None]
    labels = torch.from_numpy(digits.labels.astype("int64"))
    is_paired = plan.config.digits_per_image == 2
    return Split(kept, held_out, count + own, count + measured, labels if is_paired else None)


def _own_split(settings: TrainingSettings, count: int) -> tuple[Tensor, Tensor]:
    """Of every five drawings in turn one is set aside, the others are trained on.

    Which one depends on its five alone, so a set that has grown since a network learnt from it
    holds out no drawing that the network was trained on. At random, as people draw 0 to 9 in
    turn, and every fifth of those would be a 4 or a 9.
    """
    fives = range(math.ceil(count / _OWN_HELD_OUT))
    generators = (step_generator(settings, 3, five) for five in fives)
    places = [int(torch.randint(_OWN_HELD_OUT, (), generator=each)) for each in generators]
    is_aside = torch.zeros(len(places) * _OWN_HELD_OUT, dtype=torch.bool)
    for five, place in enumerate(places):
        is_aside[_OWN_HELD_OUT * five + place] = True
    is_aside = is_aside[:count]
    if count and bool(is_aside.all()):  # a single drawing is to be learnt all the same
        is_aside = ~is_aside
    return (~is_aside).nonzero().flatten(), is_aside.nonzero().flatten()


def _check(plan: RunPlan, digits: Digits) -> None:
    size, settings = plan.config.digit_size, plan.settings
    if digits.images.shape[1:] != (size, size):
        raise CapsvizError(
            f"The network wants digits of {size}×{size} pixels, "
            f"but the data has {digits.images.shape[1]}×{digits.images.shape[2]}."
        )
    if len(digits) - plan.own <= settings.validation_images:
        raise CapsvizError(
            f"{settings.validation_images} validation images are to be held out of "
            f"{len(digits) - plan.own}; nothing would be left to train on. "
            "Lower --validation-images."
        )
    if int(digits.labels.max()) >= plan.config.classes:
        raise CapsvizError(
            f"The network tells {plan.config.classes} classes apart, but the data has a label "
            f"{int(digits.labels.max())}; give it data of as many classes."
        )
    if plan.own and settings.batch_size < 2:
        raise CapsvizError(
            "Own drawings share each batch with other images: expected a batch of 2 or more, "
            "found 1. Raise --batch-size."
        )
