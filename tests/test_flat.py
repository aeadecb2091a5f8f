"""Sharpness-aware minimisation: where the second gradient is taken, and what is left behind."""

from __future__ import annotations

import math

import pytest
import torch

from capsviz.training.flat import uphill


def weights_with(*gradients):
    weights = [torch.randn(len(g)) if g is not None else torch.randn(3) for g in gradients]
    for weight, gradient in zip(weights, gradients, strict=True):
        weight.grad = None if gradient is None else torch.tensor(gradient)
    return weights


def test_all_weights_together_move_by_the_radius_along_the_gradient():
    weights = weights_with([3.0, 0.0], None, [0.0, 0.0, 4.0])
    before = [weight.clone() for weight in weights]
    with uphill(weights, 0.5):
        moves = [weight - old for weight, old in zip(weights, before, strict=True)]
        assert moves[0].tolist() == pytest.approx([0.3, 0.0], abs=1e-6)
        assert moves[1].tolist() == [0.0, 0.0, 0.0]
        assert moves[2].tolist() == pytest.approx([0.0, 0.0, 0.4], abs=1e-6)
        assert math.hypot(*torch.cat(moves).tolist()) == pytest.approx(0.5, abs=1e-6)


@pytest.mark.parametrize("is_broken_off", [False, True])
def test_they_come_back_to_the_bit(is_broken_off):
    weights = weights_with([1e-3, 7.0, -2.0], [0.1])
    before = [weight.clone() for weight in weights]
    try:
        with uphill(weights, 1e6):
            assert not torch.equal(weights[0], before[0])
            weights[1].grad = torch.zeros(1)  # as the second backward pass leaves another
            if is_broken_off:
                raise ConnectionError
    except ConnectionError:
        pass
    assert all(torch.equal(weight, old) for weight, old in zip(weights, before, strict=True))


def test_a_move_that_fails_half_way_is_undone():
    weights = weights_with([1.0, 1.0], [1.0, 1.0])
    before = [weight.clone() for weight in weights]
    weights[1].requires_grad_().add_ = None  # cannot be moved
    with pytest.raises(TypeError), uphill(weights, 0.5):
        pytest.fail("it was moved")
    assert all(torch.equal(weight, old) for weight, old in zip(weights, before, strict=True))


def test_without_a_slope_nothing_moves():
    weights = weights_with([0.0, 0.0])
    before = weights[0].clone()
    with uphill(weights, 0.5):
        assert torch.equal(weights[0], before)
