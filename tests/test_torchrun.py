"""Training by several processes: the same result, one writer, nothing left of the killed."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
import torch
from torch import distributed

from capsviz.data.mnist import load_mnist
from capsviz.files import CapsvizError
from capsviz.training.choices import read_choices
from capsviz.training.loop import train
from capsviz.training.marker import at_work
from capsviz.training.plan import RunPlan
from capsviz.training.run import RunFolder
from capsviz.training.team import Ranks, Team, joined
from tests.idx import blocks, write_mnist
from tests.runs import (
    CPU,
    DIGITS,
    FILES,
    finish,
    fresh_learner,
    make_plan,
    metrics_of,
    tensors_of,
    texts_of,
)

TINY = """
epochs = {epochs}
batch_size = 31
learning_rate = 0.005
warmup_steps = 2
precision = "fp32"
averaging = 0.5
augmentation = "affine"
validation_images = 50
checkpoint_steps = 5
[network]
conv_channels = 8
primary_types = 2
primary_dim = 4
digit_dim = 4
decoder_hidden = [16, 24]
"""
IMAGES = 50 + 31 * 4 + 1
HERE = Path(__file__).parent.parent


LAUNCHER = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"]
LAUNCHER.append("--standalone")  # at a free port: another test may be launching, too
TEAMWORK = """
from pathlib import Path
import torch
from capsviz.training.team import joined

def threads():
    names = (path.read_text() for path in Path("/proc/self/task").glob("*/comm"))
    return [name for name in names if "gloo" in name]

layer = torch.nn.Linear(2, 3)
losses = lambda images, labels: (layer(images).sum(), labels, labels)
with joined(torch.device("cpu")) as (team, _):
    shared = team.shared(losses, layer)
    shared(torch.ones(1, 2), torch.zeros(1))[0].backward()
    assert threads()
    cycle = [shared]
    cycle.append(cycle)  # as a learner is
    del shared, cycle
