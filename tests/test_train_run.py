"""A run in the window: what it shows while it learns, and each control, on a real training."""

import threading
from dataclasses import replace
from types import SimpleNamespace

import msgspec
import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QWidget

from capsviz.gui import training as training_module
from capsviz.training import loop
from capsviz.training.progress import Accuracy, Comparison, Progress
from capsviz.training.runfiles import read_metrics
from capsviz.training.runs import summary_of
from tests.learning import EPOCH_STEPS, tiny_request, write_tiny_mnist
from tests.qt import draw_and_settle, settle


@pytest.fixture
def data(tmp_path):
    return write_tiny_mnist(tmp_path / "mnist")


@pytest.fixture
def training(window):
    return window.session.learning.training


@pytest.fixture
def finished(qtbot, window, training, data, tiny_config):
    with qtbot.waitSignal(training.ended, timeout=30_000):
        training.start(tiny_request(data, tiny_config, training.is_wanted))
    settle(qtbot, window.session)
    return window


@pytest.fixture
def held(qtbot, window, training, data, tiny_config, monkeypatch):
    """A long run, paused after its first steps; each is told, however soon it is asked for."""
    monkeypatch.setattr(loop, "_SHORTEST_REPORT", 0.0)
    with qtbot.waitSignal(training.progressed, timeout=30_000):
        training.start(tiny_request(data, tiny_config, training.is_wanted, epochs=2000))
    training.hold(True)
    qtbot.waitUntil(lambda: not training._stream._asked, timeout=20_000)
    window.asks_before_closing = False
    return window


def button(window, name):
    return window.findChild(QPushButton, f"training-{name}")


def words(window):
    return " ".join(label.text() for label in window.views.training.controls.findChildren(QLabel))


def test_the_card_is_hidden_until_a_run_starts(window):
    assert not window.docks["training"].isVisible()
    for name in ("training-progress", "training-curves"):
        found = window.findChild(QWidget, name)
        assert found is not None, name
        assert found.accessibleName(), name


def test_a_run_goes_to_its_end_and_leaves_a_network(qtbot, finished, training):
    assert finished.docks["training"].isVisible()
    assert training.state == "idle"
    assert training.latest.step == training.latest.total_steps == 4 * EPOCH_STEPS
    bar = finished.findChild(QProgressBar, "training-progress")
    assert bar.value() == bar.maximum()
    assert "Finished after 20 steps" in words(finished)
    assert (training.request.folder / "model.safetensors").exists()
    assert not button(finished, "pause").isVisible()
    assert button(finished, "use").isEnabled()


def test_every_picture_of_the_run_is_filled(qtbot, finished):
    panel = finished.views.training
    for page in (panel.curves, panel.batch, panel.confusion, panel.health):
        panel.pages.show_page(page)
        assert "step 20" in page.summary()
        assert page.accessibleDescription() == page.summary()
        assert page.table().rows
    rows = panel.curves.table().rows
    assert [row[0] for row in rows if row[4] != ""] == [5, 10, 15, 20]
    assert sum(sum(row[1:]) for row in panel.confusion.table().rows) == 20


def test_the_network_of_a_run_is_used_by_one_click(qtbot, finished):
    with qtbot.waitSignal(finished.session.model_changed, timeout=20_000):
        button(finished, "use").click()
    settle(qtbot, finished.session)
    assert finished.session.model.path.parent.name == "first"
    assert finished.session.model.name == "run · first"


def test_pause_holds_and_resume_goes_on(qtbot, held, training):
    assert button(held, "pause").text() == "Resume"
    at = training.latest.step
    assert f"paused at step {at}" in words(held)
    with qtbot.waitSignal(training.progressed, timeout=20_000):
        button(held, "pause").click()
    assert button(held, "pause").text() == "Pause"
    assert training.latest.step > at


def test_one_step_is_one_step(qtbot, held, training):
    at = training.latest.step
    for expected in (at + 1, at + 2):
        with qtbot.waitSignal(training.progressed, timeout=20_000):
            button(held, "step").click()
        assert training.latest.step == expected
        assert training.state == "paused"


def test_stop_keeps_a_usable_network(qtbot, held, training):
    with qtbot.waitSignal(training.ended, timeout=30_000) as ended:
        button(held, "stop").click()
    assert ended.args[0].model_file.is_file()
    assert not ended.args[0].is_whole
    assert "Stopped at step" in words(held)
    assert summary_of(ended.args[0].folder).state == "stopped", "nobody is asked to go on"
    last = read_metrics(ended.args[0].folder)[-1]
    assert last.step == training.latest.step, "the last weights were measured"
    assert f"{last.best_validation_error:.2%} of the held-out digits are wrong" in words(held)
    with qtbot.waitSignal(held.session.model_changed, timeout=20_000):
        button(held, "use").click()


def test_title_and_status_bar_tell_the_progress(qtbot, held, training):
    status = held.findChild(QLabel, "training-status")
    assert "first" in held.windowTitle()
    assert "paused" in status.text()
    with qtbot.waitSignal(training.progressed, timeout=20_000):
        button(held, "pause").click()
    assert "left" in status.text()
    with qtbot.waitSignal(training.ended, timeout=30_000):
        button(held, "stop").click()
    assert held.windowTitle() == "capsviz"
    assert status.text() == ""


def test_drawing_is_answered_while_it_trains(qtbot, held, training):
    with qtbot.waitSignal(training.progressed, timeout=20_000):
        button(held, "pause").click()
    draw_and_settle(qtbot, held)
    assert held.session.explanation is not None
    assert training.state == "running"


def test_a_stop_within_the_last_comparison_loses_nothing_of_it(qtbot, tmp_path, monkeypatch):
    """The item under way still comes, with more than its line of metrics holds."""
    begun, go_on = threading.Event(), threading.Event()
    last = Progress(
        step=50,
        total_steps=50,
        epoch=1.0,
        margin_loss=0.1,
        reconstruction_loss=1.0,
        training_error=0.0,
        images_per_second=10.0,
        seconds_left=0.0,
        validation_error=0.007,
        best_validation_error=0.007,
    )
    told = Accuracy(0.01, 100, 0.2, 10)

    def work(_request):
        yield replace(last, step=49, validation_error=None, best_validation_error=None)
        begun.set()
        go_on.wait(20)
        (tmp_path / "metrics.jsonl").write_bytes(msgspec.json.encode(last.metrics) + b"\n")
        yield replace(last, comparison=Comparison(told, told))

    monkeypatch.setattr(training_module, "run_training", work)
    parent = QObject()
    training = training_module.Training(parent)
    with qtbot.waitSignal(training.ended, timeout=20_000) as ended:
        training.start(SimpleNamespace(name="tuned", folder=tmp_path))
        qtbot.waitUntil(begun.is_set, timeout=20_000)
        training.stop()
        go_on.set()
    assert ended.args[0].comparison == Comparison(told, told)
    training.close()
