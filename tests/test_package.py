"""What is shipped: the wheel carries everything, and runs from where it is unpacked."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Built as `pip install .` builds it, with the build backend at hand."""
    folder = tmp_path_factory.mktemp("wheel")
    build = (sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-q")
    subprocess.run((*build, "-w", str(folder), str(ROOT)), check=True, capture_output=True)
    return next(folder.glob("capsviz-*.whl"))


@pytest.mark.slow
def test_the_wheel_carries_resources_models_and_licence(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("capsviz", "resources", "models"):
        target = "capsviz" if folder == "capsviz" else f"capsviz/{folder}"
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                assert f"{target}/{path.relative_to(ROOT / folder).as_posix()}" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not any(name.startswith(("tests", "scripts")) for name in names)


@pytest.mark.slow
def test_the_wheel_works_where_it_is_unpacked(wheel, tmp_path, own_home):
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    environment = {**os.environ, "PYTHONPATH": str(site), "CAPSVIZ_HOME": str(own_home)}

    def run(*words):
        command = (sys.executable, "-m", "capsviz", *words)
        done = subprocess.run(
            command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=100
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    found = json.loads(run("models", "--json"))
    assert str(site) in found[0]["path"]
    picture = site / "capsviz" / "resources" / "sample-strokes.jsonl"
    answers = json.loads(run("classify", str(picture), "--json"))
    assert [answer["digit"] for answer in answers] == list(range(10))


def test_requirements_are_those_that_are_known_to_work():
    text = (ROOT / "pyproject.toml").read_text()
    assert '"pyside6-essentials>=6.10.1,<6.11"' in text
    assert '"torch>=2.10"' in text
