"""From the words of `capsviz train` to a plan, its data and a generator of reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import typer

from capsviz.cli_train_data import load_source
from capsviz.files import CapsvizError

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from pathlib import Path

    import torch

    from capsviz.cli_train_data import Source
    from capsviz.explore.models import LoadedModel
    from capsviz.training.choices import Choices
    from capsviz.training.plan import RunPlan
    from capsviz.training.progress import Progress
    from capsviz.training.team import Team
    from capsviz.training.watch import Watch

_VALIDATED = 6  # one image in so many is held out of a folder, unless it is said otherwise


@dataclass(frozen=True, slots=True)
class Work:
    """What the command was told, by its options and its file.

    Attributes:
        output: the run's folder.
        data: "mnist", "personal" or a folder.
        data_dir: where MNIST lies, if it was said.
        download: whether to fetch it.
        resume: whether to continue the run in `output`.
        start_from: network to begin with, if any.
        preset: key of a preset, if any.
        device: its name.
        file: what the TOML file chooses.
        given: options of single settings.
    """

    output: Path
    data: str
    data_dir: Path | None
    download: bool
    resume: bool
    start_from: str | None
    preset: str | None
    device: str
    file: Choices
    given: Mapping[str, Any]

    def reports(
        self, device: torch.device, team: Team, watch: Watch
    ) -> Generator[Progress, None, None]:
        """The run, begun or resumed.

        Raises:
            CapsvizError: data, network or folder do not fit.
        """
        if self.resume:
            plan, source = self._resumed()
            return _run(plan, source, self.output, device, None, True, watch, team)
        start = self._start()
        choices = _with_options(self._choices(start), self.given)
        size = _digit_size(choices, start)
        source = load_source(self.data, size, self.data_dir, self.download)
        plan = _new_plan(choices, self.given, source, start)
        return _run(plan, source, self.output, device, start, False, watch, team)

    def _resumed(self) -> tuple[RunPlan, Source]:
        from capsviz.training.run import RunFolder

        plan = self._extended(RunFolder(self.output).plan())
        data = "personal" if plan.own and self.data == "mnist" else self.data
        size = plan.config.digit_size
        source = load_source(data, size, self.data_dir, self.download, plan.own or None)
        if plan.data != source.name:
            raise CapsvizError(
                f"The run in {self.output} was begun on {plan.data}, but found {source.name}; "
                "give its own data by --data and --data-dir."
            )
        return plan, source

    def _extended(self, plan: RunPlan) -> RunPlan:
        """The plan a run was begun with, or with more epochs."""
        from capsviz.training.runs import extend_run

        others = [f"--{name.replace('_', '-')}" for name in self.given if name != "epochs"]
        if others:
            raise typer.BadParameter(
                f"a run is resumed as it was begun; leave {', '.join(others)} out"
            )
        if self.given.get("epochs", plan.settings.epochs) == plan.settings.epochs:
            return plan
        return extend_run(self.output, self.given["epochs"])

    def _start(self) -> LoadedModel | None:
        from capsviz.explore.models import load_model

        return load_model(self.start_from, "cpu") if self.start_from else None

    def _choices(self, start: LoadedModel | None) -> Choices:
        """Preset and file; options come on top."""
        from capsviz.network import CapsNetConfig
        from capsviz.training.choices import Choices, choices_of
        from capsviz.training.finetune import FINE_TUNING
        from capsviz.training.presets import preset

        chosen = Choices({}, {})
        if self.preset is not None:
            known = preset(self.preset)
            chosen = choices_of(known.settings, known.config)
        elif self.data == "personal" and start is not None:
            chosen = choices_of(FINE_TUNING, CapsNetConfig())
        return chosen.over(self.file.settings, self.file.network)


def asked(
    output: Path,
    data: str | None,
    data_dir: Path | None,
    download: bool,
    resume: bool,
    start_from: str | None,
    preset: str | None,
    config: Path | None,
    device: str | None,
    given: Mapping[str, Any],
) -> Work:
    """The options, over what the file says.

    Raises:
        CapsvizError: the file is no such file.
    """
    from capsviz.training.choices import Choices, read_choices

    file = read_choices(config) if config is not None else Choices({}, {})
    said = file.words.get
    return Work(
        output=output,
        data=data or said("data") or "mnist",
        data_dir=data_dir,
        download=download,
        resume=resume,
        start_from=start_from or said("start_from"),
        preset=preset or said("preset"),
        device=device or said("device") or "auto",
        file=file,
        given=given,
    )


def _digit_size(choices: Choices, start: LoadedModel | None) -> int:
    config = choices.checked()[1]
    if start is not None and config.digits_per_image == 1:
        return start.network.config.digit_size
    return config.digit_size


def _with_options(choices: Choices, given: Mapping[str, Any]) -> Choices:
    """The options on top of preset and file; wrong ones are told before any data is read."""
    names = {"iterations": "routing_iterations", "reconstruction": "reconstruction"}
    network = {field: given[name] for name, field in names.items() if name in given}
    network |= _for_digits(given.get("digits"))
    settings = {
        name: value for name, value in given.items() if name not in names and name != "digits"
    }
    merged = choices.over(settings, network)
    try:
        merged.checked()
    except CapsvizError as error:  # preset and file were sound, so it is an option
        raise typer.BadParameter(str(error)) from error
    return merged


def _for_digits(count: int | None) -> dict[str, Any]:
    """Two digits want a larger image."""
    from capsviz.network.config import CapsNetConfig, two_digit_config

    if count is None:
        return {}
    config = two_digit_config() if count == 2 else CapsNetConfig()
    return {"digits_per_image": config.digits_per_image, "image_size": config.image_size}


def _new_plan(
    choices: Choices, given: Mapping[str, Any], source: Source, start: LoadedModel | None
) -> RunPlan:
    import msgspec

    from capsviz.training.plan import RunPlan
    from capsviz.training.widened import widened_config

    chosen, config = (choices if source.is_mnist else _fitted(choices, source)).checked()
    if start is None:
        return RunPlan(chosen, config, source.name, own=source.own_count)
    sizes = start.network.config
    if config.digits_per_image == 2:
        sizes = widened_config(sizes)
    if "iterations" in given:  # the one size that weights do not depend on
        sizes = msgspec.structs.replace(sizes, routing_iterations=config.routing_iterations)
    return RunPlan(chosen, sizes, source.name, start.name, source.own_count)


def _fitted(choices: Choices, source: Source) -> Choices:
    """As many classes and validation images as suit a folder, where nothing else was said."""
    from capsviz.training.choices import Choices

    usual = {"validation_images": len(source.digits) // _VALIDATED}
    return Choices({**usual, **choices.settings}, {**choices.network, "classes": source.classes})


def _run(
    plan: RunPlan,
    source: Source,
    output: Path,
    device: torch.device,
    start: LoadedModel | None,
    resume: bool,
    watch: Watch,
    team: Team,
) -> Generator[Progress, None, None]:
    from capsviz.training.finetune import fine_tune, mixed
    from capsviz.training.loop import train
    from capsviz.training.widened import fitting

    weights = fitting(start.network, plan.config) if start else None
    if source.own is None:
        return train(plan, source.digits, output, device, resume, weights, watch, team)
    if weights is not None and team.size == 1:
        return fine_tune(plan, weights, source.digits, source.own, output, device, watch, team)
    together = mixed(source.digits, source.own)
    return train(plan, together, output, device, resume, weights, watch, team)
