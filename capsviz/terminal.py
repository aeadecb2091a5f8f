"""Progress on a terminal: bars with the time left there, nothing elsewhere."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from capsviz.data.download import Fetched
    from capsviz.training.progress import Progress

T = TypeVar("T")


def tracked(work: Iterable[T], total: int, what: str) -> Iterator[T]:
    """Iterate with a progress bar and the time left on a terminal; silently elsewhere."""
    if not sys.stderr.isatty():
        yield from work
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(work, what, total, console=Console(stderr=True), transient=True)


def tracked_download(parts: Iterable[Fetched]) -> Iterator[Fetched]:
    """The same for a download, whose reports know the bytes that are here."""
    if not sys.stderr.isatty():
        yield from parts
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Bar("Downloading", *columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("")
        for fetched in parts:
            bar.update(task, total=fetched.total, completed=fetched.done)
            yield fetched


def tracked_training(steps: Iterable[Progress]) -> Iterator[Progress]:
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
