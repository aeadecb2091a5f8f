"""What a training run tells of itself."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from capsviz.network import CapsNet
    from capsviz.training.report import Report


@dataclass(frozen=True, slots=True)
class Metrics:
    """The numbers of one moment of a run: a line of metrics.jsonl.

    Attributes:
        step: steps done.
        total_steps: steps of the whole run.
        epoch: epochs done, with the fraction of the present one.
        margin_loss: of this step's batch.
        reconstruction_loss: of this step's batch, summed squares per image, unscaled.
        training_error: fraction of this step's augmented batch answered wrongly, 0–1.
        images_per_second: trained, since the run was started or resumed; pauses do not count.
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


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Errors of one network, 0–1, and of how many images; `own_error` is None of none."""

    mnist_error: float
    mnist_n: int
    own_error: float | None
    own_n: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """A network before and after it learnt a person's drawings.

    Attributes:
        before, after: on the same images, none of which the fine-tuning was shown.
        is_unseen: the network before is known not to have been trained on the MNIST digits either.
    """

    before: Accuracy
    after: Accuracy
    is_unseen: bool = False


@dataclass(frozen=True, slots=True)
class Progress(Metrics):
    """The state of a run after one step, or after a validation; may cross threads.

    Attributes:
        report: what the validation found; only on the report that follows a validation.
        snapshot: a copy of the present weights, on the CPU, in evaluation mode, nobody else's;
            only now and then, if `Watch.snapshot_seconds` asks for it.
        comparison: what a fine-tuning changed; only on the last report of one.
    """

    report: Report | None = field(default=None, compare=False)
    snapshot: CapsNet | None = field(default=None, compare=False)
    comparison: Comparison | None = field(default=None, compare=False)

    @classmethod
    def of(cls, metrics: Metrics) -> Progress:
        """The same numbers with nothing beside them."""
        return cls(*(getattr(metrics, entry.name) for entry in fields(Metrics)))

    @property
    def metrics(self) -> Metrics:
        """The numbers alone."""
        return Metrics(*(getattr(self, entry.name) for entry in fields(Metrics)))
