"""When a run's state is written on a device that is faster than its disk, and when it reports."""

from __future__ import annotations

from contextlib import closing
from types import SimpleNamespace

import pytest

from capsviz.network import load_checkpoint
from capsviz.training import loop, saving
from capsviz.training.run import RunFolder
from tests.runs import EPOCH_STEPS, finish, make_plan, step_of, steps_of, texts_of


@pytest.fixture
def written(monkeypatch):
    """Steps after which the state was written, where at most one an hour is due."""
    monkeypatch.setattr(saving, "_SECONDS_BETWEEN", {"cpu": 3600.0})
    seen, real = [], RunFolder.save_state

    def spied(folder, learner, position):
        seen.append(position.step)
        real(folder, learner, position)

    monkeypatch.setattr(RunFolder, "save_state", spied)
    return seen


def test_steps_alone_write_no_state_while_the_last_one_is_young(written, tmp_path):
    finish(make_plan(epochs=1, checkpoint_steps=1), tmp_path / "run")
    assert written == [1, EPOCH_STEPS], "the first that was due, and the end"


def test_the_end_is_always_written(written, tmp_path):
    finish(make_plan(epochs=3, checkpoint_steps=1000), tmp_path / "run")
    assert step_of(tmp_path / "run") == written[-1] == 3 * EPOCH_STEPS


def test_a_state_on_disk_knows_the_network_on_disk(written, tmp_path):
    """Or a resumed run would let a worse network take its place."""
    folder, found = tmp_path / "run", []
    with closing(steps_of(make_plan(epochs=8, checkpoint_steps=1000), folder)) as reports:
        for report in reports:
            if report.validation_error is None:
                continue
            kept = load_checkpoint(folder / "model.safetensors").provenance.validation_error
            best = texts_of(folder / "state.safetensors")["position"]["best"]
            found.append((best[0], kept))
    assert len(found) == 8
    assert all(known == kept for known, kept in found)


def test_who_asks_for_one_step_gets_one(monkeypatch, tmp_path):
    clock = [100.0]
    monkeypatch.setattr(loop, "time", SimpleNamespace(perf_counter=lambda: clock[0]))
    with closing(steps_of(make_plan(), tmp_path / "run")) as reports:
        for step in range(1, EPOCH_STEPS):
            assert next(reports).step == step
            clock[0] += 1.0  # the listener thinks it over
