"""The decoder sees the one capsule that is not masked, whichever of the ten it is."""

import numpy as np
import pytest
import torch

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


@pytest.mark.parametrize("digit", [-1, 10])
def test_a_digit_the_network_has_not_is_refused(tiny_model, digit):
    with pytest.raises((RuntimeError, IndexError, ValueError)):
        tiny_model.decode(torch.zeros(1, 10, 4), torch.tensor([digit]))
