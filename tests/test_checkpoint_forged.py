"""Well-formed files with a true checksum and a hostile or foreign content are refused."""

import json
import os
import sys

import pytest
import safetensors.torch
import torch

from capsviz.files import CapsvizError
from capsviz.network import CapsNet, CapsNetConfig, load_checkpoint
from capsviz.network.tensorfile import write_tensors

KIND = "capsviz-network"
SMALLEST = CapsNetConfig(5, 2, 1, 3, 1, 1, 1, 1, True, (1, 1))
CONFIG = json.dumps(
    {
        "image_size": 5,
        "classes": 2,
        "conv_channels": 1,
        "kernel_size": 3,
        "primary_types": 1,
        "primary_dim": 1,
        "digit_dim": 1,
        "routing_iterations": 1,
        "decoder_hidden": [1, 1],
    }
)
NAMES = list(CapsNet(SMALLEST).state_dict())


@pytest.fixture
def path(tmp_path, monkeypatch):
    # a hundred forgeries need not outlive a power cut
    monkeypatch.setattr(os, "fsync", lambda _descriptor: None)
    return tmp_path / "forged.safetensors"


def weights():
    return {name: torch.full_like(w, 0.5) for name, w in CapsNet(SMALLEST).state_dict().items()}


@pytest.fixture
def refuse(path, assert_clear):
    """A function that forges a file and checks that it is refused."""

    def check(tensors=None, kind=KIND, **texts):
        texts = {"config": CONFIG, "provenance": "{}"} | texts
        write_tensors(path, kind, weights() if tensors is None else tensors, texts)
        with pytest.raises(CapsvizError) as caught:
            load_checkpoint(path)
        assert_clear(caught.value, path)
        return str(caught.value)

    return check


def test_an_honest_forgery_is_accepted(path):
    write_tensors(path, KIND, weights(), {"config": CONFIG, "provenance": "{}"})
    assert load_checkpoint(path).model.config == SMALLEST


# Tensors


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_numbers_that_are_not_finite_are_refused(refuse, name, value):
    tensors = weights()
    tensors[name].view(-1)[-1] = value
    assert name in refuse(tensors)


@pytest.mark.parametrize("value", [1e39, -1e300])
def test_doubles_beyond_fp32_are_refused(refuse, value):
    tensors = weights()
    tensors[NAMES[0]] = tensors[NAMES[0]].double() * value
    assert NAMES[0] in refuse(tensors)


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_tensor_is_refused(refuse, name):
    tensors = weights()
    del tensors[name]
    assert name in refuse(tensors)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", [(), (0,), (2, 2), (3, 3), (7, 1, 1, 1, 1)])
def test_a_wrong_shape_is_refused(refuse, name, shape):
    tensors = weights()
    tensors[name] = torch.zeros(shape)
    assert name in refuse(tensors)


def test_a_shape_of_the_same_count_is_refused(refuse):
    tensors = weights()
    tensors["digit_capsules.weight"] = tensors["digit_capsules.weight"].transpose(0, 2)
    assert "digit_capsules.weight" in refuse(tensors)


@pytest.mark.parametrize("name", ["a", "conv1", "conv1.weight2", "", "line\nbreak", "x" * 9000])
def test_an_unknown_tensor_is_refused(refuse, name):
    refuse(weights() | {name: torch.zeros(1)})


@pytest.mark.parametrize("name", ["line\nbreak", "x" * 9000])
def test_an_unknown_tensor_that_is_not_finite_is_refused(refuse, name):
    refuse(weights() | {name: torch.full((1,), float("nan"))})


@pytest.mark.parametrize(
    "dtype",
    [torch.int64, torch.uint8, torch.int32, torch.bool, torch.float8_e4m3fn, torch.complex64],
)
def test_a_wrong_type_is_refused(refuse, dtype):
    tensors = weights()
    tensors[NAMES[0]] = torch.ones_like(tensors[NAMES[0]]).to(dtype)
    refuse(tensors)


def test_no_tensors_at_all_are_refused(refuse):
    refuse({})


