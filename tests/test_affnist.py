"""Digits anywhere on a larger ground, as they are and under affine maps: checked from outside."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from capsviz.data.affnist import (
    affnist_like,
    mnist_anywhere,
    placed_anywhere,
    placed_at,
    random_maps,
    shifts_inside,
    transformed,
)
from capsviz.data.mnist import Digits
from capsviz.data.samples import sample_digits
from capsviz.files import CapsvizError

DIGITS = sample_digits()
SOME = DIGITS[:300]


def drawn(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def dots(count: int) -> torch.Tensor:
    images = torch.zeros(count, 1, 28, 28, dtype=torch.uint8)
    images[:, :, 0, 0] = 255
    return images


def corners(placed: torch.Tensor) -> np.ndarray:
    """(n, 2) row and column of the one dot of each image."""
    picture, _, rows, columns = np.nonzero(placed.numpy())
    assert np.array_equal(picture, np.arange(len(placed)))
    return np.stack((rows, columns), 1)


def as_doubles(digits: Digits) -> torch.Tensor:
    return torch.from_numpy(digits.images.copy()).unsqueeze(1).double()


@pytest.mark.parametrize("side", [28, 33, 40])
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_a_digit_is_laid_whole_on_black_ground(side, dtype):
    images = torch.from_numpy(SOME.images[:50].copy()).unsqueeze(1).to(dtype)
    places = corners(placed_anywhere(dots(50), drawn(3), side))
    placed = placed_anywhere(images, drawn(3), side)
    assert placed.dtype == dtype
    for image, result, (row, column) in zip(images, placed, places, strict=True):
        expected = torch.zeros(1, side, side, dtype=dtype)
        expected[:, row : row + 28, column : column + 28] = image
        assert torch.equal(result, expected)


def test_digits_go_where_they_are_told():
    places = torch.tensor([[0, 12, 5], [12, 0, 7]])
    assert np.array_equal(corners(placed_at(dots(3), places)), places.T.numpy())


def test_every_place_is_equally_likely():
    count = 169 * 200
    places = corners(placed_anywhere(dots(count), drawn()))
    found, often = np.unique(places, axis=0, return_counts=True)
    assert len(found) == 169
    assert places.max() == 12
    assert np.abs(often - 200).max() < 6 * math.sqrt(200)


def test_placing_draws_from_its_generator_alone():
    before, images = torch.random.get_rng_state(), dots(64)
    first = placed_anywhere(images, drawn(5))
    assert torch.equal(first, placed_anywhere(images, drawn(5)))
    assert not torch.equal(first, placed_anywhere(images, drawn(6)))
    generator = drawn(5)
    placed_anywhere(images, generator)
    assert not torch.equal(first, placed_anywhere(images, generator)), "it moves on"
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize("recipe", [mnist_anywhere, affnist_like])
def test_a_seed_makes_one_set_with_the_labels_as_they_were(recipe):
    made = recipe(SOME, 7)
    assert made.images.shape == (300, 40, 40)
    assert made.images.dtype == np.uint8
    assert np.array_equal(made.labels, SOME.labels)
    assert np.array_equal(made.images, recipe(SOME, 7).images)
    assert not np.array_equal(made.images, recipe(SOME, 8).images)


def test_digits_placed_by_a_seed_are_those_of_the_data():
    made = mnist_anywhere(SOME, 7)
    images = torch.from_numpy(SOME.images.copy()).unsqueeze(1)
    assert np.array_equal(made.images, placed_anywhere(images, drawn(7))[:, 0].numpy())


def test_maps_are_drawn_uniformly_from_the_published_ranges():
    maps = random_maps(5000, drawn(1)).numpy()
    wide = np.hypot(maps[:, 0, 0], maps[:, 1, 0])
    angle = np.arctan2(maps[:, 1, 0], maps[:, 0, 0])
    cos, sin = np.cos(angle), np.sin(angle)  # turned back, the second column is (lean, 1) · tall
    tall = cos * maps[:, 1, 1] - sin * maps[:, 0, 1]
    lean = (cos * maps[:, 0, 1] + sin * maps[:, 1, 1]) / tall
    drawn_apart = np.stack(
        (np.degrees(angle) / 20, lean / 0.2, (wide - 1) / 0.2, (tall - 1) / 0.2)
    )
    assert np.abs(drawn_apart).max() <= 1 + 1e-9
    assert (drawn_apart.min(1) < -0.99).all()
    assert (drawn_apart.max(1) > 0.99).all()
    assert np.abs(drawn_apart.mean(1)).max() < 0.03
    assert np.abs(drawn_apart.var(1) - 1 / 3).max() < 0.02
    assert np.abs(np.corrcoef(drawn_apart) - np.eye(4)).max() < 0.06


def slowly_mapped(image: np.ndarray, matrix: np.ndarray, shift: np.ndarray, side: int):
    """Bilinear sampling, ground outside, one pixel at a time."""
    result, back = np.zeros((side, side)), np.linalg.inv(matrix)
    for row in range(side):
        for column in range(side):
            at = np.array((column, row)) - (side - 1) / 2 - shift
            x, y = back @ at + (len(image) - 1) / 2
            for j in (math.floor(y), math.floor(y) + 1):
                for i in (math.floor(x), math.floor(x) + 1):
                    if 0 <= i < len(image) and 0 <= j < len(image):
                        result[row, column] += (1 - abs(x - i)) * (1 - abs(y - j)) * image[j, i]
    return result


def test_mapped_images_equal_a_slow_reference():
    images, maps = as_doubles(SOME[:3]), random_maps(3, drawn(2))
    shifts = torch.tensor([[0.0, 0.0], [3.25, -5.5], [-4.0, 7.75]], dtype=torch.float64)
    results = transformed(images, maps, shifts, 40)
    for image, matrix, shift, result in zip(images, maps, shifts, results, strict=True):
        expected = slowly_mapped(image[0].numpy(), matrix.numpy(), shift.numpy(), 40)
        np.testing.assert_allclose(result[0], expected, atol=1e-9)


@pytest.mark.parametrize("chance", [0.0, 1.0, None], ids=["least", "most", "any"])
def test_no_ink_is_cut_off_at_the_edge(chance):
    images, maps = as_doubles(SOME), random_maps(300, drawn(3))
    where = torch.rand(300, 2, generator=drawn(4), dtype=torch.float64)
    where = where if chance is None else torch.full_like(where, chance)
    shifts = shifts_inside(images, maps, where, 40)
    whole = transformed(images, maps, shifts, 80)[:, 0]  # the same on a ground with room around
    inside = transformed(images, maps, shifts, 40)[:, 0]
    torch.testing.assert_close(whole[:, 20:60, 20:60], inside, atol=1e-9, rtol=0)
    torch.testing.assert_close(whole.sum((1, 2)), inside.sum((1, 2)), atol=1e-6, rtol=0)
    if chance is not None:  # and there is not a pixel's room left
        edge = slice(0, 2) if chance == 0 else slice(38, 40)
        assert (inside[:, edge].sum((1, 2)) > 0).all()
        assert (inside[:, :, edge].sum((1, 2)) > 0).all()


def test_ink_grows_with_the_area_of_the_map():
    ink, mapped = (
        digits.images.reshape(2000, -1).sum(1, dtype=float)
        for digits in (DIGITS, affnist_like(DIGITS, 11))
    )
    area = torch.linalg.det(random_maps(2000, drawn(11))).numpy()
    kept = mapped / (ink * area)
    assert kept.mean() == pytest.approx(1, abs=0.002)
    assert np.abs(kept - 1).max() < 0.08
    assert area.min() < 0.7
    assert area.max() > 1.35


def test_any_place_is_equally_likely():
    images = affnist_like(DIGITS, 12).images
    parts = []
    for axis in (1, 2):
        is_inked = images.any(axis)
        before, after = is_inked.argmax(1), is_inked[:, ::-1].argmax(1)
        assert (before + after).min() >= 0
        parts.append((before + 0.5) / (before + after + 1))  # how far along what is free
    for part in parts:
        assert part.mean() == pytest.approx(0.5, abs=6 / math.sqrt(12 * 2000))
        assert part.var() == pytest.approx(1 / 12, abs=0.01)
    assert abs(np.corrcoef(parts)[0, 1]) < 0.1


def test_ink_as_large_as_mnist_s_always_fits():
    images = np.zeros((3000, 28, 28), np.uint8)
    images[:, 4:24, 4:24] = 255
    made = affnist_like(Digits(images, np.zeros(3000, np.uint8)), 1)
    assert (made.images.reshape(3000, -1).max(1) == 255).all()


def test_an_image_without_ink_stays_black():
    nothing = Digits(np.zeros((2, 28, 28), np.uint8), np.zeros(2, np.uint8))
    assert not affnist_like(nothing, 1).images.any()


def test_ink_too_large_for_the_ground_is_refused_in_a_sentence():
    black = Digits(np.full((40, 28, 28), 255, np.uint8), np.zeros(40, np.uint8))
    with pytest.raises(CapsvizError, match="but the ground has 40") as caught:
        affnist_like(black, 1)
    assert str(caught.value).endswith(".")
