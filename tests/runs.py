"""Small training runs: what they leave on disk, read without the package's own reader, and
spies on what they do."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
import torch
from safetensors import safe_open

from capsviz.files import CapsvizError
from capsviz.network import CapsNet, CapsNetConfig
from capsviz.training.learner import Learner
from capsviz.training.loop import train
from capsviz.training.plan import RunPlan
from capsviz.training.settings import TrainingSettings
from tests.idx import blocks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from capsviz.training.progress import Progress

CPU = torch.device("cpu")
FILES = {"run.json", "metrics.jsonl", "state.safetensors", "model.safetensors"}
FILES |= {"report.safetensors"}
MARKER = "unfinished"  # beside them while the run is not at its end
TIMING = {"images_per_second", "seconds_left"}
# milliseconds a step, so that a run can be broken off at every one of its steps
SMALLEST = CapsNetConfig(
    image_size=12,
    conv_channels=4,
    kernel_size=3,
    primary_types=2,
    primary_dim=4,
    digit_dim=4,
    decoder_hidden=(8, 8),
)
# 110 images, 20 held out: six batches an epoch, the last one of 10 images
DIGITS = blocks(110, seed=3, size=12)
EPOCH_STEPS = 6


def make_plan(config: CapsNetConfig = SMALLEST, **changes: object) -> RunPlan:
    """A plan of two epochs of DIGITS, with some settings changed."""
    chosen = {
        "epochs": 2,
        "batch_size": 16,
        "learning_rate": 0.004,
        "decay_steps": 5,
        "warmup_steps": 3,
        "precision": "fp32",
        "validation_images": 20,
        "checkpoint_steps": 4,
    }
    return RunPlan(
        settings=TrainingSettings(**(chosen | changes)), config=config, data="blocks, 110 digits"
    )


def steps_of(plan: RunPlan, folder: Path, resume: bool = False) -> Iterator[Progress]:
    """The generator under test, on DIGITS and the CPU."""
    return train(plan, DIGITS, folder, CPU, resume)


def finish(plan: RunPlan, folder: Path, resume: bool = False) -> list[Progress]:
    """All reports of a run to its end."""
    return list(steps_of(plan, folder, resume))


def tensors_of(path: Path) -> dict[str, torch.Tensor]:
    """Every tensor of a .safetensors file."""
    with safe_open(path, "pt") as file:
        return {name: file.get_tensor(name) for name in file.keys()}


def texts_of(path: Path) -> dict[str, object]:
    """The JSON texts of a .safetensors file."""
    with safe_open(path, "pt") as file:
        metadata = file.metadata()
    return {key: json.loads(metadata[key]) for key in metadata if key not in ("kind", "sha256")}


def step_of(folder: Path) -> int:
    """Steps done, as a run's state on disk says."""
    return texts_of(folder / "state.safetensors")["position"]["step"]


def metrics_of(folder: Path) -> list[dict[str, object]]:
    """Every line of metrics.jsonl without what depends on the clock."""
    lines = (folder / "metrics.jsonl").read_bytes().splitlines()
    return [
        {key: value for key, value in json.loads(line).items() if key not in TIMING}
        for line in lines
    ]


def differences(folder: Path, other: Path) -> list[str]:
    """In what two runs' folders differ, bit by bit, but for the clock."""
    found = []
    for name in ("state.safetensors", "model.safetensors", "report.safetensors"):
        if not (folder / name).exists() or not (other / name).exists():
            found += [name] * ((folder / name).exists() != (other / name).exists())
            continue
        ours, theirs = tensors_of(folder / name), tensors_of(other / name)
        if ours.keys() != theirs.keys():
            found.append(f"{name}: names")
        found += [
            f"{name}: {key}"
            for key in ours.keys() & theirs
            if not torch.equal(ours[key], theirs[key])
        ]
        if texts_of(folder / name) != texts_of(other / name):
            found.append(f"{name}: texts")
    if metrics_of(folder) != metrics_of(other):
        found.append("metrics.jsonl")
    return sorted(found)


