"""Go part of the way from one run's network to that of a run which began with it.

A short run with other images can learn what the long one lacked and forget some of what it knew;
between the two lie networks that have both. Between two ends of one long training often lies a
network that is better than either. The blend is rounded to half precision, as it will ship, and
then measured on what the first run held out; it is laid into a folder as a run leaves it, for
scripts/release.py.

python scripts/blend.py FIRST SECOND SHARE --output FOLDER [--data-dir FOLDER] [--device cuda]
"""

import argparse
import shutil
import sys
from pathlib import Path

import msgspec
import numpy as np
import torch
from halves import as_stored

from capsviz.data.mnist import Digits, load_mnist
from capsviz.files import CapsvizError, write_atomically
from capsviz.network import CapsNet, choose_device, load_checkpoint, save_checkpoint
from capsviz.places import data_folder
from capsviz.training.batches import split_of
from capsviz.training.plan import RunPlan
from capsviz.training.runfiles import METRICS, MODEL, PLAN, read_plan
from capsviz.training.underway import validator_of


def blended(first: CapsNet, second: CapsNet, share: float) -> CapsNet:
    """The first network with its weights moved by that share of the way to the second's.

    Raises:
        CapsvizError: the networks are of different sizes.
    """
    if first.config != second.config:
        raise CapsvizError(
            f"Expected two networks of the same sizes, found {first.config} and {second.config}; "
            "blend a run with one that began with its network."
        )
    ends = second.state_dict()
    mixed = {name: torch.lerp(w, ends[name], share) for name, w in first.state_dict().items()}
    first.load_state_dict(mixed)
    return first


def check_unseen(first: RunPlan, second: RunPlan) -> None:
    """Refuse a second run that learnt what the first one held out.

    Raises:
        CapsvizError: it held out others, or fewer.
    """
    kept = [(each.data, each.settings.seed) for each in (first, second)]
    counts = [each.settings.validation_images for each in (first, second)]
    if kept[0] != kept[1] or counts[1] < counts[0]:
        raise CapsvizError(
            f"Expected both runs to hold out the same {counts[0]} images of {first.data}, found "
            f"{counts[1]} of {second.data} drawn by seed {second.settings.seed}, not "
            f"{first.settings.seed}; train the second with the first one's seed and number."
        )


def error_of(model: CapsNet, plan: RunPlan, digits: Digits, device: torch.device) -> float:
    """Fraction of what the run of this plan held out that the network reads wrongly, 0–1."""
    images = torch.from_numpy(digits.images.copy()).unsqueeze(1).to(device)
    labels = torch.from_numpy(digits.labels.astype(np.int64)).to(device)
    validator = validator_of(plan, images, labels, split_of(plan, digits), lambda: None)
    return validator.measure(model, step=0).error


def blend(options: argparse.Namespace) -> None:
    """Mix, measure, write."""
    first, second = (load_checkpoint(run / MODEL) for run in (options.first, options.second))
    plan, device = read_plan(options.first), choose_device(options.device)
    check_unseen(plan, read_plan(options.second))
    model = as_stored(blended(first.model, second.model, options.share)).to(device)
    digits = load_mnist(data_folder(options.data_dir), "train")
    error = error_of(model, plan, digits, device)
    print(f"validation error {error:.2%} of {plan.settings.validation_images}")
    epochs = (first.provenance.epochs or 0) + (second.provenance.epochs or 0)
    about = msgspec.structs.replace(first.provenance, epochs=epochs, validation_error=error)
    save_checkpoint(options.output / MODEL, model.to("cpu"), about)
    lines = b"".join((run / METRICS).read_bytes() for run in (options.first, options.second))
    write_atomically(options.output / METRICS, lines)
    shutil.copyfile(options.first / PLAN, options.output / PLAN)


def fraction(text: str) -> float:
    if not 0.0 <= float(text) <= 1.0:
        raise ValueError
    return float(text)


parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("first", type=Path)
parser.add_argument("second", type=Path)
parser.add_argument("share", type=fraction)
parser.add_argument("--output", type=Path, required=True)
parser.add_argument("--data-dir", type=Path)
parser.add_argument("--device", default="cpu")

if __name__ == "__main__":
    try:
        blend(parser.parse_args())
    except CapsvizError as error:
        sys.exit(str(error))
