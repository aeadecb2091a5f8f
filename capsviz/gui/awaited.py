"""Waiting, inside Qt's loop, for something that happens once."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QObject, QTimer, Slot

from capsviz.files import CapsvizError

if TYPE_CHECKING:
    from PySide6.QtCore import SignalInstance
    from PySide6.QtWidgets import QWidget

PATIENCE_MS = 60_000
"""For one answer: more means that something is broken."""


class _Awaited(QObject):
    """Something that happens once; `wait` returns when it has."""

    def __init__(self) -> None:
        super().__init__()
        self._loop = QEventLoop(self)
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._patience.timeout.connect(self._loop.quit)
        self._has_come = False

    def wait(self) -> None:
        """Return once it has come.

        Raises:
            CapsvizError: it does not come.
        """
        if not self._has_come:
            self._patience.start()
            self._loop.exec()
            self._patience.stop()
        if not self._has_come:
            raise CapsvizError("The network gave no answer, so nothing could be measured.")

    @Slot()
    def come(self) -> None:
        """It is here."""
        self._has_come = True
        self._loop.quit()


class Told(_Awaited):
    """A signal, after every slot that was connected before has run."""

    def __init__(self, signal: SignalInstance) -> None:
        super().__init__()
        signal.connect(self.come)


class Painted(_Awaited):
    """The first painting of a widget."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        widget.installEventFilter(self)

    # Qt calls this

    def eventFilter(self, _widget: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            QTimer.singleShot(0, self, self.come)  # when all of the frame has been painted
        return False


class Paintings(QObject):
    """Watches a widget being painted.

    Attributes:
        latest: when it was painted last, by `time.perf_counter`; 0 if it was not yet.
    """

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.latest = 0.0
        self._is_painted = False
        widget.installEventFilter(self)

    # Qt calls this

    def eventFilter(self, widget: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.Paint or self._is_painted:
            return False
        self._is_painted = True
        QCoreApplication.sendEvent(widget, event)
        self._is_painted = False
        self.latest = time.perf_counter()
        return True
