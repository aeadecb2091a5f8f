"""The shipped weights, measured through the program's own doors."""

import json
import os
import struct
import subprocess
import sys

import numpy as np
import pytest
import torch

from capsviz.data.samples import sample_digits
from capsviz.data.strokes import read_strokes
from capsviz.explore.explain import explain, lengths_in_batches
from capsviz.explore.models import load_model
from capsviz.gui.scene import Scene
from capsviz.network import CapsNet
from capsviz.places import resources_folder


@pytest.fixture(scope="module")
def shipped():
    return load_model(device="cpu")


def test_it_is_the_paper_s_network_with_its_story(shipped):
    assert sum(weight.numel() for weight in shipped.network.parameters()) == 8_215_568
    about = shipped.provenance
    assert about.test_error <= 0.0045
    assert about.validation_error is not None
    assert all((about.command, about.date, about.purpose, about.licence, about.version))


def test_it_reads_the_shipped_test_digits(shipped):
    digits = sample_digits()[:500]
    lengths = np.concatenate(
        list(lengths_in_batches(shipped.network, digits.images / np.float32(255)))
    )
    assert (lengths.argmax(1) == digits.labels).mean() >= 0.99
    assert lengths.max(1).mean() > 0.9


def test_single_answers_at_paper_size_are_within_a_millionth_of_float64(shipped):
    """The path the window takes: one image, weights laid out for it, three iterations."""
    exact = CapsNet(shipped.network.config).double()
    exact.load_state_dict(shipped.network.state_dict())
    for image in sample_digits().images[::60] / np.float32(255):
        found = explain(shipped.network, image).lengths
        with torch.inference_mode():
            expected = exact.trace(torch.from_numpy(image).double()[None, None]).lengths[:, 0]
        np.testing.assert_allclose(found, expected.numpy(), rtol=0, atol=1e-6)


def test_it_reads_the_sample_strokes_as_the_canvas_shows_them(shipped):
    for entry in read_strokes(resources_folder() / "sample-strokes.jsonl"):
        seen = Scene(entry.drawing).network_input(28)[None]
        (lengths,) = lengths_in_batches(shipped.network, seen)
        assert lengths[0].argmax() == entry.label
        assert lengths[0].max() > 0.9


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.skipif("CAPSVIZ_DATA" not in os.environ, reason="CAPSVIZ_DATA is not set")
def test_its_error_on_all_of_mnist_is_the_one_it_states(shipped):
    command = (sys.executable, "-m", "capsviz", "evaluate", "--data", "mnist", "--json")
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    report = json.loads(done.stdout)
    assert report["n"] == 10_000
    assert report["error_rate"] == pytest.approx(shipped.provenance.test_error, abs=1.5e-4)
    assert report["error_rate"] <= 0.0045


@pytest.mark.slow
def test_without_a_display_it_draws_answers_and_takes_a_picture(tmp_path, own_home):
    (own_home / "settings.ini").write_text("[General]\nzoom=1.5\n")
    picture = tmp_path / "window.png"
    command = (sys.executable, "-m", "capsviz", "--screenshot", str(picture))
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=110)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("answer: 3\nlengths 0–9: ")
    written = picture.read_bytes()
    assert written.startswith(b"\x89PNG")
    assert struct.unpack(">II", written[16:24]) == (1280, 720)  # whatever is remembered
    assert (own_home / "settings.ini").read_text() == "[General]\nzoom=1.5\n"
    assert [path.name for path in own_home.iterdir()] == ["settings.ini"]


@pytest.mark.slow
def test_weights_to_open_draw_the_picture(tmp_path, tiny_file):
    picture = tmp_path / "window.png"
    words = ("--open", str(tiny_file), "--screenshot", str(picture))
    command = (sys.executable, "-m", "capsviz", *words)
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("answer: ")
    assert picture.exists()
