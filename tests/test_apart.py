"""Ink in pieces side by side is told from digits that are one piece, or torn a little."""

from __future__ import annotations

import numpy as np
import pytest

from capsviz.data.apart import is_side_by_side
from capsviz.data.framing import frame_image
from capsviz.data.samples import sample_digits


def picture(*boxes, side=28):
    """Filled (top, bottom, left, right), ends excluded."""
    image = np.zeros((side, side), np.float32)
    for top, bottom, left, right in boxes:
        image[top:bottom, left:right] = 1
    return image


def ink_of(digit):
    """A sample digit cut off at its left and right edge."""
    columns = np.flatnonzero((digit > 0).any(axis=0))
    return digit[:, columns[0] : columns[-1] + 1].astype(np.float32) / 255


@pytest.mark.parametrize(
    ("boxes", "is_apart"),
    [
        ([], False),
        ([(4, 24, 12, 15)], False),
        ([(4, 24, 4, 10), (4, 24, 11, 20)], True),
        ([(4, 24, 4, 10), (4, 24, 10, 20)], False),
        ([(4, 24, 0, 6), (4, 24, 22, 28)], True),
        ([(4, 24, 4, 10), (4, 18, 14, 20)], True),
        ([(4, 24, 4, 10), (4, 16, 14, 20)], False),
        ([(4, 10, 4, 20), (14, 24, 4, 20)], False),
        ([(4, 24, 2, 5), (4, 24, 9, 12), (4, 24, 20, 24)], True),
    ],
    ids=[
        "nothing",
        "one piece",
        "two pieces",
        "touching",
        "at the edges",
        "nearly as high",
        "a part torn off",
        "one above the other",
        "three",
    ],
)
def test_pieces(boxes, is_apart):
    assert is_side_by_side(picture(*boxes)) is is_apart


def test_what_is_all_but_ground_joins_nothing():
    faint = picture((4, 24, 4, 10), (4, 24, 14, 20)) + np.float32(0.1)
    assert is_side_by_side(faint)


def test_real_digits_are_one_piece_and_two_of_them_are_not():
    digits = sample_digits().images
    assert (
        sum(is_side_by_side(digit.astype(np.float32) / 255) for digit in digits) <= 6
    )  # of 2 000
    gap = np.zeros((28, 4), np.float32)
    pairs = [
        np.hstack((gap, ink_of(one), gap, ink_of(other), gap))
        for one, other in zip(digits[:100], digits[100:200], strict=True)
    ]
    assert sum(is_side_by_side(frame_image(pair, 28)) for pair in pairs) >= 90