def weights_of(network: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in network.state_dict().items()}


def same_weights(ours: dict[str, torch.Tensor], theirs: dict[str, torch.Tensor]) -> bool:
    return ours.keys() == theirs.keys() and all(torch.equal(ours[k], theirs[k]) for k in ours)


@dataclass
class Steps:
    """What a spy saw of Learner.step: arguments, and the learner's weights and rate after it."""

    images: list[torch.Tensor] = field(default_factory=list)
    labels: list[torch.Tensor] = field(default_factory=list)
    numbers: list[tuple[int, int]] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    weights: list[dict[str, torch.Tensor]] = field(default_factory=list)
    best: list[dict[str, torch.Tensor]] = field(default_factory=list)


def watch_steps(monkeypatch: pytest.MonkeyPatch) -> Steps:
    """Write down every step of every Learner from now on."""
    seen = Steps()
    real = Learner.step

    def spied(self, images, labels, number, total):
        losses = real(self, images, labels, number, total)
        seen.images.append(images.clone())
        seen.labels.append(labels.clone())
        seen.numbers.append((number, total))
        seen.rates.append(self.optimizer.param_groups[0]["lr"])
        seen.weights.append(weights_of(self.model))
        seen.best.append(weights_of(self.best_weights))
        return losses

    monkeypatch.setattr(Learner, "step", spied)
    return seen


@dataclass
class Forwards:
    """Images a network was shown, apart for training and evaluation, and Conv1's output type."""

    trained: list[torch.Tensor] = field(default_factory=list)
    evaluated: list[torch.Tensor] = field(default_factory=list)
    dtypes: list[torch.dtype] = field(default_factory=list)


def watch_forwards(monkeypatch: pytest.MonkeyPatch) -> Forwards:
    """Write down every image a CapsNet is shown from now on."""
    seen = Forwards()
    real = CapsNet.forward

    def spied(self, images, iterations=None):
        (seen.trained if self.training else seen.evaluated).append(images.clone())
        if self.training:
            seen.dtypes.append(self.conv1(images).dtype)
        return real(self, images, iterations)

    monkeypatch.setattr(CapsNet, "forward", spied)
    return seen


def numbers_of(batches: list[torch.Tensor]) -> list[int]:
    """Which of DIGITS each image is; all of them differ."""
    known = {image.tobytes(): number for number, image in enumerate(DIGITS.images)}
    assert len(known) == len(DIGITS)
    pixels = (torch.cat(batches)[:, 0] * 255).round().byte().numpy()
    return [known[image.tobytes()] for image in pixels]


def spoil_from(
    monkeypatch: pytest.MonkeyPatch, first: int, spoil: Callable[[CapsNet], None]
) -> None:
    """Spoil the weights as each step from number `first` (of 1, 2, …) ends."""
    real = Learner.step

    def spoiled(self, images, labels, step, total):
        losses = real(self, images, labels, step, total)
        if step + 1 >= first:
            spoil(self.model)
        return losses

    monkeypatch.setattr(Learner, "step", spoiled)


def fresh_learner(plan: RunPlan) -> Learner:
    """As a run begins or resumes it."""
    return Learner(plan.settings, plan.config, CPU)


def trained_learner(plan: RunPlan, steps: int = 2) -> Learner:
    """After a few steps on the same batch."""
    learner = fresh_learner(plan)
    images = torch.from_numpy(DIGITS.images[:16]).unsqueeze(1).float() / 255
    labels = torch.from_numpy(DIGITS.labels[:16].astype("int64"))
    for number in range(steps):
        learner.step(images, labels, number, 12)
    return learner


def refusal(action: Callable[..., object], *args: object, path: Path) -> str:
    """The message of a refused action, checked to be one line that names the file."""
    with pytest.raises(CapsvizError) as caught:
        action(*args)
    message = str(caught.value)
    assert str(path) in message
    assert len(message.splitlines()) == 1
    assert len(message) < 400
    assert message.endswith(".")
    return message
