"""`capsviz benchmark`: how fast this machine is, for the network and for the window."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated, Any

import typer

from capsviz.cli_options import Device, Json, Model


def benchmark(
    device: Device = "auto",
    repeats: Annotated[int, typer.Option(min=1, help="Single answers, or moves, timed.")] = 100,
    steps: Annotated[int, typer.Option(min=1, help="Training steps timed.")] = 5,
    window: Annotated[bool, typer.Option("--window", help="Time the window instead.")] = False,
    model: Model = "digits",
    as_json: Json = False,
) -> None:
    """Measure speed on this machine, beside its matrix-product speed."""
    report = _window(model, repeats) if window else _network(device, repeats, steps, model)
    if as_json:
        typer.echo(json.dumps(report))
        return
    for name, value in report.items():
        typer.echo(f"{name:28} {value:,.4g}" if isinstance(value, float) else f"{name:28} {value}")


def _network(device: str, repeats: int, steps: int, model: str) -> dict[str, Any]:
    from capsviz.benchmark import run_benchmark
    from capsviz.network import choose_device

    return asdict(run_benchmark(choose_device(device), repeats, steps, model))


def _window(model: str, repeats: int) -> dict[str, Any]:
    from capsviz.gui.measure import measure_window

    return asdict(measure_window(model, repeats))
