"""The work of the thread that trains, and a request that carries all it needs.

As in `work.py`, the rooms that import torch are imported in the thread that needs them first.
"""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec.structs import replace as replaced

from capsviz.files import CapsvizError
from capsviz.gui.training_source import keep_source, read_images, read_own

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

    from capsviz.data.mnist import Digits
    from capsviz.explore.models import LoadedModel
    from capsviz.gui.training_source import Source
    from capsviz.network import CapsNetConfig
    from capsviz.training.plan import RunPlan
    from capsviz.training.progress import Progress
    from capsviz.training.settings import TrainingSettings
    from capsviz.training.team import Team
    from capsviz.training.watch import Watch

_SNAPSHOT_SECONDS = 0.5  # between two states of the learning network that the explorer is shown
FRAMES, FRAME_STEPS = 40, 2  # kept of a run on disk, and how close the first of them stand


def _tell_nobody(_sentence: str) -> None:
    """Where nobody listens."""


@dataclass(frozen=True, slots=True, eq=False)
class RunRequest:
    """A run to begin, or to go on with.

    Attributes:
        name: as shown to people.
        folder: the run's own.
        source: its images.
        device: "auto", or torch's name of a device; a run that is resumed takes its own.
        settings, config: of a new run; None: it is there, and is resumed as it was begun.
        start: name or path of the network to begin with; None: random weights.
        is_wanted: asked between steps and while validating; once False, the run breaks off at
            once, and its last saved state stays.
        fine_tunes: the person's own drawings are mixed in, and what that changes is measured.
        tell: called by the run's thread with a sentence for the person.
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
    tell: Callable[[str], None] = _tell_nobody


class UnwantedError(Exception):
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
    from capsviz.network import choose_device
    from capsviz.training.loop import train
    from capsviz.training.plan import RunPlan
    from capsviz.training.starting import held_out_by

    settings, config = request.settings, request.config
    assert settings is not None
    assert config is not None
    start = None if request.start is None else _start(request.start)
    team, device = _team(request.is_wanted), choose_device(request.device)
    digits, data = read_images(request.source, config.digit_size, team.check)
    plan = RunPlan(settings, config, data, device=device.type)
    if start is not None:
        sizes = replaced(start.network.config, routing_iterations=config.routing_iterations)
        unseen = held_out_by(start.provenance, data, settings.seed)
        plan = replaced(plan, config=sizes, start=start.name, start_held_out=unseen)
    keep_source(request.source, request.folder)
    network = None if start is None else start.network
    yield from train(
        plan, digits, request.folder, device, start=network, watch=_watch(), team=team
    )


def _start(name: str) -> LoadedModel:
    from capsviz.explore.models import load_model

    return load_model(name, "cpu")


def _resumed(request: RunRequest) -> Iterator[Progress]:
    from capsviz.training.finetune import resume_fine_tuning
    from capsviz.training.loop import train
    from capsviz.training.runfiles import read_plan
    from capsviz.training.underway import device_to_resume_on

    folder = request.folder
    plan, team = read_plan(folder), _team(request.is_wanted)
    digits, data = _images_of(plan, request.source, team)
    if plan.data != data:
        raise CapsvizError(
            f"The run in {folder} was begun on {plan.data}, but found {data}; bring its "
            "own data back, or continue it by capsviz train --resume."
        )
    device, notice = device_to_resume_on(plan)
    if notice:
        request.tell(notice)
    if plan.own:
        reports = resume_fine_tuning(plan, digits, folder, device, _watch(), team)
    else:
        reports = train(plan, digits, folder, device, resume=True, watch=_watch(), team=team)
    yield from _with_earlier(reports, folder)


def _with_earlier(reports: Generator[Progress, None, None], folder: Path) -> Iterator[Progress]:
    """The reports of a resumed run, before them what it told until it was broken off."""
    from capsviz.training.runfiles import read_metrics

    with closing(reports):
        first = next(reports, None)  # by now the metrics that a kill undid are gone
        earlier = read_metrics(folder)
        if first is None:  # there was nothing left to do
            yield from earlier
            return
        yield from (told for told in earlier if told.step < first.step)
        yield first
        yield from reports


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
    from capsviz.network import choose_device
    from capsviz.training.finetune import FINE_TUNING, fine_tune, fine_tune_plan, mixed

    assert request.start is not None
    start = _start(request.start)
    size = start.network.config.digit_size
    team = _team(request.is_wanted)
    digits, _ = read_images(request.source, size, team.check)
    own = personal_digits(load_personal(), size)
    settings, device = request.settings or FINE_TUNING, choose_device(request.device)
    about = start.provenance
    plan = fine_tune_plan(start.network, start.name, about, digits, own, settings)
    plan = replaced(plan, device=device.type)
    keep_source(request.source, request.folder)
    data = mixed(digits, own)
    yield from fine_tune(plan, start.network, data, request.folder, device, _watch(), team)


def _watch() -> Watch:
    from capsviz.training.watch import Watch

    return Watch(_SNAPSHOT_SECONDS, FRAMES, FRAME_STEPS, measures_last=True)


def _team(is_wanted: Callable[[], bool]) -> Team:
    from capsviz.training.team import Team

    class Watched(Team):
        """This process alone, until the window closes."""

        def check(self) -> None:
            if not is_wanted():
                raise UnwantedError

    return Watched()
