"""The printed figures of the notebook the project began from, and where it leaves the paper.

The notebook is transcribed literally, spelling by spelling; the numbers are the ones it printed.
"""

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812  the notebook's own name for it
from hypothesis import given
from hypothesis import strategies as st

from capsviz.network import CapsNet, CapsNetConfig, margin_loss, route, squash
from tests import reference

PRINTED = 1e-4  # four decimals: half a unit lost in what went in, half in what came out

SQUASH_OUTPUT = [[0.4407, 0.2494], [0.4033, 0.2699], [0.1853, 0.4685], [0.2928, 0.2110]]
WEIGHTED_SUM = [[0.9763, 0.5313, 0.7494], [1.3963, 0.5850, 1.1037]]
WEIGHTED_SUM_SQUASHED = [[0.4679, 0.2546, 0.3592], [0.5800, 0.2430, 0.4585]]
U_HAT = [
    [0.5693, 0.3967, 0.1622],
    [0.1070, 0.1079, 0.8489],
    [0.0482, 0.4059, 0.0409],
    [0.8526, 0.1019, 0.7829],
]
ROUTED = [[0.1808, 0.1161, 0.2104], [0.1808, 0.1161, 0.2104]]
M, N = 2, 4


def squash1(x):
    squared_norm = (x**2).sum(-1, keepdim=True)
    return squared_norm * x / ((1.0 + squared_norm) * torch.sqrt(squared_norm))


def squash2(x):
    x_norm = x.norm(dim=-1, keepdim=True) ** 2
    return (x_norm / (1 + x_norm)) * (x / torch.sqrt(x_norm))


def squash3(x, dim=-1):
    squared_norm = (x**2).sum(dim=dim, keepdim=True)
    scale = squared_norm / (1 + squared_norm)
    return scale * x / torch.sqrt(squared_norm)


SPELLINGS = [squash1, squash2, squash3]


def unsquash(v):
    """The s of equation 1: ‖v‖ = ‖s‖² / (1 + ‖s‖²) solved for ‖s‖, along the same direction."""
    v = np.asarray(v, dtype=np.float64)
    length = np.linalg.norm(v, axis=-1, keepdims=True)
    return torch.from_numpy(v / length * np.sqrt(length / (1 - length)))


# Squash


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_squash_example_is_squashed_from_numbers_it_could_have_drawn(spelling):
    drawn = unsquash(SQUASH_OUTPUT)
    assert float(drawn.min()) >= 0  # the notebook drew them by torch.rand
    assert float(drawn.max()) < 1
    np.testing.assert_allclose(squash(drawn), SQUASH_OUTPUT, rtol=1e-12)
    np.testing.assert_allclose(spelling(drawn), SQUASH_OUTPUT, rtol=1e-12)


@pytest.mark.parametrize("example", [unsquash(SQUASH_OUTPUT), torch.tensor(WEIGHTED_SUM)])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_agrees_on_the_printed_examples(spelling, example):
    example = example.float()
    torch.testing.assert_close(squash(example), spelling(example), rtol=0, atol=1e-6)
    np.testing.assert_allclose(spelling(example), reference.squash_each(example), atol=1e-6)


