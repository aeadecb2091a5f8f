"""`capsviz train`: every setting of a run as an option, or in a TOML file."""

from __future__ import annotations

import json
from contextlib import closing, nullcontext
from typing import TYPE_CHECKING, Any

import typer

from capsviz.cli_options import DataDir, Download
from capsviz.cli_train_options import (
    Config,
    Data,
    JsonLines,
    Output,
    Place,
    PresetKey,
    Resume,
    Snapshots,
    StartFrom,
    TensorBoard,
    with_settings,
)
from capsviz.cli_train_work import asked
from capsviz.ending import Ending
from capsviz.terminal import tracked_training

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from capsviz.cli_train_work import Work
    from capsviz.training.progress import Comparison, Progress


@with_settings
def train(
    output: Output,
    data: Data = None,
    data_dir: DataDir = None,
    download: Download = False,
    preset: PresetKey = None,
    config: Config = None,
    resume: Resume = False,
    start_from: StartFrom = None,
    device: Place = None,
    snapshots: Snapshots = 0,
    tensorboard: TensorBoard = False,
    as_json: JsonLines = False,
    **settings: Any,  # noqa: ANN401
) -> None:
    """Train a network; stop it at any time, continue it with --resume.

    For several GPUs or machines: torchrun --nproc-per-node N -m capsviz train …
    """
    given = {name: value for name, value in settings.items() if value is not None}
    work = asked(
        output, data, data_dir, download, resume, start_from, preset, config, device, given
    )
    _train(work, snapshots, tensorboard, as_json)


def _train(work: Work, snapshots: int, tensorboard: bool, as_json: bool) -> None:
    from capsviz.training.team import joined
    from capsviz.training.watch import Watch

    with joined(work.place()) as (team, place), Ending() as ending:
        reports = work.reports(place, team, Watch(frames=snapshots))
        if team.leads:
            _follow(reports, work.output, tensorboard, as_json, ending)
        else:  # it ends when its leader does
            for _ in reports:
                pass


def _follow(
    reports: Generator[Progress, None, None],
    output: Path,
    tensorboard: bool,
    as_json: bool,
    ending: Ending,
) -> None:
    from capsviz.training.events import EventFiles

    wanted = EventFiles(output) if tensorboard else nullcontext()
    with wanted as events, closing(reports):
        for progress in tracked_training(reports):
            if events is not None:
                events.write(progress)
            _tell(progress, as_json)
            ending.check()
    _tell_end(output, as_json)


def _tell(progress: Progress, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(_facts(progress)))
        return
    if progress.validation_error is not None:
        typer.echo(
            f"epoch {progress.epoch:.0f}: validation error {progress.validation_error:.2%}, "
            f"{progress.images_per_second:.0f} images/s"
        )
    if progress.comparison is not None:
        typer.echo(_comparison_line(progress.comparison))


def _facts(progress: Progress) -> dict[str, Any]:
    from dataclasses import asdict

    facts = asdict(progress.metrics)
    if progress.report is not None:
        facts["confusion"] = progress.report.confusion.tolist()
        health = progress.report.health
        for name in ("digit_dead", "digit_starved", "type_dead", "type_starved"):
            facts[name] = getattr(health, name).nonzero()[0].tolist()
    if progress.comparison is not None:
        facts["comparison"] = asdict(progress.comparison)
    return facts


def _comparison_line(found: Comparison) -> str:
    before, after = found.before, found.after
    line = f"MNIST: {before.mnist_error:.2%} wrong before, {after.mnist_error:.2%} after"
    if not found.is_unseen:
        line += " (digits that the network before may have been trained on)"
    if before.own_error is None or after.own_error is None:
        return line
    return f"{line}; your drawings: {before.own_error:.0%} before, {after.own_error:.0%} after"


def _tell_end(output: Path, as_json: bool) -> None:
    from capsviz.training.run import RunFolder

    path = RunFolder(output).model_file
    if as_json:
        typer.echo(json.dumps({"done": True, "model": str(path)}))
    else:
        typer.echo(f"Done; the best network is {path}")
