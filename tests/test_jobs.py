"""Latest: one in flight, one waiting, the newest wins, nothing outlives close()."""

import threading

import pytest
from PySide6.QtCore import QObject

from capsviz.gui.jobs import Latest


class Work:
    """Answers only when told to, so that a test decides what overtakes what."""

    def __init__(self):
        self.seen, self.go = [], threading.Semaphore(0)
        self.started = threading.Semaphore(0)

    def __call__(self, request):
        self.seen.append(request)
        self.started.release()
        assert self.go.acquire(timeout=10)
        if isinstance(request, Exception):
            raise request
        return f"answer to {request}"


@pytest.fixture
def work():
    return Work()


@pytest.fixture
def parent(qapp):
    return QObject()


@pytest.fixture
def latest(work, parent):
    made = Latest(work, "test", parent)
    made.answers, made.failures = [], []
    made.done.connect(made.answers.append)
    made.failed.connect(made.failures.append)
    yield made
    work.go.release(100)
    made.close()


def test_the_answer_comes_back_in_the_gui_thread(qtbot, latest, work):
    threads = []
    latest.done.connect(lambda _: threads.append(threading.current_thread()))
    work.go.release()
    with qtbot.waitSignal(latest.done):
        latest.submit("a")
    assert latest.answers == ["answer to a"]
    assert threads == [threading.main_thread()]


def test_the_newest_waiting_request_wins(qtbot, latest, work):
    for request in "abcd":
        latest.submit(request)
    work.go.release(2)
    qtbot.waitUntil(lambda: latest.is_idle)
    assert work.seen == ["a", "d"]
    assert latest.answers == ["answer to a", "answer to d"]


def test_a_stale_answer_is_never_shown(qtbot, latest, work):
    latest.submit("old")
    assert work.started.acquire(timeout=10)
    latest.forget()
    latest.submit("new")
    work.go.release(2)
    qtbot.waitUntil(lambda: latest.is_idle)
    assert work.seen == ["old", "new"]
    assert latest.answers == ["answer to new"]


def test_what_is_asked_as_an_answer_is_told_is_the_newest(qtbot, latest, work):
    def ask_again(answer):
        if answer == "answer to first":
            assert not latest.is_idle, "one waits"
            latest.submit("newest")

    latest.done.connect(ask_again)
    for request in ("first", "waits"):
        latest.submit(request)
    work.go.release(3)
    qtbot.waitUntil(lambda: latest.is_idle)
    assert work.seen == ["first", "newest"]
    assert latest.answers == ["answer to first", "answer to newest"]


def test_a_failure_is_told_and_the_next_request_still_answered(qtbot, latest, work):
    error = ValueError("broken")
    work.go.release(2)
    with qtbot.waitSignal(latest.failed):
        latest.submit(error)
    with qtbot.waitSignal(latest.done):
        latest.submit("b")
    assert latest.failures == [error]
    assert latest.answers == ["answer to b"]


def test_nothing_is_delivered_after_close(qtbot, qapp, latest, work):
    latest.submit("a")
    assert work.started.acquire(timeout=10)
    work.go.release()
    latest.close()
    latest.submit("b")
    qapp.processEvents()
    assert work.seen == ["a"]
    assert latest.answers == latest.failures == []


def test_closing_twice_is_harmless(latest):
    latest.close()
    latest.close()
    assert not [t for t in threading.enumerate() if t.name.startswith("capsviz-test")]
