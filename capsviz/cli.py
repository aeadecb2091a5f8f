"""The command line; heavy rooms are imported inside the commands, so `--help` is quick."""

from __future__ import annotations

import io
import json
import os
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from capsviz import __version__
from capsviz.cli_benchmark import benchmark
from capsviz.cli_export import export
from capsviz.cli_options import DataDir, Device, Download, Iterations, Json, Model, mnist_folder
from capsviz.cli_runs import publish, runs
from capsviz.cli_sweep import sweep
from capsviz.cli_train import train
from capsviz.failing import guarded
from capsviz.files import CapsvizError, write_atomically
from capsviz.terminal import tracked

if TYPE_CHECKING:
    import numpy as np

    from capsviz.data.labelled import LabelledImages
    from capsviz.explore.answers import Evaluation
    from capsviz.explore.models import LoadedModel
    from capsviz.network import Checkpoint

app = typer.Typer(
    name="capsviz",
    help="Draw a digit and watch a capsule network recognise it, route it and redraw it.\n\n"
    "Without a command, the window opens.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the command line: exit 0 when done, 1 when the work failed, 2 for wrong usage."""
    guarded(app)


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"capsviz {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def window(
    context: typer.Context,
    model: Annotated[str | None, typer.Option(help="Model to open the window with.")] = None,
    open_file: Annotated[
        Path | None,
        typer.Option("--open", help="Image, strokes, session or weights to show."),
    ] = None,
    screenshot: Annotated[
        Path | None,
        typer.Option(help="Draw, save the window's picture here, exit; needs no display."),
    ] = None,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Open the window, unless a command follows."""
    if context.invoked_subcommand is not None:
        _check_for_window(model, open_file, screenshot)
        return
    if screenshot is not None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from capsviz.starting import hasten

    hasten()
    from capsviz.gui.app import run_window

    sys.exit(run_window(model, open_file, screenshot))


def _check_for_window(*options: object) -> None:
    if any(option is not None for option in options):
        raise typer.BadParameter(
            "--model, --open and --screenshot before a command are the window's; "
            "give the command's own options after its name"
        )


@app.command()
def classify(
    files: Annotated[list[Path], typer.Argument(help="Images, or strokes (.jsonl).")],
    model: Model = "digits",
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """Say which digit each image or drawing shows, also beside files that cannot be read."""
    loaded = _load(model, device)
    answers, faults = _answers(loaded, files)
    if as_json and answers:
        typer.echo(json.dumps(answers))
    elif not as_json:
        for answer in answers:
            typer.echo(_answer_line(answer))
    for fault in faults[:-1]:
        typer.echo(f"capsviz: {fault}", err=True)
    if faults:
        raise faults[-1]


def _answers(
    loaded: LoadedModel, files: list[Path]
) -> tuple[list[dict[str, Any]], list[CapsvizError]]:
    """Of all files that can be read; and what is wrong with the others."""
    answers, faults = [], []
    for path in files:
        try:
            images = enumerate(_inputs(loaded, path))
            answers += [_classified(loaded, path, index, image) for index, image in images]
        except CapsvizError as error:
            faults.append(error)
    return answers, faults


def _classified(
    loaded: LoadedModel, path: Path, index: int, image: np.ndarray[Any, Any]
) -> dict[str, Any]:
    from capsviz.explore.explain import explain

    lengths = explain(loaded.network, image).final_lengths
    longest = (-lengths).argsort(kind="stable")[: loaded.network.config.digits_per_image].tolist()
    several = {"digits": sorted(longest)} if len(longest) > 1 else {}
    answer = {"file": str(path), "index": index, "digit": longest[0], **several}
    return answer | {"lengths": lengths.tolist()}


def _answer_line(answer: dict[str, Any]) -> str:
    last, lengths = len(answer["lengths"]) - 1, " ".join(f"{n:.3f}" for n in answer["lengths"])
    digits = " and ".join(map(str, answer.get("digits", [answer["digit"]])))
    return f"{answer['file']}[{answer['index']}]: {digits}   lengths 0–{last}: {lengths}"


@app.command()
def evaluate(
    data: Annotated[
        str,
        typer.Option(help="mnist, multimnist, a .npz (images, labels), or strokes (.jsonl)."),
    ],
    model: Model = "digits",
    device: Device = "auto",
    data_dir: DataDir = None,
    download: Download = False,
    raw: Annotated[bool, typer.Option("--raw", help="Take .npz images as they are.")] = False,
    as_json: Json = False,
) -> None:
    """Measure the error rate on labelled images."""
    from capsviz.data.labelled import load_labelled

    loaded = _load(model, device)
    _check_reads_digits(loaded)
    if data in ("mnist", "multimnist"):
        mnist_folder(data_dir, download)
    config = loaded.network.config
    labelled = load_labelled(data, config.image_size, data_dir, raw, config.border)
    report = _measured(loaded, labelled)
    if as_json:
        typer.echo(json.dumps({**asdict(report), "model": loaded.name, "device": loaded.device}))
    else:
        _show_evaluation(report, data, loaded)


def _measured(loaded: LoadedModel, labelled: LabelledImages) -> Evaluation:
    import numpy as np

    from capsviz.explore.evaluate import score
    from capsviz.explore.explain import lengths_in_batches

    began = time.perf_counter()
    batches = lengths_in_batches(loaded.network, labelled.images)
    lengths = np.concatenate(list(tracked(batches, -(-len(labelled.labels) // 250), "Evaluating")))
    return score(lengths, labelled.labels, time.perf_counter() - began)


def _check_reads_digits(loaded: LoadedModel) -> None:
    classes = loaded.network.config.classes
    if not loaded.network.config.reads_digits:
        raise CapsvizError(
            f"Expected a network of the ten digits, which --data has, found {loaded.name} of "
            f"{classes} classes; its error on what was held out is in `capsviz models`."
        )


def _show_evaluation(report: Evaluation, data: str, loaded: LoadedModel) -> None:
    typer.echo(
        f"{loaded.name} on {data}: {report.error_rate:.2%} of {report.n} wrong "
        f"({report.images_per_second:.0f} images/s on {loaded.device})"
    )
    for digit, error in enumerate(report.per_digit_error):
        typer.echo(f"  {digit}: {'no images' if error is None else f'{error:.2%}'}")


@app.command()
def explain(
    file: Annotated[Path, typer.Argument(help="An image, or the first of some strokes (.jsonl).")],
    output: Annotated[Path, typer.Option(help="The .npz file to write.")],
    model: Model = "digits",
    device: Device = "auto",
    iterations: Iterations = None,
) -> None:
    """Write every number of the routing of one image, for scripts and notebooks."""
    import numpy as np

    from capsviz.explore.explain import explain as ask

    loaded = _load(model, device)
    answer = ask(loaded.network, _inputs(loaded, file)[0], iterations)
    arrays = {name: value for name, value in asdict(answer).items() if value is not None}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    write_atomically(output, buffer.getvalue())
    typer.echo(f"{output}: {', '.join(sorted(arrays))} (the longest capsule is {answer.digit})")


app.command()(train)
app.command()(runs)
app.command()(publish)
app.command()(sweep)
app.command()(export)
app.command()(benchmark)


@app.command()
def models(as_json: Json = False) -> None:
    """List the networks there are, with their errors and what they are for."""
    from capsviz.network import load_checkpoint
    from capsviz.places import model_files

    found, broken = [], []
    for path in model_files():
        try:
            found.append((path, load_checkpoint(path)))
        except CapsvizError as error:
            broken.append(str(error))
    if as_json:
        typer.echo(json.dumps([_model_facts(path, kept) for path, kept in found]))
    else:
        typer.echo("\n".join(_model_line(path, kept) for path, kept in found))
    if broken:  # told last, so that the good ones are listed all the same
        raise CapsvizError(" ".join(broken))


def _model_line(path: Path, kept: Checkpoint) -> str:
    about, config = kept.provenance, kept.model.config
    error = "unknown" if about.test_error is None else f"{about.test_error:.2%}"
    reads = "; reads two digits in one image" if config.digits_per_image == 2 else ""
    return f"{path.stem}: {config.test_set} test error {error}{reads}; {about.purpose}\n  {path}"


def _model_facts(path: Path, kept: Checkpoint) -> dict[str, Any]:
    import msgspec

    about, digits = msgspec.structs.asdict(kept.provenance), kept.model.config.digits_per_image
    return {"name": path.stem, "path": str(path), "digits_per_image": digits, **about}


def _inputs(loaded: LoadedModel, file: Path) -> list[np.ndarray[Any, Any]]:
    from capsviz.data.labelled import load_inputs

    config = loaded.network.config
    return load_inputs(file, config.image_size, config.border)


def _load(model: str, device: str) -> LoadedModel:
    from capsviz.explore.models import load_model

    return load_model(model, device)
