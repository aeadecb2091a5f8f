"""Training that leaves the finite numbers says so at once, and ruins nothing on disk."""

from __future__ import annotations

import itertools
import math
import re
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
import torch

from capsviz.files import CapsvizError
from capsviz.network import load_checkpoint
from capsviz.training import loop
from capsviz.training.learner import Learner
from capsviz.training.reportfile import load_report
from capsviz.training.run import RunFolder
from tests.runs import (
    CPU,
    finish,
    fresh_learner,
    make_plan,
    metrics_of,
    same_weights,
    spoil_from,
    steps_of,
    tensors_of,
    texts_of,
)

if TYPE_CHECKING:
    from capsviz.network import CapsNet


@pytest.fixture(autouse=True)
def report_every_step(monkeypatch):
    monkeypatch.setattr(loop, "_SHORTEST_REPORT", 0.0)


def state_is_sound(plan, folder) -> bool:
    """Whether a later --resume can start from what is on disk."""
    RunFolder(folder).load_state(Learner(plan.settings, plan.config, CPU))
    path = folder / "state.safetensors"
    return not path.exists() or all(
        bool(tensor.isfinite().all()) for tensor in tensors_of(path).values()
    )


def poison(model: CapsNet) -> None:
    with torch.no_grad():
        model.conv1.weight[0, 0, 0, 0] = math.nan


def test_the_sentence_names_what_may_have_driven_it_there(tmp_path):
    plan = make_plan(sam_radius=1e30, weight_decay=0.1)
    with pytest.raises(CapsvizError, match="smaller SAM radius") as told:
        finish(plan, tmp_path / "run")
    assert re.search("the (loss is|weights are) no longer finite", str(told.value))
    assert "lower weight decay" in str(told.value)


@pytest.mark.parametrize("at", [1, 5, 8, 11])
@pytest.mark.parametrize("averaging", [0.0, 0.9])
def test_a_loss_that_is_not_finite_names_the_step(tmp_path, monkeypatch, at, averaging):
    plan = make_plan(averaging=averaging)
    real = Learner.step

    def poisoned(self, images, labels, number, total):
        if number == at:
            poison(self.model)
        return real(self, images, labels, number, total)

    monkeypatch.setattr(Learner, "step", poisoned)
    with pytest.raises(CapsvizError) as caught:
        finish(plan, tmp_path / "run")
    message = str(caught.value)
    assert f"step {at + 1}:" in message
    assert str(tmp_path / "run") in message
    assert "learning rate" in message
    assert len(message.splitlines()) == 1
    assert state_is_sound(plan, tmp_path / "run")
    monkeypatch.setattr(Learner, "step", real)
    assert finish(plan, tmp_path / "run", resume=True)[-1].step == 12


# At the epoch's end (step 6) the weights are lost when they are validated; at 12 no step follows.
@pytest.mark.parametrize("at", [3, 4, 6, 12])
@pytest.mark.parametrize("every", [1, 4, 100])
def test_weights_lost_in_an_update_never_reach_the_disk(tmp_path, monkeypatch, at, every):
    """A gradient can overflow while the loss before it was still finite."""
    plan = make_plan(checkpoint_steps=every)
    spoil_from(monkeypatch, at, poison)
    with pytest.raises(CapsvizError) as caught:
        finish(plan, tmp_path / "run")
    message = str(caught.value)
    assert re.search(rf"step ({at}|{at + 1})\b", message)
    assert len(message.splitlines()) == 1
    assert state_is_sound(plan, tmp_path / "run")


def test_weights_lost_at_an_epochs_end_leave_the_state_before_as_it_was(tmp_path, monkeypatch):
    plan = make_plan(checkpoint_steps=4)
    steps = steps_of(plan, tmp_path / "a")
    assert [told.step for told in itertools.islice(steps, 4)] == [1, 2, 3, 4]
    steps.close()
    spoil_from(monkeypatch, 6, poison)
    with pytest.raises(CapsvizError, match="after step 4"):
        finish(plan, tmp_path / "b")
    a, b = (tmp_path / name / "state.safetensors" for name in "ab")
    assert texts_of(b) == texts_of(a)
    assert same_weights(tensors_of(b), tensors_of(a))


