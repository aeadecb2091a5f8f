"""The paper's affNIST protocol: train on digits placed anywhere, stop early, test on mapped ones.

Each network learns MNIST digits placed at random on 40×40, with no other augmentation, at a rate
that rises and then falls along a cosine over all --epochs, until it
reads 99.23 % of 5 000 held-out training digits (placed once, by a fixed seed): the first
measurement at or above that ends it. It then answers once (a) the MNIST test digits, placed, and
(b) the same digits turned, leaned, stretched and placed by the recipe of capsviz/data/affnist.py,
which is not the original affNIST file. "cnn" is the paper's baseline (section 4). Without padding
it has 35 445 522 weights at 40×40, the paper's 35.4 million; the CapsNet has 13 475 648.

python scripts/affnist.py --output FILE.json [--data-dir FOLDER] [--networks capsnet cnn]
    [--seeds 1 2] [--seconds 600] [--small]
"""

import argparse
import json
import math
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from affnist_networks import Labelled, accuracy, made, name_of, steps
from torch import nn

from capsviz.data.affnist import affnist_like, mnist_anywhere
from capsviz.data.mnist import Digits, load_mnist
from capsviz.files import CapsvizError, write_atomically
from capsviz.network import choose_device, has_fast_bf16
from capsviz.places import data_folder
from capsviz.training.settings import TrainingSettings

HELD_OUT_SEED, TEST_SEED, MAPPED_SEED = 1, 2, 3
PAPER = {"capsnet": "99.23 %, 79 %", "cnn": "99.22 %, 66 %"}  # section 5.2: (a) and (b)


@dataclass(frozen=True)
class Sets:
    """What is learnt, and what is measured on: held-out digits, (a) placed and (b) mapped ones."""

    train: Labelled
    held_out: Labelled
    placed: Labelled
    mapped: Labelled


@dataclass
class Result:
    """One network of one seed; accuracies are parts of 1.

    `stopped` says why: "reached" the goal, "cut off" for want of time, or all "epochs" are over.
    """

    network: str
    seed: int
    parameters: int
    device: str
    steps: int = 0
    images_seen: int = 0
    stopped: str = ""
    validation_accuracy: float = math.nan
    mnist40_accuracy: float = math.nan
    affnist_like_accuracy: float = math.nan
    seconds: float = 0.0


def load_sets(folder: Path, device: torch.device, held_out: int) -> Sets:
    """All on the device; the held-out digits are the same for every network and seed."""
    whole, test = load_mnist(folder, "train"), load_mnist(folder, "test")
    if not 0 < held_out < len(whole):
        raise CapsvizError(
            f"Expected 1 to {len(whole) - 1} of {len(whole)} digits to be held out, "
            f"found {held_out}; change --held-out."
        )
    if {whole.images.shape[1:], test.images.shape[1:]} != {(28, 28)}:
        raise CapsvizError(
            f"Expected MNIST's images of 28×28 pixels, found {whole.images.shape[1:]} and "
            f"{test.images.shape[1:]} in {folder}; give the folder of the original files."
        )
    order = np.random.default_rng(HELD_OUT_SEED).permutation(len(whole))
    aside, kept = (
        Digits(whole.images[part], whole.labels[part])
        for part in (order[:held_out], order[held_out:])
    )
    each = (kept, mnist_anywhere(aside, HELD_OUT_SEED), mnist_anywhere(test, TEST_SEED))
    return Sets(*(on_device(part, device) for part in (*each, affnist_like(test, MAPPED_SEED))))


def on_device(digits: Digits, device: torch.device) -> Labelled:
    images = torch.from_numpy(digits.images.copy()).unsqueeze(1)
    return images.to(device), torch.from_numpy(digits.labels.astype(np.int64)).to(device)


def train(
    network: nn.Module, sets: Sets, result: Result, options: argparse.Namespace, end: float
) -> None:
    """Until the goal is reached, the epochs are over or the time is up; `result` is filled in."""
    chosen = TrainingSettings(
        seed=result.seed, epochs=options.epochs, batch_size=options.batch, schedule="cosine"
    )
    total = chosen.epochs * math.ceil(len(sets.train[1]) / chosen.batch_size)
    for result.steps, count in enumerate(steps(network, sets.train, chosen), 1):
        result.images_seen += count
        is_late = time.monotonic() > end
        if is_late or result.steps % options.every == 0 or result.steps == total:
            result.validation_accuracy = accuracy(network, sets.held_out)
            tell(f"  step {result.steps}: {result.validation_accuracy:.2%} of held-out digits")
            if result.validation_accuracy >= options.goal:
                result.stopped = "reached"
            elif is_late and result.steps < total:
                result.stopped = "cut off"
            if result.stopped:
                return
    result.stopped = "epochs"


