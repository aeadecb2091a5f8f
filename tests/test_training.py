"""Training: what is learnt, what is reported, and which images it is learnt from."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
import torch

from capsviz.data.mnist import Digits
from capsviz.files import CapsvizError
from capsviz.network import load_checkpoint
from capsviz.training import loop
from capsviz.training.learner import Learner
from capsviz.training.loop import train
from capsviz.training.run import RunFolder
from tests.idx import blocks
from tests.runs import (
    CPU,
    DIGITS,
    EPOCH_STEPS,
    FILES,
    finish,
    make_plan,
    metrics_of,
    numbers_of,
    same_weights,
    tensors_of,
    watch_forwards,
    watch_steps,
)


@pytest.fixture(autouse=True)
def report_every_step(monkeypatch):
    monkeypatch.setattr(loop, "_SHORTEST_REPORT", 0.0)


@pytest.fixture
def steps(monkeypatch):
    return watch_steps(monkeypatch)


@pytest.fixture
def forwards(monkeypatch):
    return watch_forwards(monkeypatch)


@pytest.mark.parametrize(
    "changes",
    [
        {"schedule": "exponential", "decay_steps": 50},
        {"schedule": "cosine", "warmup_steps": 10, "averaging": 0.8, "augmentation": "affine"},
    ],
    ids=["the paper's", "cosine, averaged, affine"],
)
def test_a_network_learns(tmp_path, tiny_config, changes):
    plan = make_plan(tiny_config, epochs=4, learning_rate=0.01, validation_images=100, **changes)
    reports = list(train(plan, blocks(300), tmp_path / "run", CPU))
    margins = [report.margin_loss for report in reports]
    drawings = [report.reconstruction_loss for report in reports]
    assert np.mean(margins[-10:]) < 0.5 * np.mean(margins[:3])
    assert np.mean(drawings[-10:]) < 0.9 * np.mean(drawings[:3])
    assert reports[-1].validation_error < 0.3  # chance is 0.9
    assert {path.name for path in (tmp_path / "run").iterdir()} == FILES


def test_a_network_without_decoder_learns(tmp_path, tiny_config):
    config = msgspec.structs.replace(tiny_config, reconstruction=False)
    plan = make_plan(config, epochs=4, learning_rate=0.01, validation_images=100)
    reports = list(train(plan, blocks(300), tmp_path / "run", CPU))
    assert {report.reconstruction_loss for report in reports} == {0.0}
    assert reports[-1].validation_error < 0.3
    assert load_checkpoint(tmp_path / "run" / "model.safetensors").model.decoder is None


def test_weight_zero_leaves_the_decoder_untouched(tmp_path, steps):
    finish(make_plan(reconstruction_weight=0.0, epochs=3), tmp_path / "run")
    first, last = steps.weights[0], steps.weights[-1]
    moved = {name for name in first if not torch.equal(first[name], last[name])}
    assert moved == {name for name in first if not name.startswith("decoder")}


def test_reports_agree_with_each_other(tmp_path):
    reports = finish(make_plan(epochs=3), tmp_path / "run")
    total = 3 * EPOCH_STEPS
    step_reports = [report for report in reports if report.validation_error is None]
    validations = [report for report in reports if report.validation_error is not None]
    assert {report.step for report in reports} == set(range(1, total + 1))
    assert len({report.step for report in step_reports}) == len(step_reports)
    assert [report.step for report in validations] == [6, 12, 18]
    assert [report.step for report in reports] == sorted(report.step for report in reports)
    for report in reports:
        assert report.total_steps == total
        assert report.epoch == pytest.approx(report.step / EPOCH_STEPS)
        assert report.images_per_second > 0
        assert report.seconds_left >= 0
        assert (report.seconds_left == 0) == (report.step == total)
        assert 0 <= report.training_error <= 1
        assert report.margin_loss >= 0
        assert report.reconstruction_loss > 0
    assert reports[-1].seconds_left == 0
    assert reports[-1].validation_error is not None


def test_best_validation_error_is_the_lowest_so_far(tmp_path):
    best = None
    for report in finish(make_plan(epochs=4), tmp_path / "run"):
        if report.validation_error is not None:
            best = min(report.validation_error, 1.0 if best is None else best)
        assert report.best_validation_error == best


def test_training_error_counts_wrong_answers(tmp_path, monkeypatch):
    wrongs = []
    real = Learner.step

    def spied(self, images, labels, number, total):
        losses = real(self, images, labels, number, total)
        wrongs.append(int(losses[2]) / len(labels))
        return losses

    monkeypatch.setattr(Learner, "step", spied)
    reports = finish(make_plan(), tmp_path / "run")
    found = {report.step: report.training_error for report in reports}
    assert [found[step] for step in range(1, len(wrongs) + 1)] == pytest.approx(wrongs)


def test_reports_are_thinned(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "_SHORTEST_REPORT", 3600.0)
    reports = finish(make_plan(), tmp_path / "run")
    assert len(reports) <= 2 * 2  # one step an epoch, and its validation
    assert [report.step for report in reports if report.validation_error is not None] == [6, 12]


def test_metrics_repeat_the_reports(tmp_path):
    plan = make_plan(epochs=4)
    reports = finish(plan, tmp_path / "run")
    lines = RunFolder(tmp_path / "run").metrics()
    assert [line for line in lines if line.validation_error is not None] == [
        report for report in reports if report.validation_error is not None
    ]
    plain = [line for line in lines if line.validation_error is None]
    assert [line.step for line in plain] == [10, 20]
    assert plain == [report for report in reports if report in plain]
    assert len(metrics_of(tmp_path / "run")) == len(lines)


def test_the_last_batch_may_be_smaller_and_the_only_one(tmp_path):
    reports = finish(make_plan(batch_size=1000, epochs=2), tmp_path / "run")
    assert reports[-1].step == reports[-1].total_steps == 2


def test_validation_images_are_held_out(tmp_path, forwards):
    finish(make_plan(augmentation="none", epochs=3), tmp_path / "run")
    trained, evaluated = numbers_of(forwards.trained), numbers_of(forwards.evaluated)
    assert set(trained).isdisjoint(evaluated)
    assert set(trained) | set(evaluated) == set(range(len(DIGITS)))
    assert len(set(evaluated)) == 20
    assert sorted(trained) == sorted(list(set(trained)) * 3)  # each once an epoch
    assert sorted(evaluated) == sorted(list(set(evaluated)) * 3)


def test_each_epoch_has_its_own_order(tmp_path, forwards):
    finish(make_plan(augmentation="none", epochs=4), tmp_path / "run")
    trained = numbers_of(forwards.trained)
    orders = [tuple(trained[start : start + 90]) for start in range(0, 360, 90)]
    assert len(set(orders)) == 4


def test_images_keep_their_labels(tmp_path, steps):
    finish(make_plan(), tmp_path / "run")
    labels = DIGITS.labels[numbers_of(steps.images)]
    np.testing.assert_array_equal(labels, torch.cat(steps.labels).numpy())


def held_out(folder, forwards, seed: int) -> frozenset[int]:
    forwards.evaluated.clear()
    finish(make_plan(epochs=1, seed=seed), folder)
    return frozenset(numbers_of(forwards.evaluated))


def test_the_split_belongs_to_the_seed(tmp_path, forwards):
    split = held_out(tmp_path / "once", forwards, seed=7)
    assert held_out(tmp_path / "again", forwards, seed=7) == split


def test_each_seed_has_its_own_split(tmp_path, forwards):
    splits = [held_out(tmp_path / f"{seed}", forwards, seed) for seed in (1, 2, 3, 4)]
    assert len(set(splits)) == 4


def test_the_same_seed_repeats_a_run(tmp_path):
    for name in ("one", "two"):
        finish(make_plan(averaging=0.9), tmp_path / name)
    ours, theirs = (tensors_of(tmp_path / name / "state.safetensors") for name in ("one", "two"))
    assert same_weights(ours, theirs)


def test_global_random_state_is_left_alone(tmp_path):
    before = torch.random.get_rng_state()
    finish(make_plan(augmentation="affine"), tmp_path / "run")
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize("count", [110, 5000])
def test_too_few_images_to_hold_out(tmp_path, count):
    with pytest.raises(CapsvizError) as caught:
        finish(make_plan(validation_images=count), tmp_path / "run")
    message = str(caught.value)
    assert str(count) in message
    assert "110" in message
    assert len(message.splitlines()) == 1
    assert not (tmp_path / "run").exists()


def test_images_of_another_size(tmp_path, tiny_config):
    with pytest.raises(CapsvizError) as caught:
        finish(make_plan(tiny_config), tmp_path / "run")
    assert "28×28" in str(caught.value)
    assert "12×12" in str(caught.value)
    assert not (tmp_path / "run").exists()


def test_no_images_at_all(tmp_path):
    nothing = Digits(DIGITS.images[:0], DIGITS.labels[:0])
    with pytest.raises(CapsvizError):
        list(train(make_plan(validation_images=0), nothing, tmp_path / "run", CPU))


def test_the_digits_are_not_changed(tmp_path):
    digits = Digits(DIGITS.images.copy(), DIGITS.labels.copy())
    digits.images.flags.writeable = digits.labels.flags.writeable = False
    reports = list(train(make_plan(epochs=1), digits, tmp_path / "run", CPU))
    assert reports[-1].step == EPOCH_STEPS
    np.testing.assert_array_equal(digits.images, DIGITS.images)
