"""Where every fault that nobody caught arrives: said once, logged, and the window lives on."""

from __future__ import annotations

import logging
import sys
import threading
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal

from capsviz.gui.desktop.crashes import Crashes
from capsviz.gui.desktop.messages import Messages

if TYPE_CHECKING:
    from types import TracebackType

    from PySide6.QtCore import SignalInstance

_log = logging.getLogger("capsviz")


class Faults(QObject):
    """Catches exceptions of slots, timers, paint events and threads, and what Qt complains of.

    Signals:
        caught(str): one sentence; emitted in whichever thread it happened.
    """

    caught = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._messages = Messages(self.caught.emit)
        self._crashes = Crashes()

    def start(self) -> None:
        """Take over Python's three hooks, Qt's one, and the last words of a crash."""
        self._before = sys.excepthook, threading.excepthook, sys.unraisablehook
        sys.excepthook = self._of_main
        threading.excepthook = self._of_thread
        sys.unraisablehook = self._of_unraisable
        self._messages.start()
        self._crashes.start()

    def stop(self) -> None:
        """Give the hooks back."""
        sys.excepthook, threading.excepthook, sys.unraisablehook = self._before
        self._messages.stop()
        self._crashes.stop()

    def _of_main(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        self._tell(kind, error, trace)

    def _of_thread(self, args: threading.ExceptHookArgs) -> None:
        self._tell(args.exc_type, args.exc_value, args.exc_traceback)

    def _of_unraisable(self, args: Any) -> None:  # noqa: ANN401  its type is private to the interpreter
        self._tell(args.exc_type, args.exc_value, args.exc_traceback)

    def _tell(
        self,
        kind: type[BaseException],
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _log.error("Unexpected error", exc_info=(kind, error or kind(), trace))
        self.caught.emit(f"Unexpected error ({kind.__name__}: {error}); the window goes on.")


def watch_faults(noticed: SignalInstance) -> Faults:
    """Say every fault by `noticed` and log it to stderr from now on."""
    logging.basicConfig(format="%(name)s: %(message)s")
    faults = Faults()
    # later, for a fault may happen while a view is painted
    faults.caught.connect(noticed, Qt.ConnectionType.QueuedConnection)
    faults.start()
    return faults
