"""Driving the real window: strokes by mouse events, waiting by signals."""

import threading
from contextlib import contextmanager

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

THREE = [(9, 6), (14, 4), (18, 7), (14, 13), (19, 17), (15, 23), (9, 21)]
SEVEN = [(7, 6), (20, 6), (13, 23)]


def at(canvas, x, y):
    """A place in canvas units, 0 … 28, in the widget's pixels."""
    square = canvas.square
    unit = square.width() / 28
    return QPoint(round(square.left() + x * unit), round(square.top() + y * unit))


def draw(canvas, points, button=Qt.MouseButton.LeftButton):
    """One stroke with the mouse."""
    QTest.mousePress(canvas, button, pos=at(canvas, *points[0]))
    for point in points[1:]:
        QTest.mouseMove(canvas, at(canvas, *point))
    QTest.mouseRelease(canvas, button, pos=at(canvas, *points[-1]))


def settle(qtbot, session):
    """Until every answer is on screen."""
    qtbot.waitUntil(lambda: session.is_settled, timeout=20_000)


@contextmanager
def held(job):
    """What this worker is asked within the block is begun in its thread, but done only after."""
    gate, work = threading.Event(), job._work

    def wait_and_work(request):
        assert gate.wait(20)
        return work(request)

    job._work = wait_and_work
    try:
        yield
    finally:
        job._work = work
        gate.set()


def draw_and_settle(qtbot, window, points=THREE):
    draw(window.canvas, points)
    settle(qtbot, window.session)
