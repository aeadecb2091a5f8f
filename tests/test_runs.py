"""The list of runs: states, damage, names, the trash, more epochs, a named network."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

from capsviz.files import CapsvizError
from capsviz.network import load_checkpoint
from capsviz.places import model_files, user_models_folder, user_runs_folder
from capsviz.training import loop, marker
from capsviz.training.marker import MARKER, at_work, settle
from capsviz.training.run import RunFolder
from capsviz.training.runs import (
    check_name,
    curves_of,
    delete_run,
    extend_run,
    list_runs,
    new_run_folder,
    publish_run,
    rename_run,
    restore_run,
    summary_of,
    trash_run,
    trashed_runs,
    unfinished_run,
)
from tests.runs import differences, finish, make_plan, metrics_of, steps_of

PLAN = make_plan()


@pytest.fixture(autouse=True)
def report_every_step(monkeypatch):
    monkeypatch.setattr(loop, "_SHORTEST_REPORT", 0.0)


@pytest.fixture(scope="module")
def done_once(tmp_path_factory):
    folder = tmp_path_factory.mktemp("done") / "run"
    finish(PLAN, folder)
    return folder


@pytest.fixture
def finished(done_once):
    return shutil.copytree(done_once, user_runs_folder() / "finished")


@pytest.fixture
def broken_off():
    """A run that was closed, as by the window's end."""
    folder = user_runs_folder() / "broken"
    run = steps_of(PLAN, folder)
    list(itertools.islice(run, 11))  # ten steps and a validation
    run.close()
    return folder


def told(action, *args) -> str:
    with pytest.raises(CapsvizError) as caught:
        action(*args)
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def test_no_runs_yet():
    assert list_runs() == ()
    assert unfinished_run() is None
    assert not user_runs_folder().exists()


def test_a_finished_run_is_told_with_its_result(finished):
    (run,) = list_runs()
    assert (run.name, run.folder, run.state, run.plan) == ("finished", finished, "finished", PLAN)
    assert run.has_model
    assert run.last == RunFolder(finished).metrics()[-1]
    assert run.best_error == run.last.best_validation_error
    assert abs(run.date - os.path.getmtime(finished / "state.safetensors")) < 60
    assert not run.can_resume


def test_a_run_broken_off_is_offered_until_it_is_settled_or_continued(broken_off):
    assert unfinished_run().folder == broken_off
    assert list_runs()[0].can_resume
    settle(broken_off)
    assert summary_of(broken_off).state == "stopped"
    assert unfinished_run() is None
    finish(PLAN, broken_off, resume=True)
    assert summary_of(broken_off).state == "finished"


def test_a_run_under_way_is_running_and_left_alone(tmp_path):
    folder = tmp_path / "run"
    run = steps_of(PLAN, folder)
    next(run)
    assert summary_of(folder).state == "running"
    assert "trained at this moment" in told(trash_run, folder)
    assert "trained at this moment" in told(rename_run, folder, "other")
    assert "trained at this moment" in told(extend_run, folder, 9)
    assert "trained at this moment" in told(finish, PLAN, folder, True)
    run.close()
    assert summary_of(folder).state == "interrupted"


def test_a_killed_run_is_interrupted_though_its_marker_stays(tmp_path):
    """The lock goes with its process, whatever number another process has by now."""
    (tmp_path / "run.json").write_bytes(b"{}")
    script = (
        "import os, sys\nfrom pathlib import Path\n"
        "from capsviz.training.marker import at_work\n"
        "with at_work(Path(sys.argv[1])):\n    print('at work', flush=True)\n    sys.stdin.read()"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, **pipes) as process:
        assert process.stdout.readline() == b"at work\n"
        assert "trained at this moment" in told(at_work(tmp_path).__enter__)
        process.kill()
    assert (tmp_path / MARKER).exists()
    with at_work(tmp_path):
        assert told(at_work(tmp_path).__enter__)


def test_a_run_can_be_taken_up_while_it_is_listed(tmp_path, monkeypatch):
    """Whoever lists the runs holds the lock for a moment; here, until the second try."""
    answers = iter((False, True))
    monkeypatch.setattr(marker, "_lock", lambda _: next(answers))
    with at_work(tmp_path):
        assert next(answers, None) is None


def test_a_run_that_diverged_is_not_offered_again(tmp_path):
    told(finish, make_plan(learning_rate=1e30), tmp_path / "run")
    assert summary_of(tmp_path / "run").state == "stopped"


