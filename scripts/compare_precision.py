"""Whether training in bf16 ends as well as in fp32: the same data and schedule, two seeds in fp32
and the first of them in bf16, and the validation error of each.

bf16 is as good if its error lies no further from that of the same seed in fp32 than the two
seeds lie apart. Processors without bf16 units round the same operands, in about the time of fp32.

python scripts/compare_precision.py --data-dir FOLDER [--epochs 3] [--images 60000] [--json]
"""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import torch

from capsviz.data.mnist import Digits, load_mnist
from capsviz.network import CapsNetConfig
from capsviz.places import data_folder
from capsviz.training.loop import train
from capsviz.training.plan import RunPlan
from capsviz.training.settings import Precision, TrainingSettings

parser = argparse.ArgumentParser(description="Compare training in bf16 with training in fp32.")
parser.add_argument("--data-dir", type=Path, help="folder that holds MNIST's four files")
parser.add_argument("--epochs", type=int, default=3)
parser.add_argument("--images", type=int, default=60_000, help="of MNIST's training images")
parser.add_argument("--validation", type=int, default=5_000, help="of these, held out")
parser.add_argument("--device", default="cpu")
parser.add_argument("--seeds", type=int, nargs=2, default=(1, 2))
parser.add_argument("--json", action="store_true", help="print one JSON object")
options = parser.parse_args()


def trained(digits: Digits, precision: Precision, seed: int) -> dict[str, Any]:
    """Validation error after each epoch, and the last step's losses."""
    settings = TrainingSettings(
        epochs=options.epochs,
        precision=precision,
        seed=seed,
        validation_images=options.validation,
    )
    plan = RunPlan(settings=settings, config=CapsNetConfig(), data=f"{len(digits)} digits")
    with tempfile.TemporaryDirectory() as folder:
        run = train(plan, digits, Path(folder) / "run", torch.device(options.device))
        ends = [each for each in run if each.validation_error is not None]
    return {
        "precision": precision,
        "seed": seed,
        "validation_errors": [end.validation_error for end in ends],
        "margin_loss": ends[-1].margin_loss,
    }


whole = load_mnist(data_folder(options.data_dir), "train")
digits = Digits(whole.images[: options.images], whole.labels[: options.images])
first, second = options.seeds
runs = [
    trained(digits, precision, seed)
    for precision, seed in (("fp32", first), ("fp32", second), ("bf16", first))
]
finals = [run["validation_errors"][-1] for run in runs]
spread, distance = abs(finals[1] - finals[0]), abs(finals[2] - finals[0])
if options.json:
    print(json.dumps({"runs": runs, "spread_of_seeds": spread, "bf16_from_fp32": distance}))
else:
    for run in runs:
        errors = ", ".join(f"{error:.2%}" for error in run["validation_errors"])
        print(f"{run['precision']}, seed {run['seed']}: validation error by epoch {errors}")
    print(f"Two seeds in fp32 lie {spread:.2%} apart, bf16 and fp32 of one seed {distance:.2%}.")
