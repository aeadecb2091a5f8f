"""The only file that knows threads: one worker per concern, answers come back as queued signals.

Plain Python executors rather than QThread: a QThread that is dropped while it runs aborts the
process (napari#7633), and its stack is too small for BLAS on macOS (numpy#11551).
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot

from capsviz.gui.niceness import step_back

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    _Begin = Callable[[], None]

_BUNDLE_SECONDS = 0.1  # of items handed over together, so that fast steps cannot flood the GUI


class Job(QObject):
    """Work in a thread of its own, which is ended in two moves: several need not wait in turn."""

    def __init__(self, name: str, parent: QObject, begin: _Begin | None = None) -> None:
        super().__init__(parent)
        self._closed = False
        self._executor = ThreadPoolExecutor(1, f"capsviz-{name}", begin)

    def wind_down(self) -> None:
        """Let the work in flight end, begin and deliver nothing more; does not wait."""
        self._closed = True
        self._executor.shutdown(wait=False, cancel_futures=True)

    def close(self) -> None:
        """The same, and join the thread."""
        self.wind_down()
        self._executor.shutdown(wait=True)


class Latest(Job):
    """Answers requests in a thread of its own: one in flight, one waiting, the newest wins.

    A slow worker never builds a queue. An answer whose request was forgotten is never delivered.
    No lock: all state is touched in the GUI thread alone, the worker only emits.

    Signals:
        done(object): the answer to the request that was in flight.
        failed(object): the exception its work raised.
    """

    done = Signal(object)
    failed = Signal(object)
    _returned = Signal(object, object)  # answer or None, exception or None; from the worker

    def __init__(self, work: Callable[[Any], Any], name: str, parent: QObject) -> None:
        super().__init__(name, parent)
        self._work = work
        self._busy = self._forgotten = False
        self._waiting: list[Any] = []  # none or one
        self._returned.connect(self._deliver)

    @property
    def is_idle(self) -> bool:
        """Nothing in flight, nothing waiting."""
        return not self._busy and not self._waiting

    def submit(self, request: object) -> None:
        """Ask; replaces a request that still waits. Does nothing once closed."""
        if self._closed:
            return
        if self._busy:
            self._waiting = [request]
            return
        self._waiting = []  # while an answer is told, by one who asks for something newer
        self._busy, self._forgotten = True, False
        self._executor.submit(self._run, request)

    def forget(self) -> None:
        """Drop the request that waits, and the answer of the one in flight."""
        self._waiting = []
        self._forgotten = True

    def _run(self, request: object) -> None:
        """In the worker."""
        answer = failure = None
        try:
            answer = self._work(request)
        except Exception as error:  # an executor would keep it in a future that nobody reads
            failure = error
        with suppress(RuntimeError):  # the interpreter is shutting down, and Qt is gone
            self._returned.emit(answer, failure)

    @Slot(object, object)
    def _deliver(self, answer: object, failure: Exception | None) -> None:
        """In the GUI thread: first the answer, then the next request (so none can flood)."""
        if self._closed:
            return
        self._busy = False
        if not self._forgotten:
            self.failed.emit(failure) if failure is not None else self.done.emit(answer)
        if self._waiting and not self._busy:
            self.submit(self._waiting.pop())


class Stream(Job):
    """Iterates a generator in its own thread; to pause is to stop asking, to stop is to close it.

    Items of a tenth of a second are handed over together, and the next asked for only when the
    GUI has these. The generator is begun, advanced and closed in the worker alone.

    Attributes:
        failure: the exception that it ended with, if it was closed and could tell nothing more.

    Signals:
        arrived(object): tuple of the items since the last time, at least one.
        ended(): the generator is exhausted or closed; nothing more will come of it.
        failed(object): the exception it raised, at once before `ended`.
        paused_changed(bool): it is held, or asked again.
    """

    arrived = Signal(object)
    ended = Signal()
    failed = Signal(object)
    paused_changed = Signal(bool)
    _returned = Signal(object, object, bool)  # items, exception or None, is over; from the worker

    def __init__(
        self, work: Callable[[Any], Generator[Any, None, None]], name: str, parent: QObject
    ) -> None:
        super().__init__(name, parent, step_back)
        self._work = work
        self._generator: Generator[Any, None, None] | None = None
        self.failure: Exception | None = None
        self._halt = threading.Event()  # read between two items, so that none is waited for twice
        self._asked = self._paused = False
        self._returned.connect(self._deliver)

    @property
    def is_idle(self) -> bool:
        """There is no generator."""
        return self._generator is None

    @property
    def is_paused(self) -> bool:
        """There is one, but it is not asked."""
        return self._paused

    @property
    def is_stopping(self) -> bool:
        """Its end was asked for, and is under way."""
        return self._halt.is_set() and not self.is_idle

    def start(self, request: object) -> None:
        """Begin with a new generator. Does nothing while there is one, or once closed."""
        if self._closed or self._generator is not None:
            return
        self._halt.clear()
        self._generator = self._work(request)
        self._ask()

    def pause(self) -> None:
        """Ask for no more; what is under way still arrives."""
        self._set_paused(not self.is_idle)

    def resume(self) -> None:
        """Ask again."""
        self._set_paused(False)
        self._ask()

    def step(self) -> None:
        """Ask for one item, and hold."""
        self._set_paused(not self.is_idle)
        self._ask(1)

    def stop(self) -> None:
        """Let the item under way come, close the generator, then tell that it has ended."""
        if self._generator is not None and not self._halt.is_set():
            self._halt.set()
            self._ask()

    def wind_down(self) -> None:
        """Let the generator be closed, tell nothing more; does not wait."""
        self._closed = True
        self._halt.set()
        if self._generator is not None:
            self._executor.submit(self._end, self._generator)
            self._generator = None
        self._executor.shutdown(wait=False)

    def _set_paused(self, paused: bool) -> None:
        if paused != self._paused:
            self._paused = paused
            self.paused_changed.emit(paused)

    def _ask(self, most: int | None = None) -> None:
        if self._generator is not None and not self._asked and not self._closed:
            self._asked = True
            self._executor.submit(self._advance, self._generator, most)

    def _advance(self, generator: Generator[Any, None, None], most: int | None) -> None:
        """In the worker: take items until it is time to hand them over."""
        items, is_over, failure = [], False, None
        until = time.perf_counter() + _BUNDLE_SECONDS
        try:
            for number in count(1):
                if self._halt.is_set():
                    generator.close()
                    raise StopIteration
                items.append(next(generator))
                if number == most or time.perf_counter() >= until:
                    break
        except StopIteration:
            is_over = True
        except Exception as error:  # an executor would keep it in a future that nobody reads
            failure, is_over = error, True
            self.failure = error
        with suppress(RuntimeError):  # the interpreter is shutting down, and Qt is gone
            self._returned.emit(tuple(items), failure, is_over)

    def _end(self, generator: Generator[Any, None, None]) -> None:
        """In the worker, after whatever was under way."""
        try:
            generator.close()
        except Exception as error:
            self.failure = error

    @Slot(object, object, bool)
    def _deliver(self, items: tuple[Any, ...], failure: Exception | None, is_over: bool) -> None:
        """In the GUI thread: the worker goes on while these are shown."""
        if self._closed:
            return
        self._asked, self.failure = False, None  # it is told now
        if is_over:
            self._generator = None
        elif not self._paused or self._halt.is_set():
            self._ask()
        if items:
            self.arrived.emit(items)
        if failure is not None:
            self.failed.emit(failure)
        if is_over:
            self._set_paused(False)
            self.ended.emit()
