"""What a run shows while it learns, beside its numbers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Watch:
    """How often a run shows its weights, and what is done at its end; changes nothing of what it
    learns.

    Attributes:
        snapshot_seconds: shortest time between two `Progress.snapshot`; None for never.
        frames: at most so many snapshots are kept on disk, evenly spaced; 0 keeps none.
        frame_steps: steps between two of them at first; doubles whenever there are too many.
        measures_last: a run that is stopped within an epoch measures its last weights too, and
            keeps them if they are the best; it takes as long as a validation.
    """

    snapshot_seconds: float | None = None
    frames: int = 0
    frame_steps: int = 10
    measures_last: bool = False


UNWATCHED = Watch()
