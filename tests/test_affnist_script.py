"""The affNIST protocol as a script: tiny networks, a handful of real digits."""

import argparse
import importlib
import json
import math
import os
import subprocess
import sys
from collections import Counter

import pytest
import torch

from capsviz.data.affnist import affnist_like, mnist_anywhere
from capsviz.data.mnist import Digits
from capsviz.data.samples import sample_digits
from capsviz.network import CapsNet, CapsNetConfig
from capsviz.training.settings import TrainingSettings
from tests.idx import blocks, write_mnist

TRAIN, TEST = sample_digits()[:400], sample_digits()[400:600]
CPU = torch.device("cpu")
CHOSEN = {"epochs": 1, "batch": 64, "every": 2, "goal": 2.0, "small": True, "held_out": 80}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("mnist")
    write_mnist(path, TRAIN, TEST)
    return path


@pytest.fixture(scope="module")
def script():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend("scripts")
        yield importlib.import_module("affnist")
    del sys.modules["affnist"], sys.modules["affnist_networks"]


@pytest.fixture(scope="module")
def networks(script):
    return sys.modules["affnist_networks"]


@pytest.fixture(scope="module")
def sets(script, folder):
    return script.load_sets(folder, CPU, 80)


def asked(**changes):
    return argparse.Namespace(**CHOSEN | changes)


def run(*arguments):
    command = [sys.executable, "scripts/affnist.py", *map(str, arguments)]
    alone = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.run(command, capture_output=True, text=True, env=alone)


def test_results_that_are_there_are_not_written_over(folder, tmp_path):
    file = tmp_path / "affnist.json"
    file.write_text("an hour's work")
    done = run("--output", file, "--data-dir", folder, "--small", "--device", "cpu")
    assert done.returncode == 2
    assert "another --output" in done.stderr
    assert "Traceback" not in done.stderr
    assert file.read_text() == "an hour's work"


def test_the_script_from_the_command_line(folder, tmp_path):
    file = tmp_path / "out" / "affnist.json"
    sizes = ("--small", "--epochs", 1, "--batch", 64, "--held-out", 80, "--every", 3)
    done = run("--output", file, "--data-dir", folder, *sizes, "--device", "cpu")
    assert done.returncode == 0, done.stderr
    report = json.loads(file.read_text("utf-8"))
    assert report["device"] == "cpu"
    assert report["asked"]["held_out"] == 80
    rows = report["networks"]
    order = [(row["network"], row["seed"]) for row in rows]
    assert order == [("capsnet", 1), ("cnn", 1), ("capsnet", 2), ("cnn", 2)]
    for row in rows:
        assert (row["steps"], row["images_seen"], row["stopped"]) == (5, 320, "epochs")
        assert row["seconds"] > 0
        for name in ("validation_accuracy", "mnist40_accuracy", "affnist_like_accuracy"):
            assert 0 <= row[name] <= 1
    first, second = (row["affnist_like_accuracy"] for row in rows[::2])
    lines = done.stdout.splitlines()
    assert lines[0].startswith("| network | weights | seeds |")
    least, most = sorted((first, second))
    mean = f"{(first + second) / 2:.2%} ({least:.2%} to {most:.2%})"
    assert lines[2].startswith("| capsnet | ")
    assert mean in lines[2]
    assert lines[2].endswith("| 99.23 %, 79 % |")
    assert "2, 2 short of the goal" in lines[3]
    assert lines[3].endswith("| 99.22 %, 66 % |")


def test_the_baseline_has_the_paper_s_layers_and_weights(networks):
    baseline, capsules = networks.PaperCNN(), CapsNet(CapsNetConfig(image_size=40))
    shapes = [tuple(weight.shape) for weight in baseline.parameters() if weight.dim() > 1]
    assert shapes == [
        (256, 1, 5, 5),
        (256, 256, 5, 5),
        (128, 256, 5, 5),
        (328, 128 * 28 * 28),
        (192, 328),
        (10, 192),
    ]
    assert sum(weight.numel() for weight in baseline.parameters()) == 35_445_522
    assert sum(weight.numel() for weight in capsules.parameters()) == 13_475_648
    assert baseline(torch.zeros(1, 1, 40, 40)).shape == (1, 10)


