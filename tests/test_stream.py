"""Stream: a generator in a thread of its own, asked only as fast as the GUI takes its items."""

import threading

import pytest
from PySide6.QtCore import QObject

from capsviz.gui import jobs
from capsviz.gui.jobs import Stream


class Counting:
    """Counts up to the request, one number per permit; remembers where it was and how it ended."""

    def __init__(self):
        self.go, self.threads = threading.Semaphore(0), []
        self.closed_in = None
        self.at_close = None

    def __call__(self, last):
        try:
            for number in range(last):
                assert self.go.acquire(timeout=10)
                self.threads.append(threading.current_thread())
                if number == 7:
                    raise ValueError("seven")
                yield number
        finally:
            self.closed_in = threading.current_thread()
            if self.at_close is not None:
                raise self.at_close


@pytest.fixture
def work():
    return Counting()


@pytest.fixture
def stream(qapp, work, monkeypatch):
    monkeypatch.setattr(jobs, "_BUNDLE_SECONDS", 0.0)  # each item by itself
    parent = QObject()
    made = Stream(work, "test", parent)
    made.items, made.failures = [], []
    made.arrived.connect(made.items.extend)
    made.failed.connect(made.failures.append)
    yield made
    work.go.release(1000)
    made.close()
    parent.deleteLater()


def test_all_items_arrive_in_order_in_the_gui_thread(qtbot, stream, work):
    threads = []
    stream.arrived.connect(lambda _: threads.append(threading.current_thread()))
    work.go.release(5)
    with qtbot.waitSignal(stream.ended):
        stream.start(5)
    assert stream.items == [0, 1, 2, 3, 4]
    assert set(threads) == {threading.main_thread()}
    assert set(work.threads) == {work.closed_in}
    assert work.closed_in is not threading.main_thread()
    assert stream.is_idle


def test_fast_items_arrive_together(qtbot, stream, work, monkeypatch):
    monkeypatch.setattr(jobs, "_BUNDLE_SECONDS", 10.0)
    bundles = []
    stream.arrived.connect(bundles.append)
    work.go.release(5)
    with qtbot.waitSignal(stream.ended):
        stream.start(5)
    assert bundles == [(0, 1, 2, 3, 4)]


def test_it_is_never_more_than_one_item_ahead_of_the_gui(qtbot, qapp, stream, work):
    """While the GUI thread is busy, the worker stands still instead of filling the queue."""
    work.go.release(1000)
    stream.start(1000)
    for _ in range(3):  # whatever was asked for is done, while the GUI thread takes nothing
        stream._executor.submit(int).result(timeout=10)
    assert len(work.threads) == 1
    qapp.processEvents()
    qtbot.waitUntil(lambda: len(stream.items) > 3)


def test_a_pause_holds_it_and_resume_goes_on(qtbot, stream, work):
    work.go.release(1)
    stream.start(3)
    qtbot.waitUntil(lambda: stream.items == [0])
    with qtbot.waitSignal(stream.paused_changed):
        stream.pause()
    assert stream.is_paused
    work.go.release(1)
    qtbot.waitUntil(lambda: stream.items == [0, 1])  # was under way
    work.go.release(5)
    assert work.go._value == 5
    assert not stream._asked
    with qtbot.waitSignal(stream.ended):
        stream.resume()
    assert stream.items == [0, 1, 2]
    assert not stream.is_paused


def test_one_step_is_one_item(qtbot, stream, work):
    work.go.release(1)
    stream.start(1000)
    qtbot.waitUntil(lambda: stream.items == [0])
    stream.pause()
    work.go.release(1)
    qtbot.waitUntil(lambda: stream.items == [0, 1])
    work.go.release(100)
    for expected in ([0, 1, 2], [0, 1, 2, 3]):
        with qtbot.waitSignal(stream.arrived):
            stream.step()
        assert stream.items == expected
        assert stream.is_paused


def test_stop_closes_the_generator_in_its_own_thread(qtbot, stream, work):
    work.go.release(1)
    stream.start(1000)
    qtbot.waitUntil(lambda: stream.items == [0])
    stream.stop()
    assert stream.is_stopping
    work.go.release(1)
    with qtbot.waitSignal(stream.ended):
        pass
    assert work.closed_in in work.threads
    assert stream.items[:1] == [0]
    assert len(stream.items) <= 2
    assert not stream.is_stopping


def test_stop_while_paused_ends_it_too(qtbot, stream, work):
    work.go.release(1)
    stream.start(1000)
    qtbot.waitUntil(lambda: stream.items == [0])
    stream.pause()
    work.go.release(1)
    qtbot.waitUntil(lambda: not stream._asked)
    with qtbot.waitSignal(stream.ended):
        stream.stop()
    assert work.closed_in is not None
    assert not stream.is_paused


def test_stop_while_paused_ends_it_too_when_an_item_is_under_way(qtbot, stream, work):
    work.go.release(1)
    stream.start(1000)
    qtbot.waitUntil(lambda: stream.items == [0])
    assert stream._asked
    stream.pause()
    stream.stop()
    with qtbot.waitSignal(stream.ended):
        work.go.release(1)
    assert stream.items == [0, 1]
    assert work.closed_in is not None


def test_a_failure_is_told_and_another_generator_can_follow(qtbot, stream, work):
    work.go.release(8)
    with qtbot.waitSignal(stream.ended):
        stream.start(1000)
    assert [str(error) for error in stream.failures] == ["seven"]
    assert stream.items == list(range(7))
    work.go.release(2)
    with qtbot.waitSignal(stream.ended):
        stream.start(2)
    assert stream.items == [*range(7), 0, 1]


def test_what_fails_at_the_close_is_told(qtbot, stream, work):
    work.go.release(1)
    work.at_close = OSError("disk full")
    stream.start(1000)
    qtbot.waitUntil(lambda: stream.items == [0])
    stream.stop()
    work.go.release(1)
    with qtbot.waitSignal(stream.ended):
        pass
    assert [str(error) for error in stream.failures] == ["disk full"]


def test_a_second_start_is_no_second_generator(qtbot, stream, work):
    work.go.release(1)
    stream.start(1000)
    stream.start(3)
    qtbot.waitUntil(lambda: stream.items == [0])
    assert not stream.is_idle


def test_close_ends_the_generator_and_joins_the_thread(qtbot, qapp, stream, work):
    work.go.release(1)
    stream.start(1000)
    qtbot.waitUntil(lambda: stream.items == [0])
    work.go.release(1)
    stream.close()
    stream.close()
    stream.start(3)
    qapp.processEvents()
    assert work.closed_in is not None
    assert stream.items == [0]
    assert not [t for t in threading.enumerate() if t.name.startswith("capsviz-test")]


@pytest.mark.parametrize("in_flight", [True, False])
def test_what_fails_at_the_end_of_a_closed_one_is_kept(qtbot, qapp, stream, work, in_flight):
    work.go.release(1)
    work.at_close = OSError("disk full")
    stream.start(1000)
    qtbot.waitUntil(lambda: stream.items == [0])
    if not in_flight:
        stream.pause()
        work.go.release(1)
        qtbot.waitUntil(lambda: stream.items == [0, 1])
    stream.wind_down()
    work.go.release(1)
    stream.close()
    qapp.processEvents()
    assert stream.failures == []
    assert str(stream.failure) == "disk full"
