"""Routing by agreement against procedure 1 in loops, and the properties it must have."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.overrides import TorchFunctionMode

from capsviz.network import MAX_ITERATIONS, CapsNet, CapsNetConfig, lengths_of, route
from capsviz.network.capsnet import DigitCapsules
from tests import reference

BATCH, INPUTS, OUTPUTS, DIM, UNITS = 2, 7, 3, 4, 5
ALL_ITERATIONS = range(1, MAX_ITERATIONS + 1)
SMALL = CapsNetConfig(
    image_size=5,
    classes=OUTPUTS,
    conv_channels=2,
    kernel_size=3,
    primary_types=INPUTS,
    primary_dim=UNITS,
    digit_dim=DIM,
    reconstruction=False,
)


def random_votes():
    return torch.randn(BATCH, OUTPUTS, INPUTS, DIM, dtype=torch.float64)


def stacked(votes, iterations):
    """Logits and couplings (R, B, I, J) and poses (R, B, J, D), the paper's order of indices."""
    logits, couplings, poses = (
        torch.stack(part) for part in zip(*route(votes, iterations), strict=True)
    )
    return logits.transpose(2, 3), couplings.transpose(2, 3), poses


def assert_softmax_over_digits(couplings):
    """Couplings (..., I, J): input i gives away 1 in all; what digit j receives is free."""
    given_by_input = couplings.sum(-1)
    torch.testing.assert_close(given_by_input, torch.ones_like(given_by_input))
    received_by_digit = couplings.sum(-2)
    assert bool(((received_by_digit - 1).abs() > 1e-3).any(dim=-1).all())


class Largest(TorchFunctionMode):
    """The most numbers any operation wrote, not counting views."""

    def __init__(self, known):
        super().__init__()
        self.known = {known.untyped_storage().data_ptr()}
        self.numbers = 0

    def __torch_function__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        if isinstance(result, torch.Tensor):
            pointer = result.untyped_storage().data_ptr()
            if pointer not in self.known:
                self.numbers = max(self.numbers, result.numel())
        return result


@pytest.fixture(scope="module")
def small_model():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(2)
        model = CapsNet(SMALL).eval().requires_grad_(False)
        model.digit_capsules.weight *= 30  # so large that couplings leave 1/J
        model.primary_capsules.conv.weight *= 5
    return model


@pytest.fixture
def double_digits():
    return DigitCapsules(SMALL).double()


# Against the loops


@pytest.mark.parametrize("iterations", ALL_ITERATIONS)
def test_every_number_of_the_routing_equals_the_loops(iterations):
    votes = random_votes()
    logits, couplings, poses = stacked(votes, iterations)
    assert len(poses) == iterations
    for image in range(BATCH):
        steps = reference.routing(votes[image].transpose(0, 1).numpy(), iterations)
        for r, step in enumerate(steps):
            np.testing.assert_allclose(logits[r, image], step["b"], rtol=1e-11, atol=1e-12)
            np.testing.assert_allclose(couplings[r, image], step["c"], rtol=1e-11, atol=1e-12)
            np.testing.assert_allclose(poses[r, image], step["v"], rtol=1e-11, atol=1e-12)
    if iterations >= 3:  # else the comparison would prove little
        assert float((couplings[-1] - 1 / OUTPUTS).abs().max()) > 0.1


def test_votes_are_equation_2(double_digits):
    primary = torch.randn(BATCH, INPUTS, UNITS, dtype=torch.float64)
    stored = double_digits.weight.detach().numpy()  # (I, P, J·D)
    weight = stored.reshape(INPUTS, UNITS, OUTPUTS, DIM).transpose(0, 2, 3, 1)
    votes = double_digits.votes(primary).detach().transpose(1, 2)
    for image in range(BATCH):
        expected = reference.predictions(primary[image].numpy(), weight)
        np.testing.assert_allclose(votes[image], expected, rtol=1e-12)


@pytest.mark.parametrize("iterations", ALL_ITERATIONS)
def test_the_trace_of_a_network_equals_the_loops(small_model, iterations):
    trace = small_model.trace(torch.rand(BATCH, 1, 5, 5), iterations)
    stored = small_model.digit_capsules.weight.double().numpy()  # (I, P, J·D)
    weight = stored.reshape(INPUTS, UNITS, OUTPUTS, DIM).transpose(0, 2, 3, 1)
    for image in range(BATCH):
        votes = reference.predictions(trace.primary[image].double().numpy(), weight)
        np.testing.assert_allclose(trace.votes[image], votes, rtol=1e-5, atol=1e-6)
        for r, step in enumerate(reference.routing(votes, iterations)):
            np.testing.assert_allclose(trace.logits[r, image], step["b"], atol=1e-4)
            np.testing.assert_allclose(trace.couplings[r, image], step["c"], atol=1e-4)
            np.testing.assert_allclose(trace.poses[r, image], step["v"], atol=1e-4)
            lengths = [reference.length(v) for v in step["v"]]
            np.testing.assert_allclose(trace.lengths[r, image], lengths, atol=1e-4)


# The axis of the softmax


@pytest.mark.parametrize("iterations", ALL_ITERATIONS)
def test_each_input_capsule_divides_itself_among_the_digits(small_model, iterations):
    assert_softmax_over_digits(stacked(random_votes(), iterations)[1])
    assert_softmax_over_digits(small_model.trace(torch.rand(BATCH, 1, 5, 5), iterations).couplings)