@pytest.mark.parametrize("kind", ["capsnet", "cnn"])
def test_what_is_reported_equals_a_recount(script, sets, kind):
    network, result = script.measured(kind, 1, sets, asked(), math.inf)
    assert not network.training
    for digits, reported in (
        (mnist_anywhere(TEST, script.TEST_SEED), result.mnist40_accuracy),
        (affnist_like(TEST, script.MAPPED_SEED), result.affnist_like_accuracy),
    ):
        right = 0
        for image, label in zip(digits.images, digits.labels, strict=True):
            with torch.no_grad():
                answer = network(torch.from_numpy(image)[None, None].float() / 255)[0]
            scores = answer.norm(dim=1) if kind == "capsnet" else answer
            right += int(scores.argmax()) == label
        assert reported == right / len(TEST)


def test_a_batch_larger_than_what_is_answered_at_once_counts_once(networks, monkeypatch, sets):
    network = networks.made("cnn", 1, CPU, small=True)
    whole = networks.accuracy(network, sets.placed)
    monkeypatch.setattr(networks, "AT_ONCE", 33)
    assert networks.accuracy(network, sets.placed) == whole


@pytest.mark.parametrize("kind", ["capsnet", "cnn"])
def test_the_first_measurement_at_the_goal_ends_it(script, sets, monkeypatch, kind):
    found = iter([0.5, 0.9, 0.95, 0.25, 0.75])
    monkeypatch.setattr(script, "accuracy", lambda *_: next(found))
    _, result = script.measured(kind, 1, sets, asked(goal=0.95, every=1), math.inf)
    assert (result.steps, result.images_seen, result.stopped) == (3, 192, "reached")
    assert result.validation_accuracy == 0.95
    assert (result.mnist40_accuracy, result.affnist_like_accuracy) == (0.25, 0.75)


def test_the_same_seed_trains_the_same_network(script, sets):
    weights = [
        torch.nn.utils.parameters_to_vector(
            script.measured("cnn", seed, sets, asked(), math.inf)[0].parameters()
        )
        for seed in (1, 1, 2)
    ]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


@pytest.mark.parametrize("kind", ["capsnet", "cnn"])
def test_networks_learn(script, kind):
    digits = sample_digits()
    is_easy = digits.labels < 2
    two = Digits(digits.images[is_easy], digits.labels[is_easy])
    train, test = (
        script.on_device(two[:300], CPU),
        script.on_device(mnist_anywhere(two[300:], 1), CPU),
    )
    sets = script.Sets(train, test, test, test)
    chosen = asked(epochs=12, batch=16, every=20, goal=0.9)
    _, result = script.measured(kind, 1, sets, chosen, math.inf)
    assert result.stopped == "reached"
    assert result.mnist40_accuracy == result.validation_accuracy >= 0.9


@pytest.mark.parametrize("kind", ["capsnet", "cnn"])
def test_bf16_trains_the_same_weights_in_fp32(networks, sets, monkeypatch, kind):
    chosen = TrainingSettings(seed=1, epochs=1, batch_size=160)
    taken = []
    for is_fast in (False, True):
        monkeypatch.setattr(networks, "has_fast_bf16", lambda _, is_fast=is_fast: is_fast)
        network = networks.made(kind, 1, CPU, small=True)
        assert list(networks.steps(network, sets.train, chosen)) == [160, 160]
        assert {weight.dtype for weight in network.parameters()} == {torch.float32}
        taken.append(torch.nn.utils.parameters_to_vector(network.parameters()).detach())
    change = (taken[0] - taken[1]).abs()
    assert 0 < change.mean() < 1e-3, "rounded, but to the same end"


def test_every_epoch_shows_each_digit_once_somewhere_else(networks, sets):
    chosen = TrainingSettings(seed=3, epochs=2, batch_size=100)
    seen = list(networks.batches(sets.train, chosen))
    assert [len(labels) for _, labels in seen] == [100, 100, 100, 20] * 2
    epochs = [torch.cat([images for images, _ in seen[part]]) for part in (slice(4), slice(4, 8))]
    ink = sorted(sets.train[0].flatten(1).sum(1).tolist())
    for images in epochs:
        assert images.dtype == torch.uint8
        assert images.shape == (320, 1, 40, 40)
        assert sorted(images.flatten(1).sum(1).tolist()) == ink
    first, second = ({image.numpy().tobytes() for image in images} for images in epochs)
    assert len(first & second) < 15  # 1 in 169 stands where it stood