assert not threads(), threads()
"""


def command(folder: Path, output: Path, *words: str) -> list[str]:
    """Two ranks on the data in `folder`."""
    train = ["-m", "capsviz", "train", "--output", str(output), "--device", "cpu"]
    return [*LAUNCHER, *train, "--data-dir", str(folder), *words]


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(HERE), "OMP_NUM_THREADS": "1"}


def done(words: list[str]) -> str:
    """What a command that must end well has told."""
    ended = subprocess.run(words, env=environment(), capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.fixture
def folder(tmp_path):
    """Data of which the last batch of an epoch has one image: a rank goes without."""
    write_mnist(tmp_path, blocks(IMAGES), blocks(20))
    (tmp_path / "tiny.toml").write_text(TINY.format(epochs=2))
    return tmp_path


@pytest.mark.slow
def test_two_ranks_learn_what_one_process_learns(folder):
    """The run is begun by one process, and gone on with by two for more epochs."""
    one, two = folder / "one", folder / "two"
    settings, config = read_choices(folder / "tiny.toml").checked()
    plan = RunPlan(msgspec.structs.replace(settings, epochs=1), config, f"mnist {IMAGES}")
    list(train(plan, load_mnist(folder, "train"), two, CPU))
    told = done(command(folder, two, "--resume", "--epochs", "2"))
    assert told.count("epoch 2:") == 1  # one of the ranks tells
    list(train(RunFolder(two).plan(), load_mnist(folder, "train"), one, CPU))
    assert {path.name for path in two.iterdir()} == FILES
    for name in ("state.safetensors", "model.safetensors"):
        ours, theirs = tensors_of(two / name), tensors_of(one / name)
        assert ours.keys() == theirs.keys()
        for key in theirs:
            assert torch.allclose(ours[key], theirs[key], rtol=1e-4, atol=1e-6), key
    assert texts_of(two / "state.safetensors")["position"]["step"] == 10
    for ours, theirs in zip(metrics_of(two), metrics_of(one), strict=True):
        assert ours.keys() == theirs.keys()
        assert {ours.pop("total_steps"), theirs.pop("total_steps")} <= {5, 10}
        for name, value in theirs.items():
            assert ours[name] == (value and pytest.approx(value, rel=1e-4, abs=1e-6)), name


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="threads are counted as Linux has them")
def test_no_thread_of_a_team_outlives_it(tmp_path):
    """One that does may abort its rank after all its work, when Python ends before it."""
    script = tmp_path / "teamwork.py"
    script.write_text(TEAMWORK)
    done([*LAUNCHER, str(script)])


def started(folder: Path, *words: str) -> tuple[subprocess.Popen, list[int], int]:
    """A torchrun of two ranks that has taken some steps: itself, its ranks, the last step told."""
    output = folder / "run"
    words = command(folder, output, "--config", str(folder / "long.toml"), "--json", *words)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(words, env=environment(), text=True, **pipes)
    for line in process.stdout:
        if json.loads(line)["epoch"] > 2:
            break
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    ranks = [int(child) for child in children]
    assert len(ranks) == 2
    return process, ranks, json.loads(line)["step"]


def wait_until_gone(pids: list[int], seconds: float = 10) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            descriptor = os.pidfd_open(pid)
            waiting = select.poll()
            waiting.register(descriptor, select.POLLIN)
            ended = waiting.poll(seconds * 1000)
            os.close(descriptor)
            assert ended, f"process {pid} is left"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="processes are watched as Linux has them")
def test_nothing_is_left_of_a_killed_torchrun_and_its_run_resumes(folder):
    """The hardest of the kills: nobody ends the ranks, so they must see it themselves."""
    (folder / "long.toml").write_text(TINY.format(epochs=10**6))
    process, ranks, step = started(folder)
    with process:
        os.kill(process.pid, signal.SIGKILL)
        wait_until_gone([process.pid, *ranks])
    plan = RunFolder(folder / "run").plan()
    with at_work(folder / "run"):  # no process is
        position = RunFolder(folder / "run").load_state(fresh_learner(plan))
    assert position.step >= step - plan.settings.checkpoint_steps
    resumed = train(plan, load_mnist(folder, "train"), folder / "run", CPU, resume=True)
    validates_first = position.pending is not None  # the kill came between a step and that
    assert next(resumed).step == position.step + (not validates_first)
    resumed.close()
    assert not list((folder / "run").glob("*.tmp"))


def team_of(monkeypatch, rank: int, size: int) -> Ranks:
    monkeypatch.setattr(distributed, "get_rank", lambda: rank)
    monkeypatch.setattr(distributed, "get_world_size", lambda: size)
    return Ranks(CPU)


@pytest.mark.parametrize("count", [1, 2, 7, 8])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_the_parts_make_the_whole(monkeypatch, count, size):
    """Means of the parts at their weights, averaged over ranks, are the mean of the batch."""
    values, labels = torch.rand(count), torch.arange(count)
    mean, seen = 0.0, []
    for rank in range(size):
        part, own, weight = team_of(monkeypatch, rank, size).part_of(values, labels)
        assert len(part) == len(own) >= 1
        mean += float(part.mean()) * weight / size
        seen += own.tolist() if weight else []
    assert seen == labels.tolist()
    assert mean == pytest.approx(float(values.mean()), rel=1e-5)


def test_only_the_first_rank_leads(monkeypatch):
    assert team_of(monkeypatch, 0, 2).leads
    assert not team_of(monkeypatch, 1, 2).leads


def test_a_rank_whose_torchrun_is_gone_ends(monkeypatch):
    team = team_of(monkeypatch, 1, 2)
    team.check()
    monkeypatch.setattr(os, "getppid", lambda: 1)
    with pytest.raises(CapsvizError, match="torchrun is gone"):
        team.check()


def test_a_rank_that_does_not_lead_writes_nothing(tmp_path):
    class Follower(Team):
        leads = False

    plan = make_plan()
    reports = list(train(plan, DIGITS, tmp_path / "run", CPU, team=Follower()))
    assert not (tmp_path / "run").exists()
    assert reports[-1].step == 12
    finish(plan, tmp_path / "led")
    learned = list(train(plan, DIGITS, tmp_path / "led", CPU, resume=True, team=Follower()))
    assert learned == []


def test_alone_there_is_no_team(monkeypatch):
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    with joined(CPU) as (team, device):
        assert type(team) is Team
        assert device == CPU
