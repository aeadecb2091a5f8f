"""What Qt itself has to say: to the log, and once to the person if it matters."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

from capsviz.files import one_line

if TYPE_CHECKING:
    from collections.abc import Callable

_log = logging.getLogger("capsviz.qt")
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.DEBUG,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
_OF_NO_SCREEN = "This plugin does not support propagateSizeHints()"  # offscreen says so always
_OF_THE_DESKTOP = "qt.qpa"  # what the platform lacks: nobody can mend it from here


class Messages:
    """Takes Qt's messages while it is started.

    Args:
        tell: is given one sentence for each warning that was not told before; called in whichever
            thread it was said.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._told: set[str] = set()

    def start(self) -> None:
        """Take the messages over."""
        self._before = qInstallMessageHandler(self._take)

    def stop(self) -> None:
        """Give them back to who had them."""
        qInstallMessageHandler(self._before)

    def _take(self, kind: QtMsgType, context: QMessageLogContext, message: str | None) -> None:
        level, text = _LEVELS[kind], one_line(message or "")
        if text == _OF_NO_SCREEN:
            return
        _log.log(level, "%s", text)
        is_ours = not (context.category or "").startswith(_OF_THE_DESKTOP)
        if level >= logging.WARNING and is_ours and text not in self._told:
            self._told.add(text)
            self._tell(f"Qt warns: {text.rstrip('.')}; the window goes on.")
