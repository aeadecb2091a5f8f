"""A run's curves as TensorBoard reads them; needs the extra `tensorboard`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capsviz.files import CapsvizError

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from torch.utils.tensorboard import SummaryWriter

    from capsviz.training.progress import Progress

FOLDER = "events"


class EventFiles:
    """Writes each Progress into event files in RUN/events, which are made with the first.

    Args:
        run_folder: of the run.

    Raises:
        CapsvizError: TensorBoard is not installed.
    """

    def __init__(self, run_folder: Path) -> None:
        self._folder = run_folder / FOLDER
        self._kind = _writer_class()
        self._writer: SummaryWriter | None = None

    def __enter__(self) -> EventFiles:
        """For a `with` statement, at whose end the files are closed."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._writer is not None:
            self._writer.close()

    def write(self, progress: Progress) -> None:
        """Add the numbers of one moment, and after a validation the redrawn digits."""
        if self._writer is None:
            # a resumed run tells the steps again that a kill undid
            self._writer = self._kind(str(self._folder), purge_step=progress.step)
        for name, value in _values(progress).items():
            self._writer.add_scalar(name, value, progress.step)
        report = progress.report
        if report is not None and report.reconstructions is not None:
            drawn = report.reconstructions[:, None]
            self._writer.add_images("reconstructions", drawn, progress.step)


def _writer_class() -> type[SummaryWriter]:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise CapsvizError(
            "Event files need TensorBoard, which is not installed; add it by "
            "pip install 'capsviz[tensorboard]', or leave --tensorboard out."
        ) from error
    return SummaryWriter


def _values(progress: Progress) -> dict[str, float]:
    values = {
        "loss/margin": progress.margin_loss,
        "loss/reconstruction": progress.reconstruction_loss,
        "error/training": progress.training_error,
        "speed/images_per_second": progress.images_per_second,
    }
    if progress.validation_error is not None:
        values["error/validation"] = progress.validation_error
    return values
