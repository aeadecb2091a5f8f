"""What is recorded, when, and for how long; a stand-in takes the place of CUDA's graphs.

That graphs give what plain work gives is in test_cuda.py.
"""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
import torch

from capsviz.explore import replaying
from capsviz.explore.explain import _answer, explain
from capsviz.network import CapsNet, CapsNetConfig, Recorded, recorded
from capsviz.network.recorded import TRIED

SIZES = CapsNetConfig(
    image_size=12, conv_channels=4, kernel_size=3, primary_types=2, decoder_hidden=(8, 8)
)


class Replay:
    """As a graph: made by calling the work once, it answers from there on."""

    made = 0

    def __init__(self, work, inputs, earlier=None):
        type(self).made += 1
        self._work, self.earlier = work, earlier
        work(*inputs)

    def replay(self, inputs):
        return tuple(each.clone() for each in self._work(*inputs))


@pytest.fixture(autouse=True)
def stand_in(monkeypatch):
    monkeypatch.setattr(recorded, "_Recording", Replay)
    monkeypatch.setattr(recorded, "_plainly", lambda work, inputs: work(*inputs))
    monkeypatch.setattr(Replay, "made", 0)


def doubled(given, by=2):
    return (given * by,)


def test_it_records_once_for_each_shape_after_some_plain_calls():
    work = Recorded(doubled)
    for number in range(TRIED + 3):
        assert not Replay.made or number > TRIED
        assert work.will_replay(torch.ones(2)) == (number > TRIED)
        assert work(torch.full((2,), float(number)))[0].tolist() == [2.0 * number] * 2
    assert Replay.made == 1
    for _ in range(TRIED + 1):
        work(torch.ones(5))
    assert Replay.made == 2


def test_options_are_recorded_apart():
    work = Recorded(doubled)
    for by in (2, 3, 2, 3, 2, 3, 2, 3, 2, 3):
        assert work(torch.ones(1), by=by)[0].item() == by
    assert Replay.made == 2


def test_what_is_refused_goes_on_plainly(monkeypatch):
    def refuse(*_given):
        Replay.made += 1
        raise RuntimeError("operation not permitted when stream is capturing")

    monkeypatch.setattr(recorded, "_Recording", refuse)
    work = Recorded(doubled)
    for number in range(TRIED + 5):
        assert work(torch.tensor([float(number)]))[0].item() == 2 * number
    assert Replay.made == 1, "it is not tried again and again"
    assert not work.will_replay(torch.ones(1))


def test_recordings_share_memory_and_are_not_kept_for_ever():
    work = Recorded(doubled)
    for size in range(1, 30):
        for _ in range(TRIED + 1):
            work(torch.ones(size))
    assert Replay.made == 29
    kept = list(work._graphs.values())
    assert len(kept) == 16
    assert all(graph.earlier is not None for graph in kept)


def test_the_object_whose_method_it_is_goes_with_its_recordings(monkeypatch):
    class Outputs(Replay):  # a graph holds memory, but not the work that it is of
        def __init__(self, work, inputs, _earlier=None):
            self._outputs = work(*inputs)

        def replay(self, _inputs):
            return self._outputs

    monkeypatch.setattr(recorded, "_Recording", Outputs)

    class Learner:
        def __init__(self):
            self.recorded = Recorded(self.step)

        def step(self, given):
            return (given + 1,)

    learner = Learner()
    for _ in range(TRIED + 2):
        assert learner.recorded(torch.ones(1))[0].item() == 2
    gone = weakref.ref(learner)
    gc.disable()
    try:
        del learner
        assert gone() is None, "no cycle keeps it and its device's memory"
    finally:
        gc.enable()


@pytest.fixture
def network():
    torch.manual_seed(2)
    return CapsNet(SIZES).eval().requires_grad_(False)


def asked(network, image, **options):
    chosen = {"routed": 3, "wanted": 3, "each": False} | options
    with torch.inference_mode():
        found = replaying.replayed(_answer, network, image[None, None], chosen)
    return [each.numpy() for each in found]


def test_replayed_answers_are_those_of_explain(network):
    images = torch.rand(TRIED + 4, 12, 12)
    for image in images:
        for iterations, each, routed in ((3, False, 3), (2, False, 10), (3, True, 3)):
            options = {"routed": routed, "wanted": iterations, "each": each}
            wanted = explain(
                network, image.numpy(), iterations, with_redrawn=each, with_curve=routed == 10
            )
            primary, votes, _, couplings, poses, lengths, decoded = asked(
                network, image, **options
            )
            for one, other in (
                (primary, wanted.primary),
                (votes, wanted.votes),
                (couplings[:iterations], wanted.couplings),
                (poses[:iterations], wanted.poses),
                (lengths[:iterations], wanted.lengths),
            ):
                assert np.array_equal(one, other)
            redrawn = wanted.redrawn if each else wanted.reconstruction[None]
            np.testing.assert_allclose(decoded, redrawn, rtol=0, atol=0 if each else 1e-6)
    assert Replay.made == 3


def test_weights_that_move_are_recorded_anew(network):
    image = torch.rand(12, 12)
    for _ in range(TRIED + 1):
        asked(network, image)
    assert Replay.made == 1
    network.decoder.layers[0].weight = torch.nn.Parameter(
        network.decoder.layers[0].weight.clone(), requires_grad=False
    )
    asked(network, image)
    assert Replay.made == 1, "plainly at first"
    for _ in range(TRIED):
        asked(network, image)
    assert Replay.made == 2


def test_a_network_that_is_dropped_takes_its_recordings_along(network):
    twin = CapsNet(SIZES).eval().requires_grad_(False)
    for _ in range(TRIED + 1):
        asked(twin, torch.rand(12, 12))
    answers = weakref.ref(replaying._KEPT[twin])
    gone = weakref.ref(twin)
    gc.collect()
    gc.disable()
    try:
        del twin
        assert gone() is None
        assert answers() is None
    finally:
        gc.enable()
