"""The scripts that measure speed, growth and precision, with as little work as can be."""

import json
import os
import subprocess
import sys

import pytest

from tests.idx import blocks, write_mnist

OTHER = """
import torch

class Other(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(784, 160)

    def forward(self, images):
        return self.layer(images.flatten(1)).view(-1, 10, 16, 1), "and more"
"""


def run(script, *arguments):
    command = [sys.executable, f"scripts/{script}.py", *map(str, arguments)]
    alone = os.environ | {"OMP_NUM_THREADS": "1"}  # the tests beside this one want the other cores
    return subprocess.run(command, capture_output=True, text=True, env=alone)


@pytest.fixture
def other(tmp_path):
    path = tmp_path / "other_network.py"
    path.write_text(OTHER, "utf-8")
    return path


def test_any_network_can_be_compared_with(other):
    done = run(
        "compare_speed", other, "Other", "--batch", 2, "--repeats", 1, "--singles", 1, "--json"
    )
    figures = json.loads(done.stdout)
    assert list(figures) == ["capsviz", "capsviz, plain", "other_network.py:Other"]
    assert figures["other_network.py:Other"]["parameters"] == 785 * 160
    for row in figures.values():
        assert all(value > 0 for value in row.values())


@pytest.mark.parametrize("missing", ["file", "class"])
def test_what_cannot_be_compared_is_refused_in_a_sentence(other, missing):
    arguments = (other, "Another") if missing == "class" else ("nowhere.py", "Other")
    done = run("compare_speed", *arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert str(arguments[0]) in done.stderr


@pytest.mark.slow
def test_growth_writes_its_tables_between_the_marks(tmp_path):
    document = tmp_path / "speed.md"
    document.write_text("Before\n<!-- growth -->\nold\n<!-- end of growth -->\nAfter\n", "utf-8")
    done = run("growth", "--small", "--write", document)
    assert done.returncode == 0, done.stderr
    text = document.read_text("utf-8")
    assert text.startswith("Before\n<!-- growth -->\n| Images in a batch |")
    assert text.endswith("|\n<!-- end of growth -->\nAfter\n")
    assert "old" not in text
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert [row.split(" |")[0] for row in rows[1::2]] == ["| 32", "| 1", "| 5"]


@pytest.mark.slow
def test_precisions_are_compared_by_their_validation_errors(tmp_path):
    digits = blocks(40)
    write_mnist(tmp_path, digits, digits)
    arguments = ("--data-dir", tmp_path, "--epochs", 1, "--images", 30, "--validation", 10)
    done = run("compare_precision", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    kinds = [(each["precision"], each["seed"]) for each in report["runs"]]
    assert kinds == [("fp32", 1), ("fp32", 2), ("bf16", 1)]
    ends = [each["validation_errors"] for each in report["runs"]]
    assert all(len(errors) == 1 and 0 <= errors[0] <= 1 for errors in ends)
    assert report["bf16_from_fp32"] == pytest.approx(abs(ends[2][0] - ends[0][0]))
