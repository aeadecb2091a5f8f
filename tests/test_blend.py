"""The script that goes part of the way from one run's network to another's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from capsviz.data.mnist import Digits
from capsviz.explore.explain import lengths_in_batches
from capsviz.network import load_checkpoint, save_checkpoint
from capsviz.training.batches import split_of
from capsviz.training.loop import train
from capsviz.training.runfiles import read_metrics
from tests.idx import blocks, write_mnist
from tests.runs import CPU, DIGITS, finish, make_plan

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    write_mnist(folder / "mnist", DIGITS, blocks(20, size=12))
    finish(make_plan(), folder / "first")
    start = load_checkpoint(folder / "first" / "model.safetensors").model
    plan = make_plan(learning_rate=0.02, epochs=1)
    list(train(plan, DIGITS, folder / "second", CPU, start=start))
    return folder


def blended(runs, share, output, second="second"):
    script = ROOT / "scripts" / "blend.py"
    given = [runs / "first", runs / second, share, "--output", output]
    words = [str(word) for word in (sys.executable, script, *given)]
    words += ["--data-dir", str(runs / "mnist")]
    return subprocess.run(words, capture_output=True, text=True, check=False)


def weights_of(folder):
    return load_checkpoint(folder / "model.safetensors").model.state_dict()


def test_a_quarter_of_the_way(runs, tmp_path):
    told = blended(runs, 0.25, tmp_path / "out")
    assert told.returncode == 0, told.stderr
    first, second, found = (
        weights_of(runs / "first"),
        weights_of(runs / "second"),
        weights_of(tmp_path / "out"),
    )
    for name, weight in found.items():
        mixed = 0.75 * first[name] + 0.25 * second[name]
        assert torch.allclose(weight, mixed, rtol=2**-11, atol=1e-7), "but for halves' rounding"
    assert any(not torch.equal(first[name], second[name]) for name in first)


def test_it_is_measured_on_what_the_first_run_held_out(runs, tmp_path):
    blended(runs, 0.5, tmp_path / "out")
    kept = load_checkpoint(tmp_path / "out" / "model.safetensors")
    aside = split_of(make_plan(), DIGITS).held_out.numpy()
    tested = Digits(DIGITS.images[aside], DIGITS.labels[aside])
    lengths = np.concatenate(
        list(lengths_in_batches(kept.model, tested.images.astype(np.float32) / 255))
    )
    wrong = (lengths.argmax(1) != tested.labels).mean()
    assert kept.provenance.validation_error == pytest.approx(wrong)
    assert kept.provenance.epochs == 3
    lines = [line for line in read_metrics(tmp_path / "out") if line.validation_error is not None]
    assert len(lines) == 3, "both runs' curves"
    assert (tmp_path / "out" / "run.json").read_bytes() == (runs / "first/run.json").read_bytes()


def test_halving_a_blend_changes_nothing_any_more(runs, tmp_path):
    blended(runs, 0.5, tmp_path / "out")
    kept = load_checkpoint(tmp_path / "out" / "model.safetensors")
    save_checkpoint(tmp_path / "halved.safetensors", kept.model, kept.provenance, torch.float16)
    halved = load_checkpoint(tmp_path / "halved.safetensors").model.state_dict()
    for name, weight in kept.model.state_dict().items():
        assert torch.equal(weight, halved[name]), name


@pytest.mark.parametrize("share", ["-0.1", "1.5", "some"])
def test_a_share_is_a_fraction(runs, tmp_path, share):
    told = blended(runs, share, tmp_path / "out")
    assert told.returncode == 2
    assert "share" in told.stderr
    assert not (tmp_path / "out").exists()


def test_a_second_run_that_saw_what_the_first_held_out_is_refused(runs, tmp_path):
    finish(make_plan(seed=2, epochs=1), runs / "other")
    told = blended(runs, 0.5, tmp_path / "out", "other")
    assert told.returncode == 1
    assert "seed 2" in told.stderr
    assert "Traceback" not in told.stderr
    assert not (tmp_path / "out").exists()
