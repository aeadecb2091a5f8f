"""The work of the threads that look at a run's kept states, and requests that carry all it needs.

As in `work.py`, the rooms that import torch are imported in the thread that needs them first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from capsviz.files import CapsvizError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from capsviz.explore.models import LoadedModel
    from capsviz.network import CapsNet

    Floats = NDArray[np.float32]

MOST_PINNED = 6
"""Drawings that a film is made of."""

MODEL_FILE = "model.safetensors"
"""In a run's folder: the network it keeps."""


@dataclass(frozen=True, slots=True)
class FrameRequest:
    """A run's name and folder, and a step after which its weights were kept; None: the last."""

    name: str
    folder: Path
    step: int | None


@dataclass(frozen=True, slots=True, eq=False)
class FilmRequest:
    """A run's folder, pinned (S, S) images by their number, and (number, step) known already."""

    folder: Path
    images: Mapping[int, Floats]
    known: frozenset[tuple[int, int]]


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What a network makes of one pinned drawing.

    Attributes:
        digit: the longest capsule.
        length: of that capsule.
        redrawn: (H, W) float32 in 0 … 1, its reconstruction; None without a decoder.
    """

    digit: int
    length: float
    redrawn: Floats | None


@dataclass(frozen=True, slots=True, eq=False)
class Developed:
    """The steps kept of a run, and what was read after one of them, by (number, step)."""

    steps: tuple[int, ...]
    readings: Mapping[tuple[int, int], Reading]


def learning_model(name: str, folder: Path, network: CapsNet) -> LoadedModel:
    """A state of a run's network, as the explorer takes networks."""
    from capsviz.explore.models import LoadedModel
    from capsviz.network import Provenance

    about = Provenance(purpose=f"learning in the run {name}")
    return LoadedModel(f"learning · {name}", folder / MODEL_FILE, network, about, "cpu")


def load_frame(request: FrameRequest) -> LoadedModel | None:
    """In the frame thread; None if the last is asked for and nothing is kept."""
    from capsviz.network import load_checkpoint
    from capsviz.training.frames import frames_of

    kept: dict[int | None, Path] = {f.step: f.path for f in frames_of(request.folder)}
    if request.step is None:
        kept[None] = list(kept.values())[-1] if kept else request.folder / MODEL_FILE
        if not kept[None].exists():
            return None
    if request.step not in kept:
        raise CapsvizError(f"Step {request.step} of {request.name} is kept no more; take another.")
    network = load_checkpoint(kept[request.step]).model
    return learning_model(request.name, request.folder, network)


def develop(request: FilmRequest) -> Developed:
    """In the film thread: read the pinned drawings with the latest kept weights not yet asked."""
    from capsviz.network import load_checkpoint
    from capsviz.training.frames import frames_of

    frames = frames_of(request.folder)
    steps = tuple(frame.step for frame in frames)
    for frame in reversed(frames):
        missing = [n for n in request.images if (n, frame.step) not in request.known]
        if missing and frame.path.exists():  # else it was thinned out since
            network = load_checkpoint(frame.path).model
            read = {(n, frame.step): read_drawing(network, request.images[n]) for n in missing}
            return Developed(steps, read)
    return Developed(steps, {})


def read_drawing(network: CapsNet, image: Floats) -> Reading:
    """What the network makes of an (S, S) image, framed anew if it wants another size."""
    from capsviz.data.framing import fit_images
    from capsviz.explore.explain import explain

    (fitting,) = fit_images(image[None], network.config.image_size, network.config.border)
    answer = explain(network, fitting)
    return Reading(answer.digit, float(answer.final_lengths.max()), answer.reconstruction)
