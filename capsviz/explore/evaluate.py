"""How often a network errs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from capsviz.explore.answers import Evaluation

if TYPE_CHECKING:
    from numpy.typing import NDArray


def score(lengths: NDArray[np.float32], labels: NDArray[np.int64], seconds: float) -> Evaluation:
    """Compare answers with labels.

    Args:
        lengths: (n, J) lengths of the digit capsules.
        labels: (n,) one digit per image, or (n, 2) two: then the two longest capsules must be
            those two, in either order.
        seconds: how long the network took for all.
    """
    truth = labels.reshape(len(labels), -1)  # n k
    answers = np.argsort(-lengths, axis=1, kind="stable")[:, : truth.shape[1]]  # n k
    wrong = (np.sort(answers, axis=1) != np.sort(truth, axis=1)).any(axis=1)
    return Evaluation(
        n=len(labels),
        error_rate=float(wrong.mean()),
        per_digit_error=tuple(_error_of(wrong, truth, digit) for digit in range(lengths.shape[1])),
        images_per_second=len(labels) / max(seconds, 1e-9),
    )


def _error_of(wrong: NDArray[np.bool_], truth: NDArray[np.int64], digit: int) -> float | None:
    of_digit = (truth == digit).any(axis=1)
    return float(wrong[of_digit].mean()) if of_digit.any() else None
