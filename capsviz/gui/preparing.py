"""What must be known before a run: what it will cost here, and whether its images are there."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from capsviz.gui.jobs import Latest, Stream
from capsviz.gui.training_source import Source, count_classes, count_images
from capsviz.gui.training_work import FRAME_STEPS, FRAMES, training_threads

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from capsviz.data.download import Fetched
    from capsviz.network import CapsNetConfig, Provenance
    from capsviz.training.cost import Cost
    from capsviz.training.settings import TrainingSettings


@dataclass(frozen=True, slots=True)
class Asked:
    """The run that is to begin, as a person asks for it; `start` names a network, or none."""

    name: str
    source: Source
    device: str
    settings: TrainingSettings
    config: CapsNetConfig
    is_followed: bool
    start: str | None = None


@dataclass(frozen=True, slots=True)
class Start:
    """A network that a run can begin with: its name, its sizes, and where it comes from."""

    name: str
    config: CapsNetConfig
    about: Provenance


@dataclass(frozen=True, slots=True)
class CostRequest:
    """A run that may be begun: its settings, its network, how many images there are, where."""

    settings: TrainingSettings
    config: CapsNetConfig
    images: int
    device: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a source of images holds.

    Attributes:
        source: that was asked about.
        images, classes: how many; 0 if they are not there.
        problem: why they are not there, in one sentence; "" if they are.
    """

    source: Source
    images: int
    classes: int
    problem: str


def _measure(request: CostRequest) -> Generator[Cost, None, None]:
    """In the cost thread."""
    import torch

    torch.set_num_threads(training_threads())  # as the run itself will have it
    from capsviz.network import choose_device
    from capsviz.training.cost import estimate
    from capsviz.training.plan import RunPlan
    from capsviz.training.watch import Watch

    plan = RunPlan(request.settings, request.config, "")
    watch = Watch(None, FRAMES, FRAME_STEPS)
    yield from estimate(plan, request.images, choose_device(request.device), watch)


def _look(source: Source) -> Found:
    """In the sources thread."""
    from capsviz.files import CapsvizError

    try:
        return Found(source, count_images(source), count_classes(source), "")
    except CapsvizError as error:
        return Found(source, 0, 0, str(error))


def _networks(_request: object) -> tuple[Start, ...]:
    """In the networks thread: every one that is known by name and can be read."""
    from capsviz.files import CapsvizError
    from capsviz.network.checkpoint import read_about
    from capsviz.places import model_files

    found = []
    for path in model_files():
        with suppress(CapsvizError):  # whoever chooses it elsewhere is told why
            found.append(Start(path.stem, *read_about(path)))
    return tuple(found)


def _fetch(folder: Path) -> Generator[Fetched, None, None]:
    """In the download thread."""
    from capsviz.data.download import fetch_mnist

    yield from fetch_mnist(folder)


class Preparing(QObject):
    """Measures, looks and fetches, each in its own thread.

    Signals:
        cost_changed(object): Cost, better and better; None while nothing is known.
        found(object): Found.
        networks_found(object): tuple of Start.
        fetched(object): Fetched, how far a download is.
        fetch_ended(str): "" if all is there, else why not, in one sentence.
        cost_failed(): what was asked last cannot be measured.
        failed(object): an exception of a measurement.
    """

    cost_changed = Signal(object)
    cost_failed = Signal()
    found = Signal(object)
    networks_found = Signal(object)
    fetched = Signal(object)
    fetch_ended = Signal(str)
    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._asked: CostRequest | None = None  # last
        self._wanted: CostRequest | None = None  # next
        self._measured: CostRequest | None = None  # now
        self._problem = ""
        self._meter = Stream(_measure, "cost", self)
        self._finder = Latest(_look, "sources", self)
        self._networks = Latest(_networks, "networks", self)
        self._fetcher = Stream(_fetch, "download", self)
        self._meter.arrived.connect(self._show_cost)
        self._meter.failed.connect(self._give_up_cost)
        self._meter.ended.connect(self._measure_next)
        self._finder.done.connect(self.found)
        self._finder.failed.connect(self.failed)
        self._networks.done.connect(self.networks_found)
        self._networks.failed.connect(self.failed)
        self._fetcher.arrived.connect(self._show_fetched)
        self._fetcher.failed.connect(self._keep_problem)
        self._fetcher.ended.connect(self._end_fetch)

    @property
    def is_idle(self) -> bool:
        """Nothing is being measured or looked for."""
        return self._meter.is_idle and self._finder.is_idle and self._networks.is_idle

    @property
    def is_fetching(self) -> bool:
        """A download is under way."""
        return not self._fetcher.is_idle

    @Slot(object)
    def measure(self, request: CostRequest | None) -> None:
        """Find out what this would cost, in place of what was asked before; None: no more."""
        self.cost_changed.emit(None)
        self._asked = self._wanted = request
        if self._meter.is_idle:
            self._measure_next()
        else:
            self._meter.stop()

    @Slot(object)
    def look(self, source: Source) -> None:
        """Find out what a source holds."""
        self._finder.submit(source)

    @Slot()
    def list_networks(self) -> None:
        """Find out with which networks a run can begin."""
        self._networks.submit(None)

    def fetch(self, folder: Path) -> None:
        """Download MNIST there."""
        self._problem = ""
        self._fetcher.start(folder)

    @Slot()
    def cancel_fetch(self) -> None:
        """Stop the download; what has come is kept for the next time."""
        self._problem = "The download was cancelled; what has come is kept."
        self._fetcher.stop()

    def close(self) -> None:
        """End all work and join the threads."""
        for job in (self._meter, self._finder, self._networks, self._fetcher):
            job.close()

    @Slot()
    def _measure_next(self) -> None:
        self._measured, self._wanted = self._wanted, None
        if self._measured is not None:
            self._meter.start(self._measured)

    @Slot(object)
    def _show_cost(self, costs: tuple[Cost, ...]) -> None:
        if self._measured is self._asked:  # else it is of settings that have changed since
            self.cost_changed.emit(costs[-1])

    @Slot(object)
    def _give_up_cost(self, error: Exception) -> None:
        if self._measured is self._asked:
            self.cost_failed.emit()
        self.failed.emit(error)

    @Slot(object)
    def _show_fetched(self, news: tuple[Fetched, ...]) -> None:
        self.fetched.emit(news[-1])

    @Slot(object)
    def _keep_problem(self, error: Exception) -> None:
        self._problem = str(error)

    @Slot()
    def _end_fetch(self) -> None:
        self.fetch_ended.emit(self._problem)
