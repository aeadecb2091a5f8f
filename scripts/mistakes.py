"""A picture of every test digit that a network gets wrong, with its answer.

Each digit beside what its answer's capsule redraws; beneath, label → answer, the answer's length
and that of the label's capsule. Needs MNIST; see CAPSVIZ_DATA.

python scripts/mistakes.py [MODEL] [--output FILE.png] [--data-dir FOLDER]
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from capsviz.data.framing import as_floats
from capsviz.data.mnist import load_mnist
from capsviz.explore.explain import explain, lengths_in_batches
from capsviz.explore.models import load_model
from capsviz.network import CapsNet
from capsviz.places import data_folder

ROOT = Path(__file__).resolve().parent.parent
SCALE, GAP, LINE, ACROSS = 3, 14, 18, 7
PAPER, WORDS, QUIET = 255, 20, 110


@dataclass(frozen=True)
class Mistake:
    """One digit read wrongly: (H, H) image and what its answer redraws, and how sure it was."""

    image: np.ndarray
    redrawn: np.ndarray
    label: int
    answer: int
    lengths: np.ndarray


def find(network: CapsNet, folder: Path) -> list[Mistake]:
    """All of them, the surest answers first."""
    digits = load_mnist(folder, "test")
    images = as_floats(digits.images)
    lengths = np.concatenate(list(lengths_in_batches(network, images)))
    wrong = np.flatnonzero(lengths.argmax(1) != digits.labels)
    found = [_mistake(network, images[index], int(digits.labels[index])) for index in wrong]
    return sorted(found, key=lambda mistake: -mistake.lengths[mistake.answer])


def _mistake(network: CapsNet, image: np.ndarray, label: int) -> Mistake:
    told = explain(network, image)
    redrawn = np.zeros_like(image) if told.reconstruction is None else told.reconstruction
    return Mistake(image, redrawn, label, told.digit, told.final_lengths)


def montage(mistakes: list[Mistake]) -> Image.Image:
    """All in rows, black on white."""
    side = len(mistakes[0].image) * SCALE
    wide, tall = 2 * side + GAP, side + 2 * LINE + GAP
    rows = -(-len(mistakes) // ACROSS)
    picture = Image.new("L", (GAP + ACROSS * (wide + GAP), GAP + rows * tall), PAPER)
    for number, mistake in enumerate(mistakes):
        row, column = divmod(number, ACROSS)
        _paste(picture, mistake, GAP + column * (wide + GAP), GAP + row * tall, side)
    return picture


def _paste(picture: Image.Image, mistake: Mistake, x: int, y: int, side: int) -> None:
    for number, values in enumerate((mistake.image, mistake.redrawn)):
        grey = Image.fromarray((PAPER - PAPER * values).astype(np.uint8))
        picture.paste(grey.resize((side, side), Image.Resampling.NEAREST), (x + number * side, y))
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(14)
    pen.text((x, y + side), f"{mistake.label} read as {mistake.answer}", WORDS, font)
    answer, label = mistake.lengths[mistake.answer], mistake.lengths[mistake.label]
    lengths = f"{mistake.answer}: {answer:.2f}   {mistake.label}: {label:.2f}"
    pen.text((x, y + side + LINE - 2), lengths, QUIET, font)


parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("model", nargs="?", default="digits")
parser.add_argument("--output", type=Path)
parser.add_argument("--data-dir", type=Path)
options = parser.parse_args()
loaded = load_model(options.model, "cpu")
target = options.output or ROOT / "resources" / "screenshots" / f"mistakes-{loaded.name}.png"
every = find(loaded.network, data_folder(options.data_dir))
montage(every).quantize(16).save(target, optimize=True)
print(f"{target}: {len(every)} digits, {target.stat().st_size / 1024:.0f} KiB")
