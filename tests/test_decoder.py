"""The decoder sees the one capsule that is not masked, whichever of the ten it is."""

import copy

import numpy as np
import pytest
import torch
from torch.backends import mkldnn

from capsviz.explore import decoding
from capsviz.explore.decoding import decode_alone, decode_many
from capsviz.explore.explain import _lone_decoder, reconstruct
from capsviz.files import CapsvizError
from tests import reference


def test_each_digit_is_decoded_from_its_own_capsule(tiny_model):
    poses = torch.randn(10, 10, 4)
    layers = [
        (layer.weight.double().numpy(), layer.bias.double().numpy())
        for layer in tiny_model.decoder.layers
        if isinstance(layer, torch.nn.Linear)
    ]
    pictures = tiny_model.decode(poses, torch.arange(10))
    for digit in range(10):
        expected = reference.decode(poses[digit].numpy(), digit, layers).reshape(28, 28)
        np.testing.assert_allclose(pictures[digit, 0], expected, atol=1e-6)
    assert float(pictures.min()) >= 0
    assert float(pictures.max()) <= 1


@pytest.mark.parametrize("digit", [0, 4, 9])
def test_only_the_chosen_capsule_reaches_the_picture(tiny_model, digit):
    poses = torch.randn(1, 10, 4, requires_grad=True)
    chosen = torch.tensor([digit])
    picture = tiny_model.decode(poses, chosen)
    picture.sum().backward()
    others = [other for other in range(10) if other != digit]
    assert torch.equal(poses.grad[0, others], torch.zeros(9, 4))
    assert bool((poses.grad[0, digit] != 0).any())
    replaced = torch.randn(1, 10, 4)
    replaced[:, digit] = poses[:, digit].detach()
    assert torch.equal(tiny_model.decode(replaced, chosen), picture.detach())


@pytest.mark.parametrize("size", [0.1, 1, 10])
def test_one_pose_by_numpy_is_the_decoder_s(tiny_model, size):
    poses = np.random.default_rng(1).normal(0, size, (10, 4)).astype(np.float32)
    whole = tiny_model.decode(torch.from_numpy(poses).repeat(10, 1, 1), torch.arange(10))
    for digit in range(10):
        alone = decode_alone(tiny_model.decoder, poses[digit], digit)
        assert alone.dtype == np.float32
        np.testing.assert_allclose(alone, whole[digit, 0], atol=1e-6 * max(1, size))


@pytest.mark.parametrize("has_onednn", [False, True])
@pytest.mark.parametrize("kind", [torch.float32, torch.float64])
@pytest.mark.parametrize("count", [2, 11])
def test_many_poses_of_one_digit_are_the_decoder_s(
    tiny_model, monkeypatch, has_onednn, kind, count
):
    if not has_onednn:
        monkeypatch.setattr(mkldnn, "is_available", lambda: False)
    asked, ask = [], decoding._is_for_onednn
    monkeypatch.setattr(decoding, "_is_for_onednn", lambda x: asked.append(ask(x)) or asked[-1])
    model = copy.deepcopy(tiny_model).to(kind)
    poses = torch.randn(count, 4, dtype=kind)
    masked = torch.zeros(count, 10, 4, dtype=kind)
    for digit in (0, 6, 9):
        masked[:] = 0
        masked[:, digit] = poses
        with torch.no_grad():
            found = decode_many(model.decoder, poses, digit)
            wanted = model.decode(masked, torch.full((count,), digit))[:, 0]
        assert found.dtype == kind
        torch.testing.assert_close(found, wanted, rtol=0, atol=1e-6)
    takes_it = has_onednn and kind == torch.float32
    assert asked == ([takes_it] * 2 * 3 if count > 2 else [])


def test_a_pose_far_from_all_poses_makes_black_and_white(tiny_model):
    alone = decode_alone(tiny_model.decoder, np.full(4, 1e9, np.float32), 0)
    assert set(np.unique(alone)) <= {0, 1}


def test_numpy_redraws_for_single_precision_alone(tiny_model):
    assert _lone_decoder(tiny_model) is tiny_model.decoder
    assert _lone_decoder(copy.deepcopy(tiny_model).double()) is None


@pytest.mark.parametrize("size", [1e38, np.inf])
def test_numbers_too_large_are_no_cause_for_warnings(tiny_model, size):
    assert decode_alone(tiny_model.decoder, np.full(4, size, np.float32), 1).shape == (28, 28)


@pytest.mark.parametrize("digit", [-1, 10])
def test_a_pose_of_no_digit_is_refused(tiny_model, digit):
    with pytest.raises(CapsvizError, match="digit below 10"):
        reconstruct(tiny_model, np.zeros(4, np.float32), digit)


@pytest.mark.parametrize("digit", [-1, 10])
def test_a_digit_the_network_has_not_is_refused(tiny_model, digit):
    with pytest.raises((RuntimeError, IndexError, ValueError)):
        tiny_model.decode(torch.zeros(1, 10, 4), torch.tensor([digit]))
