"""A run's folder: how it is begun, what is kept in it, and what a full disk does to it."""

from __future__ import annotations

import errno
import json
import math
import os
import shutil
from dataclasses import replace

import pytest

from capsviz.training import loop
from capsviz.training.learner import Learner
from capsviz.training.marker import MARKER
from capsviz.training.plan import Position
from capsviz.training.run import RunFolder
from tests.runs import (
    CPU,
    DIGITS,
    FILES,
    SMALLEST,
    differences,
    finish,
    fresh_learner,
    make_plan,
    metrics_of,
    refusal,
    same_weights,
    step_of,
    steps_of,
    trained_learner,
)

PLAN = make_plan()
STATE, RUN, METRICS = "state.safetensors", "run.json", "metrics.jsonl"


@pytest.fixture(autouse=True)
def report_every_step(monkeypatch):
    monkeypatch.setattr(loop, "_SHORTEST_REPORT", 0.0)


@pytest.fixture(scope="module")
def whole_run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole") / "run"
    finish(PLAN, folder)
    return folder


@pytest.fixture
def folder(tmp_path, whole_run):
    """A copy of a finished run, to be damaged."""
    shutil.copytree(whole_run, tmp_path / "run")
    return tmp_path / "run"


def test_a_run_is_four_files(whole_run):
    assert {path.name for path in whole_run.iterdir()} == FILES
    written = json.loads((whole_run / RUN).read_text())
    assert written["data"] == PLAN.data
    assert written["settings"]["batch_size"] == 16
    assert written["config"]["image_size"] == SMALLEST.image_size
    assert RunFolder(whole_run).plan() == PLAN
    assert step_of(whole_run) == 12
    assert RunFolder(whole_run).model_file == whole_run / "model.safetensors"


def test_a_run_is_not_begun_over_another(folder, whole_run):
    message = refusal(finish, PLAN, folder, path=folder)
    assert "--resume" in message
    assert differences(folder, whole_run) == []