def test_weights_lost_before_a_close_never_reach_the_disk(tmp_path, monkeypatch):
    plan = make_plan()
    spoil_from(monkeypatch, 5, poison)
    reports = steps_of(plan, tmp_path / "run")
    while next(reports).step < 5:
        pass
    with suppress(CapsvizError):  # it may say so, or keep the state before in silence
        reports.close()
    assert state_is_sound(plan, tmp_path / "run")


def test_before_any_saved_state_the_network_it_began_with_is_left(tmp_path, monkeypatch):
    plan = make_plan(checkpoint_steps=100, averaging=0.9)
    spoil_from(monkeypatch, 2, poison)
    with pytest.raises(CapsvizError, match="network that it began with is in"):
        finish(plan, tmp_path / "run")
    kept = load_checkpoint(tmp_path / "run" / "model.safetensors")
    assert same_weights(kept.model.state_dict(), fresh_learner(plan).model.state_dict())
    assert kept.provenance.epochs == 0
    assert load_report(tmp_path / "run" / "report.safetensors").step == 0


def test_a_close_with_lost_weights_says_so_and_leaves_the_last_good_network(tmp_path, monkeypatch):
    plan = make_plan(checkpoint_steps=4)
    spoil_from(monkeypatch, 5, poison)
    reports = steps_of(plan, tmp_path / "run")
    while next(reports).step < 5:
        pass
    with pytest.raises(CapsvizError, match="after step 4"):
        reports.close()
    kept = load_checkpoint(tmp_path / "run" / "model.safetensors")
    assert "step 4" in kept.provenance.purpose
    assert state_is_sound(plan, tmp_path / "run")


def test_losses_are_read_only_when_they_are_wanted(tmp_path, monkeypatch):
    """Reading waits for a device; here only a line of metrics and an epoch's end want them."""
    monkeypatch.setattr(loop, "_SHORTEST_REPORT", math.inf)
    read, real = [], loop.losses_of

    def watched(run):
        read.extend([run.position.step] * bool(run.unread))
        return real(run)

    monkeypatch.setattr(loop, "losses_of", watched)
    finish(make_plan(checkpoint_steps=100), tmp_path / "run")
    assert len(read) == 3
    assert metrics_of(tmp_path / "run")[1]["step"] == 10


@pytest.mark.parametrize("every", [3, 100])
def test_a_loss_read_late_names_its_own_step_and_nothing_is_saved_after_it(
    tmp_path, monkeypatch, every
):
    monkeypatch.setattr(loop, "_SHORTEST_REPORT", math.inf)
    real = Learner.step

    def lost(self, images, labels, number, total):
        margin, *others = real(self, images, labels, number, total)
        return margin * (math.inf if number == 1 else 1), *others  # the weights stay finite

    monkeypatch.setattr(Learner, "step", lost)
    with pytest.raises(CapsvizError, match="diverged at step 2:"):
        finish(make_plan(checkpoint_steps=every), tmp_path / "run")
    assert not (tmp_path / "run" / "state.safetensors").exists()


@pytest.mark.parametrize("rate", [1e20, 1e30, 1e39, 1e300])
@pytest.mark.parametrize("every", [1, 100])
def test_a_far_too_high_rate_is_told_in_one_line(tmp_path, rate, every):
    plan = make_plan(learning_rate=rate, checkpoint_steps=every)
    with pytest.raises(CapsvizError) as caught:
        finish(plan, tmp_path / "run")
    message = str(caught.value)
    assert "diverged at step" in message
    assert len(message.splitlines()) == 1
    assert state_is_sound(plan, tmp_path / "run")
