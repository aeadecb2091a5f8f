"""What is saved is what is loaded; what cannot be loaded is not saved."""

import os
import subprocess
import sys

import pytest
import safetensors
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from capsviz.files import CapsvizError
from capsviz.network import (
    CapsNet,
    CapsNetConfig,
    Provenance,
    lengths_of,
    load_checkpoint,
    save_checkpoint,
)
from capsviz.network.checkpoint import read_about
from capsviz.network.tensorfile import check_finite

PROVENANCE = Provenance(
    data="MNIST, 60 000 shifted by ±2 px",
    purpose="to be explored",
    command="capsviz train --output run",
    seed=7,
    epochs=1.5,
    validation_error=0.004,
    test_error=0.0035,
    date="2026-01-01",
    version="0.1.0",
    device="cpu",
    licence="MIT",
    held_out=5000,
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "network.safetensors"


def assert_same_network(loaded, model):
    assert loaded.config == model.config
    expected = model.state_dict()
    assert list(loaded.state_dict()) == list(expected)
    for name, tensor in loaded.state_dict().items():
        assert torch.equal(tensor, expected[name])


def test_everything_comes_back(path, tiny_model):
    save_checkpoint(path, tiny_model, PROVENANCE)
    found = load_checkpoint(path)
    assert found.provenance == PROVENANCE
    assert_same_network(found.model, tiny_model)
    images = torch.rand(3, 1, 28, 28)
    torch.testing.assert_close(found.model(images), tiny_model(images), rtol=0, atol=1e-6)
    assert os.listdir(path.parent) == [path.name]


def test_a_loaded_network_is_ready_to_be_asked(path, tiny_config):
    model = CapsNet(tiny_config).train()
    save_checkpoint(path, model, PROVENANCE, torch.float16)
    loaded = load_checkpoint(path).model
    assert not loaded.training
    assert model.training
    for parameter in loaded.parameters():
        assert parameter.dtype == torch.float32
        assert parameter.device.type == "cpu"
        assert not parameter.requires_grad


@pytest.mark.parametrize(
    "config",
    [
        CapsNetConfig(11, 5, 6, 3, 2, 3, 7, 2, True, (8, 9)),
        CapsNetConfig(5, 2, 1, 3, 1, 1, 1, 10, False),
        CapsNetConfig(8, 3, 2, 1, 2, 2, 2, 1, False, (1, 1)),
    ],
)
def test_every_config_comes_back(path, config):
    model = CapsNet(config)
    save_checkpoint(path, model, Provenance())
    found = load_checkpoint(path)
    assert_same_network(found.model, model)
    assert found.provenance == Provenance()


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
rates = st.none() | st.floats(0, 1)


@settings(max_examples=20)
@given(
    st.builds(
        Provenance,
        *[texts] * 3,
        st.none() | st.integers(-(2**63), 2**64 - 1),
        st.none() | st.floats(allow_nan=False, allow_infinity=False),
        *[rates] * 2,
        *[texts] * 4,
        st.none() | st.integers(0, 2**63),
    )
)
def test_every_provenance_comes_back(tmp_path_factory, provenance):
    path = tmp_path_factory.getbasetemp() / "provenance.safetensors"
    save_checkpoint(path, CapsNet(CapsNetConfig(5, 2, 1, 3, 1, 1, 1, 1, False)), provenance)
    assert load_checkpoint(path).provenance == provenance


@pytest.mark.parametrize(("dtype", "within"), [(torch.float16, 1e-3), (torch.bfloat16, 1e-2)])
def test_half_precision_halves_the_file_and_keeps_the_lengths(path, tiny_model, dtype, within):
    save_checkpoint(path, tiny_model, PROVENANCE)
    whole = path.stat().st_size
    save_checkpoint(path, tiny_model, PROVENANCE, dtype)
    assert path.stat().st_size < 0.6 * whole
    images = torch.rand(8, 1, 28, 28)
    half = lengths_of(load_checkpoint(path).model(images))
    torch.testing.assert_close(half, lengths_of(tiny_model(images)), rtol=0, atol=within)


def test_the_papers_network_in_half_precision_keeps_its_lengths(path):
    model = CapsNet().eval().requires_grad_(False)
    model.digit_capsules.weight *= 20  # an untrained network has lengths near 0
    model.primary_capsules.conv.weight *= 5
    save_checkpoint(path, model, PROVENANCE, torch.float16)
    assert path.stat().st_size < 16.5e6
    images = torch.rand(2, 1, 28, 28)
    half = lengths_of(load_checkpoint(path).model(images))
    whole = lengths_of(model(images))
    assert float(whole.max()) > 0.3
    torch.testing.assert_close(half, whole, rtol=0, atol=1e-3)


def test_the_file_is_plain_safetensors(path, tiny_model):
    save_checkpoint(path, tiny_model, PROVENANCE)
    expected = tiny_model.state_dict()
    with safetensors.safe_open(path, framework="pt") as file:
        assert set(file.keys()) == set(expected)
        assert set(file.metadata()) == {"kind", "config", "provenance", "sha256"}
        for name in expected:
            assert torch.equal(file.get_tensor(name), expected[name])


def test_saving_over_a_loaded_file_leaves_the_loaded_network(path, tiny_model):
    save_checkpoint(path, tiny_model, PROVENANCE)
    loaded = load_checkpoint(path).model
    save_checkpoint(path, CapsNet(tiny_model.config), Provenance())
    assert_same_network(loaded, tiny_model)


def test_a_loaded_network_shares_nothing_with_another_load(path, tiny_model):
    save_checkpoint(path, tiny_model, PROVENANCE)
    first = load_checkpoint(path).model
    for parameter in first.parameters():
        parameter.zero_()
    assert_same_network(load_checkpoint(path).model, tiny_model)


def test_a_missing_folder_is_made(tmp_path, tiny_model):
    path = tmp_path / "new" / "folder" / "network.safetensors"
    save_checkpoint(path, tiny_model, PROVENANCE)
    assert load_checkpoint(path).provenance == PROVENANCE


def test_a_failed_save_leaves_the_old_network(path, tiny_model, monkeypatch, assert_clear):
    save_checkpoint(path, tiny_model, PROVENANCE)

    def full(*_args):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(CapsvizError) as caught:
            save_checkpoint(path, CapsNet(tiny_model.config), Provenance())
    assert_clear(caught.value, path)
    assert load_checkpoint(path).provenance == PROVENANCE
    assert os.listdir(path.parent) == [path.name]


LOAD = """
import sys
from pathlib import Path
from capsviz.network import load_checkpoint
before = set(sys.modules)
load_checkpoint(Path(sys.argv[1]))
print(len(set(sys.modules) - before), "sympy" in sys.modules, "torch._dynamo" in sys.modules)
"""


def test_loading_imports_no_compiler(path, tiny_model):
    """Some operations on torch's meta device import a thousand modules: seconds of waiting."""
    save_checkpoint(path, tiny_model, PROVENANCE)
    printed = subprocess.check_output([sys.executable, "-c", LOAD, str(path)], text=True)
    count, sympy, dynamo = printed.split()
    assert (sympy, dynamo) == ("False", "False")
    assert int(count) < 50


# What cannot be loaded is not saved


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (float("nan"), torch.float32),
        (float("inf"), torch.float32),
        (-float("inf"), torch.float16),
        (1e5, torch.float16),
    ],
)
def test_weights_that_are_not_finite_are_not_saved(path, tiny_config, value, dtype, assert_clear):
    model = CapsNet(tiny_config)
    with torch.no_grad():
        model.digit_capsules.weight[3, 2, 1] = value
    with pytest.raises(CapsvizError) as caught:
        save_checkpoint(path, model, PROVENANCE, dtype)
    assert_clear(caught.value, path)
    assert os.listdir(path.parent) == []


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_what_is_not_finite_is_found_wherever_it_stands(path, dtype, value):
    for place in (0, 70_000, 100_002):
        weights = torch.randn(100_003, generator=torch.manual_seed(0)).to(dtype)
        check_finite(path, {"whole": weights, "none": weights[:0], "counts": torch.arange(3)})
        weights[place] = value
        with pytest.raises(CapsvizError, match="broken"):
            check_finite(path, {"broken": weights})


