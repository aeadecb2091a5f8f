"""Couplings by place, by type and over the image, against slow loops in float64."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capsviz.explore.answers import FIELD_STEP, Explanation
from capsviz.explore.couplings import (
    WITHIN,
    activity,
    coupling_by_type,
    coupling_cells,
    coupling_grid,
    mass_maps,
    mass_share,
    place_of,
    receptive_field,
    usual_extent,
)

READINGS = pytest.mark.parametrize("weighted", [False, True])
MEASURES = pytest.mark.parametrize("difference", [False, True])


def made(seed, types=2, side=3, digits=4, iterations=2, field=5, pixels=None):
    """An explanation of random numbers that keep the promises of routing."""
    rng = np.random.default_rng(seed)
    capsules, dimensions = types * side * side, 3
    size = FIELD_STEP * (side - 1) + field if pixels is None else pixels
    logits = rng.normal(size=(iterations, capsules, digits)).astype(np.float32)
    logits[0] = 0
    raised = np.exp(logits.astype(np.float64))
    poses = rng.normal(size=(iterations, digits, dimensions)).astype(np.float32) / 4
    return Explanation(
        image=rng.random((size, size), np.float32),
        grid=(types, side, side),
        primary=rng.normal(size=(capsules, 5)).astype(np.float32) / 5,
        votes=rng.normal(size=(capsules, digits, dimensions)).astype(np.float32),
        logits=logits,
        couplings=(raised / raised.sum(-1, keepdims=True)).astype(np.float32),
        poses=poses,
        lengths=np.linalg.norm(poses, axis=-1).astype(np.float32),
        field=field,
        reconstruction=None,
        seconds=0.0,
    )


EXPLANATIONS = st.builds(
    made,
    seed=st.integers(0, 2**32 - 1),
    types=st.integers(1, 4),
    side=st.integers(1, 4),
    digits=st.integers(2, 6),
    field=st.sampled_from([1, 3, 5, 17]),
)


def slow_cell(e, iteration, capsule, digit, weighted, difference):
    value = float(e.couplings[iteration - 1, capsule, digit])
    if difference:
        value -= 1 / e.couplings.shape[2]
    if weighted:
        value *= sum(float(part) ** 2 for part in e.primary[capsule]) ** 0.5
    return value


def slow_window(field):
    raised = [(1 - math.cos(2 * math.pi * (n + 1) / (field + 1))) / 2 for n in range(field)]
    return [part / sum(raised) for part in raised]


def slow_mass(e, iteration, digit, difference):
    window = slow_window(e.field)
    image = np.zeros(e.image.shape)
    for capsule in range(len(e.primary)):
        top, left, side = receptive_field(e, capsule)
        mass = slow_cell(e, iteration, capsule, digit, True, difference)
        for y in range(side):
            for x in range(side):
                image[top + y, left + x] += mass * window[y] * window[x]
    return image


@given(EXPLANATIONS)
def test_activity_is_the_length_of_each_primary_capsule(e):
    slow = [sum(float(part) ** 2 for part in row) ** 0.5 for row in e.primary]
    assert activity(e) == pytest.approx(slow, rel=1e-5)


@READINGS
@MEASURES
@given(e=EXPLANATIONS)
def test_grid_cells_are_single_couplings(weighted, difference, e):
    digit = e.couplings.shape[2] - 1
    grid = coupling_grid(e, 2, digit, weighted, difference)
    assert grid.shape == e.grid
    for capsule in range(len(e.primary)):
        want = slow_cell(e, 2, capsule, digit, weighted, difference)
        assert grid[place_of(e, capsule)] == pytest.approx(want, abs=1e-6)
    assert grid.ravel() == pytest.approx(coupling_cells(e, 2, weighted, difference)[:, digit])


@READINGS
@MEASURES
@given(e=EXPLANATIONS)
def test_types_are_means_over_places(weighted, difference, e):
    types, side, _ = e.grid
    means = coupling_by_type(e, 2, weighted, difference)
    assert means.shape == (types, e.couplings.shape[2])
    for kind in range(types):
        for digit in range(means.shape[1]):
            places = range(kind * side * side, (kind + 1) * side * side)
            cells = [slow_cell(e, 2, i, digit, weighted, difference) for i in places]
            assert means[kind, digit] == pytest.approx(sum(cells) / len(cells), abs=1e-6)


@MEASURES
@given(e=EXPLANATIONS)
def test_mass_maps_spread_each_capsule_over_its_field(difference, e):
    digit = 0
    maps = mass_maps(e, 2, difference)
    assert maps.shape == (e.couplings.shape[2], *e.image.shape)
    assert maps.dtype == np.float32
    np.testing.assert_allclose(maps[digit], slow_mass(e, 2, digit, difference), atol=1e-5)


@given(EXPLANATIONS)
def test_mass_is_kept_and_shared_out(e):
    maps, share = mass_maps(e, 2), mass_share(e, 2)
    weights = activity(e).astype(np.float64)
    mass = weights @ e.couplings[1].astype(np.float64)
    np.testing.assert_allclose(maps.sum((1, 2)), mass, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(share, mass / weights.sum(), rtol=1e-4)
    assert share.sum() == pytest.approx(1, abs=1e-5)
    np.testing.assert_allclose(mass_maps(e, 2, difference=True).sum(0), 0, atol=1e-5)


@given(EXPLANATIONS)
def test_routing_begins_without_a_difference(e):
    assert np.abs(coupling_cells(e, 1, difference=True)).max() < 1e-6
    assert mass_share(e, 1) == pytest.approx(1 / e.couplings.shape[2], abs=1e-5)


def test_no_activity_has_no_shares():
    silent = replace(made(1), primary=np.zeros((18, 5), np.float32))
    assert not mass_share(silent, 2).any()
    assert not mass_maps(silent, 2).any()


def test_pixels_the_stride_leaves_out_get_no_mass():
    e = made(3, pixels=10)  # the fields of three places reach pixel 8
    maps = mass_maps(e, 2)
    assert maps.shape[1:] == (10, 10)
    assert not maps[:, 9].any()
    assert not maps[:, :, 9].any()
    assert maps[:, 8, 8].all()


def test_receptive_fields_of_the_paper(answer):
    """17 pixels a side, two apart: the last of six begins at pixel 10."""
    assert answer.field == 17
    assert receptive_field(answer, 0) == (0, 0, 17)
    assert receptive_field(answer, 1) == (0, 2, 17)
    assert receptive_field(answer, 6) == (2, 0, 17)
    assert receptive_field(answer, 71) == (10, 10, 17)
    for capsule in (-1, 72):
        with pytest.raises(IndexError):
            receptive_field(answer, capsule)


def test_a_primary_capsule_sees_its_receptive_field_and_nothing_else(answer, tiny_model):
    from capsviz.explore.explain import explain

    capsule = 6 * 6 + 6 * 3 + 2  # of the second type, row 3, column 2
    top, left, side = receptive_field(answer, capsule)
    inside = np.zeros((28, 28), bool)
    inside[top : top + side, left : left + side] = True
    elsewhere = explain(tiny_model, np.where(inside, answer.image, 1 - answer.image), 1)
    np.testing.assert_allclose(elsewhere.primary[capsule], answer.primary[capsule], atol=1e-6)
    for y, x in ((top, left), (top + side - 1, left + side - 1)):
        image = answer.image.copy()
        image[y, x] = 1 - image[y, x]
        assert np.any(explain(tiny_model, image, 1).primary[capsule] != answer.primary[capsule])


@READINGS
@MEASURES
@given(e=EXPLANATIONS)
def test_extent_spans_nearly_all_cells(weighted, difference, e):
    extent = usual_extent(e, 2, weighted, difference)
    sizes = np.abs(coupling_cells(e, 2, weighted, difference))
    assert (sizes <= extent).mean() >= min(WITHIN, 1)
    assert extent in sizes
