"""`capsviz runs` and `capsviz publish`: the runs there are, and a network made of one."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from capsviz.cli_options import Json

if TYPE_CHECKING:
    from capsviz.training.runs import RunSummary


def runs(
    folder: Annotated[
        Path | None, typer.Argument(help="Folder of runs, or a run's; the window's if none.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List training runs, the latest first, with their settings and results."""
    from capsviz.files import CapsvizError
    from capsviz.places import user_runs_folder
    from capsviz.training.runfiles import PLAN
    from capsviz.training.runs import list_runs, summary_of

    if folder is not None and not folder.is_dir():
        raise CapsvizError(f"Expected a folder of runs, found none at {folder}.")
    is_run = folder is not None and (folder / PLAN).exists()
    found = (summary_of(folder.resolve()),) if folder and is_run else list_runs(folder)
    if as_json:
        typer.echo(json.dumps([_facts(run) for run in found]))
        return
    if not found:
        typer.echo(f"There is no run in {folder or user_runs_folder()} yet.", err=True)
    for run in found:
        typer.echo(_line(run))


def publish(
    run: Annotated[Path, typer.Argument(help="A run's folder, or the name of one of the window.")],
    name: Annotated[str, typer.Argument(help="Name of the network.")],
    purpose: Annotated[str, typer.Option(help="What it is for, in one line.")] = "",
) -> None:
    """Keep a run's network under a name that every command takes."""
    from capsviz.places import user_runs_folder
    from capsviz.training.runs import publish_run

    folder = run if run.is_dir() else user_runs_folder() / run
    typer.echo(f"{name}: {publish_run(folder, name, purpose)}")


def _line(run: RunSummary) -> str:
    if run.state == "damaged":
        return f"{run.name}: damaged; {run.problem}\n  {run.folder}"
    best = "no validation yet" if run.best_error is None else f"{run.best_error:.2%} wrong"
    steps = f"step {run.last.step} of {run.last.total_steps}" if run.last else "no step told yet"
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(run.date))
    return f"{run.name}: {run.state}, {best}, {steps}, {when}\n  {run.folder}"


def _facts(run: RunSummary) -> dict[str, Any]:
    import msgspec

    return {
        "name": run.name,
        "folder": str(run.folder),
        "state": run.state,
        "date": run.date,
        "plan": msgspec.to_builtins(run.plan),
        "last": msgspec.to_builtins(run.last.metrics) if run.last else None,
        "has_model": run.has_model,
        "problem": run.problem,
    }