SMALLEST = CapsNetConfig(5, 2, 1, 3, 1, 1, 1, 1, False)


@pytest.mark.parametrize(
    ("config", "provenance"),
    [
        (SMALLEST, Provenance(command="capsviz train " + "x" * 3000)),
        (SMALLEST, Provenance(command="capsviz train --data-dir caf\udce9")),
        (SMALLEST, Provenance(test_error=35.0)),
        (SMALLEST, Provenance(epochs=float("nan"))),
        (CapsNetConfig(5, 2, 1, 3, 1, 1, 1, 11, False), Provenance()),
        (CapsNetConfig(5, 2, 1, 3, 1, 1, 129, 1, False), Provenance()),
    ],
    ids=["long command", "no unicode", "rate over 1", "nan", "iterations 11", "dim 129"],
)
def test_whatever_is_saved_can_be_loaded(path, config, provenance):
    """A text or size out of bounds is refused, or brought into bounds, when it is saved: to learn
    at the next start that a trained network cannot be read would be too late."""
    model = CapsNet(config)
    try:
        save_checkpoint(path, model, provenance)
    except CapsvizError:
        assert not path.exists()
    else:
        assert_same_network(load_checkpoint(path).model, model)


def test_what_a_file_says_is_read_without_its_weights(path, tiny_model):
    save_checkpoint(path, tiny_model, PROVENANCE)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    assert read_about(path) == (tiny_model.config, PROVENANCE)
    path.write_bytes(b"no network")
    with pytest.raises(CapsvizError, match="Expected a whole"):
        read_about(path)
