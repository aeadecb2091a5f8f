"""Marks, bends and pens that make MNIST's digits look as other people write them."""

import pytest
import torch

from capsviz.data.augment import random_affine
from capsviz.data.habits import as_drawn, with_marks, with_other_pen
from capsviz.data.samples import sample_digits

MANY = 400


@pytest.fixture(scope="module")
def digits():
    sample = sample_digits()
    images = torch.from_numpy(sample.images.copy()).unsqueeze(1).float() / 255
    return images, torch.from_numpy(sample.labels.astype("int64"))


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def many_of(digits, digit):
    images, labels = digits
    image = images[labels == digit][:1]
    return image.expand(MANY, -1, -1, -1), torch.full((MANY,), digit)


@pytest.mark.parametrize("digit", [0, 1, 7])
def test_a_quarter_of_zeros_ones_and_sevens_get_marks(digits, digit):
    images, labels = many_of(digits, digit)
    marked = with_marks(images, labels, seeded())
    added = (marked - images).flatten(1)
    assert bool((added >= 0).all()), "a mark only adds ink"
    share = (added.sum(1) > 1).float().mean()
    assert 0.15 < share < 0.35


@pytest.mark.parametrize("digit", [2, 3, 4, 5, 6, 8, 9])
def test_the_other_digits_get_none(digits, digit):
    images, labels = many_of(digits, digit)
    assert torch.equal(with_marks(images, labels, seeded()), images)


def ink_added(digits, digit):
    """(H, H): where marks fall on one digit, most often."""
    images, labels = many_of(digits, digit)
    return (with_marks(images, labels, seeded()) - images)[:, 0].mean(0)


def test_a_slash_rises_from_below_left_to_above_right(digits):
    added = ink_added(digits, 0)
    rising = added[14:, :14].sum() + added[:14, 14:].sum()
    assert rising > 2 * (added[:14, :14].sum() + added[14:, 14:].sum())


def test_a_bar_crosses_the_middle_of_a_seven(digits):
    added = ink_added(digits, 7)
    rows = added.sum(1)
    height = (rows * torch.arange(28)).sum() / rows.sum()
    assert 11 < height < 17
    assert rows[10:18].sum() > 0.8 * rows.sum()


def test_a_one_gets_an_upstroke_on_its_left_or_a_base(digits):
    images, _ = many_of(digits, 1)
    added, ink = ink_added(digits, 1), images[0, 0]
    middle = (ink.sum(0) * torch.arange(28)).sum() / ink.sum()
    upper, lower = added[:12], added[18:]
    assert upper[:, : int(middle)].sum() > 3 * upper[:, int(middle) + 3 :].sum()
    assert lower.sum() > 0.2 * upper.sum()


def test_a_pen_makes_lines_both_thicker_and_thinner_and_keeps_the_ground(digits):
    images, _ = many_of(digits, 3)
    ink = with_other_pen(images, seeded()).flatten(1).sum(1) / images[0].sum()
    assert ink.min() < 0.9
    assert ink.max() > 1.2
    empty = torch.zeros(4, 1, 28, 28)
    assert torch.equal(with_other_pen(empty, seeded()), empty)


def test_drawn_images_are_images_and_the_same_for_the_same_seed(digits):
    images, labels = digits
    drawn = as_drawn(images, labels, seeded(5))
    assert drawn.shape == images.shape
    assert drawn.dtype == images.dtype
    assert bool(((drawn >= 0) & (drawn <= 1)).all())
    assert torch.equal(drawn, as_drawn(images, labels, seeded(5)))
    assert not torch.equal(drawn, as_drawn(images, labels, seeded(6)))


def test_nothing_is_drawn_upon_an_empty_image_but_its_mark():
    empty, labels = torch.zeros(8, 1, 28, 28), torch.full((8,), 4)
    assert not as_drawn(empty, labels, seeded()).any()
    assert bool(with_marks(empty, torch.zeros(8, dtype=torch.int64), seeded()).isfinite().all())


def bow(images):
    """(B,) pixels: how far the middles of a line's rows lie off a straight line, at most."""
    rows = images[:, 0, 9:20]  # B R H
    places = (rows * torch.arange(28.0)).sum(2) / rows.sum(2)  # B R
    steps = torch.stack((torch.ones(11), torch.arange(11.0)), 1)
    straight = steps @ torch.linalg.lstsq(steps, places.T).solution  # R B
    return (places.T - straight).abs().amax(0)


def test_a_straight_line_is_bent_which_no_affine_map_does():
    line = torch.zeros(MANY, 1, 28, 28)
    line[:, :, 4:24, 13:16] = 1
    labels = torch.full((MANY,), 4)
    assert bow(random_affine(line, seeded())).max() < 0.15
    assert bow(as_drawn(line, labels, seeded())).median() > 0.2
