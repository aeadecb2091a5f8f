"""A run broken off in any way and resumed ends bit-identical to one that never was."""

from __future__ import annotations

import gc
import itertools
import shutil
from typing import TYPE_CHECKING

import msgspec
import pytest

from capsviz.files import CapsvizError
from capsviz.network import CapsNet
from capsviz.training import loop
from capsviz.training.learner import Learner
from capsviz.training.run import RunFolder
from capsviz.training.validation import Validator
from tests.runs import (
    CPU,
    DIGITS,
    EPOCH_STEPS,
    FILES,
    MARKER,
    differences,
    finish,
    make_plan,
    metrics_of,
    step_of,
    steps_of,
)

if TYPE_CHECKING:
    from pathlib import Path

PLANS = {
    "exponential": make_plan(),
    "cosine": make_plan(schedule="cosine", augmentation="affine"),
    "exponential, averaged": make_plan(averaging=0.9),
    "cosine, averaged": make_plan(schedule="cosine", averaging=0.9, augmentation="none"),
}
REPORTS = 2 * (EPOCH_STEPS + 1)  # one a step, one a validation
AT_VALIDATION = 0


@pytest.fixture(autouse=True)
def report_every_step(monkeypatch):
    monkeypatch.setattr(loop, "_SHORTEST_REPORT", 0.0)


@pytest.fixture(scope="module")
def whole_runs(tmp_path_factory):
    """Each plan's folder after a run that nothing broke off, made when first asked for."""
    made: dict[str, Path] = {}

    def whole_run(name: str) -> Path:
        if name not in made:
            made[name] = tmp_path_factory.mktemp("whole") / "run"
            finish(PLANS[name], made[name])
        return made[name]

    return whole_run


def broken_off(plan, folder, reports: int, resume: bool = False):
    """The last report of a run that is closed after so many, or after its next validation."""
    run = steps_of(plan, folder, resume)
    if reports == AT_VALIDATION:
        last = next(report for report in run if report.validation_error is not None)
    else:
        *_, last = itertools.islice(run, reports)
    run.close()
    return last


@pytest.mark.parametrize("name", PLANS)
@pytest.mark.parametrize(
    "breaks", [(2, 1, 6), (4, AT_VALIDATION, 3)], ids=["in epochs", "after a validation too"]
)
def test_closed_and_resumed_is_bit_identical(tmp_path, whole_runs, name, breaks):
    folder = tmp_path / "run"
    for number, reports in enumerate(breaks):
        last = broken_off(PLANS[name], folder, reports, resume=number > 0)
        assert step_of(folder) == last.step
    finish(PLANS[name], folder, resume=True)
    assert differences(folder, whole_runs(name)) == []


@pytest.mark.parametrize("reports", range(1, REPORTS + 1))
def test_closed_after_any_report(tmp_path, whole_runs, reports):
    folder = tmp_path / "run"
    last = broken_off(PLANS["exponential"], folder, reports)
    assert step_of(folder) == last.step
    assert {path.name for path in folder.iterdir()} - {MARKER} == FILES
    finish(PLANS["exponential"], folder, resume=True)
    assert {path.name for path in folder.iterdir()} == FILES
    assert differences(folder, whole_runs("exponential")) == []


def test_a_dropped_generator_leaves_its_state(tmp_path):
    run = steps_of(PLANS["exponential"], tmp_path / "run")
    next(run)
    del run
    gc.collect()
    assert step_of(tmp_path / "run") == 1


def test_closing_twice_and_closing_unstarted_do_nothing(tmp_path):
    run = steps_of(PLANS["exponential"], tmp_path / "run")
    run.close()
    assert not (tmp_path / "run").exists()
    run = steps_of(PLANS["exponential"], tmp_path / "run")
    next(run)
    run.close()
    run.close()
    assert step_of(tmp_path / "run") == 1


def test_an_exception_at_a_report_leaves_the_state(tmp_path, whole_runs):
    folder = tmp_path / "run"
    run = steps_of(PLANS["exponential"], folder)
    next(run)
    with pytest.raises(KeyboardInterrupt):
        run.throw(KeyboardInterrupt)
    assert step_of(folder) == 1
    finish(PLANS["exponential"], folder, resume=True)
    assert differences(folder, whole_runs("exponential")) == []


def test_a_run_from_a_network_that_is_killed_in_its_first_step_begins_with_it_again(
    tmp_path, monkeypatch
):
    plan, start = PLANS["cosine"], CapsNet(PLANS["cosine"].config).eval()
    whole, killed, real = tmp_path / "whole", tmp_path / "killed", Learner.step

    def step(*args):
        if not killed.exists():  # as a kill within the first step would leave it
            shutil.copytree(whole, killed)
        return real(*args)

    monkeypatch.setattr(Learner, "step", step)
    list(loop.train(plan, DIGITS, whole, CPU, start=start))
    finish(plan, killed, resume=True)
    assert differences(killed, whole) == []


