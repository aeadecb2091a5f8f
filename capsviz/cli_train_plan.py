"""The plan of a run of `capsviz train`, and its reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from capsviz.files import CapsvizError

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from pathlib import Path

    import torch

    from capsviz.cli_train_data import Source
    from capsviz.explore.models import LoadedModel
    from capsviz.network import CapsNetConfig
    from capsviz.training.choices import Choices
    from capsviz.training.plan import RunPlan
    from capsviz.training.progress import Progress
    from capsviz.training.settings import TrainingSettings
    from capsviz.training.team import Team
    from capsviz.training.watch import Watch

_SIZES = {"iterations": "routing_iterations", "reconstruction": "reconstruction"}
_VALIDATED = 6  # one image in so many is held out of a folder, unless it is said otherwise


def with_options(choices: Choices, given: Mapping[str, Any]) -> Choices:
    """The options on top of preset and file.

    Raises:
        typer.BadParameter: one of them is wrong; told before any data is read.
    """
    network = sizes_in(given) | _for_digits(given.get("digits"))
    others = {*_SIZES, "digits"}
    settings = {name: value for name, value in given.items() if name not in others}
    merged = choices.over(settings, network)
    try:
        merged.checked()
    except CapsvizError as error:  # preset and file were sound, so it is an option
        raise typer.BadParameter(str(error)) from error
    return merged


def sizes_in(given: Mapping[str, Any]) -> dict[str, Any]:
    """The network's sizes among single options, by their own names."""
    return {field: given[name] for name, field in _SIZES.items() if name in given}


def _for_digits(count: int | None) -> dict[str, Any]:
    """Two digits want a larger image."""
    from capsviz.network.config import CapsNetConfig, two_digit_config

    if count is None:
        return {}
    config = two_digit_config() if count == 2 else CapsNetConfig()
    return {"digits_per_image": config.digits_per_image, "image_size": config.image_size}


def new_plan(
    choices: Choices,
    said: Choices,
    source: Source,
    start: LoadedModel | None,
    device: torch.device,
) -> RunPlan:
    """What the run is to do.

    Args:
        choices: of settings and sizes.
        said: those asked for one by one, not as part of a preset. If the seed is not among them,
            it is the one by which `start` held out images.
        source: the images.
        start: network to begin with, if any.
        device: where it is begun.

    Raises:
        CapsvizError: the choices are out of bounds, or would measure a fine-tuning on images
            that its network was trained on.
    """
    import msgspec

    from capsviz.training.plan import RunPlan
    from capsviz.training.widened import widened_config

    chosen, config = (choices if source.is_mnist else _fitted(choices, said, source)).checked()
    if start is None:
        return RunPlan(chosen, config, source.name, own=source.own_count, device=device.type)
    sizes = start.network.config
    if config.digits_per_image == 2:
        sizes = widened_config(sizes)
    _check_classes(source, start)
    _check_sizes(said.network, config, sizes)
    if "routing_iterations" in said.network:  # the one size that weights do not depend on
        sizes = msgspec.structs.replace(sizes, routing_iterations=config.routing_iterations)
    plan = _started(chosen, source, start, "seed" in said.settings)
    return msgspec.structs.replace(plan, config=sizes, device=device.type)


def _check_classes(source: Source, start: LoadedModel) -> None:
    """Refuse a network to begin with whose classes are not the data's.

    Raises:
        CapsvizError: it has more or fewer.
    """
    found = start.network.config.classes
    if found != source.classes:
        raise CapsvizError(
            f"Expected a network of {source.classes} classes to begin with, as {source.name} has, "
            f"found {start.name} of {found}; begin with another, or with random weights."
        )


def _check_sizes(asked: Mapping[str, Any], config: CapsNetConfig, sizes: CapsNetConfig) -> None:
    """Refuse sizes that the network to begin with does not have.

    Raises:
        CapsvizError: names the first of them.
    """
    for name in asked:
        wanted, found = getattr(config, name), getattr(sizes, name)
        if name != "routing_iterations" and wanted != found:
            raise CapsvizError(
                f"Expected {name} {found}, as the network to begin with has it, found {wanted}; "
                "leave it out, or begin with random weights."
            )


def _started(
    chosen: TrainingSettings, source: Source, start: LoadedModel, says_seed: bool
) -> RunPlan:
    from capsviz.training.finetune import fine_tune_plan
    from capsviz.training.plan import RunPlan
    from capsviz.training.starting import held_out_by, split_like

    about, config = start.provenance, start.network.config
    like_start = split_like(about, source.images_name, chosen)
    if source.own is not None:
        if says_seed and like_start != chosen:
            raise CapsvizError(
                f"Expected the seed {like_start.seed}, by which {start.name} held out its images, "
                f"found {chosen.seed}; leave --seed out, so that it is measured on those."
            )
        return fine_tune_plan(start.network, start.name, about, source.digits, source.own, chosen)
    settings = chosen if says_seed else like_start
    unseen = held_out_by(about, source.name, settings.seed)
    return RunPlan(settings, config, source.name, start.name, start_held_out=unseen)


def _fitted(choices: Choices, said: Choices, source: Source) -> Choices:
    """As many classes as a folder has, and validation images that suit it unless they were said.

    Raises:
        CapsvizError: another number of classes was said.
    """
    wanted = said.network.get("classes", source.classes)
    if wanted != source.classes:
        raise CapsvizError(
            f"Expected classes = {source.classes}, as {source.name} has, found {wanted}; "
            "leave it out."
        )
    usual = len(source.digits) // _VALIDATED
    held_out = choices.settings.get("validation_images", usual)
    if "validation_images" not in said.settings:  # a preset's are of MNIST's many
        held_out = min(held_out, usual)
    return choices.over({"validation_images": held_out}, {"classes": source.classes})


def begun_run(
    plan: RunPlan,
    source: Source,
    output: Path,
    device: torch.device,
    start: LoadedModel | None,
    watch: Watch,
    team: Team,
) -> Generator[Progress, None, None]:
    """The reports of a new run."""
    from capsviz.training.finetune import fine_tune, mixed
    from capsviz.training.loop import train
    from capsviz.training.widened import fitting

    weights = fitting(start.network, plan.config) if start else None
    if source.own is None:
        return train(plan, source.digits, output, device, False, weights, watch, team)
    data = mixed(source.digits, source.own)
    if weights is not None and team.size == 1:
        return fine_tune(plan, weights, data, output, device, watch, team)
    return train(plan, data, output, device, False, weights, watch, team)


def resumed_run(
    plan: RunPlan,
    source: Source,
    output: Path,
    device: torch.device,
    watch: Watch,
    team: Team,
) -> Generator[Progress, None, None]:
    """The reports of a run that is gone on with."""
    from capsviz.training.finetune import mixed, resume_fine_tuning
    from capsviz.training.loop import train

    if source.own is None:
        return train(plan, source.digits, output, device, True, watch=watch, team=team)
    data = mixed(source.digits, source.own)
    return resume_fine_tuning(plan, data, output, device, watch, team)
