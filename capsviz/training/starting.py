"""What a run takes over from the network it begins with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from capsviz.network.config import Provenance
    from capsviz.training.settings import TrainingSettings


def split_like(start: Provenance, data: str, settings: TrainingSettings) -> TrainingSettings:
    """The settings with the seed by which a network held out images of the same data, if known.

    Args:
        start: of the network to begin with.
        data: what the run calls its images, own drawings not among them.
        settings: of the run.
    """
    if start.seed is None or not _is_of(start, data):
        return settings
    return msgspec.structs.replace(settings, seed=start.seed)


def held_out_by(start: Provenance, data: str, seed: int) -> int | None:
    """How many of the images held out by `seed` a network was never trained on, if known."""
    return start.held_out if _is_of(start, data) and start.seed == seed else None


def _is_of(start: Provenance, data: str) -> bool:
    """Whether it was trained on these images; own drawings may have been among them."""
    return start.data == data or start.data.startswith(f"{data} and ")
