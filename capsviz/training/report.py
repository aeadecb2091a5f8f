"""What a validation tells of a network, in numbers that can be drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Health:
    """Which capsules work; J digit capsules, T primary types. Measured on a part of the images.

    Attributes:
        digit_length: (J,) float32, mean ‖v_j‖ where class j is present; 0 if none was seen.
        digit_coupling: (J,) float32, mean c_ij of the last iteration over all i where class j is
            present; an even split gives 1/J. 0 if none was seen.
        digit_dead: (J,) bool, class j was seen, yet its mean length stays under m⁻: present or
            not, the capsule says absent.
        digit_starved: (J,) bool, class j was seen, yet routing gives its capsule less than half
            of an even split: mean coupling under 0.5/J.
        type_activity: (T,) float32, mean ‖u_i‖ over the type's places and the images.
        type_coupling: (T,) float32, mean c_ij from the type to the capsule of the class present.
        type_share: (T,) float32, part of Σ c_ij ‖û_{j|i}‖ into the capsule of the class present
            that comes from the type; sums to 1, an even split gives 1/T.
        type_dead: (T,) bool, mean length under 0.01: the type is silent on every image.
        type_starved: (T,) bool, it speaks but is not heard: its share is under a tenth of 1/T.
    """

    digit_length: Floats
    digit_coupling: Floats
    digit_dead: Flags
    digit_starved: Flags
    type_activity: Floats
    type_coupling: Floats
    type_share: Floats
    type_dead: Flags
    type_starved: Flags


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """A network measured on n held-out images.

    Attributes:
        step: steps of training behind it.
        margin_loss: mean over the n images.
        confusion: (J, J) int64, images of class [row] that were answered as [column]; where each
            shows two digits, it is counted for both.
        images: (k, H, W) float32 in 0 … 1, the same few images in every report of a run.
        labels: (k,) int64, what they show; the first digit where each shows two.
        answers: (k,) int64, the longest digit capsule; of two, the label if it is among the two
            longest.
        reconstructions: (k, H, W) float32 in 0 … 1, decoded from the capsule of the label; None
            without a decoder.
        health: of the capsules.
        own_confusion: (J, J) int64, the same of the person's own held-out drawings; None if the
            run has none.
        wrong_pairs: images whose two digits were not both found; None where each shows one.
    """

    step: int
    margin_loss: float
    confusion: NDArray[np.int64]
    images: Floats
    labels: NDArray[np.int64]
    answers: NDArray[np.int64]
    reconstructions: Floats | None
    health: Health
    own_confusion: NDArray[np.int64] | None = None
    wrong_pairs: int | None = None

    @property
    def n(self) -> int:
        """Images it was measured on."""
        digits = int(self.confusion.sum())
        return digits if self.wrong_pairs is None else digits // 2

    @property
    def error(self) -> float:
        """Fraction of images answered wrongly, 0–1; of two digits, both must be found."""
        if self.wrong_pairs is not None:
            return self.wrong_pairs / self.n
        return error_of(self.confusion)

    @property
    def digit_error(self) -> Floats:
        """(J,) float32 fraction of each class answered wrongly; NaN if none was seen."""
        seen = self.confusion.sum(1)
        right = np.diag(self.confusion) / np.maximum(seen, 1)
        return np.where(seen > 0, 1 - right, np.nan).astype(np.float32)

    @property
    def own_error(self) -> float | None:
        """Fraction of the person's own held-out drawings answered wrongly, 0–1."""
        return None if self.own_confusion is None else error_of(self.own_confusion)


def error_of(confusion: NDArray[np.int64]) -> float:
    """Fraction off the diagonal, 0–1; (J, J) with at least one image."""
    return 1 - float(np.trace(confusion)) / float(confusion.sum())
