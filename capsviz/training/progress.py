"""What a training run tells of itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """The state of a run after one step, or after a validation.

    Attributes:
        step: steps done.
        total_steps: steps of the whole run.
        epoch: epochs done, with the fraction of the present one.
        margin_loss: of this step's batch.
        reconstruction_loss: of this step's batch, summed squares per image, unscaled.
        training_error: fraction of this step's augmented batch answered wrongly, 0–1.
        images_per_second: trained, since the run was started or resumed.
        seconds_left: estimated, 0 at the end.
        validation_error: fraction wrong, 0–1; only on the report that follows a validation.
        best_validation_error: the lowest so far, if any.
    """

    step: int
    total_steps: int
    epoch: float
    margin_loss: float
    reconstruction_loss: float
    training_error: float
    images_per_second: float
    seconds_left: float
    validation_error: float | None = None
    best_validation_error: float | None = None
