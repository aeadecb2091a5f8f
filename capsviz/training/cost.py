"""What a run will cost on this machine, from a few steps of a network that is then dropped."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch.autograd.graph import saved_tensors_hooks

from capsviz.network import lengths_of
from capsviz.training.learner import Learner

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

    from capsviz.training.plan import RunPlan
    from capsviz.training.watch import Watch

_MEASURED = 4  # steps after the first, which also set the libraries up
_VALIDATED = 64  # images answered to time a validation
_LINE = 320  # bytes of a metrics line
# Growth of the process on a CPU beyond weights and data, networks and batches of several sizes:
# 2.6 times what the backward pass keeps, and 160 MiB that the libraries take once.
_WORKING = 2.6
_LIBRARIES = 160 * 2**20


@dataclass(frozen=True, slots=True)
class Cost:
    """An estimate; times are of this machine with what else it is doing now.

    Attributes:
        seconds_per_step: the median of the steps measured.
        seconds_total: the whole run, its validations included.
        images_per_second: trained.
        peak_bytes: memory that training adds to the program's: weights, gradients, Adam's
            moments, averaged weights, the data and the work of one step; on a CUDA device the
            highest that was taken there.
        disk_bytes: what the run's folder will hold at most.
        is_final: whether more steps are to be measured.
    """

    seconds_per_step: float
    seconds_total: float
    images_per_second: float
    peak_bytes: int
    disk_bytes: int
    is_final: bool = False


def estimate(
    plan: RunPlan, images: int, device: torch.device, watch: Watch | None = None
) -> Iterator[Cost]:
    """Measure a run without starting it; stop asking to cancel.

    Args:
        plan: of the run.
        images: in the data set, validation images included.
        device: where it is to be trained.
        watch: which snapshots are to be kept; none if None.

    Yields:
        A better Cost after each step measured; the last one has `is_final`.
    """
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    learner = Learner(plan.settings, plan.config, device)
    batch, labels = _synthetic(plan, device)
    answering = _seconds_per_answer(learner)
    kept = _first_step(learner, batch, labels)
    for _ in range(1, learner.settling_steps):
        learner.step(batch, labels, 0, 1)
    times: list[float] = []
    memory, disk = _memory(learner, kept, images), _disk(learner, plan, images, watch)
    for number in range(_MEASURED):
        times.append(_timed_step(learner, batch, labels))
        yield _cost(plan, images, times, answering, memory, disk, number == _MEASURED - 1)


def steps_in(plan: RunPlan, images: int) -> int:
    """Steps of one epoch on a data set of so many images, own drawings not counted."""
    settings = plan.settings
    kept = min(images - settings.validation_images, settings.training_images or images)
    others = settings.batch_size
    if plan.own:
        others -= min(max(1, round(settings.own_share * others)), others - 1)
    return max(1, math.ceil(kept / others))


def _cost(
    plan: RunPlan,
    images: int,
    times: list[float],
    answering: float,
    memory: int,
    disk: int,
    is_final: bool,
) -> Cost:
    per_step = sorted(times)[len(times) // 2]
    epoch = steps_in(plan, images) * per_step + plan.settings.validation_images * answering
    return Cost(
        seconds_per_step=per_step,
        seconds_total=epoch * plan.settings.epochs,
        images_per_second=plan.settings.batch_size / per_step,
        peak_bytes=memory,
        disk_bytes=disk,
        is_final=is_final,
    )


def _synthetic(plan: RunPlan, device: torch.device) -> tuple[Tensor, Tensor]:
    """A batch as the learner takes it: (B, 1, H, W) and (B,), or (B, 2, 1, H, W) and (B, 2)."""
    count, config = plan.settings.batch_size, plan.config
    digits, size = config.digits_per_image, config.digit_size
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(count, digits, 1, size, size, generator=generator).to(device)
    labels = torch.arange(count * digits, device=device).view(count, -1) % config.classes
    return (images, labels) if digits == 2 else (images[:, 0], labels[:, 0])


def _timed_step(learner: Learner, images: Tensor, labels: Tensor) -> float:
    began = time.perf_counter()
    float(learner.step(images, labels, 0, 1)[0])  # waits for a device that runs on its own
    return time.perf_counter() - began


def _first_step(learner: Learner, images: Tensor, labels: Tensor) -> int:
    """Bytes that its forward pass keeps for the backward pass, each storage counted once."""
    storages: dict[int, torch.UntypedStorage] = {}  # kept, or another would get the address
    own = {weight.untyped_storage().data_ptr() for weight in learner.model.parameters()}

    def count(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            storages[storage.data_ptr()] = storage
        return tensor

    with saved_tensors_hooks(count, lambda tensor: tensor):
        learner.step(images, labels, 0, 1)
    passes = 2 if learner.settings.sam_radius else 1  # one after the other, alike
    return sum(storage.nbytes() for storage in storages.values()) // passes


@torch.inference_mode()
def _seconds_per_answer(learner: Learner) -> float:
    network = learner.best_weights.eval()
    size = network.config.image_size
    part = torch.zeros(_VALIDATED, 1, size, size, device=learner.device)
    network(part)  # a device compiles its kernels for the size of a batch
    began = time.perf_counter()
    float(lengths_of(network(part)).sum())
    return (time.perf_counter() - began) / len(part)


def _weights(learner: Learner) -> int:
    """Bytes of the weights as they are trained."""
    return sum(weight.nbytes for weight in learner.model.parameters())


def _memory(learner: Learner, kept: int, images: int) -> int:
    data = images * learner.model.config.image_size**2
    if learner.device.type == "cuda":
        return torch.cuda.max_memory_allocated(learner.device) + data
    copies = 4 + (learner.average is not None)  # weights, gradients, two moments, the average
    copies += 2 * bool(learner.settings.sam_radius)  # where it came from, the first gradients
    return copies * _weights(learner) + int(_WORKING * kept) + _LIBRARIES + 2 * data


def _disk(learner: Learner, plan: RunPlan, images: int, watch: Watch | None) -> int:
    state = 3 + (learner.average is not None)  # weights, two moments, the average
    frames = watch.frames if watch else 0
    lines = plan.settings.epochs * (steps_in(plan, images) // 10 + 1)
    return int(_weights(learner) * (state + 1 + frames / 2)) + lines * _LINE
