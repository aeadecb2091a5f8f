"""A run's curves as TensorBoard reads them; needs the extra `tensorboard`."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from capsviz.files import CapsvizError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from capsviz.training.progress import Progress

FOLDER = "events"


@contextmanager
def event_files(run_folder: Path) -> Iterator[Callable[[Progress], None]]:
    """A function that writes one Progress into event files in RUN/events.

    Raises:
        CapsvizError: TensorBoard is not installed.
    """
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise CapsvizError(
            "Event files need TensorBoard, which is not installed; add it by "
            "pip install 'capsviz[tensorboard]', or leave --tensorboard out."
        ) from error
    with SummaryWriter(str(run_folder / FOLDER)) as writer:

        def write(progress: Progress) -> None:
            for name, value in _values(progress).items():
                writer.add_scalar(name, value, progress.step)
            report = progress.report
            if report is not None and report.reconstructions is not None:
                writer.add_images(
                    "reconstructions", report.reconstructions[:, None], progress.step
                )

        yield write


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
