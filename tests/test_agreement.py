import math

import numpy as np
import pytest

from capsviz.explore.agreement import (
    agreements,
    effective_parents,
    entropies,
    every_agreement,
    largest_deviation,
    step_of,
    total_input,
)
from capsviz.explore.answers import Explanation
from capsviz.explore.couplings import activity
from capsviz.explore.projection import Plane, plane_of, steady_limit


def made(votes, couplings=None, poses=None, primary=None):
    """An explanation of these numbers alone."""
    n, digits, dims = votes.shape
    couplings = np.full((1, n, digits), 1 / digits) if couplings is None else couplings
    poses = np.zeros((len(couplings), digits, dims)) if poses is None else poses
    primary = np.ones((n, 2)) if primary is None else primary
    return Explanation(
        image=np.zeros((9, 9), np.float32),
        grid=(n, 1, 1),
        primary=np.float32(primary),
        votes=np.float32(votes),
        logits=np.zeros(couplings.shape, np.float32),
        couplings=np.float32(couplings),
        poses=np.float32(poses),
        lengths=np.float32(np.linalg.norm(poses, axis=2)),
        field=9,
        reconstruction=None,
        seconds=0.0,
    )


@pytest.fixture
def routed():
    """Sharp and soft couplings among 4 digit capsules, two iterations of 30 capsules."""
    rng = np.random.default_rng(3)
    logits = rng.normal(0, 4, (2, 30, 4))
    couplings = np.exp(logits) / np.exp(logits).sum(2, keepdims=True)
    return made(
        rng.normal(size=(30, 4, 5)),
        couplings,
        rng.uniform(-0.4, 0.4, (2, 4, 5)),
        rng.uniform(0, 0.5, (30, 3)),
    )


def slow_entropy(row):
    return -math.fsum(float(c) * math.log2(float(c)) for c in row if c > 0)


def test_entropy_of_every_capsule_and_iteration(routed):
    expected = [[slow_entropy(row) for row in layer] for layer in routed.couplings]
    assert entropies(routed) == pytest.approx(np.array(expected), abs=1e-5)


def test_entropy_of_the_undecided_and_of_the_decided():
    couplings = np.array([[[0.25] * 4, [1, 0, 0, 0], [0.5, 0.5, 0, 0]]])
    entropy = entropies(made(np.zeros((3, 4, 2)), couplings))
    assert entropy[0].tolist() == [2, 0, 1]
    assert effective_parents(entropy).tolist() == pytest.approx([(4 + 1 + 2) / 3])


def test_effective_parents_weighted_by_activity(routed):
    weights = [math.sqrt(math.fsum(float(x) ** 2 for x in unit)) for unit in routed.primary]
    parents = [[2 ** slow_entropy(row) for row in layer] for layer in routed.couplings]
    plain = [math.fsum(layer) / 30 for layer in parents]
    heavy = [
        math.fsum(w * p for w, p in zip(weights, layer, strict=True)) / math.fsum(weights)
        for layer in parents
    ]
    entropy = entropies(routed)
    assert effective_parents(entropy) == pytest.approx(plain, rel=1e-5)
    assert effective_parents(entropy, activity(routed)) == pytest.approx(heavy, rel=1e-5)
    assert plain != pytest.approx(heavy, rel=1e-3)


def test_silent_capsules_count_alike(routed):
    entropy = entropies(routed)
    silent = effective_parents(entropy, np.zeros(30, np.float32))
    assert silent == pytest.approx(effective_parents(entropy))


def test_agreement_of_every_vote(routed):
    for iteration in (1, 2):
        expected = [
            [
                math.fsum(float(a) * float(b) for a, b in zip(vote, pose, strict=True))
                for vote, pose in zip(votes, routed.poses[iteration - 1], strict=True)
            ]
            for votes in routed.votes
        ]
        assert agreements(routed, iteration) == pytest.approx(np.array(expected), abs=1e-6)
        assert every_agreement(routed)[iteration - 1] == pytest.approx(
            np.array(expected), abs=1e-6
        )


def test_the_logits_of_a_real_routing_grow_by_the_agreement(answer):
    grown = answer.logits[1] + agreements(answer, 2)
    assert grown == pytest.approx(answer.logits[2], abs=1e-6)