# Kind


@pytest.mark.parametrize("kind", ["", "capsviz-run", "CAPSVIZ-NETWORK", "a\nb", "x" * 9000])
def test_another_kind_is_refused(refuse, kind):
    refuse(kind=kind)


@pytest.mark.parametrize("metadata", [None, {}, {"format": "pt"}, {"kind": KIND}])
def test_a_foreign_safetensors_is_refused(path, metadata, assert_clear):
    path.write_bytes(safetensors.torch.save(weights(), metadata))
    with pytest.raises(CapsvizError) as caught:
        load_checkpoint(path)
    assert_clear(caught.value, path)


# Texts


def changed(**fields):
    return json.dumps(json.loads(CONFIG) | fields)


HOSTILE_CONFIGS = {
    "empty": "",
    "no object": "[]",
    "null": "null",
    "unfinished": CONFIG[:-1],
    "trailing": CONFIG + "x",
    "unknown field": changed(surprise=1),
    "unknown field with a line break": changed(**{"line\nbreak": 1}),
    "unknown field of great length": changed(**{"x" * 9000: 1}),
    "text for a number": changed(classes="2"),
    "fraction": changed(classes=2.5),
    "truth": changed(classes=True),
    "nothing": changed(classes=None),
    "number for a truth": changed(reconstruction=1),
    "zero": changed(digit_dim=0),
    "negative": changed(conv_channels=-1),
    "too many iterations": changed(routing_iterations=11),
    "one width": changed(decoder_hidden=[1]),
    "three widths": changed(decoder_hidden=[1, 1, 1]),
    "huge width": changed(decoder_hidden=[1, 10**9]),
    "beyond 64 bits": changed(image_size=10**30),
    "not a number": CONFIG.replace('"classes": 2', '"classes": NaN'),
    "infinite": CONFIG.replace('"classes": 2', '"classes": 1e999'),
    "image under its kernels": changed(image_size=5, kernel_size=4),
    "nested lists": "[" * 100_000,
    "nested objects": '{"classes":' * 100_000,
    "nested in a field": '{"decoder_hidden":' + "[" * 100_000,
    "nested in an unknown field": '{"surprise":' + "[" * 100_000 + "]" * 100_000 + "}",
}


@pytest.mark.parametrize("text", HOSTILE_CONFIGS.values(), ids=HOSTILE_CONFIGS)
def test_a_hostile_config_is_refused(refuse, text):
    refuse(config=text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        '{"seed": "7"}',
        '{"test_error": 1.5}',
        '{"surprise": 1}',
        '{"data": "' + "x" * 2001 + '"}',
        '{"' + "x" * 9000 + '": 1}',
        '{"line\\nbreak": 1}',
        '{"data": ' + "[" * 100_000,
    ],
    ids=range(9),
)
def test_a_hostile_provenance_is_refused(refuse, text):
    refuse(provenance=text)


LARGEST = changed(
    image_size=128,
    classes=1000,
    conv_channels=1024,
    kernel_size=31,
    primary_types=256,
    primary_dim=64,
    digit_dim=128,
    decoder_hidden=[8192, 8192],
)
# under every limit of one size, yet of 700 MB of weights
LARGE = changed(image_size=128, decoder_hidden=[8192, 8192], conv_channels=512, primary_types=64)


@pytest.mark.parametrize("config", [LARGEST, LARGE], ids=["largest", "large"])
def test_a_huge_config_takes_no_memory(refuse, config, monkeypatch):
    tensors = weights()
    allocated = []
    plain = CapsNet.__init__

    def watched(self, config):
        plain(self, config)
        allocated.extend(parameter.device.type for parameter in self.parameters())

    monkeypatch.setattr(CapsNet, "__init__", watched)
    before = peak_memory()
    refuse(tensors, config=config)
    assert set(allocated) <= {"meta"}
    assert peak_memory() - before < 100 * 2**20


def peak_memory():
    """Bytes this process held at most; 0 where the system does not tell."""
    if sys.platform == "win32":
        return 0
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
