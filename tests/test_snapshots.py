"""Weights shown while a run learns, and kept on disk to be scrubbed; pauses do not count."""

from __future__ import annotations

import itertools
import shutil
import time

import pytest
import torch

from capsviz.explore.models import load_model
from capsviz.training import clock, loop
from capsviz.training.frames import frames_of
from capsviz.training.learner import Learner
from capsviz.training.watch import Watch
from tests.runs import (
    CPU,
    DIGITS,
    differences,
    finish,
    make_plan,
    same_weights,
    tensors_of,
    watch_steps,
    weights_of,
)


@pytest.fixture(autouse=True)
def report_every_step(monkeypatch):
    monkeypatch.setattr(loop, "_SHORTEST_REPORT", 0.0)


@pytest.fixture
def clock_of_its_own(monkeypatch):
    """Time that passes only when it is told to."""

    class Hands:
        now = 100.0

        def read(self):
            self.now += 1e-6
            return self.now

    hands = Hands()
    monkeypatch.setattr(time, "perf_counter", hands.read)
    return hands


def watched(folder, watch, plan=None, resume=False):
    return loop.train(plan or make_plan(), DIGITS, folder, CPU, resume, watch=watch)


@pytest.mark.parametrize("averaging", [0.0, 0.9])
def test_a_snapshot_is_a_copy_that_training_leaves_alone(tmp_path, monkeypatch, averaging):
    steps = watch_steps(monkeypatch)
    plan = make_plan(averaging=averaging)
    reports = list(watched(tmp_path / "run", Watch(snapshot_seconds=0.0), plan))
    assert all(report.snapshot is not None for report in reports)
    for report in reports:
        network = report.snapshot
        assert same_weights(weights_of(network), steps.best[report.step - 1])
        assert not network.training
        assert not any(weight.requires_grad for weight in network.parameters())
        assert {weight.device.type for weight in network.parameters()} == {"cpu"}


def test_snapshots_come_no_faster_than_asked(tmp_path, clock_of_its_own):
    shown = []
    for report in watched(tmp_path / "run", Watch(snapshot_seconds=1.0)):
        clock_of_its_own.now += 0.4
        if report.snapshot is not None:
            shown.append(report.step)
    assert shown == [1, 4, 7, 10]


def test_no_snapshots_unless_asked(tmp_path):
    assert all(report.snapshot is None for report in watched(tmp_path / "run", Watch()))


def test_watching_changes_nothing_of_what_is_learnt(tmp_path):
    finish(make_plan(averaging=0.9), tmp_path / "plain")
    watch = Watch(snapshot_seconds=0.0, frames=3, frame_steps=1)
    list(watched(tmp_path / "watched", watch, make_plan(averaging=0.9)))
    assert differences(tmp_path / "watched", tmp_path / "plain") == []


def kept_steps(folder) -> list[int]:
    return [frame.step for frame in frames_of(folder)]


def test_frames_are_thinned_evenly(tmp_path):
    watch = Watch(frames=5, frame_steps=1)
    seen = {}
    for report in watched(tmp_path / "run", watch):
        seen[report.step] = kept_steps(tmp_path / "run")
    assert seen[4] == [0, 1, 2, 3, 4]
    assert seen[5] == [0, 1, 2, 3, 4]
    assert seen[6] == [0, 2, 4, 6]
    assert seen[8] == [0, 2, 4, 6, 8]
    assert seen[9] == [0, 2, 4, 6, 8]
    assert seen[12] == [0, 4, 8, 12]
    assert max(map(len, seen.values())) <= 5


def test_a_frame_is_a_network_of_its_step(tmp_path, monkeypatch):
    steps = watch_steps(monkeypatch)
    list(watched(tmp_path / "run", Watch(frames=30, frame_steps=1)))
    frames = frames_of(tmp_path / "run")
    assert [frame.step for frame in frames] == list(range(13))
    for frame in frames[1:]:
        loaded = load_model(str(frame.path), "cpu")
        trained = steps.best[frame.step - 1].items()
        kept = {k: w if k.startswith("conv1.") else w.half().float() for k, w in trained}
        assert same_weights(weights_of(loaded.network), kept)
        assert loaded.provenance.epochs == pytest.approx(frame.step / 6)
    stored = tensors_of(frames[0].path)
    whole = {name for name, tensor in stored.items() if tensor.dtype == torch.float32}
    assert whole == {"conv1.weight", "conv1.bias"}
    assert {stored[name].dtype for name in stored.keys() - whole} == {torch.float16}


