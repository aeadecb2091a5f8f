"""What a run leaves when the window closes, when it is continued, and when it goes wrong."""

import threading
import time
from dataclasses import replace

import numpy as np
import pytest
import torch
from PySide6.QtWidgets import QMessageBox, QPushButton, QToolButton

from capsviz.data import folders
from capsviz.data.personal import OwnDrawing, add_drawing
from capsviz.files import CapsvizError
from capsviz.gui.jobs import Job, Latest, Stream
from capsviz.gui.training_source import Source
from capsviz.network import CapsNetConfig, load_checkpoint
from capsviz.training.marker import is_unfinished
from capsviz.training.run import RunFolder
from capsviz.training.runfiles import keep_trouble, trouble_of
from capsviz.training.runs import summary_of
from capsviz.training.validation import Validator
from tests.learning import EPOCH_STEPS, tiny_request, write_tiny_mnist
from tests.qt import settle
from tests.runs import spoil_from, step_of


@pytest.fixture
def data(own_home):
    return write_tiny_mnist(own_home / "mnist")


@pytest.fixture
def training(window):
    return window.session.learning.training


@pytest.fixture
def running(qtbot, window, training, data, tiny_config):
    with qtbot.waitSignal(training.progressed, timeout=30_000):
        training.start(tiny_request(data, tiny_config, training.is_wanted, epochs=2000))
    yield window
    window.close_now()


def question(window):
    found = window.findChildren(QMessageBox, "ask-to-close")
    return found[0] if found else None


def press(box, text):
    next(button for button in box.findChildren(QPushButton) if button.text() == text).click()


def test_closing_while_it_trains_asks_once_and_can_be_taken_back(qtbot, running, training):
    running.close()
    running.close()
    assert running.isVisible()
    assert len(running.findChildren(QMessageBox, "ask-to-close")) == 1
    press(question(running), "Go on training")
    qtbot.waitUntil(lambda: question(running) is None, timeout=20_000)
    assert running.isVisible()
    with qtbot.waitSignal(training.progressed, timeout=20_000):
        pass


def test_closing_ends_the_run_at_once_with_a_state_to_go_on_from(qtbot, running, training):
    folder = training.request.folder
    running.close()
    began = time.perf_counter()
    press(question(running), "Close")
    qtbot.waitUntil(lambda: not running.isVisible(), timeout=20_000)
    assert time.perf_counter() - began < 3
    assert (folder / "state.safetensors").exists()
    assert is_unfinished(folder)


@pytest.mark.parametrize("fine_tunes", [False, True])
def test_a_validation_is_broken_off_by_closing(
    qtbot, window, training, data, tiny_config, tiny_file, monkeypatch, fine_tunes
):
    """It may take far longer than anyone waits for a window to close."""
    asked = threading.Event()

    def endless(self, network, step, limit=None):
        asked.set()
        while True:
            self._beat()

    monkeypatch.setattr(Validator, "measure", endless)
    add_drawing(OwnDrawing(label=3, image=np.eye(28, dtype=np.float32)))
    request = tiny_request(data, tiny_config, training.is_wanted)
    training.start(replace(request, start="tiny", fine_tunes=fine_tunes))
    qtbot.waitUntil(asked.is_set, timeout=30_000)
    began = time.perf_counter()
    window.close_now()
    assert time.perf_counter() - began < 3
    if not fine_tunes:  # else it had not begun yet
        assert summary_of(training.request.folder).state == "interrupted"


def test_reading_a_folder_is_broken_off_by_closing(qtbot, window, training, own_home, monkeypatch):
    asked = threading.Event()

    def endless(found, size):
        while True:
            asked.set()
            yield 1, None

    for name in ("cat", "dog"):
        (own_home / "pets" / name).mkdir(parents=True)
        (own_home / "pets" / name / "1.png").touch()
    monkeypatch.setattr(folders, "read_classes", endless)
    request = tiny_request(own_home, CapsNetConfig(), training.is_wanted)
    training.start(replace(request, source=Source("folder", str(own_home / "pets"))))
    qtbot.waitUntil(asked.is_set, timeout=30_000)
    began = time.perf_counter()
    window.close_now()
    assert time.perf_counter() - began < 3