def test_a_softmax_over_the_inputs_would_be_noticed():
    logits = stacked(random_votes(), 3)[0]
    wrong = logits.softmax(dim=-2)
    with pytest.raises(AssertionError):
        assert_softmax_over_digits(wrong)
    with pytest.raises(AssertionError):
        assert_softmax_over_digits(torch.full((INPUTS, OUTPUTS), 1 / INPUTS))


def test_the_first_couplings_are_uniform_over_the_digits():
    logits, couplings, poses = stacked(random_votes(), 1)
    assert torch.equal(logits, torch.zeros(1, BATCH, INPUTS, OUTPUTS, dtype=torch.float64))
    assert torch.equal(
        couplings, torch.full((1, BATCH, INPUTS, OUTPUTS), 1 / OUTPUTS, dtype=torch.float64)
    )
    assert poses.shape == (1, BATCH, OUTPUTS, DIM)


# The logits


def test_logits_grow_by_the_agreement_and_never_after_the_last_iteration():
    votes = random_votes()
    logits, _, poses = stacked(votes, 4)
    for r in range(3):
        agreement = (votes * poses[r].unsqueeze(2)).sum(-1).transpose(1, 2)  # B I J
        torch.testing.assert_close(logits[r + 1], logits[r] + agreement)
    # a last update in place would show in what was yielded before it
    assert torch.equal(logits[0], torch.zeros_like(logits[0]))
    assert torch.equal(logits, stacked(votes, 5)[0][:4])
    assert torch.equal(poses, stacked(votes, 5)[2][:4])


@pytest.mark.parametrize("iterations", ALL_ITERATIONS)
def test_nothing_is_computed_after_the_last_poses(iterations):
    steps = route(random_votes(), iterations)
    for _ in range(iterations):
        logits, _, _ = next(steps)
    with Largest(logits) as seen:
        assert list(steps) == []
    assert seen.numbers == 0


def test_a_digit_on_which_votes_agree_draws_the_couplings():
    votes = random_votes()
    votes[:, 1] = torch.ones(DIM, dtype=torch.float64)
    couplings = stacked(votes, 5)[1]
    towards = couplings[..., 1].mean(dim=(1, 2))
    assert bool((towards.diff() > 0).all())


def test_votes_of_zero_give_poses_of_zero():
    logits, couplings, poses = stacked(torch.zeros(1, OUTPUTS, INPUTS, DIM), 3)
    assert not logits.any()
    assert not poses.any()
    torch.testing.assert_close(couplings, torch.full_like(couplings, 1 / OUTPUTS))


@given(st.floats(0.01, 100), st.integers(1, MAX_ITERATIONS))
def test_lengths_stay_below_one(scale, iterations):
    lengths = lengths_of(stacked(random_votes() * scale, iterations)[2])
    assert float(lengths.min()) >= 0
    assert float(lengths.max()) < 1


@pytest.mark.parametrize("iterations", [0, -1, 11, 1000])
def test_iterations_out_of_range_are_refused(small_model, iterations):
    image = torch.rand(1, 1, 5, 5)
    for routed in (
        lambda: list(route(random_votes(), iterations)),
        lambda: small_model(image, iterations),
        lambda: small_model.trace(image, iterations),
    ):
        with pytest.raises(ValueError, match=f"1 to 10, not {iterations}"):
            routed()


# Symmetries


@given(st.permutations(range(INPUTS)), st.integers(1, MAX_ITERATIONS))
def test_the_order_of_the_input_capsules_does_not_matter(order, iterations):
    digits = DigitCapsules(SMALL).double().requires_grad_(False)
    primary = torch.randn(BATCH, INPUTS, UNITS, dtype=torch.float64)
    before = digits(primary, iterations)
    digits.weight.copy_(digits.weight[list(order)])
    after = digits(primary[:, list(order)], iterations)
    torch.testing.assert_close(after, before, rtol=1e-10, atol=1e-12)


@given(st.permutations(range(OUTPUTS)), st.integers(1, MAX_ITERATIONS))
def test_the_order_of_the_digits_is_carried_through(order, iterations):
    votes = random_votes()
    _, couplings, poses = stacked(votes, iterations)
    _, moved_couplings, moved_poses = stacked(votes[:, list(order)], iterations)
    torch.testing.assert_close(moved_poses, poses[:, :, list(order)], rtol=1e-10, atol=1e-12)
    torch.testing.assert_close(moved_couplings, couplings[..., list(order)], rtol=1e-10, atol=0)


@given(st.integers(1, MAX_ITERATIONS))
def test_turning_every_vote_turns_the_poses(iterations):
    votes = random_votes()
    turn = torch.linalg.qr(torch.randn(DIM, DIM, dtype=torch.float64)).Q
    _, couplings, poses = stacked(votes, iterations)
    _, turned_couplings, turned_poses = stacked(votes @ turn, iterations)
    torch.testing.assert_close(turned_poses, poses @ turn, rtol=1e-10, atol=1e-12)
    torch.testing.assert_close(turned_couplings, couplings, rtol=1e-10, atol=0)


def test_no_tiled_copy_of_the_votes_is_made():
    votes = random_votes()
    with Largest(votes) as seen:
        list(route(votes, 3))
    assert 0 < seen.numbers <= BATCH * OUTPUTS * INPUTS
    with Largest(votes) as seen:
        votes * 2
    assert seen.numbers == votes.numel()