def measured(
    kind: str, seed: int, sets: Sets, options: argparse.Namespace, end: float
) -> tuple[nn.Module, Result]:
    """Train one network and put the two test sets to it, once."""
    device, start = sets.train[0].device, time.monotonic()
    network = made(kind, seed, device, options.small)
    size = sum(weight.numel() for weight in network.parameters())
    result = Result(kind, seed, size, name_of(device))
    tell(f"{kind}, seed {seed}, {size:,} weights, on {result.device}")
    train(network, sets, result, options, end)
    result.mnist40_accuracy = accuracy(network, sets.placed)
    result.affnist_like_accuracy = accuracy(network, sets.mapped)
    result.seconds = round(time.monotonic() - start, 2)
    return network, result


def table(results: list[Result]) -> str:
    """Markdown: a row per network, means with the least and the most of its seeds."""
    lines = [
        "| network | weights | seeds | images seen | held out | (a) placed | (b) affNIST-like | "
        "paper: (a), (b) |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for kind in dict.fromkeys(each.network for each in results):
        rows = [each for each in results if each.network == kind]
        accuracies = ("validation_accuracy", "mnist40_accuracy", "affnist_like_accuracy")
        short = sum(each.stopped != "reached" for each in rows)
        seeds = f"{len(rows)}" + (f", {short} short of the goal" if short else "")
        seen = sum(each.images_seen for each in rows) / len(rows)
        cells = [spread([getattr(each, name) for each in rows]) for name in accuracies]
        lines.append(
            f"| {kind} | {rows[0].parameters:,} | {seeds} | {seen:,.0f} | "
            f"{' | '.join(cells)} | {PAPER[kind]} |"
        )
    return "\n".join(lines)


def spread(parts: list[float]) -> str:
    mean = f"{sum(parts) / len(parts):.2%}"
    return mean if len(parts) == 1 else f"{mean} ({min(parts):.2%} to {max(parts):.2%})"


def tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def compare(options: argparse.Namespace) -> list[Result]:
    """Every network of every seed that there is time for; the file is kept up to date."""
    if options.output.exists():
        raise CapsvizError(f"{options.output} is there already; give another --output.")
    end = math.inf if options.seconds is None else time.monotonic() + options.seconds
    device = choose_device(options.device)
    sets = load_sets(data_folder(options.data_dir), device, options.held_out)
    results: list[Result] = []
    write(
        options, device, results
    )  # a file that cannot be written is told of before hours of work
    for seed in options.seeds:
        for kind in options.networks:
            if time.monotonic() > end:
                tell(f"{kind}, seed {seed}: not begun, the time is up")
                continue
            results.append(measured(kind, seed, sets, options, end)[1])
            write(options, device, results)
    return results


def write(options: argparse.Namespace, device: torch.device, results: list[Result]) -> None:
    names = ("networks", "seeds", "goal", "every", "epochs", "batch", "held_out", "seconds")
    report = {
        "device": name_of(device),
        "bf16": has_fast_bf16(device),
        "torch": torch.__version__,
        "asked": {name: getattr(options, name) for name in names},
        "networks": [asdict(each) for each in results],
    }
    write_atomically(options.output, json.dumps(report, indent=1).encode())


def at_least_one(text: str) -> int:
    if int(text) < 1:
        raise ValueError
    return int(text)


def fraction(text: str) -> float:
    if not 0 < float(text) <= 1:
        raise ValueError
    return float(text)


parser = argparse.ArgumentParser(description="The affNIST protocol of the paper, section 5.2.")
parser.add_argument("--output", type=Path, required=True, help="JSON file of the results")
parser.add_argument("--data-dir", type=Path, help="folder that holds MNIST's four files")
parser.add_argument("--networks", nargs="+", choices=PAPER, default=list(PAPER))
parser.add_argument("--seeds", type=at_least_one, nargs="+", default=[1, 2])
parser.add_argument(
    "--seconds", type=float, help="begin nothing after so many, and cut off what is being trained"
)
parser.add_argument("--epochs", type=at_least_one, default=20, help="at most")
parser.add_argument("--every", type=at_least_one, default=215, help="steps between measurements")
parser.add_argument("--goal", type=fraction, default=0.9923, help="held-out accuracy to stop at")
parser.add_argument("--held-out", type=int, default=5000, help="of MNIST's training digits")
parser.add_argument("--batch", type=at_least_one, default=128)
parser.add_argument("--device", default="auto")
parser.add_argument("--small", action="store_true", help="tiny networks, to try")


def main() -> None:
    options = parser.parse_args()
    try:
        results = compare(options)
    except CapsvizError as error:
        parser.error(str(error))
    print(table(results))


if __name__ == "__main__":
    main()
