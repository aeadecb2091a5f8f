"""From the words of `capsviz train` to a plan, its data and a generator of reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import typer

from capsviz.cli_train_data import load_source
from capsviz.cli_train_plan import begun_run, new_plan, resumed_run, sizes_in, with_options
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
        device: its name, if it was said.
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
    device: str | None
    file: Choices
    given: Mapping[str, Any]

    def place(self) -> torch.device:
        """The device asked for; else where a resumed run was begun, or the fastest.

        Raises:
            CapsvizError: it is not there, or there is no run to resume.
        """
        from capsviz.network import choose_device
        from capsviz.training.run import RunFolder
        from capsviz.training.underway import device_to_resume_on

        if self.device is not None or not self.resume:
            return choose_device(self.device or "auto")
        found, notice = device_to_resume_on(RunFolder(self.output).plan())
        if notice:
            typer.echo(notice, err=True)
        return found

    def reports(
        self, device: torch.device, team: Team, watch: Watch
    ) -> Generator[Progress, None, None]:
        """The run, begun or resumed.

        Raises:
            CapsvizError: data, network or folder do not fit.
        """
        if self.resume:
            plan, source = self._resumed(team)
            return resumed_run(plan, source, self.output, device, watch, team)
        start = self._start()
        choices = with_options(self._choices(start), self.given)
        size = _digit_size(choices, start)
        source = load_source(self.data, size, self.data_dir, self.download)
        said = self.file.over(self.given, sizes_in(self.given))
        plan = new_plan(choices, said, source, start, device)
        return begun_run(plan, source, self.output, device, start, watch, team)

    def _resumed(self, team: Team) -> tuple[RunPlan, Source]:
        plan = self._extended(team)
        data = "personal" if plan.own and self.data == "mnist" else self.data
        size = plan.config.digit_size
        source = load_source(data, size, self.data_dir, self.download, plan.own or None)
        if plan.data != source.name:
            raise CapsvizError(
                f"The run in {self.output} was begun on {plan.data}, but found {source.name}; "
                "give its own data by --data and --data-dir."
            )
        return plan, source

    def _extended(self, team: Team) -> RunPlan:
        """The plan a run was begun with, or with more epochs; of a team, one process writes it."""
        from capsviz.training.runcare import extend_run, extended_plan
        from capsviz.training.runfiles import read_plan

        others = [f"--{name.replace('_', '-')}" for name in self.given if name != "epochs"]
        plan = read_plan(self.output)
        others += self._unlike(plan)
        if others:
            raise typer.BadParameter(
                f"a run is resumed as it was begun; leave {', '.join(others)} out"
            )
        if "epochs" not in self.given:
            return plan
        epochs = self.given["epochs"]
        if epochs != plan.settings.epochs:  # else it is so, or the leader was here already
            extended_plan(plan, self.output.name, epochs)  # all refuse what cannot be, or none
            if team.leads:
                extend_run(self.output, epochs)
        team.wait()
        return read_plan(self.output)

    def _unlike(self, plan: RunPlan) -> list[str]:
        """Options that would have made another run of it; the same again do no harm."""
        asked = self._choices(None)
        settings, config = asked.checked()
        fitted = {"epochs", "classes", "validation_images"}  # to a folder, or made more
        fitted |= {"seed"} if plan.start else set()  # the one by which that held out images
        sizes = {} if plan.start else asked.network  # else those of the network it began with
        is_other = any(
            getattr(wanted, name) != getattr(begun, name)
            for wanted, begun, names in (
                (settings, plan.settings, asked.settings),
                (config, plan.config, sizes),
            )
            for name in names
            if name not in fitted
        )
        has_file = bool(self.file.settings or self.file.network)
        said = {
            "--config": is_other and has_file,
            "--preset": is_other and bool(self.preset),
            "--start-from": self._start_name() not in (None, plan.start),
        }
        return [option for option, value in said.items() if value]

    def _start_name(self) -> str | None:
        from capsviz.explore.models import find_model, name_of

        return name_of(find_model(self.start_from)) if self.start_from else None

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
        device=device or said("device"),
        file=file,
        given=given,
    )


def _digit_size(choices: Choices, start: LoadedModel | None) -> int:
    config = choices.checked()[1]
    if start is not None and config.digits_per_image == 1:
        return start.network.config.digit_size
    return config.digit_size
