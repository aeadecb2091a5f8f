"""Pictures brought to MNIST's frame: its own digits come back, others are placed alike."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from capsviz.data.framing import as_floats, frame_image, frame_images
from capsviz.data.samples import sample_digits

DIGITS = sample_digits().images[:100]


def enlarged(image, side, method):
    return np.asarray(Image.fromarray(image).resize((side, side), method))


def difference(framed, digits=DIGITS):
    return np.abs(framed - digits / 255).mean()


def centre_of_mass(image):
    index = np.arange(len(image))
    return image.sum(0) @ index / image.sum(), image.sum(1) @ index / image.sum()


@pytest.mark.parametrize(
    ("method", "side", "bound"),
    [
        (Image.Resampling.NEAREST, 112, 0.003),
        (Image.Resampling.NEAREST, 280, 0.003),
        (Image.Resampling.BICUBIC, 112, 0.035),
        (Image.Resampling.BILINEAR, 100, 0.035),
        (Image.Resampling.LANCZOS, 40, 0.04),
    ],
)
def test_a_digit_of_mnist_comes_back_from_enlargement(method, side, bound):
    framed = frame_images(np.stack([enlarged(digit, side, method) for digit in DIGITS]))
    assert difference(framed) < bound


def test_a_digit_of_mnist_is_in_its_frame_already():
    assert difference(frame_images(DIGITS)) < 0.003


@pytest.mark.parametrize("place", [(0, 0), (0, 72), (31, 5), (72, 72)])
def test_the_place_in_a_larger_picture_does_not_matter(place):
    wide = np.zeros((len(DIGITS), 100, 100), np.uint8)
    wide[:, place[0] : place[0] + 28, place[1] : place[1] + 28] = DIGITS
    assert np.array_equal(frame_images(wide), frame_images(DIGITS))


@pytest.mark.parametrize("size", [20, 28, 40, 56])
def test_longest_side_and_centre_for_any_size(size):
    bar = np.zeros((300, 200), np.float32)
    bar[20:220, 90:110] = 1
    framed = frame_image(bar, size)
    assert framed.shape == (size, size)
    assert framed.dtype == np.float32
    assert (framed.max(1) > 0.5).sum() == round(20 * size / 28)
    assert (framed.max(0) > 0.5).sum() == round(2 * size / 28)
    assert centre_of_mass(framed) == pytest.approx((size / 2, size / 2), abs=0.51)


@given(arrays(np.uint8, st.tuples(st.integers(1, 50), st.integers(1, 50))))
def test_any_picture_gives_ink_within_zero_and_one(picture):
    framed = frame_image(picture)
    assert framed.shape == (28, 28)
    assert np.isfinite(framed).all()
    assert framed.min() >= 0
    assert framed.max() <= 1
    assert framed.any() == picture.any()
    if picture.any():
        assert framed.max() == pytest.approx(1)


def test_faint_ink_is_made_as_dark_as_any():
    assert np.allclose(frame_image(DIGITS[0] / 255 * 0.3), frame_image(DIGITS[0]), atol=1e-5)


def test_faint_noise_does_not_widen_the_frame():
    noisy = np.pad(as_floats(DIGITS[0]), 40)
    noisy[::7, ::7] = np.maximum(noisy[::7, ::7], 0.1)
    assert difference(frame_image(noisy), DIGITS[0]) < 0.01


def test_no_ink_no_picture():
    assert not frame_image(np.zeros((50, 30))).any()
    assert frame_images(np.zeros((0, 50, 50), np.uint8)).shape == (0, 28, 28)


def test_floats_and_bytes_are_the_same_picture():
    assert np.allclose(as_floats(DIGITS), as_floats(DIGITS / 255))
    assert as_floats(np.array([[-1.0, 2.0]])).tolist() == [[0, 1]]
