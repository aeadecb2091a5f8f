"""Turn a finished run into weights that ship: half precision, full provenance, measured once.

The network is the one its run chose by validation. The test digits (of a network that reads two
digits in one image, their pairs) are touched here alone, by the trained and by the halved weights;
these must answer as those do, or nothing is written.

python scripts/release.py RUN NAME --purpose "..." [--data-dir FOLDER] [--command "..."]
                          [--device cuda] [--output FILE]
"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import torch
from halves import as_stored

from capsviz.data.labelled import load_labelled
from capsviz.explore.evaluate import score
from capsviz.explore.explain import lengths_in_batches
from capsviz.files import CapsvizError
from capsviz.network import CapsNet, choose_device, load_checkpoint, save_checkpoint
from capsviz.places import data_folder
from capsviz.training.runfiles import read_metrics, read_plan

ROOT = Path(__file__).resolve().parent.parent
MOST_CHANGE = 1e-3  # of any length of any test image, by halving the weights
LICENCE = "MIT; trained on MNIST (Y. LeCun, C. Cortes, C. Burges; CC BY-SA 3.0)"


@dataclass(frozen=True)
class Measured:
    """Lengths (n, 10) and error rate (0–1) on the test images."""

    lengths: np.ndarray
    error: float


def measure(model: CapsNet, folder: Path) -> Measured:
    """Ask for every test image."""
    config = model.config
    name = config.test_set.lower()
    tested = load_labelled(name, config.image_size, folder, border=config.border)
    lengths = np.concatenate(list(lengths_in_batches(model, tested.images)))
    return Measured(lengths, score(lengths, tested.labels, 1.0).error_rate)


def curve_of(run: Path) -> tuple[float, ...]:
    """The run's error after each validation, to five digits."""
    errors = (line.validation_error for line in read_metrics(run))
    return tuple(round(error, 5) for error in errors if error is not None)


def release(options: argparse.Namespace) -> None:
    """Measure, halve, measure again, write."""
    trained = load_checkpoint(options.run / "model.safetensors")
    folder, device = data_folder(options.data_dir), choose_device(options.device)
    torch.backends.cudnn.allow_tf32 = False  # it would round as much as halving does
    halved = as_stored(trained.model)
    before = measure(trained.model.to(device), folder)
    after = measure(halved.to(device), folder)
    change = float(np.abs(after.lengths - before.lengths).max())
    print(
        f"test error {before.error:.2%}, halved {after.error:.2%}; lengths change by {change:.1e}"
    )
    if after.error != before.error or change > MOST_CHANGE:
        sys.exit("The halved weights answer otherwise; nothing was released.")
    provenance = msgspec.structs.replace(
        trained.provenance,
        held_out=read_plan(options.run).held_out if options.held_out is None else options.held_out,
        test_error=after.error,
        purpose=options.purpose,
        command=options.command,
        licence=LICENCE,
        validation_curve=curve_of(options.run),
    )
    target = options.output or ROOT / "models" / f"{options.name}.safetensors"
    save_checkpoint(target, halved.to("cpu"), provenance, torch.float16)
    print(f"{target.name}: {target.stat().st_size / 2**20:.1f} MiB, {provenance}")


parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("run", type=Path)
parser.add_argument("name")
parser.add_argument("--purpose", required=True)
parser.add_argument("--command", default="")
parser.add_argument("--held-out", type=int, help="where a run from another cannot know it")
parser.add_argument("--output", type=Path, help="the file, else the program's own of that name")
parser.add_argument("--data-dir", type=Path)
parser.add_argument("--device", default="cpu", help="where it is measured")
try:
    release(parser.parse_args())
except CapsvizError as error:
    sys.exit(str(error))
