"""The script that turns a finished run into weights that ship."""

import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch

from capsviz.explore.explain import lengths_in_batches
from capsviz.network import load_checkpoint, save_checkpoint
from capsviz.training.loop import train
from tests.idx import blocks, write_mnist
from tests.runs import CPU, SMALLEST, make_plan

SCRIPT = Path(__file__).resolve().parent.parent / "scripts" / "release.py"
TESTED = blocks(60, seed=6)


@pytest.fixture
def run(tmp_path):
    """A finished run on digits of MNIST's size, beside the files that it learnt from."""
    learnt = blocks(60, seed=5)
    write_mnist(tmp_path / "mnist", learnt, TESTED)
    plan = make_plan(msgspec.structs.replace(SMALLEST, image_size=28), epochs=1)
    list(train(plan, learnt, tmp_path / "run", CPU))
    return tmp_path / "run"


def released(run):
    words = [run, "mine", "--purpose", "a try", "--command", "capsviz train"]
    words += ["--data-dir", run.parent / "mnist", "--output", run.parent / "mine.safetensors"]
    given = [sys.executable, str(SCRIPT), *map(str, words)]
    return subprocess.run(given, capture_output=True, text=True, check=False)


def test_the_halved_file_tells_its_own_test_error(run):
    told = released(run)
    assert told.returncode == 0, told.stderr
    file = run.parent / "mine.safetensors"
    assert file.stat().st_size < 0.6 * (run / "model.safetensors").stat().st_size
    kept = load_checkpoint(file)
    images = TESTED.images.astype(np.float32) / 255
    lengths = np.concatenate(list(lengths_in_batches(kept.model, images)))
    wrong = (lengths.argmax(1) != TESTED.labels).mean()
    assert kept.provenance.test_error == pytest.approx(wrong)
    assert (kept.provenance.purpose, kept.provenance.held_out) == ("a try", 20)
    assert len(kept.provenance.validation_curve) == 1


def test_weights_that_halves_cannot_tell_apart_are_not_released(run):
    trained = load_checkpoint(run / "model.safetensors")
    first, second = trained.model.conv1, trained.model.primary_capsules.conv
    first.weight[1], first.bias[1] = first.weight[0], first.bias[0]
    second.weight[:, 0] += 1000  # what the two maps add is taken off again, but for halves, which
    second.weight[:, 1] -= 1000  # lie a half apart here
    save_checkpoint(run / "model.safetensors", trained.model, trained.provenance, torch.float32)
    told = released(run)
    assert told.returncode == 1
    assert "answer otherwise" in told.stderr
    assert "Traceback" not in told.stderr
    assert not (run.parent / "mine.safetensors").exists()
