"""`capsviz sweep`: the paper's figure 4 for a capsule of one image."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from capsviz.cli_options import Device, Json, Model
from capsviz.files import CapsvizError, write_atomically

if TYPE_CHECKING:
    from capsviz.explore.answers import Explanation


def sweep(
    file: Annotated[Path, typer.Argument(help="An image, or the first of some strokes (.jsonl).")],
    output: Annotated[Path, typer.Option(help="The PNG to write.")],
    digit: Annotated[
        int | None, typer.Option(min=0, help="Capsule to decode; the longest if none.")
    ] = None,
    model: Model = "digits",
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """Draw what each dimension of a digit capsule does: one row per dimension, −0.25 to +0.25."""
    from capsviz.data.labelled import load_inputs
    from capsviz.explore.explain import explain
    from capsviz.explore.models import load_model
    from capsviz.explore.sweep import sweep as move_each
    from capsviz.explore.sweep_picture import sweep_png

    loaded = load_model(model, device)
    config = loaded.network.config
    image = load_inputs(file, config.image_size, config.border)[0]
    answer = explain(loaded.network, image)
    capsule = _capsule(answer, digit)
    table = move_each(loaded.network, answer.poses[-1, capsule], capsule)
    write_atomically(output, sweep_png(table))
    facts = {
        "file": str(file),
        "output": str(output),
        "model": loaded.name,
        "digit": capsule,
        "length": float(answer.final_lengths[capsule]),
        "pose": table.pose.tolist(),
        "offsets": [round(float(offset), 6) for offset in table.offsets],
    }
    what = f"{len(table.pose)} dimensions of digit capsule {capsule}"
    typer.echo(json.dumps(facts) if as_json else f"{output}: {what} (‖v‖ {facts['length']:.2f})")


def _capsule(answer: Explanation, wanted: int | None) -> int:
    count = len(answer.final_lengths)
    if wanted is not None and wanted >= count:
        raise CapsvizError(
            f"This network has the digit capsules 0 to {count - 1}, found --digit {wanted}; "
            "give one of them, or none for the longest."
        )
    return answer.digit if wanted is None else wanted
