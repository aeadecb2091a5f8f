"""Margin and reconstruction loss against the loops, by hand and by finite differences."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from capsviz.network import margin_loss, reconstruction_loss
from tests import reference

shapes = st.tuples(st.integers(1, 4), st.integers(1, 6))
unit = st.floats(0, 1)


@given(st.data(), shapes, unit, unit, unit)
def test_margin_loss_is_equation_4(data, shape, m_plus, m_minus, down):
    lengths = data.draw(arrays.arrays(np.float64, shape, elements=unit))
    # any number of classes may be present, none included
    present = data.draw(arrays.arrays(np.float64, shape, elements=st.sampled_from([0.0, 1.0])))
    got = margin_loss(
        torch.from_numpy(lengths), torch.from_numpy(present), m_plus, m_minus, down
    ).item()
    expected = reference.margin_loss(lengths, present, m_plus, m_minus, down)
    assert got == pytest.approx(expected, rel=1e-12, abs=1e-15)


@given(st.data(), shapes)
def test_margin_loss_has_the_papers_margins_by_default(data, shape):
    lengths = data.draw(arrays.arrays(np.float64, shape, elements=unit))
    present = data.draw(arrays.arrays(np.int64, shape, elements=st.integers(0, 1)))
    got = margin_loss(torch.from_numpy(lengths), torch.from_numpy(present)).item()
    assert got == pytest.approx(reference.margin_loss(lengths, present), rel=1e-12, abs=1e-15)


def test_margin_loss_by_hand():
    lengths = torch.tensor([[0.5, 0.5, 0.95], [0.9, 0.1, 0.0]], dtype=torch.float64)
    present = torch.tensor([[1, 0, 0], [1, 0, 0]])
    # 0.4², then half of 0.4² and of 0.85², over two images
    expected = (0.16 + 0.5 * 0.16 + 0.5 * 0.7225) / 2
    assert margin_loss(lengths, present).item() == pytest.approx(expected)


def test_several_classes_may_be_present():
    lengths = torch.tensor([[0.95, 0.05, 0.7]])
    one, two = torch.tensor([[1.0, 0, 0]]), torch.tensor([[1.0, 0, 1]])
    assert margin_loss(lengths, one).item() == pytest.approx(0.5 * 0.36)
    assert margin_loss(lengths, two).item() == pytest.approx(0.04)


def test_no_loss_and_no_gradient_beyond_the_margins():
    lengths = torch.tensor([[0.91, 0.09], [1.0, 0.0]], requires_grad=True)
    loss = margin_loss(lengths, torch.tensor([[1.0, 0.0], [1.0, 0.0]]))
    loss.backward()
    assert loss.item() == 0
    assert not lengths.grad.any()


def test_margin_loss_has_the_gradient_of_finite_differences():
    lengths = torch.rand(3, 5, dtype=torch.float64, requires_grad=True)
    present = torch.tensor([[1, 0, 0, 1, 0], [0, 0, 1, 0, 0], [0, 0, 0, 0, 0]])
    assert torch.autograd.gradcheck(lambda x: margin_loss(x, present), lengths)


def test_reconstruction_loss_sums_pixels_and_averages_images():
    decoded, images = torch.rand(3, 1, 5, 5).double(), torch.rand(3, 1, 5, 5).double()
    expected = reference.reconstruction_loss(decoded.numpy(), images.numpy())
    assert reconstruction_loss(decoded, images).item() == pytest.approx(expected, rel=1e-12)


def test_reconstruction_loss_by_hand():
    black, white = torch.zeros(2, 1, 28, 28), torch.ones(2, 1, 28, 28)
    assert reconstruction_loss(black, white).item() == 784
    assert reconstruction_loss(white, white).item() == 0
