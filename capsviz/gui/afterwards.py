"""What the first frame does not show, made as soon as it is on screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QTimer, Signal, Slot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtWidgets import QWidget


class Afterwards(QObject):
    """Goes on with the pieces once the window has been painted, one in each turn of Qt's loop, so
    that the pen never waits for more than one of them.

    Args:
        pieces: does one piece whenever it is asked for the next.
        window: whose first frame they wait for.

    Signals:
        begun(): the first frame is on screen.
        done(): so are all pieces.
    """

    begun = Signal()
    done = Signal()

    def __init__(self, pieces: Iterator[None], window: QWidget) -> None:
        super().__init__(window)
        self._pieces = pieces
        self._is_done = False
        window.installEventFilter(self)

    def finish(self) -> None:
        """Do all that is left now."""
        while not self._is_done:
            self._do_one()

    def stop(self) -> None:
        """Leave the rest undone, as the window closes."""
        self._is_done = True

    @Slot()
    def _begin(self) -> None:
        if self._is_done:
            return
        self.begun.emit()
        self._go_on()

    @Slot()
    def _go_on(self) -> None:
        self._do_one()
        if not self._is_done:
            QTimer.singleShot(0, self, self._go_on)

    def _do_one(self) -> None:
        if self._is_done:
            return
        try:
            next(self._pieces)
        except StopIteration:
            self._is_done = True
            self.done.emit()

    # Qt calls this

    def eventFilter(self, window: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            window.removeEventFilter(self)
            QTimer.singleShot(0, self, self._begin)  # when all of the frame has been painted
        return False
