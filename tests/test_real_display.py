"""A person's view: a real window on a real X server, a digit drawn by xdotool."""

import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager, suppress

import pytest

NEEDED = ("Xvfb", "xdotool", "openbox")
MISSING = [name for name in NEEDED if shutil.which(name) is None]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(240),
    pytest.mark.skipif(sys.platform != "linux", reason="X11 is Linux's"),
    pytest.mark.skipif(bool(MISSING), reason=f"needs {', '.join(MISSING)}"),
]

# the real program, telling on stdout where its canvas is and what its views show
PROGRAM = """
import sys
from PySide6.QtCore import QPoint
from capsviz.gui import app
from capsviz.gui.window import Window

class Telling(Window):
    def _show_model(self, model):
        super()._show_model(model)
        square = self.canvas.square
        corner = self.canvas.mapToGlobal(QPoint(int(square.left()), int(square.top())))
        print("ready", corner.x(), corner.y(), int(square.width()), flush=True)

    def _show_explanation(self, explanation):
        super()._show_explanation(explanation)
        bars = self.lengths._bars.opts["height"]
        print("answer", self.prediction.digit.text(), float(bars.max()), flush=True)

app.Window = Telling
sys.exit(app.run_window(sys.argv[1], None, None))
"""


@contextmanager
def running(*command, **options):
    process = subprocess.Popen(command, **options)
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        process.wait(20)
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


@pytest.fixture
def display():
    """A fresh X server; it chooses a free number itself and says when it is ready."""
    reading, writing = os.pipe()
    command = (
        "Xvfb",
        "-displayfd",
        str(writing),
        "-screen",
        "0",
        "1440x900x24",
        "-nolisten",
        "tcp",
    )
    with running(*command, pass_fds=[writing], stderr=subprocess.DEVNULL):
        os.close(writing)
        with os.fdopen(reading) as lines:
            name = f":{lines.readline().strip()}"
        with running("openbox", env={**os.environ, "DISPLAY": name}, stderr=subprocess.DEVNULL):
            yield name


@pytest.fixture
def program(display, tiny_file, own_home):
    """The window, answering; yields its process and the canvas's place on the screen."""
    environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
    environment["CAPSVIZ_HOME"] = str(own_home)
    command = (sys.executable, "-c", PROGRAM, str(tiny_file))
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with running(*command, env=environment, **options) as process:
        word, *place = process.stdout.readline().split()
        assert word == "ready", process.stderr.read()
        yield process, [int(part) for part in place]


def xdotool(display, *words):
    environment = {**os.environ, "DISPLAY": display}
    done = subprocess.run(("xdotool", *words), env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def drag(display, place, points):
    left, top, side = place
    at = [(str(round(left + x * side)), str(round(top + y * side))) for x, y in points]
    moves = [word for spot in at[1:] for word in ("mousemove", *spot)]
    xdotool(display, "mousemove", *at[0], "mousedown", "1", *moves, "mouseup", "1")


def last_answer(process):
    """The answer after which the program had nothing more to say for a moment."""
    os.set_blocking(process.stdout.fileno(), False)
    text, quiet_since = "", time.monotonic()
    while not text or time.monotonic() - quiet_since < 1.0:
        assert time.monotonic() - quiet_since < 30, "no answer"
        with suppress(TypeError, BlockingIOError):
            if piece := process.stdout.read(4096):
                text, quiet_since = text + piece, time.monotonic()
    return text.strip().splitlines()[-1].split()


def test_a_digit_drawn_by_mouse_changes_the_answer(display, program):
    process, place = program
    drag(display, place, [(0.5, 0.15), (0.5, 0.4), (0.5, 0.85)])
    one = last_answer(process)
    drag(display, place, [(0.5, 0.15), (0.75, 0.3), (0.75, 0.7), (0.5, 0.85), (0.25, 0.5)])
    zero = last_answer(process)
    assert one[0] == zero[0] == "answer"
    assert one != zero
    assert xdotool(display, "search", "--onlyvisible", "--name", "capsviz").split()
    xdotool(display, "key", "ctrl+q")  # to the window that was drawn in
    assert process.wait(20) == 0
