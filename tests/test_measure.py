"""The benchmark of the window: real events in, painted pixels out."""

import json
import os
import subprocess
import sys

import pytest

PAGES = {"Coupling", "Votes", "Agreement", "Calculation"}


@pytest.mark.slow
def test_the_window_is_measured_from_its_start_to_every_page(tiny_file, own_home):
    words = (
        "-m",
        "capsviz",
        "benchmark",
        "--window",
        "--json",
        "--model",
        "tiny",
        "--repeats",
        "10",
    )
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, env=environment, timeout=110
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["platform"] == "offscreen"
    assert report["heaviest_page"] in PAGES
    times = {name: value for name, value in report.items() if name.endswith("_ms")}
    assert len(times) == 12
    assert all(0 < value < 60_000 for value in times.values())
    for name in ("ink", "lengths", "stroke", "slider", "heaviest_stroke"):
        assert report[f"{name}_ms"] <= report[f"{name}_p95_ms"]
    assert report["ink_ms"] < report["lengths_ms"] < report["stroke_ms"]
    assert not (own_home / "settings.ini").exists()  # the user's own window stays as it was


def test_what_cannot_be_measured_is_one_sentence():
    words = ("-m", "capsviz", "benchmark", "--window", "--model", "none such")
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, env=environment, timeout=110
    )
    assert done.returncode == 1
    assert "none such" in done.stderr
    assert "Traceback" not in done.stderr
