"""An image of two digits taken apart, as in figure 5 of Sabour et al. 2017 (section 6).

Letters as in `Explanation`; S side of the image, H side of one digit's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from capsviz.explore.answers import SEEN, Truth
from capsviz.explore.couplings import mass_maps, mass_share
from capsviz.explore.explain import explain
from capsviz.files import CapsvizError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from capsviz.explore.answers import Explanation
    from capsviz.network import CapsNet

    Floats = NDArray[np.float32]

DIGITS = 2
"""Digits that are decoded of one image."""


@dataclass(frozen=True, slots=True, eq=False)
class Separation:
    """One image, and two of its digit capsules decoded apart; all arrays are float32.

    Attributes:
        explanation: the whole routing, with every capsule decoded (`redrawn`).
        digits: the two that are decoded; where the truth is known, that of its first part first.
        is_chosen: someone chose them; else they are the two longest.
        truth: what the image was made of, if that is known.
    """

    explanation: Explanation
    digits: tuple[int, int]
    is_chosen: bool = False
    truth: Truth | None = None

    @property
    def image(self) -> Floats:
        """(S, S) what the network saw, 0 … 1."""
        return self.explanation.image

    @property
    def lengths(self) -> Floats:
        """(R, J) ‖v_j‖ after each iteration."""
        return self.explanation.lengths

    @property
    def seen(self) -> tuple[int, ...]:
        """Those of the two longest capsules that are long enough to claim a digit, as ordered in
        `longest`.
        """
        final = self.explanation.final_lengths
        return tuple(digit for digit in self.longest if final[digit] >= SEEN)

    @property
    def longest(self) -> tuple[int, int]:
        """The two longest capsules after the last iteration; where the truth is known, in the
        order of its parts, else the longest first.
        """
        return _in_order(replace(self, digits=two_longest(self.explanation.final_lengths)))

    @property
    def is_right(self) -> bool | None:
        """Whether the two longest are the two that are there; None where nobody has said."""
        if self.truth is None or self.truth.labels is None:
            return None
        return set(self.longest) == set(self.truth.labels)

    @property
    def decoded(self) -> Floats | None:
        """(2, S, S) each of the two redrawn from its capsule alone; None without a decoder."""
        redrawn = self.explanation.redrawn
        return None if redrawn is None else redrawn[list(self.digits)]

    @property
    def unexplained(self) -> Floats | None:
        """(S, S) ink that neither redraws: max(0, x - min(1, d_1 + d_2))."""
        if self.decoded is None:
            return None
        explained = np.minimum(self.decoded.sum(axis=0), 1)
        left: Floats = np.maximum(self.image - explained, 0)
        return left

    @property
    def errors(self) -> Floats | None:
        """(2,) squared error of each redrawing, Σ_pixels (d_k - part_k)²; None without a truth."""
        if self.decoded is None or self.truth is None:
            return None
        errors: Floats = ((self.decoded - self.truth.parts) ** 2).sum(axis=(1, 2))
        return errors

    def mass(self, iteration: int, difference: bool = False) -> Floats:
        """(2, S, S) where the mass of each of the two comes from in iteration 1 … R.

        M_j(y, x) = Σ_i ‖u_i‖ (c_ij [- 1/J]) w(y - y_i) w(x - x_i), as `couplings.mass_maps` says.
        """
        maps: Floats = mass_maps(self.explanation, iteration, difference)[list(self.digits)]
        return maps

    def shares(self, iteration: int) -> Floats:
        """(2,) share of each of the two in all mass, Σ_i ‖u_i‖ c_ij / Σ_i ‖u_i‖."""
        shares: Floats = mass_share(self.explanation, iteration)[list(self.digits)]
        return shares

    def choosing(self, digits: tuple[int, int] | None) -> Separation:
        """The same answer with these two decoded, or the two longest; the network is not asked."""
        plain = replace(self, digits=digits or self.longest, is_chosen=digits is not None)
        return replace(plain, digits=_in_order(plain))


def separate(
    model: CapsNet,
    image: NDArray[np.float32],
    iterations: int | None = None,
    digits: tuple[int, int] | None = None,
    truth: Truth | None = None,
) -> Separation:
    """Show an image to the network once, and decode two of its capsules apart.

    Args:
        model: in evaluation mode.
        image: (S, S) of the network's size, 0 … 1, 0 = ground.
        iterations: routing iterations, 1 … 10; the trained number if None.
        digits: which two to decode, present or not; the two longest if None.
        truth: what the image was made of, if that is known.

    Raises:
        CapsvizError: the image or the truth has another size, or the digits are not two of the
            network's.
        ValueError: iterations out of range.
    """
    answer = explain(model, image, iterations, with_redrawn=True)
    classes, size = model.config.classes, model.config.image_size
    if digits is not None and not (digits[0] != digits[1] and set(digits) <= set(range(classes))):
        raise CapsvizError(f"Expected two different digits below {classes}, found {digits}.")
    if truth is not None and truth.parts.shape != (DIGITS, size, size):
        raise CapsvizError(
            f"Expected two parts of {size}×{size} pixels, found shape {truth.parts.shape}."
        )
    longest = two_longest(answer.final_lengths)
    return Separation(answer, longest, truth=truth).choosing(digits)


def two_longest(lengths: Floats) -> tuple[int, int]:
    """(J,) → the longest capsule, then the next; of equals the first."""
    first, second = (-lengths).argsort(kind="stable")[:DIGITS].tolist()
    return first, second


def _in_order(separation: Separation) -> tuple[int, int]:
    """The two decoded, each with the part it is of: by the labels, else by the smaller error."""
    (first, second), truth = separation.digits, separation.truth
    if truth is None:
        return first, second
    if truth.labels is not None and {first, second} & set(truth.labels):
        is_turned = second == truth.labels[0] or first == truth.labels[1]
        return (second, first) if is_turned else (first, second)
    turned = replace(separation, digits=(second, first))
    if separation.errors is None or turned.errors is None:
        return first, second
    return turned.digits if turned.errors.sum() < separation.errors.sum() else (first, second)
