"""How live the window stays while it trains: lateness of a 10 ms timer, while digits are drawn.

python scripts/measure_training_window.py [SECONDS] [--small] [--quiet] [--follow] [--untrained]

Trains the paper's network (--small: the small one of the preset "minute") on random images, draws
the sample digits by mouse events all the while (--quiet: draws nothing), and prints one JSON
object: the heartbeat's lateness in milliseconds, the training's images per second, and how long
closing the window takes, a checkpoint and a report included. With --untrained nothing is trained,
which tells how live the same machine is without.
"""

import atexit
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["CAPSVIZ_HOME"] = tempfile.mkdtemp()  # no one's own settings, and no one's own runs

import numpy as np
from PySide6.QtCore import QEvent, QEventLoop, QObject, QPointF, Qt, QTimer, SignalInstance, Slot
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from capsviz.data.drawing import CANVAS
from capsviz.data.strokes import read_strokes
from capsviz.gui.app import make_application
from capsviz.gui.session import Session
from capsviz.gui.training_source import Source
from capsviz.gui.training_work import RunRequest, training_threads
from capsviz.gui.window import Window
from capsviz.places import resources_folder, user_runs_folder
from capsviz.training.presets import preset
from capsviz.training.progress import Progress

BEAT_MS, MOVE_MS = 10, 16
atexit.register(shutil.rmtree, os.environ["CAPSVIZ_HOME"], ignore_errors=True)

IMAGES = 2000


class Heartbeat(QObject):
    """Writes down how late each beat of the GUI thread comes."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.lateness: list[float] = []
        self._last = time.perf_counter()
        self._timer = QTimer(self, interval=BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        """Beat from now on."""
        self.lateness.clear()
        self._last = time.perf_counter()
        self._timer.start()

    @Slot()
    def _beat(self) -> None:
        now = time.perf_counter()
        self.lateness.append(max((now - self._last) * 1e3 - BEAT_MS, 0.0))
        self._last = now


class Hand(QObject):
    """Draws the sample digits with the mouse, over and over."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window, self._moves = window, self._strokes()
        self._timer = QTimer(self, interval=MOVE_MS)
        self._timer.timeout.connect(self._move)

    def start(self) -> None:
        """Draw from now on."""
        self._timer.start()

    @Slot()
    def _move(self) -> None:
        QApplication.sendEvent(self._window.canvas, next(self._moves))

    def _strokes(self) -> Iterator[QMouseEvent]:
        canvas = self._window.canvas
        file = resources_folder() / "sample-strokes.jsonl"
        for drawing in cycle([entry.drawing for entry in read_strokes(file)]):
            self._window.session.clear()
            for mark in drawing.marks:
                unit, corner = canvas.square.width() / CANVAS, canvas.square.topLeft()
                places = [corner + QPointF(x * unit, y * unit) for x, y in mark.points]
                yield _mouse(QEvent.Type.MouseButtonPress, places[0])
                for place in places[1:]:
                    yield _mouse(QEvent.Type.MouseMove, place)
                yield _mouse(QEvent.Type.MouseButtonRelease, places[-1])


def _mouse(kind: QEvent.Type, place: QPointF) -> QMouseEvent:
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    button = none if kind == QEvent.Type.MouseMove else left
    held = none if kind == QEvent.Type.MouseButtonRelease else left
    return QMouseEvent(kind, place, place, button, held, Qt.KeyboardModifier.NoModifier)


def write_images(folder: Path) -> Source:
    """Random images as MNIST's four files."""
    random = np.random.default_rng(0)
    for part, count in (("train", IMAGES), ("t10k", 10)):
        images = random.integers(0, 256, (count, 28, 28), np.uint8)
        labels = random.integers(0, 10, count, np.uint8)
        for kind, array in (("images-idx3", images), ("labels-idx1", labels)):
            sizes = np.array(array.shape, ">u4").tobytes()
            head = bytes((0, 0, 8, array.ndim)) + sizes
            (folder / f"{part}-{kind}-ubyte").write_bytes(head + array.tobytes())
    return Source("mnist", str(folder))


def begin(window: Window, key: str, source: Source) -> None:
    chosen, training = preset(key), window.session.learning.training
    settings = type(chosen.settings)(
        epochs=1000, batch_size=chosen.settings.batch_size, validation_images=200
    )
    folder = user_runs_folder() / "measured"
    training.start(
        RunRequest(
            "measured", folder, source, "cpu", settings, chosen.config, None, training.is_wanted
        )
    )


def wait_for(signal: SignalInstance) -> None:
    loop = QEventLoop()
    signal.connect(loop.quit)
    loop.exec()
    signal.disconnect(loop.quit)


def wait(seconds: float) -> None:
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1e3), loop.quit)
    loop.exec()


def main() -> None:
    numbers = [word for word in sys.argv[1:] if not word.startswith("--")]
    seconds = float(numbers[0]) if numbers else 30.0
    make_application()
    window = Window(Session())
    window.asks_before_closing = False
    window.resize(1280, 720)
    window.show()
    window.session.load_model("digits", "cpu")
    wait_for(window.session.model_changed)
    images = Path(os.environ["CAPSVIZ_HOME"]) / "images"
    images.mkdir()
    source = write_images(images)
    training = window.session.learning.training
    if "--untrained" not in sys.argv:
        begin(window, "minute" if "--small" in sys.argv else "paper", source)
        wait_for(training.progressed)
    window.session.learning.following.follow("--follow" in sys.argv)
    heart, hand = Heartbeat(window), Hand(window)
    if "--quiet" not in sys.argv:
        hand.start()
    wait(1.0)
    heart.start()
    answers: list[object] = []
    window.session.explanation_changed.connect(answers.append)
    wait(seconds)
    lateness = list(heart.lateness)
    began = time.perf_counter()
    window.close()
    closing = time.perf_counter() - began
    report(lateness, seconds, len(answers), training.latest, closing)


def report(
    lateness: list[float], seconds: float, answers: int, latest: Progress | None, closing: float
) -> None:
    late = np.array(lateness)
    p50, p99 = np.percentile(late, (50, 99))
    found = {
        "cores": os.cpu_count(),
        "training_threads": training_threads(),
        "load_average": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "beats": len(late),
        "lateness_p50_ms": round(float(p50), 2),
        "lateness_p99_ms": round(float(p99), 2),
        "lateness_max_ms": round(float(late.max()), 2),
        "answers_per_second": round(answers / seconds, 1),
        "images_per_second": round(latest.images_per_second, 1) if latest else None,
        "closing_seconds": round(closing, 2),
    }
    print(json.dumps(found))


main()
