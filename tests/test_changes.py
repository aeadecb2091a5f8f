"""What a step draws decides how it changes its images; the work with it could be recorded."""

from __future__ import annotations

from typing import get_args

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from capsviz.data.augment import AffineRange, random_affine, random_shift
from capsviz.data.habits import as_drawn
from capsviz.data.pairs import placed
from capsviz.network.config import two_digit_config
from capsviz.training.changes import Changes
from capsviz.training.learner import Learner
from capsviz.training.settings import Augmentation, TrainingSettings
from tests.runs import CPU, SMALLEST, same_weights

KINDS = get_args(Augmentation)
COUNT, SIDE = 6, 28
PAIRED = two_digit_config(
    image_size=20,
    conv_channels=4,
    kernel_size=3,
    primary_types=2,
    primary_dim=4,
    digit_dim=4,
    decoder_hidden=(8, 8),
)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def batch(digits, side=SIDE):
    images = torch.rand(COUNT, digits, 1, side, side, generator=seeded(9))
    return images, torch.tensor([0, 1, 7, 4, 1, 0] * digits).view(COUNT, digits)


def one_after_another(kind, images, labels, generator):
    """The augmentations as they are for a batch on its own, then two digits laid together."""
    flat, digits = images.flatten(0, 1), images.shape[1]
    if kind == "shift" and digits == 1:
        flat = random_shift(flat, generator)
    elif kind == "affine":
        flat = random_affine(flat, generator)
    elif kind == "slight":
        ranges = AffineRange(rotation=4.0, shear=0.07, scale=0.04, shift=0.0, is_sharp=True)
        flat = random_affine(flat, generator, ranges)
    elif kind == "rotation":
        flat = random_affine(flat, generator, AffineRange(rotation=45.0, shear=0.0, scale=0.0))
    elif kind == "drawn":
        flat = as_drawn(flat, labels.flatten(), generator)
    changed = flat.view_as(images)
    return changed if digits == 1 else placed(changed, generator)


@pytest.mark.parametrize("digits", [1, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_they_are_the_augmentations_and_draw_as_these_do(kind, digits):
    images, labels = batch(digits)
    one, other = seeded(4), seeded(4)
    change = Changes(kind, digits)
    draws = change.draws(COUNT, SIDE, one)
    assert torch.equal(
        change(images, labels, *draws), one_after_another(kind, images, labels, other)
    )
    assert torch.equal(one.get_state(), other.get_state()), "as many draws"


@pytest.mark.parametrize("digits", [1, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_draws_alone_decide_what_becomes_of_the_images(kind, digits):
    images, labels = batch(digits)
    kept, change = images.clone(), Changes(kind, digits)
    draws, others = (change.draws(COUNT, SIDE, seeded(seed)) for seed in (1, 2))
    assert bool(draws) == (kind != "none" or digits == 2)
    first = change(images, labels, *draws)
    assert torch.equal(first, change(images, labels, *draws))
    assert torch.equal(first, change(images, labels, *others)) == (not draws)
    assert torch.equal(images, kept)


class Watched(TorchDispatchMode):
    """Writes down what touches the CPU, and what draws."""

    def __init__(self):
        super().__init__()
        self.done, self.on_cpu, self.random = [], [], []

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        name = str(function)
        self.done.append(name)
        parts = tree_leaves((args, kwargs, result))
        devices = {part.device.type for part in parts if isinstance(part, torch.Tensor)}
        self.on_cpu += [name] * ("cpu" in devices)
        self.random += [name] * (torch.Tag.nondeterministic_seeded in function.tags)
        return result


@pytest.mark.parametrize("digits", [1, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_the_work_stays_on_its_device_and_draws_nothing(kind, digits):
    """On torch's meta device, where there is nothing to read: whoever would wait there fails."""
    change = Changes(kind, digits)
    given = (*batch(digits), *change.draws(COUNT, SIDE, seeded()))
    there = [each.to("meta") for each in given]
    with Watched() as watched:
        changed = change(*there)
    side = SIDE if digits == 1 else 36
    assert (changed.shape, changed.device.type) == ((COUNT, digits, 1, side, side), "meta")
    assert watched.done
    assert (watched.on_cpu, watched.random) == ([], [])


@pytest.mark.parametrize("config", [SMALLEST, PAIRED], ids=["one digit", "two digits"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_recorded_step_changes_its_images_itself(kind, config):
    """What is recorded gets the images as they are, and the draws; on a CPU it is only called."""
    settings = TrainingSettings(augmentation=kind, precision="fp32")
    plain, whole = (Learner(settings, config, CPU) for _ in range(2))
    seen = []

    class Plainly:
        def will_replay(self, *_inputs):
            return False

        def __call__(self, *inputs):
            seen.append(inputs)
            assert not whole.is_changing, "nothing has changed yet"
            found = whole._whole_step(*inputs)
            assert whole.is_changing
            return found

    whole._recorded = Plainly()
    images, labels = batch(config.digits_per_image, config.digit_size)
    if config.digits_per_image == 1:
        images, labels = images[:, 0], labels[:, 0]
    for number in range(2):
        expected = plain.step(images, labels, number, 2)
        assert torch.equal(
            torch.stack(whole.step(images, labels, number, 2)), torch.stack(expected)
        )
    assert same_weights(whole.model.state_dict(), plain.model.state_dict())
    assert all(torch.equal(given.view_as(images), images) for given, *_ in seen)
    assert all(len(given) == len(seen[0]) for given in seen)


@pytest.mark.parametrize("digits", [1, 2])
def test_letters_get_no_slashes_bars_or_bases(digits):
    """Labels 0, 1 and 7 of other classes are as bare as label 5 is."""
    images, labels = batch(digits)
    plain, change = Changes("drawn", digits, are_digits=False), Changes("drawn", digits)
    draws = plain.draws(COUNT, SIDE, seeded())
    bare = change(images, torch.full_like(labels, 5), *draws)
    for label in (0, 1, 7):
        of_label = torch.full_like(labels, label)
        assert torch.equal(plain(images, of_label, *draws), bare)
        assert not torch.equal(change(images, of_label, *draws), bare)
