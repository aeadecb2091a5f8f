"""The next digit that a network gets wrong, as the picker's button asks for it."""

import numpy as np
import pytest
from msgspec.structs import replace

from capsviz.data.framing import frame_images
from capsviz.data.mnist import Digits
from capsviz.data.samples import sample_digits
from capsviz.explore import mistakes
from capsviz.explore.explain import lengths_in_batches
from capsviz.explore.mistakes import Mistake, next_mistake, search_mistake
from capsviz.network import CapsNet

IMAGES = sample_digits().images[:120]


@pytest.fixture(scope="module")
def answers(tiny_model):
    lengths = np.concatenate(list(lengths_in_batches(tiny_model, IMAGES / np.float32(255))))
    return lengths.argmax(1).astype(np.uint8)


@pytest.fixture(scope="module")
def wrong_at(answers):
    """A function that gives the digits labelled as they are answered, but for some."""

    def make(*indices):
        labels = answers.copy()
        labels[list(indices)] = (labels[list(indices)] + 1) % 10
        return Digits(IMAGES, labels)

    return make


@pytest.mark.parametrize(
    ("after", "expected"),
    [(-1, 0), (0, 7), (6, 7), (7, 55), (54, 55), (55, 119), (118, 119), (119, 0)],
)
def test_the_next_one_is_found_in_turn(tiny_model, wrong_at, answers, after, expected):
    digits = wrong_at(0, 7, 55, 119)
    found = next_mistake(tiny_model, digits, after)
    assert found == Mistake(expected, int(digits.labels[expected]), int(answers[expected]))
    assert found.label != found.answer


def test_the_only_mistake_is_found_again(tiny_model, wrong_at):
    assert next_mistake(tiny_model, wrong_at(60), 60).index == 60


def test_a_network_without_fault(tiny_model, wrong_at):
    assert next_mistake(tiny_model, wrong_at(), 3) is None
    assert next_mistake(tiny_model, wrong_at()[:0], -1) is None


def test_a_search_can_be_given_up_between_batches(tiny_model, wrong_at, monkeypatch):
    monkeypatch.setattr(mistakes, "_BATCH", 10)
    steps = list(search_mistake(tiny_model, wrong_at(34), 0))
    assert [step and step.index for step in steps] == [None, None, None, 34]
    assert len(list(search_mistake(tiny_model, wrong_at(), 0))) == 12


def test_routing_iterations_count(tiny_model):
    by_one = np.concatenate(
        list(lengths_in_batches(tiny_model, IMAGES / np.float32(255), iterations=1))
    ).argmax(1)
    digits = Digits(IMAGES, by_one.astype(np.uint8))
    assert next_mistake(tiny_model, digits, -1, iterations=1) is None


def test_a_network_of_another_size_sees_them_framed(tiny_config):
    network = CapsNet(replace(tiny_config, image_size=40)).eval().requires_grad_(False)
    framed = frame_images(IMAGES[:20], 40)
    (lengths,) = lengths_in_batches(network, framed)
    labels = lengths.argmax(1).astype(np.uint8)
    labels[11] = (labels[11] + 1) % 10
    assert next_mistake(network, Digits(IMAGES[:20], labels), -1).index == 11