def test_a_last_save_that_fails_is_told_on_stderr_and_noted(
    qtbot, running, training, monkeypatch, caplog
):
    training.hold(True)
    qtbot.waitUntil(lambda: not training._stream._asked, timeout=20_000)
    if training.latest.step % EPOCH_STEPS == 0:  # then there is nothing left to save
        with qtbot.waitSignal(training.progressed, timeout=20_000):
            training.step()

    def full(self, learner, position):
        raise CapsvizError("Could not write the state: no space left on device.")

    monkeypatch.setattr(RunFolder, "save_state", full)
    running.close_now()
    running.session.close()
    (told,) = caplog.messages
    assert told == "The run first: Could not write the state: no space left on device."
    assert summary_of(training.request.folder).trouble == told.removeprefix("The run first: ")


def test_nothing_is_waited_for_before_all_was_asked_to_end(qtbot, window, monkeypatch):
    """Else the times of all that is under way add up, while the window hangs."""
    jobs = window.session.findChildren(Job)
    assert len(jobs) > 12
    held = [job for job in jobs if isinstance(job, Latest)]
    left, all_asked = {id(job) for job in jobs}, threading.Event()
    wind_down = {kind: kind.wind_down for kind in (Job, Stream)}

    def counted(self):
        left.discard(id(self))
        if not left:
            all_asked.set()
        wind_down[Stream if isinstance(self, Stream) else Job](self)

    def work(_request):
        assert all_asked.wait(10)

    for kind in wind_down:
        monkeypatch.setattr(kind, "wind_down", counted)
    for job in held:
        job._work = work
        job.submit(None)
    began = time.perf_counter()
    window.close()
    assert all_asked.is_set()
    assert time.perf_counter() - began < 5


def test_the_next_start_offers_to_go_on(qtbot, running, training, own_home):
    from capsviz.gui.session import Session
    from capsviz.gui.window import Window

    folder, request = training.request.folder, training.request
    running.close_now()
    at = step_of(folder)
    keep_trouble(folder, "Could not write the state: no space left on device.")
    again = Window(Session())
    qtbot.addWidget(again)
    again.show()
    again.afterwards.finish()
    again.session.learning.archive.look_for_unfinished()
    act = again.notice.findChild(QToolButton, "notice-act")
    qtbot.waitUntil(lambda: act.isVisible(), timeout=20_000)
    assert request.name in again.notice.text
    assert "no space left" in again.notice.text
    with qtbot.waitSignal(again.session.learning.training.progressed, timeout=30_000) as told:
        act.click()
    steps = [one.step for one in told.args[0]]
    assert at + 1 in steps
    assert steps == sorted(steps)
    assert min(steps) <= 10  # what it told before it was broken off comes first
    assert trouble_of(folder) == ""
    again.close_now()
    again.session.setParent(again)


def test_a_stopped_run_is_not_offered(qtbot, running, training):
    with qtbot.waitSignal(training.ended, timeout=30_000):
        training.stop()
    assert summary_of(training.request.folder).state == "stopped"


def test_divergence_is_said_and_the_last_good_weights_stay(
    qtbot, window, training, data, tiny_config, monkeypatch
):
    def spoil(model):
        with torch.no_grad():
            next(model.parameters()).fill_(float("nan"))

    spoil_from(monkeypatch, 12, spoil)
    with qtbot.waitSignal(training.ended, timeout=30_000) as ended:
        training.start(tiny_request(data, tiny_config, training.is_wanted))
    assert "diverged" in window.notice.text
    assert "learning rate" in window.notice.text
    assert not ended.args[0].is_whole
    kept = load_checkpoint(ended.args[0].model_file).model
    assert all(bool(weight.isfinite().all()) for weight in kept.parameters())
    assert window.views.training.controls.buttons["use"].isEnabled()
    settle(qtbot, window.session)


def test_missing_data_is_said_and_nothing_is_left_running(qtbot, window, training, tmp_path):
    with qtbot.waitSignal(training.ended, timeout=30_000):
        training.start(tiny_request(tmp_path / "nowhere", CapsNetConfig(), training.is_wanted))
    assert str(tmp_path) in window.notice.text
    assert training.is_idle
    settle(qtbot, window.session)
