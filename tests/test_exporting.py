"""A network as an ONNX file: the same answers in another program, or a sentence why not."""

from __future__ import annotations

import json
from importlib import util

import numpy as np
import pytest
import torch

from capsviz.explore import exporting
from capsviz.explore.exporting import export_onnx
from capsviz.files import CapsvizError
from capsviz.network import CapsNet, CapsNetConfig, Provenance, save_checkpoint

SIZES = {"conv_channels": 4, "primary_types": 2, "primary_dim": 4, "digit_dim": 4}


def network_of(**sizes):
    torch.manual_seed(7)
    network = CapsNet(CapsNetConfig(**SIZES, decoder_hidden=(8, 8), **sizes)).eval()
    with torch.no_grad():
        network.digit_capsules.weight *= 20  # so that routing has something to do
    return network


@pytest.mark.parametrize("missing", ["onnx", "onnxscript"])
def test_without_its_packages_the_command_says_how_to_get_them_before_it_looks_for_a_network(
    run, monkeypatch, tmp_path, missing
):
    monkeypatch.setattr(exporting, "find_spec", lambda name: None if name == missing else name)
    code, out, err = run("export", "--onnx", tmp_path / "out.onnx", "--model", "small")
    assert (code, out) == (1, "")
    assert f"no {missing}" in err
    assert "pip install 'capsviz[onnx]'" in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "sizes",
    [{}, {"reconstruction": False, "routing_iterations": 1}, {"classes": 5, "image_size": 36}],
    ids=["usual", "bare", "other sizes"],
)
def test_another_program_answers_alike(tmp_path, sizes):
    for name in ("onnx", "onnxscript", "onnxruntime"):
        if util.find_spec(name) is None:
            pytest.skip(f"{name} is not installed")
    import onnxruntime

    network, path = network_of(**sizes), tmp_path / "out.onnx"
    names = export_onnx(network, path)
    other = onnxruntime.InferenceSession(str(path))
    assert tuple(output.name for output in other.get_outputs()) == names
    side = network.config.image_size
    for count in (1, 3):
        images = torch.rand(count, 1, side, side)
        found = dict(zip(names, other.run(None, {"images": images.numpy()}), strict=True))
        with torch.no_grad():
            trace = network.trace(images)
        expected = {
            "lengths": trace.lengths[-1],
            "poses": trace.poses[-1],
            "couplings": trace.couplings.transpose(0, 1),
        }
        if network.decoder is not None:
            longest = trace.lengths[-1].argmax(1)
            expected["reconstruction"] = network.decode(trace.poses[-1], longest).detach()
        assert found.keys() == expected.keys()
        for name, value in expected.items():
            assert np.abs(found[name] - value.numpy()).max() < 1e-5, name
        assert np.abs(found["couplings"].sum(-1) - 1).max() < 1e-5


def test_the_command_tells_what_it_wrote(run, own_home, monkeypatch, tmp_path):
    save_checkpoint(own_home / "models" / "small.safetensors", network_of(), Provenance())
    monkeypatch.setattr(exporting, "find_spec", lambda name: name)
    monkeypatch.setattr(exporting, "_content", lambda network, names: b"a file")
    path = tmp_path / "out.onnx"
    code, out, _ = run("export", "--onnx", path, "--model", "small", "--json")
    assert code == 0
    outputs = ["lengths", "poses", "couplings", "reconstruction"]
    assert json.loads(out) == {"output": str(path), "model": "small", "outputs": outputs}
    assert path.read_bytes() == b"a file"


def test_a_place_that_cannot_be_written_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr(exporting, "find_spec", lambda name: name)
    monkeypatch.setattr(exporting, "_content", lambda network, names: b"a file")
    (tmp_path / "file").touch()
    with pytest.raises(CapsvizError, match="Could not write"):
        export_onnx(network_of(), tmp_path / "file" / "out.onnx")
