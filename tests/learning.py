"""Runs of a tiny network on tiny data through the real window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capsviz.gui.training_source import Source
from capsviz.gui.training_work import RunRequest
from capsviz.places import user_runs_folder
from capsviz.training.settings import TrainingSettings
from tests.idx import blocks, write_mnist

if TYPE_CHECKING:
    from pathlib import Path

    from capsviz.gui.window import Window
    from capsviz.network import CapsNetConfig

IMAGES, BATCH, HELD_OUT = 120, 20, 20
EPOCH_STEPS = 5


def write_tiny_mnist(folder: Path) -> Path:
    """The four files, of digits that one can learn in seconds."""
    write_mnist(folder, blocks(IMAGES, seed=5), blocks(20, seed=6))
    return folder


def tiny_request(
    window: Window,
    data: Path,
    config: CapsNetConfig | None,
    name: str = "first",
    **changes: object,
) -> RunRequest:
    """A run of five steps an epoch; without a configuration it resumes what is there."""
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
        settings=TrainingSettings(**(chosen | changes)) if config is not None else None,
        config=config,
        start=None,
        is_wanted=window.session.learning.training.is_wanted,
    )
