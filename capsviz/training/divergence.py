"""Where a run leaves the finite numbers: found before anything of it is kept, told at once."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch

from capsviz.files import CapsvizError

if TYPE_CHECKING:
    from capsviz.training.plan import Told
    from capsviz.training.settings import TrainingSettings
    from capsviz.training.underway import UnderWay


_BEGINNING = "the network that it began with is"


class DivergenceError(CapsvizError):
    """The loss or the weights left the finite numbers; the last good state is on disk."""


def losses_of(run: UnderWay) -> Told:
    """What the latest step told; the steps since the last time are checked with it.

    This waits for a device that works on its own, so it is asked only before something is told
    or kept.

    Raises:
        DivergenceError: a loss was not finite; names the first such step.
    """
    if run.unread:
        steps, run.unread = run.unread, []
        rows = torch.stack([losses for losses, _ in steps]).tolist()
        first = run.position.step - len(rows) + 1
        for step, (margin, reconstruction, _) in enumerate(rows, first):
            if not math.isfinite(margin + reconstruction):
                raise diverged(run, "loss is", step)
        margin, reconstruction, wrong = rows[-1]
        run.told = margin, reconstruction, wrong / steps[-1][1]
    return run.told


def check_finite(run: UnderWay) -> None:
    """Refuse to go on with, or to keep, weights that are no numbers.

    Raises:
        DivergenceError: a weight is not finite; an update can overflow after a finite loss.
    """
    if not run.learner.is_finite:
        raise diverged(run, "weights are", run.position.step)


def diverged(run: UnderWay, what: str, step: int) -> DivergenceError:
    """The error, which says what is left of the run."""
    kept = f"its state after step {run.saved_step} is" if run.saved_step else _BEGINNING
    return DivergenceError(
        f"Training diverged at step {step}: the {what} no longer finite; {kept} in "
        f"{run.folder.folder}. Begin again with a lower {_knobs(run.learner.settings)}."
    )


def _knobs(settings: TrainingSettings) -> str:
    """What may have driven it there."""
    decay = ", a lower weight decay" if settings.weight_decay else ""
    radius = ", a smaller SAM radius" if settings.sam_radius else ""
    return f"learning rate{decay}{radius}"
