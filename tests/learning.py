"""Runs of a tiny network on tiny data through the real window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capsviz.gui.training_source import Source
from capsviz.gui.training_work import RunRequest, run_training
from capsviz.places import user_runs_folder
from capsviz.training.marker import settle
from capsviz.training.settings import TrainingSettings
from tests.idx import blocks, write_mnist

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from capsviz.network import CapsNetConfig

IMAGES, BATCH, HELD_OUT = 120, 20, 20
EPOCH_STEPS = 5


def write_tiny_mnist(folder: Path) -> Path:
    """The four files, of digits that one can learn in seconds."""
    write_mnist(folder, blocks(IMAGES, seed=5), blocks(20, seed=6))
    return folder


def tiny_request(
    data: Path,
    config: CapsNetConfig,
    is_wanted: Callable[[], bool],
    name: str = "first",
    **changes: object,
) -> RunRequest:
    """A run of five steps an epoch."""
    chosen = {
        "epochs": 4,
        "batch_size": BATCH,
        "learning_rate": 0.003,
        "precision": "fp32",
        "validation_images": HELD_OUT,
        "checkpoint_steps": 5,
    }
    return RunRequest(
        name=name,
        folder=user_runs_folder() / name,
        source=Source("mnist", str(data)),
        device="cpu",
        settings=TrainingSettings(**(chosen | changes)),
        config=config,
        start=None,
        is_wanted=is_wanted,
    )


def wanted() -> bool:
    """Nobody closes a window."""
    return True


def make_runs(data: Path, config: CapsNetConfig) -> Path:
    """The folder of runs with two in it: "first", finished, and "second", stopped early."""
    for _ in run_training(tiny_request(data, config, wanted)):
        pass
    second = tiny_request(data, config, wanted, name="second")
    steps = run_training(second)
    for progress in steps:
        if progress.step == 2 * EPOCH_STEPS + 1:  # an epoch's first step is told at any speed
            break
    steps.close()
    settle(second.folder)
    return user_runs_folder()
