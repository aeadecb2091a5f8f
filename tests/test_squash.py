"""Equation 1, everywhere a float can go."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from capsviz.network import lengths_of, squash
from tests import reference

finite = st.floats(-1e6, 1e6, allow_subnormal=False)
# the squares of longer vectors overflow fp32
wide = st.floats(-(2.0**40), 2.0**40, width=32)


@given(st.lists(st.lists(finite, min_size=3, max_size=3), min_size=1, max_size=4))
def test_squash_is_equation_1(rows):
    got = squash(torch.tensor(rows, dtype=torch.float64)).numpy()
    np.testing.assert_allclose(got, reference.squash_each(rows), rtol=1e-12, atol=1e-15)


def test_squash_works_along_the_last_axis_of_any_shape():
    s = torch.randn(2, 3, 5, 7, dtype=torch.float64)
    np.testing.assert_allclose(squash(s), reference.squash_each(s), rtol=1e-12)


@given(st.lists(wide, min_size=1, max_size=8))
def test_squash_is_finite_with_a_finite_gradient(numbers):
    s = torch.tensor(numbers, dtype=torch.float32, requires_grad=True)
    v = squash(s)
    v.sum().backward()
    assert v.isfinite().all()
    assert s.grad.isfinite().all()
    assert float(lengths_of(v.detach())) <= 1 + 1e-6


@given(st.floats(1e-3, 1e3), st.floats(1.01, 10))
def test_a_longer_vector_stays_longer_and_below_one(length, factor):
    s = torch.tensor([[length, 0.0], [length * factor, 0.0]], dtype=torch.float64)
    shorter, longer = lengths_of(squash(s)).tolist()
    assert 0 < shorter < longer < 1


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_squash_at_zero_is_zero_with_gradient_zero(dtype):
    s = torch.zeros(2, 8, dtype=dtype, requires_grad=True)
    v = squash(s)
    v.sum().backward()
    assert torch.equal(v, torch.zeros_like(v))
    assert torch.equal(s.grad, torch.zeros_like(s))


def test_one_zero_vector_does_not_spoil_its_neighbours():
    s = torch.tensor([[0.0, 0.0], [3.0, 4.0]], dtype=torch.float64, requires_grad=True)
    squash(s).sum().backward()
    alone = torch.tensor([3.0, 4.0], dtype=torch.float64, requires_grad=True)
    squash(alone).sum().backward()
    assert s.grad[0].tolist() == [0, 0]
    torch.testing.assert_close(s.grad[1], alone.grad)


def test_squash_has_the_gradient_of_finite_differences():
    s = torch.randn(5, 4, dtype=torch.float64, requires_grad=True)
    tiny = (torch.randn(5, 4, dtype=torch.float64) * 1e-3).requires_grad_()
    assert torch.autograd.gradcheck(squash, s)
    assert torch.autograd.gradcheck(squash, tiny, eps=1e-8)


@pytest.mark.parametrize(
    ("dtype", "size"),
    [
        (torch.float64, 1e100),
        (torch.float32, 1e18),
        (torch.float32, 1e25),  # its square is beyond fp32
        (torch.float16, 300),  # its square is beyond fp16
    ],
)
def test_squash_of_a_very_long_vector_has_length_one(dtype, size):
    v = squash(torch.tensor([0.0, size], dtype=dtype))
    assert v.tolist() == [0.0, 1.0]


def test_lengths_are_euclidean():
    poses = torch.randn(2, 3, 4, dtype=torch.float64)
    expected = [[reference.length(v) for v in image] for image in poses]
    np.testing.assert_allclose(lengths_of(poses), expected, rtol=1e-12)
