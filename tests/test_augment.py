"""Augmentation, checked from outside: ramps sent through a map tell where each pixel came from."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from capsviz.data.augment import AffineRange, random_affine, random_shift

STILL = AffineRange(rotation=0.0, shear=0.0, scale=0.0, shift=0.0)


def drawn(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def noise(count: int, size: int = 28, seed: int = 0) -> torch.Tensor:
    return torch.rand(count, 1, size, size, generator=drawn(seed + 1000), dtype=torch.float64)


def dots(count: int, size: int = 28) -> torch.Tensor:
    images = torch.zeros(count, 1, size, size)
    images[:, :, size // 2, size // 2] = 1
    return images


def moved(image: np.ndarray, down: int, right: int) -> np.ndarray:
    """The image moved by whole pixels, 0 flowing in: slices alone."""
    height, width = image.shape
    result = np.zeros_like(image)
    result[max(0, down) : height + min(0, down), max(0, right) : width + min(0, right)] = image[
        max(0, -down) : height + min(0, -down), max(0, -right) : width + min(0, -right)
    ]
    return result


def offsets(images: torch.Tensor) -> np.ndarray:
    """(B, 2) by how much each of `dots` was moved down and right."""
    rows, columns = np.nonzero(images[:, 0].numpy().reshape(len(images), -1))
    assert np.array_equal(rows, np.arange(len(images)))  # each image still has its one dot
    size = images.shape[-1]
    return np.stack((columns // size, columns % size), 1) - size // 2


@pytest.mark.parametrize("pixels", [0, 1, 2, 3])
@pytest.mark.parametrize("size", [16, 28, 40])
def test_each_shift_equals_slicing(size, pixels):
    count = 40
    places = offsets(random_shift(dots(count, size), drawn(), pixels))
    images = noise(count, size)
    shifted = random_shift(images, drawn(), pixels)
    for image, result, (down, right) in zip(images, shifted, places, strict=True):
        np.testing.assert_array_equal(result[0], moved(image[0].numpy(), down, right))


@pytest.mark.parametrize("pixels", [1, 2, 3])
def test_every_shift_occurs_about_equally_often(pixels):
    choices = (2 * pixels + 1) ** 2
    count = 200 * choices
    found, often = np.unique(
        offsets(random_shift(dots(count, 16), drawn(), pixels)), axis=0, return_counts=True
    )
    assert len(found) == choices
    assert np.abs(found).max() == pixels
    assert often.min() > 200 - 6 * math.sqrt(200)
    assert often.max() < 200 + 6 * math.sqrt(200)


def test_the_paper_shifts_by_two_pixels_at_most():
    found = offsets(random_shift(dots(500), drawn()))
    assert np.abs(found).max() == 2


def test_ground_flows_in():
    shifted = random_shift(torch.ones(50, 1, 28, 28), drawn())
    places = offsets(random_shift(dots(50), drawn()))
    for image, (down, right) in zip(shifted, places, strict=True):
        assert image.sum() == (28 - abs(down)) * (28 - abs(right))


def test_ink_that_stays_inside_is_kept():
    images = torch.zeros(100, 1, 28, 28, dtype=torch.float64)
    images[:, :, 2:26, 2:26] = noise(100, 24)
    shifted = random_shift(images, drawn())
    torch.testing.assert_close(shifted.sum((1, 2, 3)), images.sum((1, 2, 3)))


def test_ink_is_kept_by_an_affine_shift_that_stays_inside():
    images = torch.zeros(50, 1, 28, 28, dtype=torch.float64)
    images[:, :, 4:24, 4:24] = noise(50, 20)
    shifted = random_affine(images, drawn(), replace(STILL, shift=3.0))
    torch.testing.assert_close(shifted.sum((1, 2, 3)), images.sum((1, 2, 3)))


@pytest.mark.parametrize("change", [random_shift, random_affine])
def test_the_same_seed_draws_the_same(change):
    images = noise(20)
    torch.testing.assert_close(change(images, drawn(5)), change(images, drawn(5)), rtol=0, atol=0)
    assert not torch.equal(change(images, drawn(5)), change(images, drawn(6)))


@pytest.mark.parametrize("change", [random_shift, random_affine])
def test_a_generator_moves_on_between_batches(change):
    generator, images = drawn(), noise(20)
    assert not torch.equal(change(images, generator), change(images, generator))


@pytest.mark.parametrize("change", [random_shift, random_affine])
def test_the_global_random_state_is_left_alone(change):
    before = torch.random.get_rng_state()
    change(noise(5), drawn())
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize("change", [random_shift, random_affine])
def test_each_image_has_its_own_draw(change):
    results = change(noise(1).expand(64, -1, -1, -1), drawn())
    distinct = {result.numpy().tobytes() for result in results}
    assert len(distinct) > 15  # of 25 shifts, 64 draws leave out few


@pytest.mark.parametrize("change", [random_shift, random_affine])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(("count", "size"), [(1, 28), (3, 17), (2, 48)])
def test_shape_type_and_range(change, dtype, count, size):
    images = noise(count, size).to(dtype)
    kept = images.clone()
    result = change(images, drawn())
    assert result.shape == images.shape
    assert result.dtype == dtype
    assert torch.equal(images, kept)
    assert ((result >= 0) & (result <= 1 + 1e-6)).all()


@pytest.mark.parametrize("size", [17, 28])
def test_zero_ranges_change_nothing(size):
    images = noise(10, size)
    torch.testing.assert_close(random_affine(images, drawn(), STILL), images, rtol=0, atol=1e-6)


def test_a_result_is_a_new_tensor():
    images = noise(3)
    for result in (random_shift(images, drawn(), 0), random_affine(images, drawn(), STILL)):
        result.zero_()
    assert images.min() >= 0
    assert images.max() > 0


def sources(ranges: AffineRange | None, count: int, size: int, seed: int) -> np.ndarray:
    """(B, 2, 3) each image's map from result to source pixel, x and y from the image's middle.

    Bilinear sampling of a linear ramp is exact, so the two ramps show each source coordinate.
    """
    middle = (size - 1) / 2
    line = torch.arange(size, dtype=torch.float64) - middle
    y, x = torch.meshgrid(line, line, indexing="ij")
    ramps = (torch.ones(size, size, dtype=torch.float64), x, y)
    whole, xs, ys = (
        random_affine(ramp.expand(count, 1, size, size), drawn(seed), ranges)[:, 0].numpy()
        for ramp in ramps
    )
    places = np.stack((x.numpy(), y.numpy(), np.ones((size, size))), -1)
    maps = []
    for inside, source_x, source_y in zip(whole > 1 - 1e-9, xs, ys, strict=True):
        seen = np.stack((source_x[inside], source_y[inside]), -1)
        fitted, *_ = np.linalg.lstsq(places[inside], seen, rcond=None)
        assert np.abs(places[inside] @ fitted - seen).max() < 1e-5  # it is an affine map
        maps.append(fitted.T)
    return np.array(maps)


def slowly_sampled(image: np.ndarray, source: np.ndarray) -> np.ndarray:
    """Bilinear sampling, ground outside, one pixel at a time."""
    size = len(image)
    middle = (size - 1) / 2
    result = np.zeros_like(image)
    for row in range(size):
        for column in range(size):
            x, y = source @ (column - middle, row - middle, 1) + middle
            left, top = math.floor(x), math.floor(y)
            for j in (top, top + 1):
                for i in (left, left + 1):
                    if 0 <= i < size and 0 <= j < size:
                        weight = (1 - abs(x - i)) * (1 - abs(y - j))
                        result[row, column] += weight * image[j, i]
    return result


@pytest.mark.parametrize(
    "ranges",
    [
        replace(STILL, shift=2.5),
        replace(STILL, rotation=30.0),
        replace(STILL, shear=0.3),
        replace(STILL, scale=0.2),
        AffineRange(),
    ],
    ids=["shift", "rotation", "shear", "scale", "all"],
)
@pytest.mark.parametrize("size", [20, 28])
def test_affine_equals_a_slow_reference(ranges, size):
    images = noise(4, size)
    maps = sources(ranges, 4, size, seed=7)
    results = random_affine(images, drawn(7), ranges)
    for image, source, result in zip(images, maps, results, strict=True):
        np.testing.assert_allclose(result[0], slowly_sampled(image[0].numpy(), source), atol=2e-5)


def cubic(distance):
    """The weight of a pixel that far away, as of Keys (1981) with a = −0.75."""
    t, a = abs(distance), -0.75
    if t <= 1:
        return (a + 2) * t**3 - (a + 3) * t**2 + 1
    return a * (t**3 - 5 * t**2 + 8 * t - 4) if t < 2 else 0.0


def slowly_sampled_sharp(image, source):
    """Cubic sampling, ground outside, one pixel at a time."""
    size = len(image)
    middle = (size - 1) / 2
    result = np.zeros_like(image)
    for row, column in np.ndindex(size, size):
        x, y = source @ (column - middle, row - middle, 1) + middle
        for j, i in np.ndindex(size, size):
            result[row, column] += cubic(x - i) * cubic(y - j) * image[j, i]
    return result.clip(0, 1)


@pytest.mark.parametrize("shift", [0.0, 1.5])
def test_a_sharp_map_equals_a_slow_reference(shift):
    ranges = AffineRange(rotation=10.0, shear=0.1, scale=0.1, shift=shift, is_sharp=True)
    images = noise(2, 12)
    maps = sources(replace(ranges, is_sharp=False), 2, 12, seed=7)
    results = random_affine(images, drawn(7), ranges)
    for image, source, result in zip(images, maps, results, strict=True):
        slow = slowly_sampled_sharp(image[0].numpy(), source)
        np.testing.assert_allclose(result[0], slow, atol=2e-5)


def test_a_sharp_map_blurs_less():
    images = (noise(50) > 0.5).float()
    ranges = replace(STILL, rotation=5.0)
    blurred = random_affine(images, drawn(3), ranges)
    sharp = random_affine(images, drawn(3), replace(ranges, is_sharp=True))
    assert sharp.var() > 1.2 * blurred.var()


def test_shifts_are_in_pixels_and_fill_their_range():
    maps = sources(replace(STILL, shift=3.0), 300, 28, seed=1)
    np.testing.assert_allclose(maps[:, :, :2], np.broadcast_to(np.eye(2), (300, 2, 2)), atol=1e-6)
    assert 2.9 < np.abs(maps[:, :, 2]).max() <= 3.0 + 1e-6
    assert (np.abs(maps[:, :, 2].mean(axis=0)) < 6 * 3 / math.sqrt(3 * 300)).all()
    assert abs(np.corrcoef(maps[:, 0, 2], maps[:, 1, 2])[0, 1]) < 0.3


def test_rotations_are_in_degrees_and_fill_their_range():
    maps = sources(replace(STILL, rotation=25.0), 300, 28, seed=2)
    linear = maps[:, :, :2]
    np.testing.assert_allclose(
        linear @ linear.transpose(0, 2, 1), np.broadcast_to(np.eye(2), (300, 2, 2)), atol=1e-5
    )
    np.testing.assert_allclose(np.linalg.det(linear), 1, atol=1e-5)
    np.testing.assert_allclose(maps[:, :, 2], 0, atol=1e-5)
    angles = np.degrees(np.arctan2(linear[:, 1, 0], linear[:, 0, 0]))
    assert angles.min() >= -25 - 1e-3
    assert angles.max() <= 25 + 1e-3
    assert angles.min() < -24
    assert angles.max() > 24


def test_shear_moves_x_by_y_alone():
    maps = sources(replace(STILL, shear=0.4), 300, 28, seed=3)
    np.testing.assert_allclose(maps[:, 1], np.broadcast_to((0.0, 1.0, 0.0), (300, 3)), atol=1e-5)
    np.testing.assert_allclose(maps[:, 0, 0], 1, atol=1e-5)
    assert 0.39 < np.abs(maps[:, 0, 1]).max() <= 0.4 + 1e-6


def test_scale_is_relative_and_apart_for_x_and_y():
    maps = sources(replace(STILL, scale=0.25), 300, 28, seed=4)
    wide, tall = np.log(maps[:, 0, 0]), np.log(maps[:, 1, 1])
    for logarithm in (wide, tall):
        assert 0.24 < np.abs(logarithm).max() <= 0.25 + 1e-6
    assert abs(np.corrcoef(wide, tall)[0, 1]) < 0.3
    np.testing.assert_allclose(maps[:, [0, 1], [1, 0]], 0, atol=1e-5)


def test_the_default_ranges_are_those_of_affine_range():
    np.testing.assert_array_equal(sources(None, 5, 28, 9), sources(AffineRange(), 5, 28, 9))


def test_the_range_of_values_holds_for_ink_and_ground():
    images = (noise(50) > 0.5).float()
    for is_sharp in (False, True):
        ranges = AffineRange(rotation=45.0, scale=0.5, shift=8.0, is_sharp=is_sharp)
        result = random_affine(images, drawn(), ranges)
        assert result.min() == 0
        assert result.max() <= 1 + 1e-6
