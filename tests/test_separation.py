"""Two digits taken apart, beside a slow reading of section 6 in float64."""

import numpy as np
import pytest
import torch

from capsviz.explore.answers import Truth
from capsviz.explore.separation import separate, two_longest
from capsviz.files import CapsvizError
from capsviz.network import CapsNet
from capsviz.network.config import two_digit_config

SIDE = 36


@pytest.fixture(scope="module")
def network():
    config = two_digit_config(
        conv_channels=8, primary_types=2, primary_dim=4, digit_dim=4, decoder_hidden=(16, 24)
    )
    torch.manual_seed(3)
    return CapsNet(config).eval().requires_grad_(False)


@pytest.fixture(scope="module")
def parts():
    drawn = np.zeros((2, SIDE, SIDE), np.float32)
    drawn[0, 6:28, 9:13] = 0.9
    drawn[1, 20:24, 8:30] = 0.7
    return drawn


@pytest.fixture(scope="module")
def image(parts):
    return np.minimum(parts.sum(0), 1)


def slow(network, image, iterations):
    """Lengths (R, J), poses (J, D), couplings (R, I, J) and activity (I,), all in float64."""
    double = CapsNet(network.config).double().eval()
    double.load_state_dict(network.state_dict())
    with torch.no_grad():
        primary = double.primary(torch.from_numpy(image).double()[None, None])
        votes = double.digit_capsules.votes(primary)[0].numpy()  # J I D
    logits = np.zeros(votes.shape[:2])
    lengths, couplings = [], []
    for _ in range(iterations):
        c = np.exp(logits) / np.exp(logits).sum(0)
        s = (c[:, :, None] * votes).sum(1)
        norm = np.linalg.norm(s, axis=1, keepdims=True)
        v = norm**2 / (1 + norm**2) * s / norm
        lengths.append(np.linalg.norm(v, axis=1))
        couplings.append(c.T)
        logits = logits + (votes * v[:, None]).sum(-1)
    activity = np.linalg.norm(primary[0].numpy(), axis=1)
    return np.array(lengths), v, np.array(couplings), activity, double


def slowly_decoded(double, pose, digit):
    masked = np.zeros((double.config.classes, double.config.digit_dim))
    masked[digit] = pose
    x = masked.ravel()
    layers = [layer for layer in double.decoder.layers if isinstance(layer, torch.nn.Linear)]
    for number, layer in enumerate(layers):
        x = layer.weight.detach().numpy() @ x + layer.bias.detach().numpy()
        x = np.maximum(x, 0) if number < 2 else 1 / (1 + np.exp(-x))
    return x.reshape(SIDE, SIDE)


def slow_mass(network, couplings, activity, digit):
    """Every receptive field's window, one capsule at a time."""
    config, field = network.config, 2 * network.config.kernel_size - 1
    window = np.sin(np.pi * np.arange(1, field + 1) / (field + 1)) ** 2
    window /= window.sum()
    total = np.zeros((SIDE + field, SIDE + field))
    for i, (weight, row) in enumerate(zip(activity, couplings, strict=True)):
        y, x = divmod(i % config.grid_size**2, config.grid_size)
        patch = total[2 * y : 2 * y + field, 2 * x : 2 * x + field]
        patch += weight * row[digit] * np.outer(window, window)
    return total[:SIDE, :SIDE]


def test_everything_agrees_with_a_slow_reading_in_float64(network, image, parts):
    lengths, poses, couplings, activity, double = slow(network, image, 3)
    found = separate(network, image, 3, truth=Truth(parts))
    assert np.allclose(found.lengths, lengths, atol=1e-5)
    assert set(found.digits) == set(np.argsort(-lengths[-1])[:2].tolist())
    drawn = np.stack([slowly_decoded(double, poses[d], d) for d in found.digits])
    assert np.allclose(found.decoded, drawn, atol=1e-5)
    assert np.allclose(found.errors, ((drawn - parts) ** 2).sum((1, 2)), rtol=1e-4)
    assert np.allclose(
        found.unexplained, np.clip(image - drawn.sum(0).clip(max=1), 0, None), atol=1e-5
    )
    for iteration in (1, 2, 3):
        maps = [slow_mass(network, couplings[iteration - 1], activity, d) for d in found.digits]
        assert np.allclose(found.mass(iteration), maps, rtol=1e-3, atol=1e-5)
        shares = (activity @ couplings[iteration - 1] / activity.sum())[list(found.digits)]
        assert np.allclose(found.shares(iteration), shares, atol=1e-5)
        more = [
            slow_mass(network, couplings[iteration - 1] - 0.1, activity, d) for d in found.digits
        ]
        assert np.allclose(found.mass(iteration, difference=True), more, atol=1e-4)


def test_the_network_is_asked_once_and_choosing_asks_it_no_more(network, image, monkeypatch):
    calls = []
    real = CapsNet.trace
    monkeypatch.setattr(CapsNet, "trace", lambda *args: calls.append(1) or real(*args))
    found = separate(network, image)
    other = found.choosing((8, 2))
    assert calls == [1]
    assert other.digits == (8, 2)
    assert other.is_chosen
    assert np.array_equal(other.decoded, found.explanation.redrawn[[8, 2]])
    assert other.choosing(None).digits == found.digits
    assert np.array_equal(separate(network, image, digits=(8, 2)).decoded, other.decoded)


def test_a_digit_stands_with_its_own_part(network, image, parts):
    found = separate(network, image, digits=(4, 7), truth=Truth(parts, (7, 1)))
    assert found.digits == (7, 4), "labels decide where they can"
    turned = separate(network, image, digits=(4, 7), truth=Truth(parts[::-1].copy(), (1, 7)))
    assert turned.digits == (4, 7)
    for truth in (Truth(parts), Truth(parts, (0, 1))):
        both = [separate(network, image, digits=d, truth=truth) for d in ((4, 7), (7, 4))]
        assert both[0].digits == both[1].digits, "else the smaller error does"
        other = both[0].explanation.redrawn[list(both[0].digits[::-1])]
        assert both[0].errors.sum() <= ((other - parts) ** 2).sum()


def test_right_means_both_in_either_order_and_nothing_without_labels(network, image, parts):
    first, second = two_longest(separate(network, image).explanation.final_lengths)
    third = next(d for d in range(10) if d not in (first, second))
    for labels, expected in (
        ((first, second), True),
        ((second, first), True),
        ((first, third), False),
        ((third, second), False),
        (None, None),
    ):
        found = separate(network, image, truth=Truth(parts, labels))
        assert found.is_right is expected
        if labels is not None and expected:
            assert found.longest == labels
    assert separate(network, image).is_right is None


def test_a_network_without_a_decoder_still_tells_lengths_and_mass(image, parts):
    config = two_digit_config(
        conv_channels=4, primary_types=2, primary_dim=4, digit_dim=4, reconstruction=False
    )
    found = separate(CapsNet(config).eval(), image, truth=Truth(parts))
    assert found.decoded is None
    assert found.unexplained is None
    assert found.errors is None
    assert found.mass(1).shape == (2, SIDE, SIDE)


@pytest.mark.parametrize("digits", [(3, 3), (1, 10), (-1, 2)])
def test_two_different_digits_of_the_network_are_wanted(network, image, digits):
    with pytest.raises(CapsvizError, match="two different digits"):
        separate(network, image, digits=digits)


def test_parts_of_another_size_are_refused(network, image, parts):
    with pytest.raises(CapsvizError, match="two parts of 36×36"):
        separate(network, image, truth=Truth(parts[:, 4:-4, 4:-4]))
