"""The four rows of the paper's table 1 again: one or three routing iterations, with and without
reconstruction; each network trained alike on MNIST with the paper's shifts.

By a rule fixed beforehand the network after the last epoch counts, not the best by validation,
and the test digits are shown to it once. Given again, the command trains what has no result yet
and goes on with runs that were broken off.

python scripts/paper_table.py --output FOLDER [--data-dir FOLDER] [--seeds 1 2 3] [--epochs 10]
    [--seconds N] [--processes K]
"""

import argparse
import os
import subprocess
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from paper_network import Job, attempt, earlier, tidy
from paper_rows import ROWS, markdown, table_of

from capsviz.ending import Ending
from capsviz.files import CapsvizError, write_atomically

TABLE = "table.json"
PAUSE = 0.1  # seconds between two looks at the processes


@dataclass
class TimeBox:
    """Lets a network begin only if as long a one as the slowest so far still fits."""

    seconds: float | None
    slowest: float = 0.0
    began: float = field(default_factory=time.perf_counter)

    def fits(self) -> bool:
        if self.seconds is None:
            return True
        return time.perf_counter() - self.began + self.slowest <= self.seconds

    def note(self, seconds: float) -> None:
        self.slowest = max(self.slowest, seconds)


def one_by_one(jobs: list[Job], options: argparse.Namespace, box: TimeBox) -> bool:
    """Whether all that were begun could be finished."""
    is_well = True
    for job in jobs:
        if not box.fits():
            break
        began = time.perf_counter()
        is_well &= attempt(job, options)
        box.note(time.perf_counter() - began)
    return is_well


def side_by_side(
    jobs: list[Job], options: argparse.Namespace, box: TimeBox, words: list[str]
) -> bool:
    """The same with a process for each network, several at once."""
    waiting, running, is_well = deque(jobs), {}, True
    with Ending() as ending:
        try:
            while running or (waiting and box.fits()):
                while waiting and len(running) < options.processes and box.fits():
                    running[started(waiting.popleft(), options, words)] = time.perf_counter()
                for process in [each for each in running if each.poll() is not None]:
                    box.note(time.perf_counter() - running.pop(process))
                    is_well &= process.returncode == 0
                ending.check()
                time.sleep(PAUSE)
        finally:
            for process in running:
                process.terminate()
            for process in running:
                process.wait()
    return is_well


def started(job: Job, options: argparse.Namespace, words: list[str]) -> subprocess.Popen[bytes]:
    """This command again, for one network alone."""
    threads = str(max(1, (os.cpu_count() or 1) // options.processes))
    command = [sys.executable, __file__, *words, "--only", job.row, "--seeds", str(job.seed)]
    return subprocess.Popen(command, env={"OMP_NUM_THREADS": threads} | os.environ)


def table(options: argparse.Namespace) -> str:
    """Written as JSON, and in Markdown, of all networks asked for that are finished."""
    found = [earlier(job, options) for job in options.jobs]
    made = table_of([result for result in found if result is not None])
    content = msgspec.json.format(msgspec.json.encode(made))
    write_atomically(options.output / TABLE, content)
    return markdown(made)


def work(options: argparse.Namespace, words: list[str]) -> bool:
    """Whether all that were begun could be finished; of one row alone, no table."""
    before = {job: earlier(job, options) for job in options.jobs}
    for job in (job for job, result in before.items() if result):
        tidy(job.folder(options))  # where the call that measured it was killed before it could
    slowest = max((result.seconds for result in before.values() if result), default=0.0)
    box = TimeBox(options.seconds, slowest)
    jobs = [job for job, result in before.items() if result is None]
    if options.processes > 1 and not options.only:
        is_well = side_by_side(jobs, options, box, words)
    else:
        is_well = one_by_one(jobs, options, box)
    if not options.only:
        print(table(options))
    return is_well


def count(word: str) -> int:
    """A whole number from 1."""
    number = int(word)
    if number < 1:
        raise argparse.ArgumentTypeError("expected at least 1")
    return number


def parsed(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Train the rows of the paper's table 1.")
    parser.add_argument("--output", type=Path, required=True, help="a folder for all the runs")
    parser.add_argument("--data-dir", type=Path, help="folder that holds MNIST's four files")
    parser.add_argument("--seeds", type=int, nargs="+", default=(1, 2, 3))
    parser.add_argument("--epochs", type=count, default=10)
    parser.add_argument("--batch", type=count, default=128)
    parser.add_argument("--averaging", type=float, default=0.999)
    parser.add_argument("--validation", type=count, default=5_000, help="digits held out")
    parser.add_argument("--checkpoint-steps", type=count, default=1_000_000)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--processes", type=count, default=1, help="networks at once")
    parser.add_argument("--seconds", type=float, help="begin none that would take longer")
    parser.add_argument("--small", action="store_true", help="tiny networks, to try")
    parser.add_argument("--only", choices=ROWS, help="this row alone, and no table")
    options = parser.parse_args(words)
    rows = [options.only] if options.only else ROWS
    options.jobs = [Job(row, seed) for seed in dict.fromkeys(options.seeds) for row in rows]
    return options


def main(words: list[str]) -> int:
    """Exit code: 1 if a network could not be finished."""
    try:
        return 0 if work(parsed(words), words) else 1
    except CapsvizError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