@pytest.mark.parametrize("name", ["run.json", "metrics.jsonl"])
@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe", b'{"step": "x"}\n', b"[" * 100_000])
def test_a_damaged_run_is_listed_with_the_reason(finished, name, content):
    (finished / name).write_bytes(content + b"\n")
    (run,) = list_runs()
    assert run.state == "damaged"
    assert name in run.problem
    assert len(run.problem.splitlines()) == 1
    assert run.has_model
    assert trash_run(finished).exists()


def test_the_list_reads_only_the_end_of_long_metrics(finished):
    metrics = finished / "metrics.jsonl"
    last = metrics.read_bytes().splitlines()[-1]
    with metrics.open("wb") as file:
        file.truncate(2**27)
        file.seek(2**27)
        file.write(b"\n" + last + b"\n" + last[:20])
    (run,) = list_runs()
    assert run.state == "finished"
    assert run.last.step == 12


def test_other_folders_and_files_are_passed_over(finished):
    (finished.parent / "notes").mkdir()
    (finished.parent / "notes.txt").write_text("mine")
    assert [run.name for run in list_runs()] == ["finished"]


def test_the_latest_run_comes_first(finished, broken_off):
    for path in finished.iterdir():
        os.utime(path, (1, 1))
    assert [run.name for run in list_runs()] == ["broken", "finished"]
    for path in broken_off.iterdir():
        os.utime(path, (0, 0))
    assert [run.name for run in list_runs()] == ["finished", "broken"]


def test_curves_are_the_metrics_in_columns(finished):
    curves, lines = curves_of(finished), metrics_of(finished)
    steps = list({line["step"]: line for line in lines}.values())  # validations tell of them too
    validated = [line for line in lines if line["validation_error"] is not None]
    for name in ("step", "epoch", "margin_loss", "reconstruction_loss", "training_error"):
        np.testing.assert_array_equal(getattr(curves, name), [line[name] for line in steps])
    np.testing.assert_array_equal(
        curves.validation_error, [line["validation_error"] for line in validated]
    )
    np.testing.assert_array_equal(curves.validation_step, [6, 12])


def test_a_run_gets_another_name(finished):
    renamed = rename_run(finished, " my first run ")
    assert renamed == finished.parent / "my first run"
    assert [run.name for run in list_runs()] == ["my first run"]
    assert rename_run(renamed, "my first run") == renamed
    finish(PLAN, new_run_folder("finished"))
    assert "already" in told(rename_run, renamed, "finished")


def test_a_taken_name_gets_a_number(finished):
    assert new_run_folder("finished").name == "finished 2"
    assert new_run_folder("free").name == "free"


GOOD = ("a", "1", "r = 1, no decoder", "ü-boot_2", "(x)", "v1.2", "x" * 80)
BAD = ("", " ", ".", "..", ".hidden", "a/b", "a\\b", "con", "NUL.txt", "x" * 81, "a\nb", "a.", "*")


@pytest.mark.parametrize("name", GOOD[:4] + GOOD[5:])
def test_names_that_can_name_a_file(name):
    assert check_name(name) == name


@pytest.mark.parametrize("name", BAD)
def test_names_that_cannot(name, finished):
    message = told(check_name, name)
    assert "letters" in message
    told(rename_run, finished, name)
    told(publish_run, finished, name)
    told(new_run_folder, name)


def test_the_trash_keeps_everything_and_gives_it_back(finished):
    before = {path.name: path.read_bytes() for path in finished.iterdir()}
    trashed = trash_run(finished)
    assert not finished.exists()
    assert list_runs() == ()
    assert [run.folder for run in trashed_runs()] == [trashed]
    finish(PLAN, finished)
    again = trash_run(finished)
    assert again != trashed
    assert restore_run(trashed) == finished
    assert restore_run(again).name == "finished 2"
    assert {path.name: path.read_bytes() for path in finished.iterdir()} == before
    assert trashed_runs() == ()


def test_only_what_is_in_the_trash_is_deleted_for_good(finished):
    with pytest.raises(CapsvizError, match="in the trash"):
        delete_run(finished)
    trashed = trash_run(finished)
    with at_work(trashed), pytest.raises(CapsvizError, match="being trained"):
        delete_run(trashed)
    delete_run(trashed)
    assert trashed_runs() == ()


@pytest.mark.parametrize("name", ["exp#1", "a" * 100])
def test_the_trash_gives_back_a_name_that_no_new_run_may_have(finished, name):
    named = finished.rename(finished.with_name(name))
    assert restore_run(trash_run(named)) == named


def test_more_epochs_than_planned_are_exact(tmp_path, finished):
    plan = extend_run(finished, 4)
    assert plan == make_plan(epochs=4)
    assert summary_of(finished).state == "stopped"
    assert summary_of(finished).can_resume
    finish(plan, finished, resume=True)
    finish(plan, tmp_path / "whole")
    assert set(differences(finished, tmp_path / "whole")) <= {"metrics.jsonl"}
    ours, theirs = metrics_of(finished), metrics_of(tmp_path / "whole")
    for line in (*ours, *theirs):
        del line["total_steps"]  # the early lines knew of fewer
    assert ours == theirs


def test_more_epochs_are_refused_where_they_could_not_be_exact(tmp_path, finished):
    assert "Expected more than the 2" in told(extend_run, finished, 2)
    finish(make_plan(schedule="cosine"), tmp_path / "run")
    assert "cosine" in told(extend_run, tmp_path / "run", 4)
    assert not summary_of(tmp_path / "run").can_extend
    assert summary_of(finished).can_extend


def test_a_published_run_is_a_network_like_any_other(finished):
    path = publish_run(finished, "mine")
    assert path == user_models_folder() / "mine.safetensors"
    published, kept = load_checkpoint(path), load_checkpoint(finished / "model.safetensors")
    ours, theirs = published.model.state_dict(), kept.model.state_dict()
    assert all(bool((ours[name] == theirs[name]).all()) for name in theirs)
    assert published.provenance.purpose == "trained as run finished"
    assert published.provenance.validation_error == kept.provenance.validation_error
    assert "already" in told(publish_run, finished, "mine")
    publish_run(finished, "other", "reads my sevens")
    assert load_checkpoint(path.with_name("other.safetensors")).provenance.purpose == (
        "reads my sevens"
    )


def test_a_published_run_hides_no_shipped_network(finished):
    (shipped,) = [path.stem for path in model_files()][:1]
    assert "already" in told(publish_run, finished, shipped)


def test_a_run_without_a_network_cannot_be_published(finished):
    (finished / "model.safetensors").unlink()
    assert "model.safetensors" in told(publish_run, finished, "mine")


def test_the_list_needs_no_torch(finished):
    script = (
        "import sys\nfrom capsviz.training.runs import list_runs\n"
        "from capsviz.training import presets, report, watch, frames\n"
        "assert len(list_runs()) == 1\nassert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
