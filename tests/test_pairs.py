"""MultiMNIST's pairs: their statistics on many draws, and what they must never be."""

from collections import Counter

import numpy as np
import pytest
import torch

from capsviz.data.mnist import Digits
from capsviz.data.pairs import multimnist, overlaid, partners, placed
from capsviz.data.samples import sample_digits
from capsviz.files import CapsvizError

DIGITS = sample_digits()[:400]


@pytest.fixture(scope="module")
def pairs():
    return multimnist(DIGITS, seed=5)


def places_of(parts, images):
    """(n, 2) rows and columns by which each 28×28 digit was shifted, found by search."""
    found = []
    for part, image in zip(parts, images, strict=True):
        at = [
            (y, x)
            for y in range(9)
            for x in range(9)
            if np.array_equal(part[y : y + 28, x : x + 28], image)
        ]
        found.append(at[0])
    return np.array(found)


def test_every_digit_is_once_the_first_of_a_pair_of_two_classes(pairs):
    assert pairs.images.shape == (400, 36, 36)
    assert pairs.images.dtype == pairs.parts.dtype == np.uint8
    assert np.array_equal(pairs.labels[:, 0], DIGITS.labels)
    assert (pairs.labels[:, 0] != pairs.labels[:, 1]).all()
    more = multimnist(DIGITS, 5, count=1000)
    assert np.array_equal(more.labels[:, 0], np.resize(DIGITS.labels, 1000))


def test_an_image_is_its_parts_cut_off_at_black(pairs):
    total = pairs.parts.astype(int).sum(1)
    assert (total > 255).any(), "where both are dark"
    assert np.array_equal(pairs.images, np.minimum(total, 255))
    floats = torch.from_numpy(pairs.parts[:8]).unsqueeze(2).float() / 255
    whole = overlaid(floats)[:, 0].numpy()
    assert np.allclose(whole * 255, pairs.images[:8], atol=1e-3)


def test_each_part_is_its_digit_shifted_by_whole_pixels_up_to_four(pairs):
    places = places_of(pairs.parts[:, 0], DIGITS.images)
    assert places.min() == 0
    assert places.max() == 8
    ink = pairs.parts.reshape(800, -1).astype(int).sum(1)
    known = Counter(DIGITS.images.reshape(400, -1).astype(int).sum(1).tolist())
    assert all(total in known for total in ink.tolist()), "no ink is cut off"


def test_boxes_of_two_digits_share_as_much_as_two_uniform_shifts_make_them():
    blocks = torch.zeros(2, 1, 28, 28, dtype=torch.uint8)
    blocks[:, :, 4:24, 4:24] = 1
    generator = torch.Generator().manual_seed(0)
    parts = placed(blocks.expand(6_000, 2, 1, 28, 28), generator)
    shared = parts.prod(1).flatten(1).sum(1).float().mean() / 400
    assert float(shared) == pytest.approx(0.726, abs=0.01)
    # expected: (1 - E|a - b| / 20)², as both ways are drawn alike and apart
    ways = np.abs(np.subtract.outer(np.arange(9), np.arange(9))).mean()
    assert float(shared) == pytest.approx((1 - ways / 20) ** 2, abs=0.01)


def test_shifts_are_uniform_and_those_of_both_digits_independent(pairs):
    generator = torch.Generator().manual_seed(1)
    dots = torch.zeros(10_000, 2, 1, 28, 28, dtype=torch.uint8)
    dots[..., 14, 14] = 1
    parts = placed(dots, generator)[:, :, 0].flatten(2).argmax(2)
    rows, columns = (parts // 36 - 14).numpy(), (parts % 36 - 14).numpy()
    for shifts in (rows[:, 0], columns[:, 0], rows[:, 1], columns[:, 1]):
        counts = np.bincount(shifts, minlength=9)
        assert len(counts) == 9
        assert np.abs(counts / 10_000 - 1 / 9).max() < 0.015
    ways = np.stack((rows[:, 0], columns[:, 0], rows[:, 1], columns[:, 1]))
    assert np.abs(np.corrcoef(ways) - np.eye(4)).max() < 0.03


def test_the_same_seed_gives_the_same_pairs_and_another_others(pairs):
    again, other = multimnist(DIGITS, seed=5), multimnist(DIGITS, seed=6)
    assert np.array_equal(again.images, pairs.images)
    assert np.array_equal(again.labels, pairs.labels)
    assert not np.array_equal(other.images, pairs.images)


def test_partners_are_drawn_evenly_from_all_digits_of_other_classes():
    labels = torch.tensor([0, 0, 0, 1, 1, 2])
    first = torch.zeros(30_000, dtype=torch.int64)
    found = partners(first, labels, torch.Generator().manual_seed(2))
    counts = np.bincount(found.numpy(), minlength=6)
    assert counts[:3].sum() == 0
    assert np.abs(counts[3:] / 30_000 - 1 / 3).max() < 0.02


def test_digits_of_one_class_are_refused_in_one_sentence():
    same = Digits(DIGITS.images[:5], np.full(5, 7, np.uint8))
    with pytest.raises(CapsvizError, match="two classes") as caught:
        multimnist(same, 0)
    assert str(caught.value).endswith(".")
