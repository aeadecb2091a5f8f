"""One network being trained: its optimizer, its averaged weights, and a single step."""

from __future__ import annotations

import math
from contextlib import nullcontext
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from capsviz.data.pairs import overlaid
from capsviz.network import (
    CapsNet,
    FastCapsNet,
    Recorded,
    has_fast_bf16,
    lengths_of,
    margin_loss,
    reconstruction_loss,
    sent,
)
from capsviz.network.recorded import TRIED
from capsviz.training.answered import are_found, present_of
from capsviz.training.changes import Changes
from capsviz.training.flat import uphill
from capsviz.training.seeded import Seeded
from capsviz.training.team import Team

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from torch import Tensor

    from capsviz.network import CapsNetConfig
    from capsviz.training.settings import TrainingSettings


def learning_rate(settings: TrainingSettings, step: int, total_steps: int) -> float:
    """Adam's rate for the step with this number, from 0."""
    warmup = min(settings.warmup_steps, total_steps // 2)
    risen = min(1.0, (step + 1) / warmup) if warmup else 1.0
    if settings.schedule == "exponential":
        fallen: float = settings.decay_rate ** (step / settings.decay_steps)
        return settings.learning_rate * risen * fallen
    if step < warmup:
        return settings.learning_rate * risen
    done = (step - warmup) / max(1, total_steps - warmup)
    return settings.learning_rate * 0.5 * (1 + math.cos(math.pi * done))


def step_generator(settings: TrainingSettings, stream: int, number: int) -> torch.Generator:
    """Random numbers that depend on the seed and the step alone, so a resumed run draws the same.

    Args:
        settings: for the seed.
        stream: 0 the split and initial weights, 1 an epoch's order, 2 a step's augmentation,
            3 which of five own drawings is set aside, 4 an epoch's partners where two digits
            share an image, 5 those of the held-out images, 6 where these stand.
        number: of the epoch, the step or the five.
    """
    # torch's CPU generator reads only 32 bits of its seed, so the three are mixed, not packed
    mixed = np.random.SeedSequence((settings.seed, stream, number)).generate_state(1)
    return torch.Generator().manual_seed(int(mixed[0]))


class Learner:
    """A network, Adam and (if asked) averaged weights on one device.

    Args:
        settings: how to train.
        config: the network's sizes.
        device: where the work is done.
        team: the processes that share each batch; this one alone if None.
        kind: of network; the plain `CapsNet` is only good to compare with.
    """

    def __init__(
        self,
        settings: TrainingSettings,
        config: CapsNetConfig,
        device: torch.device,
        team: Team | None = None,
        kind: type[CapsNet] = FastCapsNet,
    ) -> None:
        self.settings, self.device, self.team = settings, device, team or Team()
        with Seeded(settings.seed):
            network = kind(config)
        self.model = network.to(device)
        self.optimizer = self._adam()
        self._change = Changes(settings.augmentation, config.digits_per_image, config.reads_digits)
        self.average = self._averaged() if settings.averaging else None
        if device.type == "cuda":  # read by the backward pass too, so it cannot be a context
            torch.backends.cudnn.allow_tf32 = settings.precision != "fp32"
        bf16 = settings.precision == "bf16"
        self._bf16 = bf16 or (settings.precision == "auto" and has_fast_bf16(device))
        self.is_changing = False
        """From an update of the weights on, until whoever counts the steps has counted it."""
        self._shared_losses = self.team.shared(self._losses, self.model)
        # ranks talk to each other in every step, which is not recorded
        self._recorded = Recorded(self._whole_step) if self._can_record else None

    @property
    def best_weights(self) -> CapsNet:
        """The network to validate and keep: the averaged weights where there are any."""
        if self.average is None:
            return self.model
        averaged = self.average.module
        assert isinstance(averaged, CapsNet)
        return averaged

    @property
    def settling_steps(self) -> int:
        """First steps that take longer than all others: libraries are set up, work is recorded."""
        return TRIED + 1 if self._recorded else 1

    @property
    def _can_record(self) -> bool:
        return self.device.type == "cuda" and self.team.size == 1

    def autocast(self) -> AbstractContextManager[object]:
        """bf16 convolutions where that is the chosen precision."""
        return torch.autocast(self.device.type, torch.bfloat16) if self._bf16 else nullcontext()

    def start_from(self, network: CapsNet) -> None:
        """Take over the weights of a network of the same sizes."""
        self.model.load_state_dict(network.state_dict())
        if self.average is not None:
            self.average.module.load_state_dict(network.state_dict())

    @property
    def is_finite(self) -> bool:
        """Whether every weight still is a number; an update can overflow after a finite loss."""
        parts = (self.model, self.average) if self.average is not None else (self.model,)
        return all(bool(w.isfinite().all()) for part in parts for w in part.parameters())

    def step(self, images: Tensor, labels: Tensor, number: int, total: int) -> tuple[Tensor, ...]:
        """Learn from one batch; until `is_changing`, the team can break it off at no loss.

        Args:
            images: (B, 1, H, W) float in [0, 1], on the device; where the network reads two
                digits in one image, (B, 2, 1, H, W), to be laid over one another.
            labels: (B,) or (B, 2) int64, on the device.
            number: of this step, from 0.
            total: steps of the whole run.

        Returns:
            margin loss (), reconstruction loss (), wrong answers (); on the device, detached.
        """
        self.model.train()
        self._set_rate(learning_rate(self.settings, number, total))
        if images.ndim == 4:
            images, labels = images.unsqueeze(1), labels.unsqueeze(1)
        draws = self._draws(images, number)
        if self._recorded is not None:
            self.is_changing = self._recorded.will_replay(images, labels, *draws)
            return self._recorded(images, labels, *draws)
        images = self._change(images, labels, *draws)  # B k 1 S S
        images, labels, weight = self.team.part_of(images, labels)
        return self.team.together(self._learnt(images, labels, weight), weight)

    def _draws(self, images: Tensor, number: int) -> tuple[Tensor, ...]:
        """All that the step leaves to chance, on the device."""
        generator = step_generator(self.settings, 2, number)
        draws = self._change.draws(len(images), images.shape[-1], generator)
        return tuple(sent(draw, images.device) for draw in draws)

    def _whole_step(self, images: Tensor, labels: Tensor, *draws: Tensor) -> tuple[Tensor, ...]:
        """A whole step but for its draws: small kernels that are worth recording too."""
        return self._learnt(self._change(images, labels, *draws), labels)

    def _learnt(self, images: Tensor, labels: Tensor, weight: float = 1.0) -> tuple[Tensor, ...]:
        """Losses, gradients, update and average: all that a device can do on its own."""
        losses = self._differentiated(images, labels, weight)
        if self.settings.sam_radius:
            with uphill(list(self.model.parameters()), self.settings.sam_radius):
                self._differentiated(images, labels, weight)
        self.is_changing = True
        self.optimizer.step()
        self._follow()
        return losses

    def _differentiated(self, images: Tensor, labels: Tensor, weight: float) -> tuple[Tensor, ...]:
        """The losses; their gradients are left with the weights."""
        margin, reconstruction, wrong = (self._shared_losses or self._losses)(images, labels)
        self.optimizer.zero_grad(set_to_none=True)
        self.team.check()
        (weight * (margin + self.settings.reconstruction_weight * reconstruction)).backward()
        self.team.check()
        return margin.detach(), reconstruction.detach(), wrong

    def _follow(self) -> None:
        """Let the averaged weights follow; the first time they are those of the first step."""
        if self.average is None:
            return
        if not int(self.average.n_averaged):
            self.average.update_parameters(self.model)
            return
        # as `update_parameters`, which copies the count to the device, and that is not recorded;
        # nor is the count raised by a replay, but nobody asks more of it than whether it is 0
        kept, present = self.average.module.parameters(), self.model.parameters()
        get_ema_multi_avg_fn(self.settings.averaging)(
            list(kept), list(present), self.average.n_averaged
        )
        self.average.n_averaged += 1

    def _losses(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Of the (B, k, 1, H, W) digits laid over one another; each is redrawn alone."""
        chosen = self.settings
        with self.autocast():
            poses = self.model(overlaid(images))
        if poses.grad_fn is not None:
            poses.grad_fn.register_hook(self._check)
        lengths = lengths_of(poses)
        present = present_of(labels, lengths.shape[1]).to(lengths.dtype)
        margin = margin_loss(lengths, present, chosen.m_plus, chosen.m_minus, chosen.down_weight)
        wrong = (~are_found(lengths, labels)).sum()
        if self.model.decoder is None:
            return margin, torch.zeros_like(margin), wrong
        count = labels.shape[1]
        decoded = self.model.decode(poses.repeat_interleave(count, 0), labels.flatten())
        return margin, count * reconstruction_loss(decoded, images.flatten(0, 1)), wrong

    def _check(self, *_gradients: object) -> None:
        """Half-way through the backward pass, which may take longer than anyone waits."""
        self.team.check()

    def _adam(self) -> torch.optim.AdamW:
        """Its rate and its count of steps live on the device where it is recorded."""
        there = self._can_record
        rate = torch.zeros((), device=self.device) if there else self.settings.learning_rate
        weights = self.model.parameters()
        fused = self.device.type != "mps"
        decay = self.settings.weight_decay
        return torch.optim.AdamW(weights, rate, weight_decay=decay, fused=fused, capturable=there)

    def _set_rate(self, rate: float) -> None:
        for group in self.optimizer.param_groups:
            if isinstance(group["lr"], torch.Tensor):
                group["lr"].fill_(rate)
            else:
                group["lr"] = rate

    def _averaged(self) -> AveragedModel:
        decay = get_ema_multi_avg_fn(self.settings.averaging)
        return AveragedModel(self.model, multi_avg_fn=decay)
