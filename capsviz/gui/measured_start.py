"""How long a start takes, told by the process that starts; it imports only what a start does."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication

from capsviz.data.marks import Mark
from capsviz.gui.app import make_application
from capsviz.gui.awaited import PATIENCE_MS, Painted, Told
from capsviz.gui.session import Session
from capsviz.gui.window import Window

_STROKE = Mark(((9.0, 6.0), (19.0, 6.0), (13.0, 23.0)))


def report_start(model: str, settings: str, began: float) -> None:
    """In a fresh process: print the milliseconds from `began` (of time.time()) to the first
    painted frame, and from that to the first painted answer. The window's layout is remembered in
    the file `settings`.
    """
    make_application()
    window = Window(Session(), Path(settings))
    painted = Painted(window.views.canvas)
    window.show()
    painted.wait()
    shown = time.time()
    load_and_settle(window, model)
    answered = Told(window.session.explanation_changed)
    window.session.add_mark(_STROKE)
    answered.wait()
    QApplication.processEvents()
    print(f"{(shown - began) * 1e3:.1f} {(time.time() - shown) * 1e3:.1f}")  # noqa: T201
    window.close()


def load_and_settle(window: Window, model: str) -> None:
    """Let this network answer, and wait until all that follows from it is done.

    Raises:
        CapsvizError: it cannot be loaded.
    """
    errors: list[Exception] = []
    window.session.loading.failed.connect(errors.append)
    window.session.load_model(model)
    Told(window.session.loading.loading_changed).wait()
    if errors:
        raise errors[0]
    until = time.perf_counter() + PATIENCE_MS / 1e3
    while not window.session.is_settled and time.perf_counter() < until:
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 50)
    QApplication.processEvents()
