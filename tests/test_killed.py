"""A run killed at any moment and resumed ends bit-identical to one that never was."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from capsviz.training.run import RunFolder
from tests.runs import (
    differences,
    finish,
    make_plan,
)


def snapshots(plan, folder: Path, into: Path) -> list[Path]:
    """A copy of the run's folder after each change of it: all that kills could leave."""
    taken: list[Path] = []

    def snapshot(what: str) -> None:
        taken.append(into / f"{len(taken):02} {what}")
        shutil.copytree(folder, taken[-1])

    def watched(real, label):
        def call(*args, **kwargs):
            result = real(*args, **kwargs)
            snapshot(label(*args))
            return result

        return call

    with pytest.MonkeyPatch.context() as patch:
        replace = watched(os.replace, lambda _, target: Path(target).name)
        append = watched(RunFolder.append_metrics, lambda _, progress: f"line {progress.step}")
        patch.setattr(os, "replace", replace)
        patch.setattr(RunFolder, "append_metrics", append)
        finish(plan, folder)
    return taken


@pytest.mark.parametrize("every", [4, 3], ids=["between saves", "a save at each epoch's end"])
def test_killed_after_any_write(tmp_path, every):
    """With a save every 3 steps one falls on each epoch's last step, before its validation."""
    plan = make_plan(checkpoint_steps=every, averaging=0.9)
    taken = snapshots(plan, tmp_path / "whole", tmp_path / "taken")
    assert len(taken) > 10
    wrong = {}
    for folder in taken:
        finish(plan, folder, resume=True)
        wrong[folder.name] = differences(folder, tmp_path / "whole")
    assert {name: found for name, found in wrong.items() if found} == {}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the script forks")
def test_killed_at_random_moments():
    """Ten kills of one run, every third inside a save; the script tells the seed if it fails."""
    here = Path(__file__).parent.parent
    done = subprocess.run(
        [sys.executable, here / "scripts" / "kill_training.py", "--kills", "10"],
        env=os.environ | {"PYTHONPATH": str(here), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "10 kills" in done.stdout
    assert "bit-identical" in done.stdout
