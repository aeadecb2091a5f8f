"""The lines of the calculation: what they are called, and what their numbers come to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from capsviz.explore.agreement import Step

_IJ, _JI, _J = "<sub>ij</sub>", "<sub>j|i</sub>", "<sub>j</sub>"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the sheet.

    Attributes:
        field: of `Step`.
        formula: rich text.
        letter: what its numbers are called.
        tip: what it is, and which equation of Sabour et al. 2017.
        like: the field whose largest number fills the height here too, so that the two compare.
        is_by_digit: whether there is a number for each digit capsule, not each dimension.
    """

    field: str
    formula: str
    letter: str
    tip: str
    like: str
    is_by_digit: bool = False


LINES = (
    Line(
        "primary",
        "u<sub>i</sub>",
        "u",
        "Output of the primary capsule.\n"
        "Its length is how sure it is that its part is there (section 4).",
        "primary",
    ),
    Line(
        "vote",
        f"û{_JI} = W{_IJ} u<sub>i</sub>",
        "û",
        "Prediction vector, the vote for the digit capsule (eq. 2, right).",
        "vote",
    ),
    Line(
        "logits",
        f"b{_IJ}",
        "b",
        "Log priors as the iteration begins, for each digit capsule j;\n"
        "all 0 in the first (procedure 1, line 2).",
        "logits",
        is_by_digit=True,
    ),
    Line(
        "couplings",
        f"c{_IJ} = softmax{_J} b{_IJ}",
        "c",
        "Coupling coefficients exp b_ij / Σ_k exp b_ik (eq. 3; procedure 1, line 4).\n"
        "They sum to 1 over the digit capsules j, which compete for the primary capsule.",
        "couplings",
        is_by_digit=True,
    ),
    Line(
        "contribution",
        f"c{_IJ} û{_JI}",
        "c û",
        "What this primary capsule adds to s, on the scale of its vote (eq. 2, left).",
        "vote",
    ),
    Line(
        "total",
        f"s{_J} = Σ<sub>i</sub> c{_IJ} û{_JI}",
        "s",
        "Total input of the digit capsule, from all primary capsules\n"
        "(eq. 2, left; procedure 1, line 5).",
        "total",
    ),
    Line(
        "pose",
        f"v{_J} = squash(s{_J})",
        "v",
        "‖s‖² / (1 + ‖s‖²) · s / ‖s‖, on the scale of s (eq. 1; procedure 1, line 6).\n"
        "Its length is the probability that the digit is there.",
        "total",
    ),
    Line(
        "products",
        f"b{_IJ} + û{_JI}·v{_J}",
        "û·v, part",
        "The agreement û·v, here part by part, is added to b: the next iteration\n"
        "begins with that (procedure 1, line 7).",
        "products",
    ),
)


def results(step: Step, digit: int) -> tuple[str, ...]:
    """What the numbers of each line come to, for digit capsule j."""
    b, c = float(step.logits[digit]), float(step.couplings[digit])
    powers = float(np.exp(step.logits.astype(np.float64)).sum())
    vote, total, pose = (_length(vector) for vector in (step.vote, step.total, step.pose))
    square, agreement = total**2, float(step.products.sum())
    texts = (
        f"‖u‖ = {_length(step.primary):.3f}",
        f"‖û‖ = {vote:.3f}",
        f"b = {b:.3f},  Σ exp b = {_three(powers)}",
        f"c = {c:.3f},  Σ c = {float(step.couplings.sum()):.3f}",
        f"{c:.3f} · {vote:.3f} = {c * vote:.3f}",
        f"‖s‖ = {total:.3f},  ‖s‖² = {_three(square)}",
        f"‖v‖ = {_three(square)} / (1 + {_three(square)}) = {pose:.3f}",
        f"{b:.3f} {'+' if agreement >= 0 else '−'} {abs(agreement):.3f} = {b + agreement:.3f}",
    )
    return tuple(text.replace("-", "−") for text in texts)


def _length(vector: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> float:
    return float(np.linalg.norm(vector))


def _three(number: float) -> str:
    """Three figures, without a power of ten for what usually comes."""
    if number < 1:
        return f"{number:.3f}"
    return (
        f"{number:.2f}" if number < 10 else f"{number:.1f}" if number < 1000 else f"{number:.2g}"
    )
