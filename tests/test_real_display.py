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

# the real program, telling on stdout where its parts are and what its views show
PROGRAM = """
import sys, zlib
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QSlider
from capsviz.gui import app
from capsviz.gui.window import Window

class Telling(Window):
    def __init__(self, session, settings):
        super().__init__(session, settings)
        session.model_changed.connect(self.tell_places_soon)
        session.explanation_changed.connect(self.tell_answer)
        session.playhead.moved.connect(self.tell_iteration)
        session.posing.redrawn.connect(self.tell_redrawn_soon)

    def tell_places_soon(self, model):
        QTimer.singleShot(200, self, self.tell_places)  # when the charts are there too

    def tell_places(self):
        square = self.canvas.square.toRect()
        corner = self.canvas.mapToGlobal(square.topLeft())
        print("ready", corner.x(), corner.y(), square.width(), flush=True)

    def tell_answer(self, answer):
        label = self.views.capsules.prediction.digit.text()
        print("answer", label, float(answer.final_lengths.max()), flush=True)

    def tell_iteration(self, iteration):
        slider = self.findChild(QSlider, "pose-slider-0")
        middle = slider.mapToGlobal(slider.track.center().toPoint())
        picture = self.pixels(self.views.coupling)
        print("iteration", iteration, picture, middle.x(), middle.y(), flush=True)

    def tell_redrawn_soon(self, redrawing):
        if self.session.posing.edit is not None:
            print("redrawn", self.pixels(self.views.reconstruction), flush=True)

    def pixels(self, view):
        return zlib.crc32(bytes(view.grab().toImage().constBits()))

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
        told = process.stdout.readline()
        assert told.startswith("ready"), process.stderr.read()
        place = told.split()[1:]
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


def drag_from(display, x, y, distance):
    """Take what is at a place of the screen, and move it to the right in small steps."""
    moves = []
    for step in range(1, 6):
        moves += ["mousemove", str(x + round(distance * step / 5)), str(y)]
    xdotool(display, "mousemove", str(x), str(y), "mousedown", "1", *moves, "mouseup", "1")


def last_answer(process):
    """What the program said before it had nothing more to say for a moment, in words."""
    os.set_blocking(process.stdout.fileno(), False)
    text, quiet_since = "", time.monotonic()
    while not text or time.monotonic() - quiet_since < 1.0:
        assert time.monotonic() - quiet_since < 30, "no answer"
        with suppress(TypeError, BlockingIOError):
            if piece := process.stdout.read(4096):
                text, quiet_since = text + piece, time.monotonic()
    return text.strip().splitlines()[-1].split()


def test_draw_read_scrub_and_drag(display, program):
    process, place = program
    drag(display, place, [(0.5, 0.15), (0.5, 0.4), (0.5, 0.85)])
    one = last_answer(process)
    drag(display, place, [(0.5, 0.15), (0.75, 0.3), (0.75, 0.7), (0.5, 0.85), (0.25, 0.5)])
    zero = last_answer(process)
    assert one[0] == zero[0] == "answer"
    assert one != zero
    xdotool(display, "key", "comma")
    second = last_answer(process)
    assert second[:2] == ["iteration", "2"]
    xdotool(display, "key", "comma")
    first = last_answer(process)
    assert first[:2] == ["iteration", "1"]
    assert first[2] != second[2]  # other couplings, other pixels
    slider_x, slider_y = (int(part) for part in first[3:])
    drag_from(display, slider_x, slider_y, 25)
    moved = last_answer(process)
    drag_from(display, slider_x + 25, slider_y, 15)
    further = last_answer(process)
    assert moved[0] == further[0] == "redrawn"
    assert moved[1] != further[1]  # another pose, another reconstruction
    assert xdotool(display, "search", "--onlyvisible", "--name", "capsviz").split()
    xdotool(display, "key", "ctrl+q")  # to the window that was drawn in
    assert process.wait(20) == 0


# the window without a network, in which the pose floats; it says where one of its tabs is on the
# screen, and when that is chosen
FLOATING = """
import sys
from PySide6.QtCore import QTimer
from capsviz.gui.app import make_application
from capsviz.gui.session import Session
from capsviz.gui.window import Window

def begin():
    if sys.argv[1] == "first":
        pose.setFloating(True)
        pose.move(500, 300)
        window.close()
    else:
        QTimer.singleShot(300, window, tell_place)  # when the window manager has decided

def tell_place():
    middle = tabs.mapToGlobal(tabs.tabRect(1).center())
    at_work = application.focusWidget()
    print(at_work.objectName() if at_work else None, middle.x(), middle.y(), flush=True)
    tabs.currentChanged.connect(tell)

def tell(index):
    print("chosen", flush=True)

application = make_application()
window = Window(Session())
pose, tabs = window.docks["pose"], window.views.posed.tabs
window.afterwards.done.connect(begin)
window.show()
sys.exit(application.exec())
"""


def test_a_card_that_floated_can_be_reached_again(display, own_home):
    environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
    environment["CAPSVIZ_HOME"] = str(own_home)
    command = (sys.executable, "-c", FLOATING)
    assert subprocess.run((*command, "first"), env=environment, timeout=60).returncode == 0
    options = {"env": environment, "stdout": subprocess.PIPE, "text": True}
    with running(*command, "again", **options) as process:
        at_work, *place = process.stdout.readline().split()
        assert at_work == "canvas", "cards do not take the keyboard"
        os.set_blocking(process.stdout.fileno(), False)
        since, said = time.monotonic(), ""
        while said != "chosen\n":
            assert time.monotonic() - since < 10, "the window covers it"
            xdotool(display, "mousemove", *place, "click", "1")
            with suppress(TypeError, BlockingIOError):
                said = process.stdout.readline()
