"""The script that trains the rows of the paper's table 1, with tiny networks on tiny digits."""

import json
import math
import os
import shutil
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import torch

from capsviz.files import CapsvizError
from capsviz.training import loop
from capsviz.training.runfiles import read_metrics, read_plan
from capsviz.training.runnames import TRASH
from tests.idx import blocks, write_mnist
from tests.runs import same_weights, spoil_from, watch_steps, weights_of

EPOCHS, EPOCH_STEPS = 3, 5
SETTINGS = ("--small", "--epochs", EPOCHS, "--batch", 20, "--validation", 20, "--device", "cpu")
KEPT = {"run.json", "metrics.jsonl", "result.json"}
PAPER = {
    (1, False): (0.34, 0.032),
    (1, True): (0.29, 0.011),
    (3, False): (0.35, 0.036),
    (3, True): (0.25, 0.005),
}
NAMES = ["r1-plain", "r1-reconstruction", "r3-plain", "r3-reconstruction"]


@pytest.fixture(scope="module")
def scripts():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(Path(__file__).resolve().parent.parent / "scripts"))
        import paper_network
        import paper_rows
        import paper_table

        yield {"network": paper_network, "rows": paper_rows, "table": paper_table}


@pytest.fixture(scope="module")
def mnist(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mnist")
    write_mnist(folder, blocks(120, seed=5), blocks(100, seed=6))
    return folder


@pytest.fixture(scope="module")
def words(mnist):
    """Of a command, for this output."""

    def made(output, *more):
        return [str(word) for word in ("--output", output, "--data-dir", mnist, *SETTINGS, *more)]

    return made


@pytest.fixture
def command(scripts, words):
    """Run it in this process: its exit code."""
    return lambda output, *more: scripts["table"].main(words(output, *more))


@pytest.fixture(scope="module")
def finished(tmp_path_factory, scripts, words):
    """Two seeds of each row."""
    output = tmp_path_factory.mktemp("finished") / "runs"
    assert scripts["table"].main(words(output, "--averaging", 0.9, "--seeds", 1, 2)) == 0
    return output


@pytest.fixture
def copied(tmp_path, finished):
    return Path(shutil.copytree(finished, tmp_path / "copied"))


def result_of(folder):
    return json.loads((folder / "result.json").read_bytes())


def results_of(output, row):
    return [result_of(output / f"{row}-seed{seed}") for seed in (1, 2)]


def forbid_training(monkeypatch, scripts):
    def forbidden(*_):
        pytest.fail("something was trained")

    monkeypatch.setattr(scripts["network"], "train", forbidden)


def test_every_row_is_trained_alike_and_leaves_its_numbers_alone(finished):
    folders = sorted(path.name for path in finished.iterdir() if path.is_dir())
    assert folders == sorted(f"{name}-seed{seed}" for name in NAMES for seed in (1, 2))
    for seed in (1, 2):
        plans = [read_plan(finished / f"{name}-seed{seed}") for name in NAMES]
        assert all(plan.settings == plans[0].settings for plan in plans)
        kinds = [(plan.config.routing_iterations, plan.config.reconstruction) for plan in plans]
        assert kinds == list(PAPER)
        chosen = plans[0].settings
        assert (chosen.seed, chosen.augmentation, chosen.schedule) == (seed, "shift", "cosine")
        assert chosen.learning_rate == 0.001
    for folder in folders:
        assert {path.name for path in (finished / folder).iterdir()} == KEPT
        last = read_metrics(finished / folder)[-1]
        assert last.step == last.total_steps == EPOCHS * EPOCH_STEPS
        assert result_of(finished / folder)["validation_error"] == last.validation_error


def test_the_usual_settings_are_the_papers_network_at_equal_length(scripts, tmp_path):
    options = scripts["table"].parsed(["--output", str(tmp_path)])
    assert [job.seed for job in options.jobs] == [1] * 4 + [2] * 4 + [3] * 4
    chosen = scripts["network"].settings_of(options.jobs[0], options)
    assert (chosen.epochs, chosen.batch_size, chosen.averaging) == (10, 128, 0.999)
    assert (chosen.validation_images, chosen.precision) == (5000, "auto")
    config = scripts["network"].config_of(options.jobs[-1], options)
    assert (config.conv_channels, config.primary_capsules, config.digit_dim) == (256, 1152, 16)


def spread(numbers):
    average = sum(numbers) / len(numbers)
    deviation = math.sqrt(sum((n - average) ** 2 for n in numbers) / (len(numbers) - 1))
    return pytest.approx({"mean": average, "deviation": deviation})


def test_the_table_is_that_of_the_results(finished):
    table = json.loads((finished / "table.json").read_bytes())
    assert [row["row"] for row in table["rows"]] == NAMES
    for row, paper in zip(table["rows"], PAPER.values(), strict=True):
        results = results_of(finished, row["row"])
        assert row["seeds"] == [1, 2]
        for name in ("validation_error", "test_error"):
            assert row[name] == spread([100 * result[name] for result in results])
        assert row["paper"] == dict(zip(("mean", "deviation"), paper, strict=True))
    for kind, change in table["routing"].items():
        once, thrice = (results_of(finished, f"r{r}-{kind}") for r in (1, 3))
        changes = [
            100 * (b["test_error"] - a["test_error"]) for a, b in zip(once, thrice, strict=True)
        ]
        assert change["test_error"] == spread(changes)
    assert list(table["routing"]) == ["plain", "reconstruction"]


def test_a_second_call_trains_nothing_and_prints_the_table(
    monkeypatch, capsys, scripts, command, copied
):
    forbid_training(monkeypatch, scripts)
    before = (copied / "table.json").read_bytes()
    left = copied / "r1-plain-seed1" / "state.safetensors"  # by a kill just after its result
    left.write_bytes(b"left")
    assert command(copied, "--averaging", 0.9, "--seeds", 1, 2) == 0
    assert (copied / "table.json").read_bytes() == before
    assert not left.exists()
    told = capsys.readouterr().out.splitlines()
    row = json.loads(before)["rows"][3]
    mean, deviation = row["test_error"].values()
    validation = row["validation_error"]["mean"]
    cells = f"1, 2 | {validation:.3f} | {mean:.3f} ± {deviation:.3f} | 0.250 ± 0.005"
    assert told[5] == f"| 3 | yes | {cells} |"
    assert "after the last of 3 epochs on cpu" in told[7]
    assert "against one, with reconstruction" in told[9]


def watch_measurements(monkeypatch, scripts):
    """Weights of each network that is measured, and of how many images."""
    measured = []
    real = scripts["network"].lengths_in_batches

    def watched(network, images):
        measured.append((weights_of(network), len(images)))
        return real(network, images)

    monkeypatch.setattr(scripts["network"], "lengths_in_batches", watched)
    return measured


def test_the_averaged_weights_are_measured(monkeypatch, scripts, command, tmp_path):
    measured, steps = watch_measurements(monkeypatch, scripts), watch_steps(monkeypatch)
    assert command(tmp_path, "--averaging", 0.9, "--seeds", 1, "--only", "r1-plain") == 0
    ((weights, _),) = measured
    assert len(steps.best) == EPOCHS * EPOCH_STEPS
    assert same_weights(weights, steps.best[-1])
    assert not same_weights(weights, steps.weights[-1])


def test_the_network_after_the_last_epoch_is_measured_not_the_best(
    monkeypatch, capsys, scripts, command, tmp_path
):
    def spoil(network):
        with torch.no_grad():
            network.conv1.weight.zero_()
            network.conv1.bias.zero_()

    spoil_from(monkeypatch, EPOCHS * EPOCH_STEPS, spoil)
    measured = watch_measurements(monkeypatch, scripts)
    assert command(tmp_path, "--averaging", 0, "--seeds", 1, "--only", "r3-reconstruction") == 0
    ((weights, shown),) = measured
    assert shown == 100
    assert not weights["conv1.weight"].any()
    result = result_of(tmp_path / "r3-reconstruction-seed1")
    assert result["test_error"] == 0.9  # the same answer to all, of ten digits alike in number
    last = read_metrics(tmp_path / "r3-reconstruction-seed1")[-1]
    assert result["validation_error"] == last.validation_error > last.best_validation_error
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_a_time_box_lets_none_begin_that_would_not_fit(monkeypatch, scripts):
    table, now, begun = scripts["table"], [0.0], []

    def attempt(job, _options):
        begun.append(job)
        now[0] += (30.0, 40.0, 10.0)[job]
        return True

    monkeypatch.setattr(table, "attempt", attempt)
    monkeypatch.setattr(table.time, "perf_counter", lambda: now[0])
    assert table.one_by_one([0, 1, 2], None, table.TimeBox(100.0, began=0.0))
    assert begun == [0, 1]
    begun.clear(), now.clear(), now.append(0.0)
    assert table.one_by_one([0, 1, 2], None, table.TimeBox(110.0, began=0.0))
    assert begun == [0, 1, 2]


@pytest.mark.parametrize("processes", [1, 2])
def test_the_slowest_of_earlier_calls_counts(
    monkeypatch, capsys, scripts, command, copied, processes
):
    shutil.rmtree(copied / "r3-plain-seed2")
    path = copied / "r1-plain-seed1" / "result.json"
    path.write_text(json.dumps(result_of(path.parent) | {"seconds": 1e6}), "utf-8")
    forbid_training(monkeypatch, scripts)
    more = ("--averaging", 0.9, "--seeds", 1, 2, "--processes", processes)
    assert command(copied, *more, "--seconds", 1e5) == 0
    assert not (copied / "r3-plain-seed2").exists()
    assert "\n| 3 | no | 1 | " in capsys.readouterr().out


def test_no_time_at_all_begins_nothing(capsys, command, tmp_path):
    assert command(tmp_path / "runs", "--seconds", 0) == 0
    assert "No network is finished yet." in capsys.readouterr().out


def begin(monkeypatch, scripts, words, output):
    """One network's run, stopped after its first epoch; its folder."""
    network = scripts["network"]
    given = words(output, "--averaging", 0.9, "--only", "r3-plain", "--seeds", 2)
    options = scripts["table"].parsed(given)
    (job,) = options.jobs
    monkeypatch.setattr(loop, "_SHORTEST_REPORT", 0.0)
    real = network.train

    def stopped(*args):
        with closing(real(*args)) as reports:
            for progress in reports:
                yield progress
                if progress.step == EPOCH_STEPS + 2:
                    return

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(network, "train", stopped)
        network.trained(job, options, torch.device("cpu"))
    folder = job.folder(options)
    assert read_metrics(folder)[-1].epoch == 1.0
    return folder


@pytest.mark.parametrize("left", ["its state", "no state", "a damaged state"])
def test_a_run_broken_off_goes_on_or_begins_anew(
    monkeypatch, scripts, words, command, tmp_path, finished, left
):
    folder = begin(monkeypatch, scripts, words, tmp_path / "runs")
    state = folder / "state.safetensors"
    if left == "no state":
        state.unlink()
    if left == "a damaged state":
        state.write_bytes(state.read_bytes()[:-100])
    more = ("--averaging", 0.9, "--only", "r3-plain", "--seeds", 2)
    assert command(tmp_path / "runs", *more) == 0
    whole, result = result_of(finished / folder.name), result_of(folder)
    assert {path.name for path in folder.iterdir()} == KEPT
    for name in ("validation_error", "test_error", "epochs", "row", "seed"):
        assert result[name] == whole[name]
    assert result["resumed"] == (left != "a damaged state")
    assert (folder.parent / TRASH).exists() == (left == "a damaged state")


@pytest.mark.parametrize("other", [("--epochs", 2), ("--averaging", 0.5)])
def test_networks_of_other_settings_do_not_share_a_table(capsys, command, copied, other):
    assert command(copied, "--averaging", 0.9, *other) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert "r1-plain-seed1" in told.err
    assert len(told.err.splitlines()) == 1


def test_one_that_fails_does_not_stop_the_others(monkeypatch, capsys, scripts, command, copied):
    for name in ("r1-plain-seed2", "r3-plain-seed2"):
        shutil.rmtree(copied / name)
    real = scripts["network"].train

    def failing(plan, *args):
        if plan.config.routing_iterations == 1:
            raise CapsvizError("The disk is full.")
        return real(plan, *args)

    monkeypatch.setattr(scripts["network"], "train", failing)
    assert command(copied, "--averaging", 0.9, "--seeds", 1, 2) == 1
    told = capsys.readouterr()
    assert told.err == "r1-plain, seed 2: The disk is full.\n"
    assert "\n| 1 | no | 1 | " in told.out
    assert "\n| 3 | no | 1, 2 | " in told.out


@pytest.mark.slow
def test_several_processes_finish_what_is_left(capfd, command, copied):
    left = ("r1-reconstruction-seed2", "r3-plain-seed2")
    for name in left:
        shutil.rmtree(copied / name)
    assert command(copied, "--averaging", 0.9, "--seeds", 1, 2, "--processes", 2) == 0
    told = capfd.readouterr()
    assert told.err == ""
    assert sum("test error" in line and "seed 2:" in line for line in told.out.splitlines()) == 2
    assert told.out.count("| routing iterations |") == 1
    for name in left:
        assert {path.name for path in (copied / name).iterdir()} == KEPT
    table = json.loads((copied / "table.json").read_bytes())
    assert [row["seeds"] for row in table["rows"]] == [[1, 2]] * 4


def start_instead(monkeypatch, table, code):
    """Other processes than the script's own; all that were started."""
    begun = []

    def started(*_):
        begun.append(subprocess.Popen([sys.executable, "-c", code]))
        return begun[-1]

    monkeypatch.setattr(table, "started", started)
    return begun


def test_a_process_that_fails_is_told(monkeypatch, scripts, command, tmp_path):
    begun = start_instead(monkeypatch, scripts["table"], "raise SystemExit(1)")
    assert command(tmp_path / "runs", "--processes", 2, "--seeds", 1) == 1
    assert [process.returncode for process in begun] == [1] * 4


@pytest.mark.skipif(sys.platform == "win32", reason="sends itself a signal")
def test_processes_end_with_the_command(monkeypatch, scripts, command, tmp_path):
    table = scripts["table"]
    begun = start_instead(monkeypatch, table, "import time; time.sleep(100)")
    real = table.TimeBox.fits

    def ask_to_end(box):
        if len(begun) == 2:
            os.kill(os.getpid(), signal.SIGTERM)
        return real(box)

    monkeypatch.setattr(table.TimeBox, "fits", ask_to_end)
    with pytest.raises(SystemExit) as ended:
        command(tmp_path / "runs", "--processes", 3)
    assert ended.value.code == 128 + signal.SIGTERM
    assert all(process.returncode is not None for process in begun)


def test_the_spread_is_the_samples(scripts):
    numbers = [0.0031, 0.0025, 0.0040]
    found = scripts["rows"].Spread.of(numbers)
    assert found.mean == pytest.approx(100 * np.mean(numbers))
    assert found.deviation == pytest.approx(100 * np.std(numbers, ddof=1))
    assert scripts["rows"].Spread.of([0.0031]).text("+") == "+0.310 ± –"
    assert scripts["rows"].Spread.of([-0.0031, -0.0021]).text() == "−0.260 ± 0.071"
