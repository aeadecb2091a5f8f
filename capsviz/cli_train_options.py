"""One option for each setting of training, made from the settings themselves."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import msgspec
import typer

from capsviz.network.limits import MAX_ITERATIONS
from capsviz.training.settings import TrainingSettings

if TYPE_CHECKING:
    from collections.abc import Callable

_F = TypeVar("_F", bound="Callable[..., None]")

Output = Annotated[Path, typer.Option(help="The run's folder.")]
Data = Annotated[
    str | None,
    typer.Option(
        help="mnist, personal (your own drawings mixed with it), or a folder of class-named "
        "images: FOLDER/0/a.png …",
        show_default="mnist",
    ),
]
Place = Annotated[
    str | None, typer.Option("--device", help="auto, cpu, cuda or mps.", show_default="auto")
]
PresetKey = Annotated[
    str | None,
    typer.Option(
        "--preset",
        help="minute, paper, no-routing, no-reconstruction, rotation, people or two-digits.",
    ),
]
Config = Annotated[
    Path | None, typer.Option(help="TOML file of settings; options given here overrule it.")
]
Resume = Annotated[
    bool,
    typer.Option(
        "--resume", help="Continue the run in --output as it was begun; --epochs may be raised."
    ),
]
StartFrom = Annotated[
    str | None, typer.Option(help="Network to begin with, by name or path; else random.")
]
Snapshots = Annotated[int, typer.Option(min=0, help="Networks kept on the way, at most so many.")]
TensorBoard = Annotated[
    bool, typer.Option("--tensorboard", help="Write event files into --output/events.")
]
JsonLines = Annotated[
    bool, typer.Option("--json", help="Print one line of JSON for each report, nothing else.")
]

HELP = {
    "epochs": "Passes over the training images.",
    "batch_size": "Images per step; under torchrun, of all ranks together.",
    "learning_rate": "Adam's rate at its highest.",
    "schedule": "exponential (the paper's) or cosine.",
    "decay_rate": "Of the exponential schedule: factor per --decay-steps.",
    "decay_steps": "Of the exponential schedule: steps per --decay-rate.",
    "warmup_steps": "Steps until the rate is at its highest.",
    "averaging": "Decay of the moving average of the weights; 0: none.",
    "weight_decay": "Adam's, apart from the gradient's step: rate times this off every weight.",
    "sam_radius": "Radius ρ of sharpness-aware minimisation, twice the work; 0: none.",
    "augmentation": "none, shift (the paper's ±2 pixels), slight, affine, rotation or drawn.",
    "reconstruction_weight": "Weight of the decoder's summed squared error.",
    "m_plus": "m⁺, the length that the capsule of a present digit should reach.",
    "m_minus": "m⁻, the length that all others should stay under.",
    "down_weight": "λ, the weight of absent digits in the margin loss.",
    "precision": "Convolutions in auto, fp32 or bf16.",
    "seed": "Of weights, split, order and augmentation; with --start-from, if none is given, the "
    "one by which that network held out the same images.",
    "training_images": "Use only so many images, drawn by the seed; 0: all.",
    "own_share": "Part of each batch from your own drawings, with --data personal.",
    "validation_images": "Held out to choose by.",
    "checkpoint_steps": "Steps between two saved states.",
}
_TYPES = {msgspec.inspect.IntType: int, msgspec.inspect.FloatType: float}


def with_settings(command: _F) -> _F:
    """Give a command that takes **settings an option for every setting; None where not given."""
    signature = inspect.signature(command, eval_str=True)
    fixed = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
    parameters = [*fixed, *_setting_options(), *_network_options()]
    command.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {entry.name: entry.annotation for entry in parameters}
    return command


def _setting_options() -> list[inspect.Parameter]:
    info = msgspec.inspect.type_info(TrainingSettings)
    assert isinstance(info, msgspec.inspect.StructType)
    return [
        _option(f.name, _TYPES.get(type(f.type), str), HELP[f.name], f.default)
        for f in info.fields
    ]


def _network_options() -> list[inspect.Parameter]:
    return [
        _option("iterations", int, "Routing iterations r.", 3, min=1, max=MAX_ITERATIONS),
        _option("reconstruction", bool, "With the decoder, or without.", True),
        _option("digits", int, "In one image: 1, or 2 laid over one another.", 1, min=1, max=2),
    ]


def _option(
    name: str,
    kind: type,
    text: str,
    default: object,
    **bounds: Any,  # noqa: ANN401
) -> inspect.Parameter:
    # None tells an option that was not given from one that says the default
    option = typer.Option(help=text, show_default=str(default).lower(), **bounds)
    annotation = Annotated[kind | None, option]  # type: ignore[valid-type]
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation
    )
