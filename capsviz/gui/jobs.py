"""The only file that knows threads: one worker per concern, answers come back as queued signals.

`Latest` answers requests, `Stream` iterates a generator.

Plain Python executors rather than QThread: a QThread that is dropped while it runs aborts the
process (napari#7633), and its stack is too small for BLAS on macOS (numpy#11551).
"""

from __future__ import annotations

import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

_NICENESS = 5  # of long work: it gets a quarter of a core that another thread wants too
_BUNDLE_SECONDS = 0.1  # of items handed over together, so that fast steps cannot flood the GUI


class Latest(QObject):
    """Answers requests in a thread of its own: one in flight, one waiting, the newest wins.

    A request that waits is replaced by a newer one, so a slow worker never builds a queue. An
    answer whose request was forgotten is never delivered. No lock: all state is touched in the
    GUI thread alone, the worker only emits.

    Signals:
        done(object): the answer to the request that was in flight.
        failed(object): the exception its work raised.
    """

    done = Signal(object)
    failed = Signal(object)
    _returned = Signal(object, object)  # answer or None, exception or None; from the worker

    def __init__(self, work: Callable[[Any], Any], name: str, parent: QObject) -> None:
        super().__init__(parent)
        self._work = work
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=f"capsviz-{name}")
        self._busy = self._forgotten = self._closed = False
        self._waiting: list[Any] = []  # none or one
        self._returned.connect(self._deliver)

    @property
    def is_idle(self) -> bool:
        """Nothing in flight, nothing waiting."""
        return not self._busy

    def submit(self, request: object) -> None:
        """Ask; replaces a request that still waits. Does nothing once closed."""
        if self._closed:
            return
        if self._busy:
            self._waiting = [request]
            return
        self._busy, self._forgotten = True, False
        self._executor.submit(self._run, request)

    def forget(self) -> None:
        """Drop the request that waits, and the answer of the one in flight."""
        self._waiting = []
        self._forgotten = True

    def close(self) -> None:
        """Let the work in flight end, deliver nothing more, join the thread."""
        self._closed = True
        self.forget()
        self._executor.shutdown(wait=True, cancel_futures=True)

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


def _step_back() -> None:
    """Let the threads that answer the person go first; on Linux a thread has its own niceness."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)


class Stream(QObject):
    """Iterates a generator in its own thread; to pause is to stop asking, to stop is to close it.

    Items taken within a tenth of a second are handed over together, and the next are asked for
    only when the GUI has these: it is never more than one bundle behind. The generator is begun,
    advanced and closed in the worker alone, so what it does at its end is done there too.

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
        super().__init__(parent)
        self._work = work
        self._executor = ThreadPoolExecutor(
            1, thread_name_prefix=f"capsviz-{name}", initializer=_step_back
        )
        self._generator: Generator[Any, None, None] | None = None
        self._halt = threading.Event()  # read between two items, so that none is waited for twice
        self._asked = self._paused = self._closed = False
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
        if self._generator is None or self._halt.is_set():
            return
        self._halt.set()
        if not self._asked:
            self._ask()

    def close(self) -> None:
        """Close the generator, tell nothing more, join the thread."""
        self._closed = True
        self._halt.set()
        if self._generator is not None:
            self._executor.submit(self._end, self._generator)
            self._generator = None
        self._executor.shutdown(wait=True)

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
        items: list[Any] = []
        failure, is_over = None, False
        until = time.perf_counter() + _BUNDLE_SECONDS
        try:
            for number in count(1):
                if self._halt.is_set():
                    generator.close()
                    is_over = True
                    break
                items.append(next(generator))
                if number == most or time.perf_counter() >= until:
                    break
        except StopIteration:
            is_over = True
        except Exception as error:  # an executor would keep it in a future that nobody reads
            failure, is_over = error, True
        with suppress(RuntimeError):  # the interpreter is shutting down, and Qt is gone
            self._returned.emit(tuple(items), failure, is_over)

    def _end(self, generator: Generator[Any, None, None]) -> None:
        """In the worker, after whatever was under way."""
        with suppress(Exception):  # nobody is left to be told
            generator.close()

    @Slot(object, object, bool)
    def _deliver(self, items: tuple[Any, ...], failure: Exception | None, is_over: bool) -> None:
        """In the GUI thread: the worker goes on while these are shown."""
        if self._closed:
            return
        self._asked = False
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
