"""The work of the threads that train and look at training, and requests that carry all it needs.

As in `work.py`, the rooms that import torch are imported in the thread that needs them first.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from capsviz.files import CapsvizError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from capsviz.data.mnist import Digits
    from capsviz.explore.models import LoadedModel
    from capsviz.network import CapsNet, CapsNetConfig
    from capsviz.training.plan import RunPlan
    from capsviz.training.progress import Progress
    from capsviz.training.settings import TrainingSettings
    from capsviz.training.team import Team

    Floats = NDArray[np.float32]

MOST_PINNED = 6
"""Drawings that a film is made of."""

MODEL_FILE = "model.safetensors"
"""In a run's folder: the network it keeps."""

_SNAPSHOT_SECONDS = 0.5  # between two states of the learning network that the explorer is shown
_FRAMES, _FRAME_STEPS = 40, 2  # kept of a run on disk, and how close the first of them stand

Kind = Literal["mnist", "folder"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a run's images come from.

    Attributes:
        kind: MNIST's four files, or a folder of class-named folders of images.
        folder: that holds them.
        with_own: the person's own corrected drawings are mixed in.
    """

    kind: Kind
    folder: Path
    with_own: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class RunRequest:
    """A run to begin, or to go on with.

    Attributes:
        name: as shown to people.
        folder: the run's own.
        source: its images.
        device: "auto", or torch's name of a device.
        settings, config: of a new run; None: it is there, and is resumed as it was begun.
        start: name or path of the network to begin with; None: random weights.
        is_wanted: asked between steps and while validating; once False, the run breaks off at
            once, and its last saved state stays.
    """

    name: str
    folder: Path
    source: Source
    device: str
    settings: TrainingSettings | None
    config: CapsNetConfig | None
    start: str | None
    is_wanted: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class FrameRequest:
    """A run's name and folder, and a step after which its weights were kept."""

    name: str
    folder: Path
    step: int


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


class _UnwantedError(Exception):
    """The window closes, and cannot wait for a validation to end."""


def training_threads() -> int:
    """Threads that a training step may use: one core is left for the window and its answers."""
    return max((os.cpu_count() or 2) - 1, 1)


def run_training(request: RunRequest) -> Generator[Progress, None, None]:
    """In the train thread: what the run tells of itself."""
    import torch

    torch.set_num_threads(training_threads())  # of this thread; others keep theirs
    from capsviz.network import choose_device
    from capsviz.training.loop import train
    from capsviz.training.watch import Watch

    digits = _digits(request.source)
    plan, start = _plan(request, digits)
    watch = Watch(_SNAPSHOT_SECONDS, _FRAMES, _FRAME_STEPS)
    device = choose_device(request.device)
    resume = request.settings is None
    yield from train(
        plan, digits, request.folder, device, resume, start, watch, _team(request.is_wanted)
    )


def _digits(source: Source) -> Digits:
    from capsviz.data.mnist import load_mnist

    return load_mnist(source.folder, "train")


def _plan(request: RunRequest, digits: Digits) -> tuple[RunPlan, CapsNet | None]:
    """All that decides the result, and the network to begin with, if there is one."""
    from capsviz.explore.models import load_model
    from capsviz.training.plan import RunPlan
    from capsviz.training.run import RunFolder

    if request.settings is None or request.config is None:
        return RunFolder(request.folder).plan(), None
    data = f"{request.source.kind} {len(digits)}"
    if request.start is None:
        return RunPlan(request.settings, request.config, data), None
    model = load_model(request.start, "cpu")
    return RunPlan(request.settings, model.network.config, data, model.name), model.network


def _team(is_wanted: Callable[[], bool]) -> Team:
    from capsviz.training.team import Team

    class Watched(Team):
        """This process alone, until the window closes."""

        def check(self) -> None:
            if not is_wanted():
                raise _UnwantedError

    return Watched()


def learning_model(name: str, folder: Path, network: CapsNet) -> LoadedModel:
    """A state of a run's network, as the explorer takes networks."""
    from capsviz.explore.models import LoadedModel
    from capsviz.network import Provenance

    about = Provenance(purpose=f"learning in the run {name}")
    return LoadedModel(f"learning · {name}", folder / MODEL_FILE, network, about, "cpu")


def load_frame(request: FrameRequest) -> LoadedModel:
    """In the frame thread."""
    from capsviz.network import load_checkpoint
    from capsviz.training.frames import frames_of

    kept = {frame.step: frame.path for frame in frames_of(request.folder)}
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
    from capsviz.data.framing import frame_image
    from capsviz.explore.explain import explain

    size = network.config.image_size
    fitting = image if len(image) == size else frame_image(image, size)
    answer = explain(network, fitting)
    return Reading(answer.digit, float(answer.final_lengths.max()), answer.reconstruction)
