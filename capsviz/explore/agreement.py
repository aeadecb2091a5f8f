"""How decided routing is, who agrees with a digit capsule, and one capsule's part in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from capsviz.explore.answers import Explanation

    Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One routing iteration for primary capsule i and digit capsule j; all arrays are float32.

    Equations are those of Sabour et al. 2017.

    Attributes:
        primary: (P,) u_i.
        vote: (D,) û_{j|i} = W_ij u_i (eq. 2).
        logits: (J,) b_i as the iteration begins.
        couplings: (J,) c_i = softmax(b_i) (eq. 3).
        contribution: (D,) c_ij û_{j|i}.
        total: (D,) s_j = Σ_i c_ij û_{j|i} (eq. 2).
        pose: (D,) v_j = ‖s_j‖² / (1 + ‖s_j‖²) · s_j / ‖s_j‖ (eq. 1).
        products: (D,) whose sum is the agreement û_{j|i}·v_j, which b_ij grows by (procedure 1).
    """

    primary: Floats
    vote: Floats
    logits: Floats
    couplings: Floats
    contribution: Floats
    total: Floats
    pose: Floats
    products: Floats


def step_of(explanation: Explanation, iteration: int, capsule: int, digit: int) -> Step:
    """Iteration 1 … R as primary capsule 0 … I-1 and digit capsule 0 … J-1 take part in it."""
    at = iteration - 1
    vote, pose = explanation.votes[capsule, digit], explanation.poses[at, digit]
    couplings = explanation.couplings[at, capsule]
    return Step(
        primary=explanation.primary[capsule],
        vote=vote,
        logits=explanation.logits[at, capsule],
        couplings=couplings,
        contribution=couplings[digit] * vote,
        total=total_input(explanation, digit, iteration),
        pose=pose,
        products=vote * pose,
    )


def total_input(explanation: Explanation, digit: int, iteration: int) -> Floats:
    """(D,) float32 s_j = Σ_i c_ij û_{j|i} of an iteration 1 … R (Sabour et al. 2017, eq. 2)."""
    total: Floats = explanation.couplings[iteration - 1, :, digit] @ explanation.votes[:, digit]
    return total


def entropies(explanation: Explanation) -> Floats:
    """How undecided each primary capsule is in each iteration.

    H_i = -Σ_j c_ij log2 c_ij, with 0 log2 0 = 0 (Shannon 1948), of the couplings c_ij of
    Sabour et al. 2017, eq. 3.

    Returns:
        (R, I) float32, bits: 0 for one sole parent, log2 J for all alike.
    """
    couplings = explanation.couplings
    logarithms = np.log2(np.maximum(couplings, np.finfo(np.float32).tiny))
    bits: Floats = -np.einsum("rij,rij->ri", couplings, logarithms)
    return np.maximum(bits, 0)


def effective_parents(entropy: Floats, weights: Floats | None = None) -> Floats:
    """Among how many digit capsules a primary capsule divides itself, on average.

    2^H, the perplexity of its couplings: 1 for one sole parent, J for all alike.

    Args:
        entropy: (R, I) bits, from `entropies`.
        weights: (I,) how much each primary capsule counts, such as `activity`; all alike if
            None, or if they are all 0.

    Returns:
        (R,) float32 in 1 … J.
    """
    if weights is not None and not weights.any():
        weights = None
    means: Floats = np.average(np.exp2(entropy), axis=1, weights=weights)
    return means.astype(np.float32)


def agreements(explanation: Explanation, iteration: int) -> Floats:
    """Scalar products û_{j|i}·v_j, by which b_ij grows (Sabour et al. 2017, procedure 1, line 7).

    Args:
        explanation: whose votes.
        iteration: 1 … R, with the digit capsules v_j of that iteration.

    Returns:
        (I, J) float32, unbounded.
    """
    poses = explanation.poses[iteration - 1]
    products: Floats = np.einsum("ijd,jd->ij", explanation.votes, poses)
    return products


def every_agreement(explanation: Explanation) -> Floats:
    """(R, I, J) float32: `agreements` of all iterations."""
    by_digit = explanation.votes.transpose(1, 0, 2) @ explanation.poses.transpose(1, 2, 0)  # J I R
    products: Floats = by_digit.transpose(2, 1, 0)
    return products


def largest_deviation(explanation: Explanation) -> float:
    """Largest |Σ_j c_ij - 1| over all iterations and primary capsules; 0 but for rounding.

    The softmax of eq. 3 runs over the digit capsules j. Summed in float64, so that the sum adds
    no rounding of its own.
    """
    return float(np.abs(explanation.couplings.sum(axis=2, dtype=np.float64) - 1).max())
