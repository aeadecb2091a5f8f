"""Starts the one QApplication and the window, and ends both in order."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if sys.platform == "win32":
    import torch  # noqa: F401  before Qt: else its DLLs fail to load (pytorch#166628)

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QApplication

from capsviz import __version__
from capsviz.files import CapsvizError
from capsviz.gui.desktop.faults import watch_faults
from capsviz.gui.last_drawing import LastDrawing
from capsviz.gui.look.icons import application_icon
from capsviz.gui.look.theme import STYLE
from capsviz.gui.session import Session
from capsviz.gui.window import Window
from capsviz.places import MODEL_SUFFIX

if TYPE_CHECKING:
    from PySide6.QtGui import QFont

    from capsviz.gui.desktop.demonstration import Demonstration

DEFAULT_MODEL = "digits"
_SIGNAL_MS = 200  # how often Python gets to see Ctrl-C while Qt's loop runs


def run_window(model: str | None, opened: Path | None, screenshot: Path | None) -> int:
    """Open the window and return when it is closed.

    Args:
        model: name or path of the network; the default one if None.
        opened: an image, strokes, a session or weights to show at once.
        screenshot: draw (or open) something, save the window's picture here, and end; the window
            is as at its first start, and remembers nothing.

    Returns:
        exit code: 0, or 1 if the screenshot could not be made.

    Raises:
        CapsvizError: there is no display to open a window on.
    """
    if screenshot is None:
        return _run_window(model, opened, None, None)
    if opened is not None and opened.name.lower().endswith(MODEL_SUFFIX):
        model, opened = str(opened), None  # it is to answer what is drawn for the picture
    with TemporaryDirectory(prefix="capsviz-") as folder:  # no picture changes a person's window
        return _run_window(model, opened, screenshot, Path(folder) / "settings.ini")


def _run_window(
    model: str | None, opened: Path | None, screenshot: Path | None, settings: Path | None
) -> int:
    _check_display()
    application = make_application()
    session = Session()
    faults = watch_faults(session.noticed)
    window = Window(session, settings)
    application.aboutToQuit.connect(session.close)  # Cmd-Q does not close the window first
    window.show()
    Beginning(window, model, opened if screenshot is None else None)
    if screenshot is None:  # what is drawn for a picture is nobody's drawing
        LastDrawing(session, window.afterwards.done, window)
    application.setProperty("reduced-motion", screenshot is not None)
    shown = None if screenshot is None else _demonstrate(window, opened, screenshot)
    code = application.exec()
    faults.stop()
    return code if shown is None else shown.code


def _demonstrate(window: Window, opened: Path | None, screenshot: Path) -> Demonstration:
    from capsviz.gui.desktop.demonstration import Demonstration

    made = Demonstration(window, opened, screenshot)
    made.start()
    return made


class Beginning(QObject):
    """What follows the first frame, so that it waits for nothing: the network is loaded, a file
    is opened, and runs that were broken off are looked for.
    """

    def __init__(self, window: Window, model: str | None, opened: Path | None) -> None:
        super().__init__(window)
        self._window, self._model, self._opened = window, model, opened
        window.afterwards.begun.connect(self._load)
        window.afterwards.done.connect(self._look_for_runs)

    @Slot()
    def _load(self) -> None:
        session, memory = self._window.session, self._window.memory
        session.load_model(self._model or memory.network or DEFAULT_MODEL, memory.device)
        if self._opened is not None:
            self._window.actions_.files.open_by_kind(self._opened)

    @Slot()
    def _look_for_runs(self) -> None:
        self._window.session.learning.archive.look_for_unfinished()


def _check_display() -> None:
    """Qt would abort the process without a word of what to do."""
    named = ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY")
    if sys.platform == "linux" and not any(os.environ.get(name) for name in named):
        raise CapsvizError(
            "There is no display to open the window on; `capsviz --screenshot OUT.png` draws "
            "without one, and so do the commands that `capsviz --help` lists."
        )


def make_application() -> QApplication:
    """The process's only QApplication, named and in its own font."""
    application = QApplication([*sys.argv[:1], *STYLE])
    application.setApplicationName("capsviz")
    application.setApplicationVersion(__version__)
    application.setWindowIcon(application_icon())
    application.setFont(_readable(application.font()))
    _end_on_interrupt(application)
    return application


def _readable(font: QFont) -> QFont:
    """The system's own font, at least ten points and hinted for screens."""
    font.setPointSizeF(max(10.0, font.pointSizeF()))
    return font


def _end_on_interrupt(application: QApplication) -> None:
    """Ctrl-C in the terminal closes the window as its button would."""
    signal.signal(signal.SIGINT, _close_windows)
    timer = QTimer(application, interval=_SIGNAL_MS)
    timer.timeout.connect(_let_python_run)
    timer.start()


def _close_windows(_number: int, _frame: object) -> None:
    QApplication.closeAllWindows()


def _let_python_run() -> None:
    """Qt's loop is C++: Python runs its signal handlers only when it is called."""
