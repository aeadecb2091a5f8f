"""The script that makes the weights that ship again, with tiny networks on tiny digits."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
import torch

from capsviz.network import load_checkpoint
from tests.idx import blocks, write_mnist

SCRIPT = Path(__file__).resolve().parent.parent / "scripts" / "remake.py"


@pytest.fixture(scope="module")
def mnist(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mnist")
    write_mnist(folder, blocks(120, seed=5), blocks(100, seed=6))
    return folder


def remade(name, folder, mnist):
    given = [name, "--output", folder, "--data-dir", mnist, "--device", "cpu", "--small"]
    words = [sys.executable, str(SCRIPT), *map(str, given)]
    return subprocess.run(words, capture_output=True, text=True, check=False)


def forget(folder, run):
    for path in (folder / run).iterdir():
        path.unlink()
    (folder / run).rmdir()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["digits", "two-digits"])
def test_one_command_trains_blends_and_releases(tmp_path, mnist, name):
    told = remade(name, tmp_path, mnist)
    assert told.returncode == 0, told.stderr
    about = load_checkpoint(tmp_path / f"{name}-small" / f"{name}.safetensors").provenance
    shipped = load_checkpoint(SCRIPT.parent.parent / "models" / f"{name}.safetensors").provenance
    assert about.purpose == shipped.purpose
    assert about.command == f"python scripts/remake.py {name}"
    assert about.test_error is not None
    assert len(about.validation_curve) == 2


@pytest.mark.slow
def test_given_again_it_goes_on_where_it_was_broken_off(tmp_path, mnist):
    remade("digits", tmp_path, mnist)
    folder = tmp_path / "digits-small"
    kept = (folder / "a" / "model.safetensors").read_bytes()
    released = load_checkpoint(folder / "digits.safetensors")
    forget(folder, "b")
    told = remade("digits", tmp_path, mnist)
    assert told.returncode == 0, told.stderr
    assert (folder / "a" / "model.safetensors").read_bytes() == kept
    again = load_checkpoint(folder / "digits.safetensors")
    assert again.provenance == msgspec.structs.replace(
        released.provenance, date=again.provenance.date
    )
    for name, weight in again.model.state_dict().items():
        assert torch.equal(weight, released.model.state_dict()[name]), name


@pytest.mark.slow
def test_a_step_that_fails_ends_it(tmp_path, mnist):
    folder = tmp_path / "digits-small"
    (folder / "a").mkdir(parents=True)
    (folder / "a" / "run.json").write_text("no plan")
    told = remade("digits", tmp_path, mnist)
    assert told.returncode == 1
    assert "run.json" in told.stderr
    assert "Traceback" not in told.stderr
    assert not (folder / "b").exists()
