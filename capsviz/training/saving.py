"""When a run's state is written down, and that it is sound."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from capsviz.training.divergence import check_finite, losses_of

if TYPE_CHECKING:
    from capsviz.training.underway import UnderWay

# a GPU takes `checkpoint_steps` in less time than it takes to write them down
_SECONDS_BETWEEN = {"cuda": 10.0}


def is_due(run: UnderWay) -> bool:
    """Whether so many steps, and on a GPU so much time, would be lost now that it is time."""
    if run.position.step - run.saved_step < run.plan.settings.checkpoint_steps:
        return False
    return _is_long_ago(run)


def is_due_after_validation(run: UnderWay) -> bool:
    """Whether the state is written now: after each validation, on a GPU not too often."""
    return run.position.step == run.total_steps or _is_long_ago(run)


def _is_long_ago(run: UnderWay) -> bool:
    wait = _SECONDS_BETWEEN.get(run.learner.device.type, 0.0)
    return time.monotonic() - run.saved_at >= wait


def save_state(run: UnderWay) -> None:
    """Write down all that an exact resume needs.

    Raises:
        CapsvizError: the file cannot be written.
        DivergenceError: the state is not finite; the one before stays.
    """
    losses_of(run)
    check_finite(run)
    run.folder.save_state(run.learner, run.position)
    run.saved_step, run.saved_at = run.position.step, time.monotonic()