def interrupt(monkeypatch, owner, method: str, call: int, before: bool) -> None:
    """Ctrl-C just before or just after the given call of a method."""
    real = getattr(owner, method)
    calls = itertools.count(1)

    def interrupted(*args, **kwargs):
        hit = next(calls) == call
        if hit and before:
            raise KeyboardInterrupt
        result = real(*args, **kwargs)
        if hit:
            raise KeyboardInterrupt
        return result

    monkeypatch.setattr(owner, method, interrupted)


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize(
    ("owner", "method", "call"),
    [
        (Learner, "step", 3),
        (Learner, "step", EPOCH_STEPS),
        (RunFolder, "save_state", 1),
        (RunFolder, "save_state", 2),
        (RunFolder, "save_model", 1),
        (RunFolder, "append_metrics", 1),
        (RunFolder, "append_metrics", 2),
    ],
)
def test_an_interrupt_within_the_work_loses_nothing(
    tmp_path, whole_runs, owner, method, call, before
):
    """Ctrl-C comes at any moment: mostly inside a step, not at a report."""
    folder = tmp_path / "run"
    with pytest.MonkeyPatch.context() as patch:
        interrupt(patch, owner, method, call, before)
        with pytest.raises(KeyboardInterrupt):
            finish(PLANS["cosine, averaged"], folder)
    finish(PLANS["cosine, averaged"], folder, resume=True)
    assert differences(folder, whole_runs("cosine, averaged")) == []


@pytest.mark.parametrize("batch_size", [16, 9], ids=["6 steps an epoch", "a line at its end"])
@pytest.mark.parametrize("at", [1, 2], ids=["first", "last"])
@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_a_validation_broken_off_is_made_up_for(tmp_path, batch_size, at, before):
    """No step is lost, and the resumed run validates first."""
    plan = make_plan(averaging=0.9, batch_size=batch_size, checkpoint_steps=100)
    finish(plan, tmp_path / "whole")
    folder = tmp_path / "run"
    with pytest.MonkeyPatch.context() as patch:
        interrupt(patch, Validator, "measure", at, before)
        with pytest.raises(KeyboardInterrupt):
            finish(plan, folder)
    epoch_steps = 90 // batch_size + (90 % batch_size > 0)
    assert step_of(folder) == at * epoch_steps
    assert (folder / "model.safetensors").exists()
    first = finish(plan, folder, resume=True)[0]
    assert (first.step, first.report is not None) == (at * epoch_steps, True)
    assert differences(folder, tmp_path / "whole") == []


def test_a_metrics_line_cut_short_is_told_again(tmp_path, whole_runs):
    folder = tmp_path / "run"
    broken_off(PLANS["exponential"], folder, 11)  # ten steps and a validation
    lines = (folder / "metrics.jsonl").read_bytes()
    (folder / "metrics.jsonl").write_bytes(lines + b'{"step":10,"total_st')
    finish(PLANS["exponential"], folder, resume=True)
    assert metrics_of(folder) == metrics_of(whole_runs("exponential"))


def test_lines_beyond_the_state_are_told_once(tmp_path, whole_runs):
    """A kill between the line of step 10 and the next save leaves an earlier state."""
    folder, later = tmp_path / "run", tmp_path / "later"
    broken_off(PLANS["exponential"], folder, 9)
    shutil.copytree(folder, later)
    broken_off(PLANS["exponential"], later, 3, resume=True)
    shutil.copy(later / "metrics.jsonl", folder)
    assert metrics_of(folder)[-1]["step"] > step_of(folder)
    finish(PLANS["exponential"], folder, resume=True)
    assert differences(folder, whole_runs("exponential")) == []


def test_a_leftover_temporary_file_does_no_harm(tmp_path, whole_runs):
    folder = tmp_path / "run"
    broken_off(PLANS["exponential"], folder, 3)
    (folder / "state.safetensors.4242.tmp").write_bytes(b"half a fi")
    finish(PLANS["exponential"], folder, resume=True)
    assert differences(folder, whole_runs("exponential")) == []


def test_a_finished_run_has_nothing_left_to_do(tmp_path, whole_runs):
    folder = tmp_path / "run"
    shutil.copytree(whole_runs("exponential"), folder)
    assert finish(PLANS["exponential"], folder, resume=True) == []
    assert differences(folder, whole_runs("exponential")) == []


@pytest.mark.parametrize(
    "other",
    [
        make_plan(learning_rate=0.005),
        make_plan(seed=2),
        make_plan(epochs=3),
        make_plan(checkpoint_steps=5),
        make_plan(msgspec.structs.replace(make_plan().config, routing_iterations=2)),
        msgspec.structs.replace(make_plan(), data="other digits"),
    ],
    ids=["rate", "seed", "epochs", "saves", "network", "data"],
)
def test_a_run_is_resumed_only_as_it_was_begun(tmp_path, whole_runs, other):
    folder = tmp_path / "run"
    shutil.copytree(whole_runs("exponential"), folder)
    with pytest.raises(CapsvizError) as caught:
        finish(other, folder, resume=True)
    assert str(folder) in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    assert differences(folder, whole_runs("exponential")) == []
