"""How fast the window feels, measured in the window itself: real events in, painted pixels out."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from itertools import cycle, islice
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QEventLoop, QObject, QPointF, Qt, QTimer, Slot
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QSlider, QWidget

from capsviz.data.drawing import CANVAS, Mark
from capsviz.data.strokes import read_strokes
from capsviz.files import CapsvizError, one_line
from capsviz.gui.app import make_application
from capsviz.gui.session import Session
from capsviz.gui.window import Window
from capsviz.places import resources_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtCore import SignalInstance

_PATIENCE_MS = 60_000  # for one answer: more means that something is broken
_MOVES, _DRAGS = 150, 200
_STROKE = Mark(((9.0, 6.0), (19.0, 6.0), (13.0, 23.0)))


@dataclass(frozen=True, slots=True)
class WindowReport:
    """Medians and 95th percentiles in milliseconds, every view of the usual layout on screen.

    Attributes:
        platform: Qt's platform: xcb, wayland, windows, cocoa, offscreen …
        shown_ms: from the start of a fresh process to the window's first painted frame.
        answer_ms: from there to the first painted answer, torch's import included.
        ink_ms, ink_p95_ms: from a move of the pen to its ink painted.
        stroke_ms, stroke_p95_ms: from a move of the pen to its answer painted in every view.
        slider_ms, slider_p95_ms: from a move of a pose slider to the redrawn digit painted.
    """

    platform: str
    shown_ms: float
    answer_ms: float
    ink_ms: float
    ink_p95_ms: float
    stroke_ms: float
    stroke_p95_ms: float
    slider_ms: float
    slider_p95_ms: float


def measure_window(model: str) -> WindowReport:
    """Open the window twice: once in a fresh process for the start, once here to draw and drag.

    Args:
        model: name or path of a network with a decoder.

    Raises:
        CapsvizError: the window does not open, or the network does not answer.
    """
    os.environ.update(_environment())
    shown, answer = _time_start(model)
    application = make_application()
    window = Window(Session())
    window.resize(1280, 720)
    window.show()
    _load(window, model)
    inks, answers = _time_strokes(window)
    drags = _time_sliders(window)
    window.close()
    figures = [part for times in (inks, answers, drags) for part in _middle_and_tail(times)]
    return WindowReport(application.platformName(), shown, answer, *figures)


def report_start(model: str, began: float) -> None:
    """In a fresh process: print the milliseconds from `began` (of time.time()) to the first
    painted frame, and from that to the first painted answer.
    """
    make_application()
    window = Window(Session())
    painted = _Painted(window.views.canvas)
    window.show()
    painted.wait()
    shown = time.time()
    _load(window, model)
    answered = _Told(window.session.explanation_changed)
    window.session.add_mark(_STROKE)
    answered.wait()
    QApplication.processEvents()
    print(f"{(shown - began) * 1e3:.1f} {(time.time() - shown) * 1e3:.1f}")  # noqa: T201
    window.close()


def _time_start(model: str) -> tuple[float, float]:
    code = (
        "import sys\nfrom capsviz.gui.measure import report_start\n"
        "report_start(sys.argv[1], float(sys.argv[2]))"
    )
    for _ in range(2):  # the first run warms the disk's cache
        command = [sys.executable, "-c", code, model, str(time.time())]
        done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise CapsvizError(
            f"The window did not open to be measured: {one_line(done.stderr[-200:])}"
        )
    shown, answer = done.stdout.split()
    return float(shown), float(answer)


def _environment() -> dict[str, str]:
    """Without a display, Qt draws into memory."""
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    has_display = sys.platform != "linux" or any(os.environ.get(name) for name in names)
    return {} if has_display else {"QT_QPA_PLATFORM": "offscreen"}


def _load(window: Window, model: str) -> None:
    loaded = _Told(window.session.model_changed)
    window.session.load_model(model)
    loaded.wait()
    until = time.perf_counter() + _PATIENCE_MS / 1e3
    while not window.session.is_settled and time.perf_counter() < until:
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 50)
    QApplication.processEvents()


def _time_strokes(window: Window) -> tuple[list[float], list[float]]:
    """Milliseconds to ink and to answer, of each move of a pen that writes the sample digits."""
    inks, answers = [], []
    for move in islice(_pen_moves(window), _MOVES):
        answered = _Told(window.session.explanation_changed)
        began = time.perf_counter()
        QApplication.sendEvent(window.views.canvas, move)
        window.views.canvas.repaint()
        inks.append((time.perf_counter() - began) * 1e3)
        answered.wait()
        QApplication.processEvents()
        answers.append((time.perf_counter() - began) * 1e3)
    return inks, answers


def _pen_moves(window: Window) -> Iterator[QMouseEvent]:
    """The shipped sample digits as a mouse would write them, over and over."""
    canvas, file = window.views.canvas, resources_folder() / "sample-strokes.jsonl"
    for drawing in cycle([entry.drawing for entry in read_strokes(file)]):
        window.session.clear()
        for mark in drawing.marks:
            unit = canvas.square.width() / CANVAS
            corner = canvas.square.topLeft()
            places = [corner + QPointF(x * unit, y * unit) for x, y in mark.points]
            QApplication.sendEvent(canvas, _mouse(QEvent.Type.MouseButtonPress, places[0]))
            for place in places[1:]:
                yield _mouse(QEvent.Type.MouseMove, place)
            QApplication.sendEvent(canvas, _mouse(QEvent.Type.MouseButtonRelease, places[-1]))


def _mouse(kind: QEvent.Type, place: QPointF) -> QMouseEvent:
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    button = none if kind == QEvent.Type.MouseMove else left
    held = none if kind == QEvent.Type.MouseButtonRelease else left
    return QMouseEvent(kind, place, place, button, held, Qt.KeyboardModifier.NoModifier)


def _time_sliders(window: Window) -> list[float]:
    """Milliseconds of each move of a pose slider, over all dimensions in turn."""
    times = []
    sliders = [
        slider
        for slider in window.views.pose.findChildren(QSlider)
        if slider.objectName().startswith("pose-slider")
    ]
    for step, slider in enumerate(islice(cycle(sliders), _DRAGS)):
        drawn = _Told(window.session.posing.redrawn)
        began = time.perf_counter()
        slider.setValue(slider.value() + (20 if step // len(sliders) % 2 else -20))
        drawn.wait()
        QApplication.processEvents()
        times.append((time.perf_counter() - began) * 1e3)
    return times


def _middle_and_tail(times: list[float]) -> tuple[float, float]:
    return statistics.median(times), float(np.percentile(times, 95))


class _Awaited(QObject):
    """Something that happens once; `wait` returns when it has."""

    def __init__(self) -> None:
        super().__init__()
        self._loop = QEventLoop(self)
        self._patience = QTimer(self, singleShot=True, interval=_PATIENCE_MS)
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


class _Told(_Awaited):
    """A signal, after every slot that was connected before has run."""

    def __init__(self, signal: SignalInstance) -> None:
        super().__init__()
        signal.connect(self.come)


class _Painted(_Awaited):
    """The first painting of a widget."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        widget.installEventFilter(self)

    # Qt calls this

    def eventFilter(self, _widget: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            QTimer.singleShot(0, self, self.come)  # when all of the frame has been painted
        return False
