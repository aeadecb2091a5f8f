"""How fast the window feels, measured in the window itself: real events in, painted pixels out."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QSlider, QToolButton

from capsviz.data.drawing import CANVAS
from capsviz.data.strokes import read_strokes
from capsviz.files import CapsvizError, one_line
from capsviz.gui.app import make_application
from capsviz.gui.awaited import Paintings, Told
from capsviz.gui.measured_start import load_and_settle
from capsviz.gui.session import Session
from capsviz.gui.window import Window
from capsviz.places import resources_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

_UNCOMPILED = "PYTHONDONTWRITEBYTECODE"
_STARTS = 3  # timed
_DRAG = 5  # moves of one slider before the next
_THOUSANDTHS = 5  # that a slider is moved at once


@dataclass(frozen=True, slots=True)
class WindowReport:
    """Medians and 95th percentiles in milliseconds; every card of the usual layout on screen.

    Attributes:
        platform: Qt's platform: xcb, wayland, windows, cocoa, offscreen …
        shown_ms: from the start of a fresh process to the window's first painted frame; the
            median of three.
        answer_ms: from there to the first painted answer, torch's import included.
        ink_ms, ink_p95_ms: from a move of the pen to its ink painted.
        lengths_ms, lengths_p95_ms: from a move of the pen to the new ten lengths painted.
        stroke_ms, stroke_p95_ms: from a move of the pen to its answer painted in every view.
        slider_ms, slider_p95_ms: from a move of a pose slider that is dragged to the redrawn digit
            painted.
        heaviest_page: the routing page that answers slowest with the most demanding pages in
            front of the other cards: lengths over ten iterations, each digit decoded, the sweep.
        heaviest_stroke_ms, heaviest_stroke_p95_ms: as `stroke_ms`, with those pages in front.
    """

    platform: str
    shown_ms: float
    answer_ms: float
    ink_ms: float
    ink_p95_ms: float
    lengths_ms: float
    lengths_p95_ms: float
    stroke_ms: float
    stroke_p95_ms: float
    slider_ms: float
    slider_p95_ms: float
    heaviest_page: str
    heaviest_stroke_ms: float
    heaviest_stroke_p95_ms: float


def measure_window(model: str, repeats: int = 100) -> WindowReport:
    """Open the window in fresh processes for the start, then here to draw and drag.

    It has its usual layout, and what is done in it is not remembered.

    Args:
        model: name or path of a network with a decoder.
        repeats: moves of the pen and of sliders timed, and half as many on each routing page.

    Raises:
        CapsvizError: the window does not open, or the network does not answer.
    """
    os.environ.update(_environment())
    with TemporaryDirectory(prefix="capsviz-") as folder:
        return _measure(model, Path(folder) / "settings.ini", repeats)


def _measure(model: str, settings: Path, repeats: int) -> WindowReport:
    shown, answer = _time_start(model, settings)
    application = make_application()
    window = Window(Session(), settings)
    window.resize(1280, 720)
    window.show()
    try:
        load_and_settle(window, model)
        strokes = _time_strokes(window, repeats)
        _show_digit(window)
        drags = _time_sliders(window, repeats)
        page, slowest = _time_heaviest_pages(window, max(1, repeats // 2))
    finally:
        window.close()
    parts = {**strokes, "slider": drags, "heaviest_stroke": slowest}
    figures = {}
    for name, times in parts.items():
        figures[f"{name}_ms"], figures[f"{name}_p95_ms"] = _middle_and_tail(times)
    where = application.platformName()
    return WindowReport(
        platform=where, shown_ms=shown, answer_ms=answer, heaviest_page=page, **figures
    )


def _time_start(model: str, settings: Path) -> tuple[float, float]:
    # the first run warms the disk's cache and compiles what was not, as the first start does
    _, *starts = (_one_start(model, settings) for _ in range(1 + _STARTS))
    shown, answer = (statistics.median(times) for times in zip(*starts, strict=True))
    return shown, answer


def _one_start(model: str, settings: Path) -> tuple[float, float]:
    code = (
        "import sys\nfrom capsviz.starting import hasten\nhasten()\n"
        "from capsviz.gui.measured_start import report_start\n"
        "report_start(sys.argv[1], sys.argv[2], float(sys.argv[3]))"
    )
    usual = {name: value for name, value in os.environ.items() if name != _UNCOMPILED}
    command = [sys.executable, "-c", code, model, str(settings), str(time.time())]
    done = subprocess.run(command, capture_output=True, text=True, env=usual)
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


def _time_heaviest_pages(window: Window, count: int) -> tuple[str, list[float]]:
    """The slowest routing page, and the milliseconds to each answer, demanding pages in front."""
    views = window.views
    curve = views.capsules.findChild(QToolButton, "show-curve")
    assert curve is not None
    curve.click()
    views.decoded.show_page(views.wheel)
    views.posed.show_page(views.sweep)
    tabs = views.routing.pages.tabs
    times = {}
    for index in range(tabs.count()):
        tabs.setCurrentIndex(index)
        QApplication.processEvents()
        times[tabs.tabText(index)] = _time_strokes(window, count)["stroke"]
    return max(times.items(), key=lambda item: statistics.median(item[1]))


def _time_strokes(window: Window, count: int) -> dict[str, list[float]]:
    """Milliseconds of each move of a pen that writes the sample digits: to its ink, to the ten
    lengths, and to everything painted.
    """
    times: dict[str, list[float]] = {"ink": [], "lengths": [], "stroke": []}
    lengths = Paintings(window.views.capsules.picture)
    for move in islice(_pen_moves(window), count):
        began = time.perf_counter()
        for name, at in zip(times, _moments(window, move, lengths), strict=True):
            times[name].append((at - began) * 1e3)
    return times


def _moments(window: Window, move: QMouseEvent, lengths: Paintings) -> tuple[float, float, float]:
    """When the ink of a move was painted, the lengths, and everything."""
    answered = Told(window.session.explanation_changed)
    QApplication.sendEvent(window.views.canvas, move)
    QApplication.sendEvent(window, QEvent(QEvent.Type.UpdateRequest))  # as Qt would do next
    inked = time.perf_counter()
    answered.wait()
    QApplication.processEvents()
    return inked, lengths.latest, time.perf_counter()


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


def _show_digit(window: Window) -> None:
    """A whole digit; the pen may have come to rest within one, where no capsule is long."""
    answered = Told(window.session.explanation_changed)
    window.session.opening.show_sample(0)
    answered.wait()
    QApplication.processEvents()


def _time_sliders(window: Window, count: int) -> list[float]:
    """Milliseconds of each move of a pose slider; each is dragged a little way, in turn."""
    times = []
    sliders = [
        slider
        for slider in window.views.pose.findChildren(QSlider)
        if slider.objectName().startswith("pose-slider") and slider.isEnabled()
    ]
    for step in range(count):
        turn, at = divmod(step // _DRAG, len(sliders))
        slider = sliders[at]
        drawn = Told(window.session.posing.redrawn)
        began = time.perf_counter()
        slider.setValue(slider.value() + (_THOUSANDTHS if turn % 2 else -_THOUSANDTHS))
        drawn.wait()
        QApplication.processEvents()
        times.append((time.perf_counter() - began) * 1e3)
    return times


def _middle_and_tail(times: list[float]) -> tuple[float, float]:
    return statistics.median(times), float(np.percentile(times, 95))
