"""A dock that gets back what something above it took of its height for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Slot

if TYPE_CHECKING:
    from PySide6.QtWidgets import QDockWidget, QMainWindow

    from capsviz.gui.look.notice import Notice


class Squeezed(QObject):
    """Remembers a dock's height before a notice is shown in the window's middle, and gives it
    back when that is hidden, unless somebody has moved the dock's edge between: Qt would leave
    it to the middle for good.
    """

    def __init__(self, dock: QDockWidget, notice: Notice, window: QMainWindow) -> None:
        super().__init__(window)
        self._dock, self._window = dock, window
        self._before = self._squeezed = 0
        notice.coming.connect(self._remember)
        notice.gone.connect(self._give_back_soon)

    @Slot()
    def _remember(self) -> None:
        self._before = self._dock.height()
        QTimer.singleShot(0, self, self._look)  # when the window is laid out anew

    @Slot()
    def _look(self) -> None:
        self._squeezed = self._dock.height()

    @Slot()
    def _give_back_soon(self) -> None:
        QTimer.singleShot(0, self, self._give_back)

    @Slot()
    def _give_back(self) -> None:
        if self._squeezed < self._before and self._dock.height() == self._squeezed:
            vertical = Qt.Orientation.Vertical
            self._window.resizeDocks([self._dock], [self._before], vertical)