def test_a_resumed_run_keeps_the_same_frames(tmp_path):
    watch = Watch(frames=5, frame_steps=1)
    list(watched(tmp_path / "whole", watch))
    run = watched(tmp_path / "run", watch)
    list(itertools.islice(run, 5))
    shutil.copytree(tmp_path / "run", tmp_path / "early")  # as a kill at step 5 leaves it
    run.close()
    list(watched(tmp_path / "run", watch, resume=True))
    assert kept_steps(tmp_path / "run") == kept_steps(tmp_path / "whole")
    list(watched(tmp_path / "early", watch, resume=True))
    for ours, theirs in zip(
        frames_of(tmp_path / "early"), frames_of(tmp_path / "whole"), strict=True
    ):
        assert same_weights(tensors_of(ours.path), tensors_of(theirs.path))


def test_frames_of_steps_that_a_kill_undid_go(tmp_path):
    watch = Watch(frames=9, frame_steps=1)
    run = watched(tmp_path / "run", watch)
    list(itertools.islice(run, 5))  # its last saved state is of step 4
    shutil.copytree(tmp_path / "run", tmp_path / "killed")
    run.close()
    (tmp_path / "killed" / "snapshots" / "step-000005.safetensors.1.tmp").write_bytes(b"half")
    resumed = watched(tmp_path / "killed", watch, resume=True)
    assert next(resumed).step == 5
    resumed.close()
    names = {path.name for path in (tmp_path / "killed" / "snapshots").iterdir()}
    assert names == {f"step-{step:06}.safetensors" for step in range(6)}


def test_foreign_files_among_the_frames_are_left_alone(tmp_path):
    folder = tmp_path / "run" / "snapshots"
    folder.mkdir(parents=True)
    for name in ("step-x.safetensors", "step-²³.safetensors", "notes.txt"):
        (folder / name).write_bytes(b"mine")
    assert frames_of(tmp_path / "run") == ()


def test_a_pause_does_not_count(tmp_path, clock_of_its_own):
    """A step takes half a second here; the listener sleeps for an hour between two of them."""
    real = Learner.step

    def slow(self, *args):
        clock_of_its_own.now += 0.5
        return real(self, *args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Learner, "step", slow)
        run = watched(tmp_path / "run", Watch())
        first = next(run)
        clock_of_its_own.now += 3600
        second = next(run)
        clock_of_its_own.now += 0.5  # a busy listener, whose time is part of the work
        third = next(run)
        run.close()
    assert first.images_per_second == pytest.approx(32, rel=1e-3)
    assert second.images_per_second == pytest.approx(32, rel=1e-3)
    assert second.seconds_left == pytest.approx(5, rel=1e-3)
    assert third.images_per_second == pytest.approx(16 * 3 / 2, rel=1e-3)


def test_reading_before_the_first_step_is_no_step_s_time(tmp_path, clock_of_its_own, monkeypatch):
    real, begin = Learner.step, loop.begin

    def slow(self, *args):
        clock_of_its_own.now += 0.5
        return real(self, *args)

    def slowly(*args):
        clock_of_its_own.now += 60
        begin(*args)

    monkeypatch.setattr(Learner, "step", slow)
    monkeypatch.setattr(loop, "begin", slowly)
    run = watched(tmp_path / "run", Watch())
    assert next(run).seconds_left == pytest.approx(5.5, rel=1e-3)
    run.close()


def test_time_left_is_told_by_the_speed_before_until_there_are_a_few_steps(
    tmp_path, clock_of_its_own, monkeypatch
):
    """A step takes half a second; the first two after a resume take ten."""
    real, seconds = Learner.step, itertools.repeat(0.5)

    def slow(self, *args):
        clock_of_its_own.now += next(seconds)
        return real(self, *args)

    monkeypatch.setattr(Learner, "step", slow)
    run = watched(tmp_path / "run", Watch())
    next(report for report in run if report.report is not None)
    run.close()
    seconds = itertools.chain((10.0, 10.0), itertools.repeat(0.5))
    run = watched(tmp_path / "run", Watch(), resume=True)
    left = [report.seconds_left for report in itertools.islice(run, 3)]
    run.close()
    assert left == pytest.approx([2.5, 2.0, 3 * 20.5 / 3], rel=1e-3)


def test_the_clock_leaves_out_long_gaps_alone(clock_of_its_own):
    work = clock.WorkClock()
    clock_of_its_own.now += 2
    work.hand_over()
    clock_of_its_own.now += 0.9
    work.take_back()
    assert work.seconds == pytest.approx(2.9, rel=1e-3)
    work.hand_over()
    clock_of_its_own.now += 1.1
    work.take_back()
    assert work.seconds == pytest.approx(2.9, rel=1e-3)
