"""`capsviz train`: every setting of a run as an option."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from capsviz.cli_options import DataDir, Device, Download, mnist_folder
from capsviz.files import CapsvizError
from capsviz.terminal import tracked_training

if TYPE_CHECKING:
    from capsviz.data.mnist import Digits
    from capsviz.explore.models import LoadedModel
    from capsviz.training.plan import RunPlan


def train(
    context: typer.Context,
    output: Annotated[Path, typer.Option(help="The run's folder.")],
    data_dir: DataDir = None,
    download: Download = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue the run in --output as it was begun.")
    ] = False,
    start_from: Annotated[
        str | None, typer.Option(help="Network to begin with, by name or path; else random.")
    ] = None,
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
    from capsviz.explore.models import load_model
    from capsviz.network import choose_device
    from capsviz.training.loop import train as run_training

    digits = _training_digits(data_dir, download)
    start = None if start_from is None or resume else load_model(start_from, "cpu")
    plan = _kept_plan(output, digits) if resume else _new_plan(context.params, digits, start)
    weights = start.network if start else None
    steps = run_training(plan, digits, output, choose_device(device), resume, weights)
    for progress in tracked_training(steps):
        if progress.validation_error is not None:
            typer.echo(
                f"epoch {progress.epoch:.0f}: validation error {progress.validation_error:.2%}, "
                f"{progress.images_per_second:.0f} images/s"
            )
    typer.echo(f"Done; the best network is {output / 'model.safetensors'}")


def _new_plan(options: dict[str, Any], digits: Digits, start: LoadedModel | None) -> RunPlan:
    import msgspec

    from capsviz.network import CapsNetConfig
    from capsviz.training.plan import RunPlan
    from capsviz.training.settings import TrainingSettings

    names = set(TrainingSettings.__struct_fields__) & options.keys()
    try:
        settings = msgspec.convert({name: options[name] for name in names}, TrainingSettings)
    except msgspec.ValidationError as error:
        raise typer.BadParameter(str(error)) from error
    if start is not None:
        return RunPlan(settings, start.network.config, _name(digits), start.name)
    config = CapsNetConfig(
        routing_iterations=options["iterations"], reconstruction=options["reconstruction"]
    )
    return RunPlan(settings, config, _name(digits))


def _kept_plan(output: Path, digits: Digits) -> RunPlan:
    from capsviz.training.run import RunFolder

    plan = RunFolder(output).plan()
    if plan.data != _name(digits):
        raise CapsvizError(
            f"The run in {output} was begun on {plan.data}, but found {_name(digits)}; "
            "give the folder of its own data by --data-dir."
        )
    return plan


def _name(digits: Digits) -> str:
    return f"mnist {len(digits)}"


def _training_digits(data_dir: Path | None, download: bool) -> Digits:
    from capsviz.data.mnist import load_mnist

    return load_mnist(mnist_folder(data_dir, download), "train")
