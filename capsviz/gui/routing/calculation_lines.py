"""The lines of the calculation: what they are called, and what their numbers come to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from capsviz.explore.agreement import Step

_FEWEST, _MOST = 3, 6  # digits of the numbers in a sum
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
        "Its length is how sure it is that its part is there (section 2).",
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


LAST = "last iteration: not used"
"""What the last line comes to where no iteration follows that would begin with it."""

LAST_TIP = (
    "The agreement û·v, here part by part. After the last iteration the network does\n"
    "not add it to b: no iteration follows that would begin with that (procedure 1)."
)


def results(step: Step, digit: int, is_last: bool) -> tuple[str, ...]:
    """What the numbers of each line come to, for digit capsule j."""
    b, c = float(step.logits[digit]), float(step.couplings[digit])
    powers = float(np.exp(step.logits.astype(np.float64)).sum())
    vote, total, pose = (_length(vector) for vector in (step.vote, step.total, step.pose))
    agreement = float(step.products.sum())
    texts = (
        f"‖u‖ = {_length(step.primary):.3f}",
        f"‖û‖ = {vote:.3f}",
        f"b = {b:z.3f},  Σ exp b = {figures(powers)}",
        f"c = {c:.3f},  Σ c = {float(step.couplings.sum()):.3f}",
        product_in_words(c, vote),
        square_in_words(total),
        squash_in_words(total**2, pose),
        f"û·v = {agreement:z.3f}, {LAST}" if is_last else sum_in_words(b, agreement),
    )
    return tuple(text.replace("-", "−") for text in texts)


def sum_in_words(b: float, agreement: float) -> str:
    """The sum b + û·v, with as many digits as the numbers shown need to add up."""

    def holds(digits: int) -> bool:
        shown = round(b, digits) + round(agreement, digits)
        return f"{shown:z.{digits}f}" == f"{b + agreement:z.{digits}f}"

    digits, equals = _enough(holds)
    sign = "-" if round(agreement, digits) < 0 else "+"
    added, total = f"{abs(agreement):.{digits}f}", f"{b + agreement:z.{digits}f}"
    return f"{b:z.{digits}f} {sign} {added} {equals} {total}"


def product_in_words(c: float, vote: float) -> str:
    """The product c · ‖û‖ to three places, from factors with as many digits as lead to them."""

    def holds(digits: int) -> bool:
        return f"{round(c, digits) * round(vote, digits):.3f}" == f"{c * vote:.3f}"

    digits, equals = _enough(holds)
    return f"{c:.{digits}f} · {vote:.{digits}f} {equals} {c * vote:.3f}"


def square_in_words(total: float) -> str:
    """‖s‖ with as many digits as lead to the figures of its square."""

    def holds(digits: int) -> bool:
        return figures(round(total, digits) ** 2) == figures(total**2)

    digits, _ = _enough(holds)
    return f"‖s‖ = {total:.{digits}f},  ‖s‖² = {figures(total**2)}"


def squash_in_words(square: float, pose: float) -> str:
    """‖s‖² / (1 + ‖s‖²) = ‖v‖ to three places, from as many digits as lead to them."""

    def holds(digits: int) -> bool:
        shown = float(figures(square, digits))
        return f"{shown / (1 + shown):.3f}" == f"{pose:.3f}"

    digits, equals = _enough(holds, most=4)  # more would not fit
    shown = figures(square, digits)
    return f"‖v‖ = {shown} / (1 + {shown}) {equals} {pose:.3f}"


def _enough(holds: Callable[[int], bool], most: int = _MOST) -> tuple[int, str]:
    """The fewest digits with which the numbers shown come out, and the sign for "equals"."""
    found = next((digits for digits in range(_FEWEST, most + 1) if holds(digits)), None)
    return (most, "≈") if found is None else (found, "=")


def _length(vector: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> float:
    return float(np.linalg.norm(vector))


def figures(number: float, digits: int = 3) -> str:
    """So many figures, without a power of ten for what usually comes."""
    if number >= 1000:
        return f"{number:.2g}"
    before = len(f"{number:.0f}") if number >= 1 else 0
    return f"{number:.{max(digits - before, 1)}f}"
