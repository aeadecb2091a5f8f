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
from capsviz.files import CapsvizError, write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy as np

    from capsviz.data.mnist import Digits
    from capsviz.explore.answers import Evaluation
    from capsviz.explore.models import LoadedModel
    from capsviz.network import Provenance
    from capsviz.training.progress import Progress
    from capsviz.training.run import RunPlan

app = typer.Typer(
    name="capsviz",
    help="Draw a digit and watch a capsule network recognise it, route it and redraw it.\n\n"
    "Without a command, the window opens.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Model = Annotated[str, typer.Option(help="A name that `capsviz models` lists, or a path.")]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object, nothing else.")]
Iterations = Annotated[
    int | None, typer.Option(min=1, max=10, help="Routing iterations; the trained number if none.")
]
DataDir = Annotated[
    Path | None, typer.Option(help="Folder of MNIST's four files; else CAPSVIZ_DATA, the cache.")
]
Download = Annotated[bool, typer.Option("--download", help="Fetch MNIST (11 MB) if missing.")]


def main() -> None:
    """Run the command line: exit 0 when done, 1 when the work failed, 2 for wrong usage."""
    try:
        app()
    except CapsvizError as error:
        _fail(str(error))
    except KeyboardInterrupt:
        _fail("Stopped.", 130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # silence the last flush
        sys.exit(1)
    except Exception as error:
        if os.environ.get("CAPSVIZ_DEBUG"):
            raise
        what = f"{type(error).__name__}: {error}".splitlines()[0]
        _fail(f"Unexpected error ({what}); CAPSVIZ_DEBUG=1 shows where, for a bug report.")


def _fail(message: str, code: int = 1) -> None:
    typer.echo(f"capsviz: {message}", err=True)
    sys.exit(code)


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"capsviz {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def window(
    context: typer.Context,
    model: Annotated[str | None, typer.Option(help="Model to open the window with.")] = None,
    open_file: Annotated[
        Path | None, typer.Option("--open", help="Image or strokes (.jsonl) to show.")
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
        return
    if screenshot is not None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from capsviz.gui.app import run_window

    sys.exit(run_window(model, open_file, screenshot))


@app.command()
def classify(
    files: Annotated[list[Path], typer.Argument(help="Images, or strokes (.jsonl).")],
    model: Model = "digits",
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """Say which digit each image or drawing shows."""
    from capsviz.data.labelled import load_inputs

    loaded = _load(model, device)
    size = loaded.network.config.image_size
    inputs = [
        (path, index, image)
        for path in files
        for index, image in enumerate(load_inputs(path, size))
    ]
    answers = [_classified(loaded, *entry) for entry in inputs]
    if as_json:
        typer.echo(json.dumps(answers))
        return
    for answer in answers:
        typer.echo(_answer_line(answer))


def _classified(
    loaded: LoadedModel, path: Path, index: int, image: np.ndarray[Any, Any]
) -> dict[str, Any]:
    from capsviz.explore.explain import explain

    lengths = explain(loaded.network, image).final_lengths
    digit = int(lengths.argmax())
    return {"file": str(path), "index": index, "digit": digit, "lengths": lengths.tolist()}


def _answer_line(answer: dict[str, Any]) -> str:
    lengths = " ".join(f"{length:.3f}" for length in answer["lengths"])
    return f"{answer['file']}[{answer['index']}]: {answer['digit']}   lengths 0–9: {lengths}"


@app.command()
def evaluate(
    data: Annotated[
        str, typer.Option(help="mnist, a .npz (images, labels), or labelled strokes (.jsonl).")
    ],
    model: Model = "digits",
    device: Device = "auto",
    data_dir: DataDir = None,
    download: Download = False,
    raw: Annotated[bool, typer.Option("--raw", help="Take .npz images as they are.")] = False,
    as_json: Json = False,
) -> None:
    """Measure the error rate on labelled images."""
    import numpy as np

    from capsviz.data.labelled import load_labelled
    from capsviz.explore.evaluate import score
    from capsviz.explore.explain import lengths_in_batches

    loaded = _load(model, device)
    if data == "mnist":
        _ensure_mnist(data_dir, download)
    labelled = load_labelled(data, loaded.network.config.image_size, data_dir, raw)
    began = time.perf_counter()
    batches = lengths_in_batches(loaded.network, labelled.images)
    total = -(-len(labelled.images) // 250)
    lengths = np.concatenate(list(_tracked(batches, total, "Evaluating")))
    report = score(lengths, labelled.labels, time.perf_counter() - began)
    if as_json:
        typer.echo(json.dumps({**asdict(report), "model": loaded.name, "device": loaded.device}))
    else:
        _show_evaluation(report, data, loaded)


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

    from capsviz.data.labelled import load_inputs
    from capsviz.explore.explain import explain as ask

    loaded = _load(model, device)
    image = load_inputs(file, loaded.network.config.image_size)[0]
    answer = ask(loaded.network, image, iterations)
    arrays = {name: value for name, value in asdict(answer).items() if value is not None}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    write_atomically(output, buffer.getvalue())
    typer.echo(f"{output}: {', '.join(sorted(arrays))} (the longest capsule is {answer.digit})")


@app.command()
def train(
    output: Annotated[Path, typer.Option(help="The run's folder.")],
    data_dir: DataDir = None,
    download: Download = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue the run in --output as it was begun.")
    ] = False,
    device: Device = "auto",
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the training digits.")] = 10,
    batch_size: Annotated[int, typer.Option(min=1, help="Images per step.")] = 128,
    learning_rate: Annotated[float, typer.Option(help="Adam's rate at its highest.")] = 0.001,
    schedule: Annotated[str, typer.Option(help="exponential (the paper's) or cosine.")] = (
        "exponential"
    ),
    averaging: Annotated[
        float, typer.Option(help="Decay of the moving average of the weights; 0: none.")
    ] = 0.0,
    augmentation: Annotated[
        str, typer.Option(help="none, shift (the paper's ±2 pixels) or affine.")
    ] = "shift",
    iterations: Annotated[int, typer.Option(min=1, max=10, help="Routing iterations r.")] = 3,
    reconstruction: Annotated[bool, typer.Option(help="With the decoder, or without.")] = True,
    reconstruction_weight: Annotated[
        float, typer.Option(help="Weight of the decoder's summed squared error.")
    ] = 0.0005,
    precision: Annotated[str, typer.Option(help="Convolutions in auto, fp32 or bf16.")] = "auto",
    seed: Annotated[int, typer.Option(help="Of weights, split, order and augmentation.")] = 1,
    validation_images: Annotated[int, typer.Option(help="Held out to choose by.")] = 5000,
    checkpoint_steps: Annotated[int, typer.Option(help="Steps between two saved states.")] = 100,
) -> None:
    """Train a network on MNIST; stop it at any time, continue it with --resume."""
    from capsviz.network import choose_device
    from capsviz.training.loop import train as run_training
    from capsviz.training.run import RunFolder

    digits = _training_digits(data_dir, download)
    if resume:
        plan = RunFolder(output).plan()
    else:
        plan = _plan(
            {"routing_iterations": iterations, "reconstruction": reconstruction},
            f"MNIST, {len(digits)} training digits",
            epochs=epochs,
            batch_size=batch_size,
            learning_rate=learning_rate,
            schedule=schedule,
            averaging=averaging,
            augmentation=augmentation,
            reconstruction_weight=reconstruction_weight,
            precision=precision,
            seed=seed,
            validation_images=validation_images,
            checkpoint_steps=checkpoint_steps,
        )
    steps = run_training(plan, digits, output, choose_device(device), resume)
    for progress in _tracked_training(steps):
        if progress.validation_error is not None:
            typer.echo(
                f"epoch {progress.epoch:.0f}: validation error {progress.validation_error:.2%}, "
                f"{progress.images_per_second:.0f} images/s"
            )
    typer.echo(f"Done; the best network is {output / 'model.safetensors'}")


def _plan(config: dict[str, Any], data: str, **settings: object) -> RunPlan:
    import msgspec

    from capsviz.network import CapsNetConfig
    from capsviz.training.run import RunPlan
    from capsviz.training.settings import TrainingSettings

    try:
        chosen = msgspec.convert(settings, TrainingSettings)
    except msgspec.ValidationError as error:
        raise typer.BadParameter(str(error)) from error
    return RunPlan(chosen, CapsNetConfig(**config), data)


def _training_digits(data_dir: Path | None, download: bool) -> Digits:
    from capsviz.data.mnist import load_mnist

    return load_mnist(_ensure_mnist(data_dir, download), "train")


def _ensure_mnist(data_dir: Path | None, download: bool) -> Path:
    from capsviz.data.mnist import download_mnist, has_mnist
    from capsviz.places import data_folder

    folder = data_folder(data_dir)
    if download and not has_mnist(folder):
        download_mnist(folder)
    return folder


@app.command()
def benchmark(
    device: Device = "auto",
    repeats: Annotated[int, typer.Option(min=1, help="Single answers timed.")] = 100,
    steps: Annotated[int, typer.Option(min=1, help="Training steps timed.")] = 5,
    as_json: Json = False,
) -> None:
    """Measure speed on this machine, beside its matrix-product speed."""
    from capsviz.benchmark import run_benchmark
    from capsviz.network import choose_device

    report = asdict(run_benchmark(choose_device(device), repeats, steps))
    if as_json:
        typer.echo(json.dumps(report))
        return
    for name, value in report.items():
        typer.echo(f"{name:28} {value:,.4g}" if isinstance(value, float) else f"{name:28} {value}")


@app.command()
def models(as_json: Json = False) -> None:
    """List the networks there are, with their errors and what they are for."""
    from capsviz.network import load_checkpoint
    from capsviz.places import model_files

    found = [(path, load_checkpoint(path).provenance) for path in model_files()]
    if as_json:
        typer.echo(json.dumps([_model_facts(path, about) for path, about in found]))
        return
    for path, about in found:
        error = "unknown" if about.test_error is None else f"{about.test_error:.2%}"
        typer.echo(f"{path.stem}: MNIST test error {error}; {about.purpose}\n  {path}")


def _model_facts(path: Path, about: Provenance) -> dict[str, Any]:
    import msgspec

    facts: dict[str, Any] = msgspec.to_builtins(about)
    return {"name": path.stem, "path": str(path), **facts}


def _load(model: str, device: str) -> LoadedModel:
    from capsviz.explore.models import load_model

    return load_model(model, device)


def _tracked(work: Iterable[Any], total: int, what: str) -> Iterator[Any]:
    """Iterate with a progress bar and the time left on a terminal; silently elsewhere."""
    if not sys.stderr.isatty():
        yield from work
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(work, what, total, console=Console(stderr=True), transient=True)


def _tracked_training(steps: Iterable[Progress]) -> Iterator[Progress]:
    """The same for training, whose reports know the step they are at."""
    if not sys.stderr.isatty():
        yield from steps
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Training")
        for progress in steps:
            bar.update(
                task,
                total=progress.total_steps,
                completed=progress.step,
                description=f"Training, loss {progress.margin_loss:.4f}",
            )
            yield progress
