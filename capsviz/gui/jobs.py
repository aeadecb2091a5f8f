"""The only file that knows threads: one worker per concern, answers come back as queued signals.

Plain Python executors rather than QThread: a QThread that is dropped while it runs aborts the
process (napari#7633), and its stack is too small for BLAS on macOS (numpy#11551).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot

if TYPE_CHECKING:
    from collections.abc import Callable


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
