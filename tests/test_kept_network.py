"""model.safetensors of a run: the best network so far by validation, and where it comes from."""

from __future__ import annotations

import datetime

import pytest
import torch

import capsviz
from capsviz.network import CapsNet, load_checkpoint
from capsviz.training import keeping
from capsviz.training.loop import train
from tests.idx import blocks
from tests.runs import (
    CPU,
    DIGITS,
    EPOCH_STEPS,
    SMALLEST,
    finish,
    make_plan,
    numbers_of,
    same_weights,
    spoil_from,
    tensors_of,
    texts_of,
    watch_forwards,
    watch_steps,
)


@pytest.fixture
def steps(monkeypatch):
    return watch_steps(monkeypatch)


@pytest.fixture
def forwards(monkeypatch):
    return watch_forwards(monkeypatch)


def judged(weights: dict[str, torch.Tensor], held_out: list[int]) -> tuple[float, float]:
    """Error and margin loss (equation 4) of a network on some of DIGITS."""
    model = CapsNet(SMALLEST)
    model.load_state_dict(weights)
    images = torch.from_numpy(DIGITS.images[held_out]).unsqueeze(1).float() / 255
    labels = torch.from_numpy(DIGITS.labels[held_out].astype("int64"))
    with torch.no_grad():
        lengths = model(images).norm(dim=-1)
    present = torch.nn.functional.one_hot(labels, 10)
    loss = present * (0.9 - lengths).clamp(min=0) ** 2
    loss = loss + 0.5 * (1 - present) * (lengths - 0.1).clamp(min=0) ** 2
    return float((lengths.argmax(1) != labels).float().mean()), float(loss.sum(1).mean())


def test_the_kept_network_has_the_lowest_error_then_loss(tmp_path, steps, forwards):
    plan = make_plan(epochs=6, learning_rate=0.02)
    reports = finish(plan, tmp_path / "run")
    held_out = sorted(set(numbers_of(forwards.evaluated)))
    ends = [steps.weights[(epoch + 1) * EPOCH_STEPS - 1] for epoch in range(6)]
    found = [judged(weights, held_out) for weights in ends]
    errors = [r.validation_error for r in reports if r.validation_error is not None]
    assert errors == pytest.approx([error for error, _ in found])
    best = min(range(6), key=found.__getitem__)
    kept = tensors_of(tmp_path / "run" / "model.safetensors")
    assert same_weights(kept, ends[best])


def test_the_average_is_what_is_validated_and_kept(tmp_path, steps, forwards):
    reports = finish(make_plan(averaging=0.9, epochs=1), tmp_path / "run")
    kept = tensors_of(tmp_path / "run" / "model.safetensors")
    assert same_weights(kept, steps.best[-1])
    error, _ = judged(kept, numbers_of(forwards.evaluated))
    assert reports[-1].validation_error == pytest.approx(error)


def forget(model: CapsNet) -> None:
    with torch.no_grad():
        model.digit_capsules.weight.zero_()


def test_a_network_that_gets_worse_is_not_kept(tmp_path, tiny_config, monkeypatch):
    plan = make_plan(tiny_config, epochs=5, learning_rate=0.01, validation_images=60)
    spoil_from(monkeypatch, 3 * 10 + 1, forget)  # after three epochs of ten steps
    reports = list(train(plan, blocks(220), tmp_path / "run", CPU))
    errors = [r.validation_error for r in reports if r.validation_error is not None]
    assert min(errors[3:]) > 0.8 > 0.5 > min(errors[:3])
    kept = load_checkpoint(tmp_path / "run" / "model.safetensors")
    assert kept.provenance.epochs in (1, 2, 3)
    assert kept.provenance.validation_error == min(errors)
    assert kept.model.digit_capsules.weight.abs().max() > 0
    assert reports[-1].best_validation_error == min(errors)


def test_the_kept_network_says_where_it_comes_from(tmp_path, monkeypatch):
    class Today(datetime.date):
        @classmethod
        def today(cls):
            return cls(2031, 2, 3)

    monkeypatch.setattr(keeping, "date", Today)
    reports = finish(make_plan(seed=5, epochs=1), tmp_path / "run")
    checkpoint = load_checkpoint(tmp_path / "run" / "model.safetensors")
    provenance = checkpoint.provenance
    assert checkpoint.model.config == SMALLEST
    assert provenance.data == "blocks, 110 digits"
    assert provenance.seed == 5
    assert provenance.epochs == 1
    assert provenance.validation_error == reports[-1].validation_error
    assert provenance.test_error is None
    assert provenance.date == "2031-02-03"
    assert provenance.version == capsviz.__version__
    assert provenance.device == "cpu"


def test_without_validation_the_last_network_is_kept(tmp_path, steps):
    reports = finish(make_plan(validation_images=0), tmp_path / "run")
    assert {report.validation_error for report in reports} == {None}
    assert {report.best_validation_error for report in reports} == {None}
    path = tmp_path / "run" / "model.safetensors"
    assert same_weights(tensors_of(path), steps.weights[-1])
    assert texts_of(path)["provenance"]["validation_error"] is None
