"""Turn a finished run into weights that ship: half precision, full provenance, measured once.

The network is the one its run chose by validation. The MNIST test digits are touched here for the
first and only time; the halved weights must answer as the trained ones do, or nothing is written.

python scripts/release.py RUN NAME --purpose "..." [--data-dir FOLDER] [--command "..."]
"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import torch

from capsviz.data.mnist import load_mnist
from capsviz.explore.evaluate import score
from capsviz.explore.explain import lengths_in_batches
from capsviz.network import CapsNet, load_checkpoint, save_checkpoint
from capsviz.places import data_folder
from capsviz.training.runfiles import read_plan

ROOT = Path(__file__).resolve().parent.parent
MOST_CHANGE = 1e-3  # of any length of any test digit, by halving the weights
LICENCE = "MIT; trained on MNIST (Y. LeCun, C. Cortes, C. Burges; CC BY-SA 3.0)"


@dataclass(frozen=True)
class Measured:
    """Lengths (n, 10) and error rate (0–1) on the MNIST test digits."""

    lengths: np.ndarray
    error: float


def measure(model: CapsNet, folder: Path) -> Measured:
    """Ask for every test digit."""
    digits = load_mnist(folder, "test")
    images = digits.images.astype(np.float32) / 255
    lengths = np.concatenate(list(lengths_in_batches(model, images)))
    return Measured(lengths, score(lengths, digits.labels.astype(np.int64), 1.0).error_rate)


def release(options: argparse.Namespace) -> None:
    """Measure, halve, compare, write."""
    trained = load_checkpoint(options.run / "model.safetensors")
    folder = data_folder(options.data_dir)
    before = measure(trained.model, folder)
    provenance = msgspec.structs.replace(
        trained.provenance,
        held_out=read_plan(options.run).held_out if options.held_out is None else options.held_out,
        test_error=before.error,
        purpose=options.purpose,
        command=options.command,
        licence=LICENCE,
    )
    target = ROOT / "models" / f"{options.name}.safetensors"
    save_checkpoint(target, trained.model, provenance, torch.float16)
    after = measure(load_checkpoint(target).model, folder)
    change = float(np.abs(after.lengths - before.lengths).max())
    print(
        f"test error {before.error:.2%}, halved {after.error:.2%}; lengths change by {change:.1e}"
    )
    if after.error != before.error or change > MOST_CHANGE:
        target.unlink()
        sys.exit("The halved weights answer otherwise; nothing was released.")
    print(f"{target.name}: {target.stat().st_size / 2**20:.1f} MiB, {provenance}")


parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("run", type=Path)
parser.add_argument("name")
parser.add_argument("--purpose", required=True)
parser.add_argument("--command", default="")
parser.add_argument("--held-out", type=int, help="where a run from another cannot know it")
parser.add_argument("--data-dir", type=Path)
release(parser.parse_args())
