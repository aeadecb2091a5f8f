"""What a run takes over from the network it begins with, and from its own beginning."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from capsviz.files import CapsvizError
from capsviz.network import choose_device

if TYPE_CHECKING:
    import torch

    from capsviz.network import Provenance
    from capsviz.training.plan import RunPlan
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


def device_to_resume_on(plan: RunPlan) -> tuple[torch.device, str]:
    """The device a run was begun on, or the fastest here and a sentence on why it is another."""
    try:
        return choose_device(plan.device or "auto"), ""
    except CapsvizError:
        found = choose_device()
    return found, (
        f"The run was begun on the device {plan.device.upper()}, which is not there now; it goes "
        f"on on {found.type.upper()}, and may end a little differently."
    )


def _is_of(start: Provenance, data: str) -> bool:
    """Whether it was trained on these images; own drawings may have been among them."""
    return start.data == data or start.data.startswith(f"{data} and ")
