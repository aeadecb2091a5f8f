"""What a run shows while it learns, beside its numbers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Watch:
    """How often a run shows its weights; changes nothing of what it learns.

    Attributes:
        snapshot_seconds: shortest time between two `Progress.snapshot`; None for never.
        frames: at most so many snapshots are kept on disk, evenly spaced; 0 keeps none.
        frame_steps: steps between two of them at first; doubles whenever there are too many.
    """

    snapshot_seconds: float | None = None
    frames: int = 0
    frame_steps: int = 10


UNWATCHED = Watch()
