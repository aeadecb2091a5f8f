"""A run killed at any moment and resumed ends bit-identical to one that never was."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest

from capsviz.training.run import RunFolder
from tests.runs import (
    differences,
    finish,
    make_plan,
    step_of,
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


SCRIPT = """
import os, sys
from pathlib import Path
import torch
torch.set_num_threads(1)
import msgspec
from tests import runs
from capsviz.training import loop
from capsviz.training.plan import RunPlan

real_fsync = os.fsync
def fsync(descriptor):
    print("saving", flush=True)
    real_fsync(descriptor)
os.fsync = fsync
loop._SHORTEST_REPORT = 0.0
plan = msgspec.json.decode(sys.argv[1], type=RunPlan)
for progress in runs.steps_of(plan, Path(sys.argv[2]), resume=sys.argv[3] == "resume"):
    print(progress.step, flush=True)
"""


def killed(plan, folder: Path, lines: int, resume: bool) -> int:
    """The last step seen of a run in a process of its own, killed after so many lines."""
    here = Path(__file__).parent.parent
    command = [sys.executable, "-c", SCRIPT, msgspec.json.encode(plan).decode(), str(folder)]
    with subprocess.Popen(
        [*command, "resume" if resume else "begin"],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(here), "OMP_NUM_THREADS": "1"},
    ) as process:
        seen = [line.strip() for line in itertools.islice(process.stdout, lines)]
        process.kill()
    assert len(seen) == lines
    assert process.returncode != 0  # it did not come to its end
    return max((int(line) for line in seen if line.isdigit()), default=0)


@pytest.mark.slow
@pytest.mark.timeout(600)  # three interpreters start torch
def test_killed_at_random_moments(tmp_path):
    """kill -9 of one run again and again; some of the lines it is killed at are of a save."""
    plan = make_plan(epochs=24, averaging=0.9, checkpoint_steps=5)
    folder = tmp_path / "run"
    random = np.random.default_rng()
    moments = [int(random.integers(5, 60)) for _ in range(3)]
    seen = 0
    for number, lines in enumerate(moments):
        seen = max(seen, killed(plan, folder, lines, resume=number > 0))
        kept = step_of(folder) if (folder / "state.safetensors").exists() else 0
        assert kept >= seen - plan.settings.checkpoint_steps, moments
    finish(plan, folder, resume=True)
    finish(plan, tmp_path / "whole")
    assert differences(folder, tmp_path / "whole") == [], moments
