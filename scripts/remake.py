"""Make the weights that ship again: every training, every blend and the release, in one command.

Given again, it goes on where it was broken off. What it makes lies in FOLDER/NAME, the network as
NAME.safetensors, measured on the test digits; the file in models/ stays as it is.

python scripts/remake.py digits|two-digits --output FOLDER [--data-dir FOLDER] [--device cuda]
    [--small]
"""

import argparse
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from capsviz.training.runfiles import MODEL, PLAN

HERE = Path(__file__).resolve().parent
SMALL = """
epochs = 1
validation_images = 20
batch_size = 20
[network]
conv_channels = 8
primary_types = 2
primary_dim = 4
digit_dim = 4
decoder_hidden = [16, 24]
"""


class Training(NamedTuple):
    """A run, from random weights or from another run's network."""

    run: str
    options: str
    start: str = ""

    def words(self, asked: argparse.Namespace) -> list[str]:
        folder = asked.output / self.run
        words = ["-m", "capsviz", "train", "--output", str(folder)]
        if (folder / PLAN).exists():
            return [*words, "--resume"]
        words += self.options.split()
        if self.start:
            words += ["--start-from", str(asked.output / self.start / MODEL)]
        if asked.small:  # what a line says later counts
            words += ["--config", str(asked.output / "small.toml"), "--epochs", "1"]
        return words


class Blend(NamedTuple):
    """Part of the way from one run's network to another's."""

    run: str
    first: str
    second: str
    share: float

    def words(self, asked: argparse.Namespace) -> list[str]:
        folders = [str(asked.output / name) for name in (self.first, self.second, self.run)]
        script = str(HERE / "blend.py")
        return [script, *folders[:2], str(self.share), "--output", folders[2]]


class Recipe(NamedTuple):
    """What makes a network, and what it is for; the last step leaves it."""

    purpose: str
    steps: tuple[Training | Blend, ...]

    def release(self, asked: argparse.Namespace) -> list[str]:
        """The words of its last command."""
        target = asked.output / f"{asked.name}.safetensors"
        words = [str(HERE / "release.py"), str(asked.output / self.steps[-1].run), asked.name]
        words += ["--purpose", self.purpose, "--command", f"python scripts/remake.py {asked.name}"]
        return [*words, "--output", str(target)]


LONG = "--schedule cosine --averaging 0.999 --seed 1"
SHORT = "--epochs 1 --warmup-steps 50 --schedule cosine --averaging 0.99 --seed 1"
RECIPES = {
    "digits": Recipe(
        "digits drawn by hand, and MNIST; the window's own network",
        (
            Training("a", f"--epochs 70 --augmentation drawn {LONG}"),
            Training("b", f"--learning-rate 0.0002 --augmentation drawn {SHORT}", "a"),
            Blend("c", "a", "b", 0.25),
        ),
    ),
    "two-digits": Recipe(
        "two digits laid over one another; for Labs, Two digits",
        (
            Training("a", f"--digits 2 --epochs 150 {LONG}"),
            Training("b", f"--digits 2 --epochs 74 --learning-rate 0.0006 {LONG}", "a"),
            Blend("c", "a", "b", 0.5),
            Training(
                "d",
                "--digits 2 --epochs 230 --batch-size 256 --learning-rate 0.001 "
                "--augmentation slight --schedule cosine --averaging 0.9998 --seed 1",
                "c",
            ),
            Training("e", f"--digits 2 --learning-rate 0.0001 {SHORT}", "d"),
            Blend("f", "d", "e", 0.5),
        ),
    ),
}


def remake(asked: argparse.Namespace) -> None:
    """Step by step; the first that fails ends it with its own sentence and exit code."""
    recipe = RECIPES[asked.name]
    asked.output /= (
        f"{asked.name}-small" if asked.small else asked.name
    )  # none begins in another's
    asked.output.mkdir(parents=True, exist_ok=True)
    if asked.small:
        (asked.output / "small.toml").write_text(SMALL)
    shared = ["--device", asked.device]
    if asked.data_dir is not None:
        shared += ["--data-dir", str(asked.data_dir)]
    for words in (*(step.words(asked) for step in recipe.steps), recipe.release(asked)):
        print(" ".join(words), flush=True)
        code = subprocess.run([sys.executable, *words, *shared], check=False).returncode
        if code:
            sys.exit(code)


parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("name", choices=RECIPES)
parser.add_argument("--output", type=Path, required=True)
parser.add_argument("--data-dir", type=Path)
parser.add_argument("--device", default="auto")
parser.add_argument("--small", action="store_true", help="tiny networks, to try the script out")

if __name__ == "__main__":
    remake(parser.parse_args())
