"""The work of the threads that train and look at training, and requests that carry all it needs.

As in `work.py`, the rooms that import torch are imported in the thread that needs them first.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from capsviz.files import CapsvizError
from capsviz.gui.training_source import keep_source, read_images, read_own

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from capsviz.data.mnist import Digits
    from capsviz.explore.models import LoadedModel
    from capsviz.gui.training_source import Source
    from capsviz.network import CapsNet, CapsNetConfig
    from capsviz.training.plan import RunPlan
    from capsviz.training.progress import Progress
    from capsviz.training.settings import TrainingSettings
    from capsviz.training.team import Team
    from capsviz.training.watch import Watch

    Floats = NDArray[np.float32]

MOST_PINNED = 6
"""Drawings that a film is made of."""

MODEL_FILE = "model.safetensors"
"""In a run's folder: the network it keeps."""

_SNAPSHOT_SECONDS = 0.5  # between two states of the learning network that the explorer is shown
FRAMES, FRAME_STEPS = 40, 2  # kept of a run on disk, and how close the first of them stand


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
        fine_tunes: the person's own drawings are mixed in, and what that changes is measured.
    """

    name: str
    folder: Path
    source: Source
    device: str
    settings: TrainingSettings | None
    config: CapsNetConfig | None
    start: str | None
    is_wanted: Callable[[], bool]
    fine_tunes: bool = False


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


class _UnwantedError(Exception):
    """The window closes, and cannot wait for a validation to end."""


def training_threads() -> int:
    """Threads that a training step may use: one core is left for the window and its answers."""
    return max((os.cpu_count() or 2) - 1, 1)


def run_training(request: RunRequest) -> Generator[Progress, None, None]:
    """In the train thread: what the run tells of itself."""
    import torch

    torch.set_num_threads(training_threads())  # of this thread; others keep theirs
    if request.fine_tunes:
        yield from _fine_tuned(request)
    elif request.settings is None:
        yield from _resumed(request)
    else:
        yield from _begun(request)


def _begun(request: RunRequest) -> Iterator[Progress]:
    from capsviz.explore.models import load_model
    from capsviz.network import choose_device
    from capsviz.training.loop import train
    from capsviz.training.plan import RunPlan

    assert request.settings is not None
    assert request.config is not None
    start = None if request.start is None else load_model(request.start, "cpu")
    config = request.config if start is None else start.network.config
    team = _team(request.is_wanted)
    digits, data = read_images(request.source, config.digit_size, team.check)
    plan = RunPlan(request.settings, config, data, "" if start is None else start.name)
    device = choose_device(request.device)
    keep_source(request.source, request.folder)
    network = None if start is None else start.network
    yield from train(
        plan, digits, request.folder, device, start=network, watch=_watch(), team=team
    )


def _resumed(request: RunRequest) -> Iterator[Progress]:
    from capsviz.network import choose_device
    from capsviz.training.loop import train
    from capsviz.training.runfiles import read_plan

    plan, team = read_plan(request.folder), _team(request.is_wanted)
    digits, data = _images_of(plan, request.source, team)
    if plan.data != data:
        raise CapsvizError(
            f"The run in {request.folder} was begun on {plan.data}, but found {data}; bring its "
            "own data back, or continue it by capsviz train --resume."
        )
    device = choose_device(request.device)
    yield from train(plan, digits, request.folder, device, resume=True, watch=_watch(), team=team)


def _images_of(plan: RunPlan, source: Source, team: Team) -> tuple[Digits, str]:
    """What a run was begun with, as far as it is still there, and what a run calls that."""
    from capsviz.training.finetune import mixed

    size = plan.config.digit_size
    kind, _, count = plan.data.partition(" ")
    if kind == source.kind == "personal" and count.isdecimal():
        return read_own(int(count[:9]), size), plan.data  # drawings have been added since, perhaps
    digits, data = read_images(source, size, team.check)
    if not plan.own:
        return digits, data
    own = read_own(plan.own, size)
    return mixed(digits, own), f"{data} and {len(own)} own drawings"


def _fine_tuned(request: RunRequest) -> Iterator[Progress]:
    from capsviz.data.personal import load_personal, personal_digits
    from capsviz.explore.models import load_model
    from capsviz.network import choose_device
    from capsviz.training.finetune import FINE_TUNING, fine_tune, fine_tune_plan

    assert request.start is not None
    start = load_model(request.start, "cpu")
    size = start.network.config.digit_size
    team = _team(request.is_wanted)
    digits, _ = read_images(request.source, size, team.check)
    own = personal_digits(load_personal(), size)
    settings = request.settings or FINE_TUNING
    plan = fine_tune_plan(start.network, start.name, digits, own, settings)
    keep_source(request.source, request.folder)
    device = choose_device(request.device)
    yield from fine_tune(plan, start.network, digits, own, request.folder, device, _watch(), team)


def _watch() -> Watch:
    from capsviz.training.watch import Watch

    return Watch(_SNAPSHOT_SECONDS, FRAMES, FRAME_STEPS)


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
