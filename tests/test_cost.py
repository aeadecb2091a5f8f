"""What a run is said to cost, beside what it does."""

from __future__ import annotations

import itertools
import time

import pytest
import torch

from capsviz.training import cost
from capsviz.training.cost import estimate, steps_in
from capsviz.training.loop import train
from capsviz.training.watch import Watch
from tests.idx import blocks
from tests.runs import CPU, DIGITS, finish, make_plan


def last(*args):
    *earlier, final = estimate(*args)
    assert all(not each.is_final for each in earlier)
    assert final.is_final
    return final


@pytest.mark.parametrize(
    ("changes", "own"),
    [
        ({}, 0),
        ({"batch_size": 90}, 0),
        ({"batch_size": 89}, 0),
        ({"training_images": 33}, 0),
        ({"batch_size": 16, "own_share": 0.5}, 10),
    ],
)
def test_steps_are_those_of_the_run(tmp_path, changes, own):
    import msgspec

    plan = msgspec.structs.replace(make_plan(epochs=1, **changes), own=own)
    images = len(DIGITS) - own
    reports = list(train(plan, DIGITS, tmp_path / "run", CPU))
    assert reports[-1].total_steps == steps_in(plan, images)


def test_time_adds_up_over_steps_and_validations(monkeypatch):
    monkeypatch.setattr(cost, "_timed_step", lambda *_: 0.5)
    monkeypatch.setattr(cost, "_seconds_per_answer", lambda *_: 0.01)
    found = last(make_plan(epochs=3), len(DIGITS), CPU)
    assert found.seconds_per_step == 0.5
    assert found.images_per_second == 32
    assert found.seconds_total == pytest.approx(3 * (6 * 0.5 + 20 * 0.01))


def test_the_median_step_counts(monkeypatch):
    times = iter([9.0, 1.0, 2.0, 3.0])
    monkeypatch.setattr(cost, "_timed_step", lambda *_: next(times))
    assert last(make_plan(), len(DIGITS), CPU).seconds_per_step == 3.0


def test_the_estimate_is_near_the_run(tmp_path, tiny_config):
    """Within a factor of three: other tests run on this machine too."""
    plan = make_plan(tiny_config, epochs=2, batch_size=64, validation_images=100)
    found = last(plan, 1000, CPU)
    began = time.perf_counter()
    list(train(plan, blocks(1000), tmp_path / "run", CPU))
    took = time.perf_counter() - began
    assert took / 3 < found.seconds_total < took * 3


def test_the_folder_is_no_larger_than_said(tmp_path, tiny_config):
    plan = make_plan(tiny_config, epochs=4, validation_images=100)
    watch = Watch(frames=4, frame_steps=5)
    list(train(plan, blocks(300), tmp_path / "run", CPU, watch=watch))
    files = [path for path in (tmp_path / "run").rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    said = last(plan, 300, CPU, watch).disk_bytes
    overhead = 2**14 * len(files) + 2 * 20 * 28**2 * 4  # headers, and the report's images
    assert said * 0.8 < size < said + overhead


def test_memory_grows_with_the_batch_and_the_weights(tiny_config):
    small = last(make_plan(tiny_config), 1000, CPU).peak_bytes
    assert last(make_plan(tiny_config, batch_size=64), 1000, CPU).peak_bytes > small
    weights = 4 * sum(w.numel() for w in _network(tiny_config).parameters())
    averaged = last(make_plan(tiny_config, averaging=0.9), 1000, CPU).peak_bytes
    assert averaged - small == weights
    flat = last(make_plan(tiny_config, sam_radius=0.05), 1000, CPU).peak_bytes
    assert flat - small == 2 * weights, "where it came from, and the first gradients"
    assert last(make_plan(tiny_config), 2000, CPU).peak_bytes - small == 2 * 1000 * 28**2


def _network(config):
    from capsviz.network import CapsNet

    return CapsNet(config)


def test_an_estimate_can_be_given_up_and_leaves_nothing(tmp_path):
    before = torch.random.get_rng_state()
    measuring = estimate(make_plan(), len(DIGITS), CPU)
    assert not next(measuring).is_final
    measuring.close()
    assert torch.equal(torch.random.get_rng_state(), before)
    assert list(tmp_path.iterdir()) == []


def test_measuring_first_changes_nothing_of_the_run(tmp_path):
    from tests.runs import differences

    finish(make_plan(), tmp_path / "plain")
    list(itertools.islice(estimate(make_plan(), len(DIGITS), CPU), 2))
    finish(make_plan(), tmp_path / "measured")
    assert differences(tmp_path / "plain", tmp_path / "measured") == []