def test_a_folder_with_other_files_may_hold_a_run(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    finish(PLAN, tmp_path)
    assert (tmp_path / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_run_cannot_be_begun_in_a_file(tmp_path, place):
    (tmp_path / "file").write_bytes(b"")
    refusal(finish, PLAN, tmp_path / place, path=tmp_path / place)
    assert (tmp_path / "file").read_bytes() == b""


@pytest.mark.parametrize("place", ["", "nowhere"])
def test_nothing_to_resume(tmp_path, place):
    message = refusal(finish, PLAN, tmp_path / place, True, path=tmp_path / place)
    assert "run.json" in message
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("averaging", [0.0, 0.9])
def test_a_state_comes_back_whole(tmp_path, averaging):
    plan = make_plan(averaging=averaging)
    learner, position = trained_learner(plan), Position(step=2, best=(0.1, 0.25))
    RunFolder(tmp_path).save_state(learner, position)
    restored = fresh_learner(plan)
    assert RunFolder(tmp_path).load_state(restored) == position
    assert same_weights(restored.model.state_dict(), learner.model.state_dict())
    assert same_weights(restored.best_weights.state_dict(), learner.best_weights.state_dict())
    ours, theirs = (each.optimizer.state_dict()["state"] for each in (restored, learner))
    assert len(ours) == len(theirs) == len(list(learner.model.parameters()))
    for index, moments in theirs.items():
        assert same_weights(ours[index], moments)


def test_no_state_yet_is_the_beginning(tmp_path):
    assert RunFolder(tmp_path).load_state(fresh_learner(PLAN)) == Position(step=0, best=None)


@pytest.mark.parametrize("averaging", [0.0, 0.9])
def test_a_run_from_other_weights_is_resumed_from_its_very_beginning(tmp_path, averaging):
    plan, start = make_plan(averaging=averaging, epochs=1), trained_learner(PLAN).model
    whole = list(loop.train(plan, DIGITS, tmp_path / "whole", CPU, start=start))
    killed = tmp_path / "killed"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Learner, "step", stopped)
        with pytest.raises(KeyboardInterrupt):
            list(loop.train(plan, DIGITS, killed, CPU, start=start))
    assert step_of(killed) == 0
    resumed = finish(plan, killed, True)
    assert [each.step for each in resumed] == [each.step for each in whole]
    assert differences(killed, tmp_path / "whole") == []


def stopped(*_):
    raise KeyboardInterrupt


def test_the_mark_is_taken_off_when_its_file_is_closed(tmp_path):
    """Windows removes no file that is open."""
    folder = RunFolder(tmp_path)
    with folder.at_work():
        folder.settle()
        assert (tmp_path / MARKER).exists()
    assert not (tmp_path / MARKER).exists()


def test_metrics_of_later_steps_are_forgotten(folder):
    before = metrics_of(folder)
    RunFolder(folder).forget_metrics_after(Position(step=6))
    assert metrics_of(folder) == [line for line in before if line["step"] <= 6]
    RunFolder(folder).forget_metrics_after(Position())
    assert (folder / METRICS).read_bytes() == b""


def test_metrics_come_back_as_they_were_told(tmp_path):
    reports = finish(PLAN, tmp_path / "run")
    run = RunFolder(tmp_path / "run")
    told = replace(reports[-1], margin_loss=1 / 3, seconds_left=math.pi)
    run.append_metrics(told)
    assert run.metrics()[-1] == told


def fail_once_after(monkeypatch, name: str, calls: int) -> None:
    """Let `os.<name>` find the disk full from one of its calls on."""
    real = getattr(os, name)
    left = iter(range(calls))

    def failing(*args):
        if next(left, None) is None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(*args)

    monkeypatch.setattr(os, name, failing)


@pytest.mark.parametrize("name", ["fsync", "replace"])
def test_a_full_disk_leaves_the_state_before(tmp_path, name):
    run = RunFolder(tmp_path / "run")
    run.save_state(trained_learner(PLAN), Position(step=2))
    before = (tmp_path / "run" / STATE).read_bytes()
    later = trained_learner(PLAN, steps=3)
    with pytest.MonkeyPatch.context() as patch:
        fail_once_after(patch, name, 0)
        message = refusal(run.save_state, later, Position(step=3), path=tmp_path / "run" / STATE)
    assert "no space left" in message.lower()
    assert (tmp_path / "run" / STATE).read_bytes() == before
    assert [path.name for path in (tmp_path / "run").iterdir()] == [STATE]


@pytest.mark.parametrize("calls", range(7))
def test_a_disk_that_fills_up_in_training_costs_little(tmp_path, whole_run, calls):
    """With room again, the run resumes and ends as if nothing had been."""
    folder = tmp_path / "run"
    with pytest.MonkeyPatch.context() as patch:
        fail_once_after(patch, "replace", calls)
        message = refusal(finish, PLAN, folder, path=folder)
    assert "no space left" in message.lower()
    assert not list(folder.glob("*.tmp"))
    finish(PLAN, folder, resume=(folder / RUN).exists())
    assert differences(folder, whole_run) == []


def test_a_disk_that_is_full_at_the_close_says_so(tmp_path):
    run = steps_of(PLAN, tmp_path / "run")
    for _ in range(5):
        next(run)
    with pytest.MonkeyPatch.context() as patch:
        fail_once_after(patch, "fsync", 0)
        refusal(run.close, path=tmp_path / "run")
    assert step_of(tmp_path / "run") == 4


def test_metrics_that_cannot_be_written_are_told_in_one_line(tmp_path):
    folder = tmp_path / "run"
    run = steps_of(PLAN, folder)
    next(run)
    (folder / METRICS).unlink()
    (folder / METRICS).mkdir()
    refusal(list, run, path=folder / METRICS)


def test_a_folder_that_vanishes_is_told_in_one_line(tmp_path):
    folder = tmp_path / "run"
    run = steps_of(make_plan(checkpoint_steps=1000), folder)
    for _ in range(8):  # an epoch, its validation, a step
        next(run)
    shutil.rmtree(folder)
    refusal(list, run, path=folder)
