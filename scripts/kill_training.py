"""Kill a training run at random moments, resume it each time, and compare what it learnt.

    python scripts/kill_training.py               50 kills, every third inside a save
    python scripts/kill_training.py --kills 10
    python scripts/kill_training.py --torchrun    a team of two; its launcher or a rank is killed

The run is of a tiny network on the sample digits. After the last kill it is resumed to its end;
without --torchrun it must then be bit-identical to a run that nothing broke off. Exits with 1 if
it is not, if a resume fails, if more than 100 steps are lost, or if a process outlives its team
by ten seconds. Not for Windows, which has no fork.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import select
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import torch
from PIL import Image
from safetensors.torch import load_file

from capsviz.data.mnist import Digits
from capsviz.data.samples import sample_digits
from capsviz.network import CapsNetConfig
from capsviz.training import loop
from capsviz.training.learner import Learner
from capsviz.training.plan import RunPlan
from capsviz.training.settings import TrainingSettings
from capsviz.training.watch import Watch

SMALLEST = CapsNetConfig(
    image_size=14,
    conv_channels=4,
    kernel_size=3,
    primary_types=2,
    primary_dim=4,
    digit_dim=4,
    decoder_hidden=(8, 8),
)
EPOCH_STEPS = 18  # 320 digits, 32 of them held out, in batches of 16
LONGEST = 60  # steps from a start to its kill
SAVE_EVERY = 12  # steps; a run's own 100 is the most that may be lost
STAGES = ("fsync", "replace")  # of a save: before its bytes are safe, before they take the name


def plan_for(kills: int) -> RunPlan:
    """A run that is not at its end before the last kill."""
    settings = TrainingSettings(
        epochs=kills * LONGEST // EPOCH_STEPS + 1,
        batch_size=16,
        averaging=0.9,
        precision="fp32",
        validation_images=32,
        checkpoint_steps=SAVE_EVERY,
    )
    return RunPlan(settings, SMALLEST, "sample digits")


def work(plan: RunPlan, folder: Path, pipe: int) -> None:
    """In a child: train or resume, a byte into the pipe for each report."""
    loop._SHORTEST_REPORT = 0.0
    resume = (folder / "run.json").exists()
    small = sample_digits()[:320]
    digits, watch = Digits(small.images[:, ::2, ::2].copy(), small.labels), Watch(frames=5)
    for _ in loop.train(plan, digits, folder, torch.device("cpu"), resume, watch=watch):
        os.write(pipe, b".")


def die_in_save(stage: str, saves: int) -> None:
    """In a child: be killed at that stage of the save of that number from now on."""
    real, left = getattr(os, stage), iter(range(saves))

    def doomed(*args: object) -> object:
        if next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args)

    setattr(os, stage, doomed)


def start(plan: RunPlan, folder: Path, doom: tuple[str, int] | None = None) -> tuple[int, int]:
    """A child at work: its number, and the end of a pipe that tells its steps."""
    told, tells = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(told)
        code = 1
        try:
            if doom is not None:
                die_in_save(*doom)
            work(plan, folder, tells)
            code = 0
        except Exception as error:
            print(f"resume failed: {error}", file=sys.stderr)
        finally:
            os._exit(code)
    os.close(tells)
    return child, told


def finish(plan: RunPlan, folder: Path) -> None:
    """Train or resume to the end, in a child: a parent that has trained cannot fork."""
    child, told = start(plan, folder)
    while os.read(told, 4096):
        pass
    os.close(told)
    if os.waitpid(child, 0)[1] != 0:
        sys.exit("the run did not come to its end")


def kill_once(plan: RunPlan, folder: Path, in_save: bool) -> int:
    """Steps told by a child before it was killed."""
    doom = (random.choice(STAGES), random.randrange(2, 9)) if in_save else None
    child, told = start(plan, folder, doom)
    steps, wanted = 0, random.randrange(1, LONGEST)
    while in_save or steps < wanted:
        told_now = len(os.read(told, 1))
        if not told_now:
            break
        steps += told_now
    if not in_save:
        select.select([], [], [], random.random() / 100)  # to any place within a step
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    while more := os.read(told, 4096):
        steps += len(more)
    os.close(told)
    if os.waitpid(child, 0)[1] != signal.SIGKILL:
        sys.exit("the run ended before it was killed")
    return steps


def step_of(folder: Path) -> int:
    """Steps done, as the state on disk says."""
    path = folder / "state.safetensors"
    if not path.exists():
        return 0
    content = path.read_bytes()
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    return int(json.loads(header["__metadata__"]["position"])["step"])


def differences(ours: Path, theirs: Path) -> list[str]:
    """Tensors that are not the same to the last bit."""
    found = []
    for name in ("state.safetensors", "model.safetensors", "report.safetensors"):
        one, two = load_file(ours / name), load_file(theirs / name)
        found += [f"{name}: {key}" for key in one.keys() ^ two.keys()]
        found += [f"{name}: {k}" for k in one.keys() & two if not torch.equal(one[k], two[k])]
    frames = [{path.name for path in (run / "snapshots").iterdir()} for run in (ours, theirs)]
    return found + sorted(frames[0] ^ frames[1])


def kill_alone(kills: int, folder: Path) -> None:
    """The run of one process, killed so often."""
    plan, run, whole, most = plan_for(kills), folder / "run", folder / "whole", 0
    torch.set_num_threads(1)
    Learner(plan.settings, plan.config, torch.device("cpu"))  # loads what each child would load
    for number in range(kills):
        before = step_of(run)
        seen = kill_once(plan, run, in_save=number % 3 == 2)
        # at an epoch's end the last step and its validation are told as one report
        lost = before + seen - step_of(run)
        most = max(most, lost)
        if lost > 100:
            sys.exit(f"kill {number + 1} lost {lost} steps")
    finish(plan, run)
    finish(plan, whole)
    wrong = differences(run, whole)
    if wrong or list(run.rglob("*.tmp")):
        sys.exit(f"after {kills} kills the run differs: {wrong or 'temporary files are left'}")
    steps = step_of(run)
    print(f"{kills} kills over {steps} steps: bit-identical, at most {most} steps lost")


def make_images(folder: Path) -> Path:
    """A few sample digits as a folder of class-named images."""
    digits = sample_digits()
    for place, (image, label) in enumerate(zip(digits.images[:400], digits.labels, strict=False)):
        (folder / str(label)).mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / str(label) / f"{place}.png")
    sizes = "conv_channels = 4\nprimary_types = 2\nprimary_dim = 4\ndigit_dim = 4\n"
    settings = f'epochs = 100000\ncheckpoint_steps = {SAVE_EVERY}\nprecision = "fp32"\n'
    (folder / "tiny.toml").write_text(f"{settings}[network]\n{sizes}decoder_hidden = [8, 8]\n")
    return folder


def kill_team(kills: int, folder: Path) -> None:
    """A run of two ranks whose launcher, leading rank or other rank is killed in turn."""
    images, run, most = make_images(folder / "images"), folder / "run", 0
    words = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "-m"]
    words += ["capsviz", "train", "--data", str(images), "--output", str(run), "--json"]
    words += ["--device", "cpu", "--config", str(images / "tiny.toml")]
    for number in range(kills):
        more = ["--resume"] if (run / "run.json").exists() else []
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        with subprocess.Popen([*words, *more], text=True, **pipes) as process:
            lines = [process.stdout.readline() for _ in range(random.randrange(1, 200))]
            if not lines[-1]:
                sys.exit(f"start {number + 1} failed")
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
            team = [process.pid, *map(int, children.split())]
            os.kill(team[number % 3], signal.SIGKILL)
            left = [pid for pid in team if not ended(pid)]
            lines += process.stdout.readlines()
        told = [json.loads(line)["step"] for line in lines if line.endswith("}\n")]
        most = max(most, told[-1] - step_of(run))
        if left or most > 100:
            sys.exit(f"kill {number + 1}: processes {left} are left, {most} steps lost")
    print(f"{kills} kills of a team: nothing left, every one resumed, at most {most} steps lost")


def ended(pid: int, seconds: float = 10) -> bool:
    """Whether the process ends in time."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN)
    gone = bool(waiting.poll(seconds * 1000))
    os.close(descriptor)
    return gone


def main() -> None:
    """Read the options, and kill."""
    parser = argparse.ArgumentParser(description="Kill training at random moments, and resume it.")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=None, help="of the moments; told if left out")
    parser.add_argument("--torchrun", action="store_true", help="a team of two, on Linux")
    options = parser.parse_args()
    seed = random.randrange(10**6) if options.seed is None else options.seed
    print(f"seed {seed}", flush=True)
    random.seed(seed)
    with tempfile.TemporaryDirectory() as folder:
        (kill_team if options.torchrun else kill_alone)(options.kills, Path(folder))


if __name__ == "__main__":
    main()