def test_largest_deviation_of_the_sums(routed, answer):
    assert largest_deviation(answer) < 1e-6
    couplings = routed.couplings.copy()
    couplings[1, 7, 2] += 0.125
    assert largest_deviation(made(routed.votes, couplings)) == pytest.approx(0.125, abs=1e-6)


def test_total_input_is_the_coupled_sum_of_the_votes(routed):
    expected = [
        math.fsum(
            float(routed.couplings[1, i, 2]) * float(routed.votes[i, 2, d]) for i in range(30)
        )
        for d in range(5)
    ]
    assert total_input(routed, 2, 2) == pytest.approx(expected, abs=1e-5)


def test_one_capsules_step_adds_up(answer):
    step = step_of(answer, 2, 40, 7)
    assert step.couplings == pytest.approx(
        [
            math.exp(float(b)) / math.fsum(math.exp(float(x)) for x in step.logits)
            for b in step.logits
        ],
        abs=1e-6,
    )
    assert step.contribution == pytest.approx(step.vote * step.couplings[7])
    others = np.delete(np.arange(len(answer.votes)), 40)
    rest = answer.couplings[1, others, 7] @ answer.votes[others, 7]
    assert step.total == pytest.approx(rest + step.contribution, abs=1e-5)
    length = float(np.linalg.norm(step.total))
    assert step.pose == pytest.approx(step.total * length / (1 + length**2), abs=1e-5)
    grown = float(step.logits[7] + step.products.sum())
    assert grown == pytest.approx(float(answer.logits[2, 40, 7]), abs=1e-6)


def in_a_plane(seed=0):
    """Votes in a known plane of six dimensions, a little beside it, and a pose in it."""
    rng = np.random.default_rng(seed)
    axes, _ = np.linalg.qr(rng.normal(size=(6, 6)))
    inside = rng.normal(0, [3, 1], (200, 2)) @ axes[:, :2].T
    votes = inside + rng.normal(0, 0.01, (200, 6))
    poses = (0.6 * axes[:, 0] + 0.3 * axes[:, 1])[None, None]
    return made(votes[:, None], poses=poses)


def test_the_plane_of_votes_keeps_them_and_their_distances_from_the_origin():
    answer = in_a_plane()
    plane = plane_of(answer, 0)
    assert plane.basis.T @ plane.basis == pytest.approx(np.eye(2), abs=1e-6)
    assert plane.share > 0.999
    lengths = np.linalg.norm(answer.votes[:, 0], axis=1)
    assert np.linalg.norm(plane.points, axis=1) == pytest.approx(lengths, abs=0.06)
    kept = (plane.points**2).sum() / (answer.votes**2).sum()
    assert plane.share == pytest.approx(float(kept), rel=1e-5)


def test_the_digit_capsule_points_right():
    plane = plane_of(in_a_plane(), 0)
    x, y = plane.at(in_a_plane().poses[0, 0])
    assert (x, y) == pytest.approx((math.hypot(0.6, 0.3), 0), abs=0.01)


def test_a_picture_does_not_flip_against_the_one_before():
    answer = in_a_plane()
    first = plane_of(answer, 0)
    mirrored = Plane(first.basis * np.float32([1, -1]), first.points, first.share)
    assert plane_of(answer, 0, first).points == pytest.approx(first.points)
    assert plane_of(answer, 0, mirrored).points[:, 1] == pytest.approx(-first.points[:, 1])


def test_one_dimension_lies_on_the_x_axis():
    votes = np.array([1.0, -2.0, 0.5]).reshape(3, 1, 1)
    plane = plane_of(made(votes, poses=np.full((1, 1, 1), 0.5)), 0)
    assert plane.points.tolist() == [[1, 0], [-2, 0], [0.5, 0]]
    assert plane.share == 1


def test_votes_of_nothing_lie_at_the_origin():
    plane = plane_of(made(np.zeros((3, 2, 4))), 1)
    assert not plane.points.any()
    assert plane.share == 1


def test_limits_are_round_and_hold_still():
    assert [steady_limit(x) for x in (0.7, 1.0, 1.2, 3.3, 7, 0.031)] == pytest.approx(
        [0.8, 1, 1.5, 4, 8, 0.04]
    )
    assert steady_limit(2.6, 5) == 5
    assert steady_limit(2.4, 5) == 3
    assert steady_limit(5.1, 5) == 6
    assert steady_limit(0.0) == 1
    assert steady_limit(float("nan"), 2.0) == 2