def test_held_out_digits_are_trained_on_by_none(sets):
    assert (len(sets.train[1]), len(sets.held_out[1])) == (320, 80)
    ink = [part.flatten(1).sum(1).tolist() for part in (sets.train[0], sets.held_out[0])]
    whole = TRAIN.images.reshape(400, -1).sum(1, dtype=int).tolist()
    assert Counter(ink[0]) + Counter(ink[1]) == Counter(whole)


class Clock:
    """Each look takes a second."""

    def __init__(self):
        self.now = 0

    def monotonic(self):
        self.now += 1
        return self.now


def test_the_time_box_cuts_off_and_begins_nothing_more(script, folder, tmp_path, monkeypatch):
    file = tmp_path / "affnist.json"
    words = ["affnist", "--output", str(file), "--data-dir", str(folder), "--device", "cpu"]
    words += ["--small", "--held-out", "80", "--batch", "16", "--seconds", "10"]
    monkeypatch.setattr(sys, "argv", words)
    monkeypatch.setattr(script, "time", Clock())
    script.main()
    (row,) = json.loads(file.read_text("utf-8"))["networks"]
    assert (row["network"], row["stopped"]) == ("capsnet", "cut off")
    assert row["steps"] == 9  # the clock was looked at twice before the first step
    assert 0 <= row["affnist_like_accuracy"] <= 1, "what there is was measured"


def test_the_file_holds_each_network_as_soon_as_it_is_done(script, folder, tmp_path, monkeypatch):
    file, held = tmp_path / "affnist.json", []
    whole = script.measured

    def watched(*arguments):
        held.append(len(json.loads(file.read_text("utf-8"))["networks"]))
        return whole(*arguments)

    monkeypatch.setattr(script, "measured", watched)
    more = {"output": file, "data_dir": folder, "device": "cpu", "seconds": None}
    results = script.compare(asked(**more, networks=["cnn"], seeds=[4, 5, 6]))
    assert held == [0, 1, 2]
    assert [each.seed for each in results] == [4, 5, 6]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--data-dir", "nowhere"), "was not found in nowhere"),
        (("--held-out", 400), "Expected 1 to 399 of 400"),
        (("--held-out", 0), "Expected 1 to 399 of 400"),
        (("--device", "abacus"), "no device 'abacus'"),
        (("--every", 0), "--every"),
        (("--goal", 99.23), "--goal"),
        (("--networks", "transformer"), "transformer"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(
    script, folder, tmp_path, monkeypatch, capsys, words, told
):
    given = ["affnist", "--output", tmp_path / "a.json", "--data-dir", folder, "--device", "cpu"]
    monkeypatch.setattr(sys, "argv", [str(word) for word in (*given, *words)])
    with pytest.raises(SystemExit) as ended:
        script.main()
    assert ended.value.code == 2
    assert told in capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_told_of_before_anything_is_learnt(
    script, folder, tmp_path, monkeypatch, capsys
):
    (tmp_path / "file").write_text("", "utf-8")
    words = ["affnist", "--output", str(tmp_path / "file" / "a.json"), "--data-dir", str(folder)]
    monkeypatch.setattr(sys, "argv", [*words, "--held-out", "80", "--device", "cpu"])
    monkeypatch.setattr(script, "measured", lambda *_: pytest.fail("it has begun"))
    with pytest.raises(SystemExit) as ended:
        script.main()
    assert ended.value.code == 2
    assert "Could not write" in capsys.readouterr().err


def test_images_of_another_size_are_refused(script, tmp_path):
    write_mnist(tmp_path, blocks(20, size=32), blocks(20, size=32))
    with pytest.raises(script.CapsvizError, match="28×28"):
        script.load_sets(tmp_path, CPU, 5)