@given(st.lists(st.floats(-100, 100, width=32), min_size=1, max_size=16).filter(any))
def test_every_spelling_agrees_everywhere_but_at_zero(numbers):
    s = torch.tensor(numbers, dtype=torch.float64)
    if float(s.norm()) > 1e-6:  # below, the spellings divide by a vanishing norm
        for spelling in SPELLINGS:
            torch.testing.assert_close(squash(s), spelling(s), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_at_zero_the_spellings_are_undefined_and_squash_is_not(spelling):
    assert spelling(torch.zeros(2)).isnan().all()
    assert torch.equal(squash(torch.zeros(2)), torch.zeros(2))


def test_the_printed_weighted_sum_is_squashed_as_printed():
    got = squash(torch.tensor(WEIGHTED_SUM))
    np.testing.assert_allclose(got, WEIGHTED_SUM_SQUASHED, atol=PRINTED)
    np.testing.assert_allclose(
        reference.squash_each(WEIGHTED_SUM), WEIGHTED_SUM_SQUASHED, atol=PRINTED
    )


# Routing


def notebook_routing(u_hat, r):
    """The notebook's cell 4. It leaves the paper in three ways: its softmax runs over the N input
    capsules (the last axis of b) and not over the M outputs; it returns inside the loop, so after
    the first iteration whatever r is; and both outputs share one û, W_ij being left out.
    """
    b = torch.zeros(M, N)
    for i in range(r):
        c = F.softmax(b, dim=-1)
        s = c @ u_hat
        v = squash2(s)
        if i < r - 1:
            b += v @ u_hat.transpose(0, 1)
        return v


@pytest.mark.parametrize("r", [1, 3, 10])
def test_the_notebooks_routing_prints_its_figure_whatever_r_is(r):
    np.testing.assert_allclose(notebook_routing(torch.tensor(U_HAT), r), ROUTED, atol=PRINTED)


@pytest.mark.parametrize("r", [1, 3, 10])
def test_the_papers_routing_of_the_same_votes(r):
    votes = torch.tensor(U_HAT, dtype=torch.float64).expand(1, M, N, 3)
    expected = reference.routing(votes[0].transpose(0, 1).numpy(), r)
    steps = list(route(votes, r))
    assert len(steps) == r
    for (logits, couplings, poses), step in zip(steps, expected, strict=True):
        np.testing.assert_allclose(logits[0].T, step["b"], rtol=1e-12)
        np.testing.assert_allclose(couplings[0].T, step["c"], rtol=1e-12)
        np.testing.assert_allclose(poses[0], step["v"], rtol=1e-12)
    # with one û for both outputs nothing tells them apart: each input gives 1/2 to either
    np.testing.assert_allclose(steps[-1][1], np.full((1, M, N), 1 / M), rtol=1e-12)
    half_the_sum = reference.squash(np.sum(U_HAT, axis=0) / M)
    np.testing.assert_allclose(half_the_sum, [0.3802, 0.2441, 0.4424], atol=PRINTED)
    np.testing.assert_allclose(steps[-1][2][0], [half_the_sum] * M, rtol=1e-12)


def test_the_notebooks_digit_capsule_divides_the_wrong_way():
    """Cell 90 gives b the shape of û and takes the softmax over the inputs, so that what each
    digit receives is 1 and what each input gives is not."""
    u_hat = torch.randn(1, M, N, 3, dtype=torch.float64)  # batch, outputs, inputs, D
    notebook = F.softmax(torch.randn_like(u_hat), dim=2)
    torch.testing.assert_close(notebook.sum(dim=2), torch.ones(1, M, 3, dtype=torch.float64))
    for logits, couplings, _ in route(u_hat, 3):
        assert logits.shape == (1, M, N)
        torch.testing.assert_close(couplings.sum(dim=1), torch.ones(1, N, dtype=torch.float64))


# The other lines that are not the paper's


def test_the_notebooks_margin_loss_lacks_the_squares():
    lengths = torch.tensor([[0.5, 0.5]], dtype=torch.float64)
    labels = torch.tensor([[1.0, 0.0]], dtype=torch.float64)
    left, right = F.relu(0.9 - lengths), F.relu(lengths - 0.1)
    notebook = (labels * left + 0.5 * (1.0 - labels) * right).sum(dim=1).mean()
    assert notebook.item() == pytest.approx(0.4 + 0.5 * 0.4)
    assert margin_loss(lengths, labels).item() == pytest.approx(0.4**2 + 0.5 * 0.4**2)


def test_the_notebooks_view_makes_capsules_of_places():
    """Cell 77 stacks the 8 units before the types and views the whole as capsules of 8 numbers:
    its first capsule is eight neighbouring places of one unit of one type."""
    units, types, side = 8, 2, 6
    maps = torch.arange(units * types * side * side).view(1, units, types, side, side)
    notebook = maps.view(1, types * side * side, -1)
    assert torch.equal(notebook[0, 0], maps[0, 0, 0].flatten()[:8])
    config = CapsNetConfig(conv_channels=1, primary_types=types, primary_dim=units)
    capsules = CapsNet(config).primary_capsules
    torch.nn.init.zeros_(capsules.conv.weight)
    capsules.conv.bias.data = torch.arange(16.0)
    ours = capsules(torch.zeros(1, 1, 20, 20)).detach()
    torch.testing.assert_close(ours[0, 0], squash(torch.arange(8.0)))
    torch.testing.assert_close(ours[0, -1], squash(torch.arange(8.0, 16.0)))


def test_the_digit_nine_is_never_among_the_notebooks_labels():
    """Cell 121 draws its labels by randint(0, 9), whose upper end is left out."""
    assert int(torch.randint(0, 9, (1000,)).max()) == 8
