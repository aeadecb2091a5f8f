"""What a run is to do and how far it has come; both travel as JSON in the run's folder."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from capsviz.network.config import CapsNetConfig
from capsviz.training.settings import TrainingSettings

Told = tuple[float, float, float]
"""Of one step: margin loss, reconstruction loss, training error."""


class RunPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that decides a run's result: its settings, its network, its data.

    Attributes:
        settings: how to train.
        config: the network's sizes.
        data: name and size of the training data, to refuse a resume on other data.
        start: name of the network whose weights it began with; random ones if empty.
        own: how many of the person's own drawings are mixed into its batches.
        start_held_out: how many of the images that `settings.seed` holds out the network that
            it began with was never trained on; None if that is not known, or it began at random.
        device: torch's type of the device it was begun on; not known if empty.
    """

    settings: TrainingSettings
    config: CapsNetConfig
    data: str
    start: str = ""
    own: Annotated[int, Meta(ge=0)] = 0
    start_held_out: Annotated[int, Meta(ge=0)] | None = None
    device: str = ""

    @property
    def held_out(self) -> int | None:
        """How many of its held-out images no weights of it ever saw; None if not known."""
        known = self.start_held_out if self.start else self.settings.validation_images
        return None if known is None else min(known, self.settings.validation_images)


class Position(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far a run has come.

    Attributes:
        step: steps done.
        best: lowest validation error so far and the validation loss with it, if any.
        pending: at an epoch's end that is not validated yet, what its last step told.
    """

    step: Annotated[int, Meta(ge=0)] = 0
    best: tuple[float, float] | None = None
    pending: Told | None = None
