"""`capsviz export`: a network for programs that have no torch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from capsviz.cli_options import Json, Model


def export(
    onnx: Annotated[Path, typer.Option(help="The ONNX file to write.")],
    model: Model = "digits",
    as_json: Json = False,
) -> None:
    """Write a network as an ONNX file, its routing included, for programs without torch."""
    from capsviz.explore.exporting import check_packages, export_onnx
    from capsviz.explore.models import load_model

    check_packages()
    loaded = load_model(model, "cpu")
    outputs = export_onnx(loaded.network, onnx)
    facts = {"output": str(onnx), "model": loaded.name, "outputs": list(outputs)}
    typer.echo(json.dumps(facts) if as_json else f"{onnx}: images → {', '.join(outputs)}")
