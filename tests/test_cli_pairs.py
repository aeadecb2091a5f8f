"""`capsviz evaluate` and `models` where networks read two digits in one image."""

import json

import numpy as np
import pytest
from PIL import Image

from capsviz.data.labelled import load_labelled
from capsviz.data.samples import sample_digits
from capsviz.explore.explain import lengths_in_batches
from capsviz.explore.models import load_model
from tests.idx import write_mnist


def test_two_digits_are_measured_on_pairs_and_both_must_be_right(run, pair_file, tmp_path):
    write_mnist(tmp_path, sample_digits()[:20], sample_digits()[:30])
    words = ("--data", "multimnist", "--data-dir", tmp_path, "--model", "two-digits", "--json")
    code, out, _ = run("evaluate", *words)
    assert code == 0
    told = json.loads(out)
    assert told["n"] == 30
    data = load_labelled("multimnist", 36, tmp_path, border=4)
    lengths = np.concatenate(
        list(lengths_in_batches(load_model("two-digits").network, data.images))
    )
    longest = np.sort(np.argsort(-lengths, axis=1)[:, :2], axis=1)
    wrong = (longest != np.sort(data.labels, axis=1)).any(1)
    assert told["error_rate"] == pytest.approx(wrong.mean())


def test_models_say_which_read_two_digits_and_what_their_errors_are_of(run, tiny_file, pair_file):
    _, out, _ = run("models")
    lines = {line.split(":")[0]: line for line in out.splitlines() if ":" in line}
    assert "two digits" in lines["two-digits"]
    assert "MultiMNIST test error 25.00%" in lines["two-digits"]
    assert "two digits" not in lines["tiny"]
    assert "; MNIST" not in lines["tiny"]
    facts = {each["name"]: each for each in json.loads(run("models", "--json")[1])}
    assert facts["two-digits"]["digits_per_image"] == 2
    assert facts["tiny"]["digits_per_image"] == 1


def test_both_digits_are_named(run, pair_file, tmp_path):
    Image.fromarray(sample_digits().images[0]).save(tmp_path / "digit.png")
    words = ("classify", tmp_path / "digit.png", "--model", "two-digits")
    (answer,) = json.loads(run(*words, "--json")[1])
    longest = np.argsort(-np.array(answer["lengths"]))[:2]
    assert answer["digit"] == longest[0]
    assert answer["digits"] == sorted(longest)
    first, second = answer["digits"]
    assert f": {first} and {second}   lengths" in run(*words)[1]
