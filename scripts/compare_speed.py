"""Compare the speed of capsviz's network with that of any other, in one process, in turn.

The other is a class in a Python file. It is made without arguments and called with images
(B, 1, 28, 28); what it returns must be, or begin with, a tensor (B, 10, ...) of digit capsules
or their lengths. Training steps are a margin loss, its full gradient and Adam, for both; a
decoder counts for neither.

python scripts/compare_speed.py FILE.py CLASS [--batch 128] [--repeats 5] [--json]
"""

import argparse
import importlib.util
import json
import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from capsviz.network import CapsNet, FastCapsNet, lengths_of, margin_loss
from capsviz.timing import interleaved

parser = argparse.ArgumentParser(description="Compare the speed of two capsule networks.")
parser.add_argument("file", type=Path, help="Python file that holds the other network")
parser.add_argument("name", help="its class")
parser.add_argument("--batch", type=int, default=128, help="images of a training step")
parser.add_argument("--repeats", type=int, default=5, help="training steps timed")
parser.add_argument("--singles", type=int, default=30, help="single images timed")
parser.add_argument("--json", action="store_true", help="print one JSON object")


def load(file: Path, name: str) -> Callable[[], nn.Module]:
    """The class `name` of a Python file."""
    specification = importlib.util.spec_from_file_location(file.stem, file)
    if specification is None or specification.loader is None or not file.is_file():
        parser.error(f"{file} is no Python file")
    module = importlib.util.module_from_spec(specification)
    sys.modules[file.stem] = module
    sys.path.insert(0, str(file.resolve().parent))  # it may import its neighbours
    specification.loader.exec_module(module)
    if not hasattr(module, name):
        parser.error(f"{file} has no class {name}")
    return getattr(module, name)


def lengths_in(answer: Any) -> Tensor:  # noqa: ANN401  whatever others return
    """(B, 10) lengths, whatever form the digit capsules come in."""
    while not isinstance(answer, torch.Tensor):
        answer = answer[0]
    if answer.dim() > 3:  # some keep each capsule as a column
        answer = answer.flatten(2)
    return lengths_of(answer) if answer.dim() > 2 else answer


def training_step(network: nn.Module, images: Tensor, present: Tensor) -> Callable[[], None]:
    optimizer = torch.optim.Adam(network.parameters(), fused=True)

    def step() -> None:
        network.train()
        optimizer.zero_grad()
        margin_loss(lengths_in(network(images)), present).backward()
        optimizer.step()

    return step


def single_answer(network: nn.Module, image: Tensor) -> Callable[[], Tensor]:
    @torch.inference_mode()
    def answer() -> Tensor:
        network.eval()
        return lengths_in(network(image))

    return answer


def measure(
    networks: dict[str, nn.Module], options: argparse.Namespace
) -> dict[str, dict[str, float]]:
    """Medians and shortest times by name."""
    images = torch.rand(options.batch, 1, 28, 28)
    present = torch.nn.functional.one_hot(torch.arange(options.batch) % 10, 10)
    steps = {name: training_step(each, images, present) for name, each in networks.items()}
    trained = interleaved(steps, options.repeats)
    singles = {name: single_answer(each, images[:1]) for name, each in networks.items()}
    answered = interleaved(singles, options.singles, warmup=3)
    return {
        name: {
            "parameters": sum(weight.numel() for weight in network.parameters()),
            "train_images_per_second": options.batch / statistics.median(trained[name]),
            "train_best_images_per_second": options.batch / min(trained[name]),
            "single_ms": statistics.median(answered[name]) * 1e3,
            "single_best_ms": min(answered[name]) * 1e3,
        }
        for name, network in networks.items()
    }


def main() -> None:
    options = parser.parse_args()
    other = load(options.file, options.name)
    networks = {
        "capsviz": FastCapsNet(),
        "capsviz, plain": CapsNet(),
        f"{options.file.name}:{options.name}": other(),
    }
    figures = measure(networks, options)
    if options.json:
        print(json.dumps(figures))
        return
    print(f"{'':32} {'parameters':>12} {'trains, images/s':>17} {'single image, ms':>17}")
    for name, row in figures.items():
        trains = (
            f"{row['train_images_per_second']:.1f} ({row['train_best_images_per_second']:.1f})"
        )
        single = f"{row['single_ms']:.2f} ({row['single_best_ms']:.2f})"
        print(f"{name:32.32} {row['parameters']:>12,} {trains:>17} {single:>17}")
    print("Medians, and in brackets the best.")


if __name__ == "__main__":
    main()
