"""The canvas: mouse, pen, finger and keys draw the same ink, at once and for good."""

import math
import os
import subprocess
import sys
from functools import cache

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QInputDevice, QPointingDevice, QTabletEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from capsviz.data.drawing import Drawing, Framing, Mark, framing_of, rasterize
from capsviz.gui.input.canvas import Canvas
from capsviz.gui.input.smoothing import smooth_line
from capsviz.gui.look.theme import DARK, LIGHT, set_zoom
from capsviz.gui.scene import Scene
from tests.qt import SEVEN, THREE, at, draw

UNIT = 20  # pixels of the widget a canvas unit
Key, Event = Qt.Key, QEvent.Type


class Recorder:
    """What the canvas told; shows it what it then holds, as the session does."""

    def __init__(self, canvas):
        self.canvas = canvas
        self.made, self.moved, self.dropped = [], [], 0
        canvas.mark_made.connect(self.make)
        canvas.mark_moved.connect(self.moved.append)
        canvas.mark_dropped.connect(self.drop)

    def make(self, mark):
        self.made.append(mark)
        self.canvas.show_scene(self.canvas._scene.with_mark(mark))

    def drop(self):
        self.dropped += 1


@pytest.fixture
def canvas(qtbot):
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.setFixedSize(28 * UNIT, 28 * UNIT)
    canvas.set_theme(DARK)
    canvas.show()
    qtbot.waitExposed(canvas)
    return canvas


@pytest.fixture
def told(canvas):
    return Recorder(canvas)


def picture(canvas):
    """(H, W) lightness, 0 … 255, without the pointer's ring."""
    canvas.leaveEvent(None)
    image = canvas.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    within = rows[:, : image.width()].astype(int)
    for corner in (within[:4, :4], within[:4, -4:], within[-4:, :4], within[-4:, -4:]):
        corner[:] = 0  # round, so what lies behind is seen
    return within


def fresh(qtbot, scene, theme=DARK):
    """Another canvas that is shown all at once."""
    other = Canvas()
    qtbot.addWidget(other)
    other.setFixedSize(28 * UNIT, 28 * UNIT)
    other.set_theme(theme)
    other.show_scene(scene)
    return other


@cache  # events only borrow their device
def stylus(kind, feels):
    can = QInputDevice.Capability
    return QPointingDevice(
        "stylus",
        1,
        QInputDevice.DeviceType.Stylus,
        getattr(QPointingDevice.PointerType, kind),
        can.Position | can.Pressure if feels else can.Position,
        1,
        2,
    )


def pen(event, x, y, pressure, kind="Pen", feels=True):
    """One tablet event at a place in canvas units."""
    device = stylus(kind, feels)
    tip, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    place = QPointF(x * UNIT, y * UNIT)
    made = QTabletEvent(
        event, device, place, place, pressure, 0, 0, 0, 0, 0, Qt.KeyboardModifier.NoModifier,
        none if event == Event.TabletMove else tip,
        none if event == Event.TabletRelease else tip,
    )  # fmt: skip
    made.ignore()
    return made


def stroke_with_pen(canvas, points, pressures, **kind):
    """A stroke with the tablet's pen; returns whether every event was accepted."""
    kinds = [Event.TabletPress, *[Event.TabletMove] * (len(points) - 2), Event.TabletRelease]
    events = [
        pen(event, *point, pressure, **kind)
        for event, point, pressure in zip(kinds, points, pressures, strict=True)
    ]
    for event in events:
        QApplication.sendEvent(canvas, event)
    return all(event.isAccepted() for event in events)


def keys(canvas, *names, times=1, shift=False):
    modifier = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
    for _ in range(times):
        for name in names:
            QTest.keyClick(canvas, getattr(Key, f"Key_{name}"), modifier)


def circle(count, turns=1.0):
    angles = np.linspace(0, turns * 2 * math.pi, count)
    return [(14 + 9 * math.cos(a), 14 + 9 * math.sin(a)) for a in angles]


# the line


def test_a_fast_circle_is_round():
    line = np.array(smooth_line(circle(13)))
    away = np.abs(np.hypot(*(line - 14).T) - 9)
    later = line[:, 1].argmax() - 20  # the first pieces know nothing of the circle yet
    assert away[max(20, later) :].max() < 0.05
    assert away.max() < 0.4


def test_a_bend_has_no_kink_and_a_corner_stays_one():
    step = np.diff(np.array(smooth_line(circle(16))), axis=0)
    turns = np.degrees(np.angle(np.exp(1j * np.diff(np.arctan2(*step[:, ::-1].T)))))
    assert np.abs(turns[10:]).max() < 8
    corner = np.array(smooth_line(SEVEN))
    assert np.abs(corner[corner[:, 0] < 19.9][:, 1].min() - 6) < 0.01, "nothing swings out"
    assert corner[:, 0].max() < 20.4


def test_a_line_never_changes_what_it_was():
    places = circle(40)
    whole = smooth_line(places)
    for end in range(1, 40):
        part = smooth_line(places[:end])
        assert part == whole[: len(part)]


def test_a_slow_line_loses_the_screen_s_steps(canvas, told):
    """A slant drawn pixel by pixel is a staircase of whole pixels."""
    draw(canvas, [(5 + i / UNIT, 5 + round(i * 0.3) / UNIT) for i in range(240)])
    points = np.array(told.made[0].points)
    away = points[:, 1] - 5 - 0.3 * (points[:, 0] - 5)
    assert np.abs(away).max() < 0.6 / UNIT
    step = np.diff(points[4:-1], axis=0)
    angles = np.degrees(np.arctan2(step[:, 1], step[:, 0]))
    assert angles.std() < 8  # the staircase itself: 20


# the ink


@pytest.mark.parametrize("erases", [False, True])
def test_ink_once_drawn_never_moves(qtbot, canvas, told, erases):
    ground = Scene(Drawing((Mark(((2.0, 14.0), (26.0, 14.0)), 2.5),)))
    canvas.show_scene(ground)
    canvas.set_pen(1.0, erases)
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=at(canvas, 23, 14))
    before = picture(canvas)
    for place in circle(30)[1:]:
        QTest.mouseMove(canvas, at(canvas, *place))
        now = picture(canvas)
        lost = now - before if erases else before - now
        assert lost.max() < 30, "a dot's rim is another shape than a line's"
        assert (lost > 8).sum() < 20
        before = now
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=at(canvas, *circle(30)[-1]))
    whole = ground.with_mark(told.made[0])
    assert np.array_equal(picture(canvas), before), "nor when it is lifted"
    painted = picture(fresh(qtbot, whole))
    assert np.abs(painted - before).max() < 60, "nor when it is painted anew"
    assert (np.abs(painted - before) > 8).mean() < 1e-3


def test_ink_is_painted_as_the_network_will_see_it(qtbot):
    uneven = Mark(((4.0, 8.0), (14.0, 10.0), (24.0, 8.0)), 1.5, widths=(0.5, 1.6, 0.7))
    even = Mark(((4.0, 18.0), (24.0, 22.0)), 1.2)
    cut = Mark(((9.0, 4.0), (9.0, 24.0)), 1.0, erases=True, widths=(0.5, 1.5))
    scene = Scene(Drawing((uneven, even, cut)), framed=False)
    fine = rasterize(scene.drawing, 28 * UNIT, centred=False) > 0.5
    shown = picture(fresh(qtbot, scene, LIGHT)) < 128
    assert (fine != shown).mean() < 0.004


def test_a_scene_that_comes_while_the_pen_is_down_keeps_the_stroke(canvas, told):
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=at(canvas, 8, 14))
    QTest.mouseMove(canvas, at(canvas, 12, 14))
    canvas.show_scene(Scene(Drawing((Mark(((14.0, 24.0),)),))))
    shown = picture(canvas)
    assert shown[14 * UNIT, 10 * UNIT] == 255
    assert shown[24 * UNIT, 14 * UNIT] == 255
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=at(canvas, 12, 14))
    assert len(told.made) == 1


_SCRIPT = """
import sys
sys.path.insert(0, {tests!r})
from PySide6.QtWidgets import QApplication
application = QApplication([])
import numpy as np
from capsviz.data.drawing import Drawing, rasterize
from capsviz.gui.input.canvas import Canvas
from tests.qt import SEVEN, THREE, draw
from tests.test_canvas import UNIT, circle
canvas, marks = Canvas(), []
canvas.setFixedSize(28 * UNIT, 28 * UNIT)
canvas.mark_made.connect(marks.append)
canvas.show()
assert canvas.devicePixelRatioF() == {factor}
for points in (THREE, SEVEN, circle(60)):
    draw(canvas, points)
drawing = Drawing(tuple(marks))
np.save({out!r}, [rasterize(drawing), rasterize(drawing, centred=False)])
"""


def test_a_drawing_is_the_same_on_screens_of_any_density(tmp_path):
    images = []
    for factor in (1, 1.25, 1.5, 2, 3):
        out = str(tmp_path / f"{factor}.npy")
        code = _SCRIPT.format(tests=os.getcwd(), factor=factor, out=out)
        settings = {"QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": str(factor)}
        subprocess.run((sys.executable, "-c", code), env={**os.environ, **settings}, check=True)
        images.append(np.load(out))
    assert images[0].max() > 0.99
    for image in images[1:]:
        assert np.abs(image - images[0]).max() <= 1 / 255


# the pen of a tablet


def test_pressure_makes_the_line_wide(canvas, told):
    points = [(4 + i, 14) for i in range(20)]
    assert stroke_with_pen(canvas, points, [i / 19 for i in range(20)]), "else mice would draw too"
    (mark,) = told.made
    assert len(mark.widths) == len(mark.points)
    assert mark.widths[0] == 0.5
    assert mark.widths[-1] > 1.4
    assert max(np.diff(mark.widths)) < 0.1
    lit = (picture(canvas) > 128).sum(0)
    across = [lit[round(x * UNIT)] / UNIT for x in (5, 10, 15, 22)]
    seen = [2.4 * np.interp(x, [p[0] for p in mark.points], mark.widths) for x in (5, 10, 15, 22)]
    assert across == pytest.approx(seen, abs=2.5 / UNIT)


def test_ink_of_varying_width_never_moves(qtbot, canvas, told):
    points = circle(60, 1.2)
    QApplication.sendEvent(canvas, pen(Event.TabletPress, *points[0], 0.2))
    before = picture(canvas)
    for i, point in enumerate(points[1:]):
        QApplication.sendEvent(canvas, pen(Event.TabletMove, *point, 0.5 + 0.5 * math.sin(i / 5)))
        now = picture(canvas)
        assert (before - now).max() < 60, "hardly a quarter of a pixel"
        assert (before - now > 8).sum() < 20
        before = now
    QApplication.sendEvent(canvas, pen(Event.TabletRelease, *points[-1], 0.0))
    painted = picture(fresh(qtbot, Scene(Drawing((told.made[0],)))))
    assert np.abs(painted - picture(canvas)).max() < 60


def test_the_pen_s_other_end_erases(canvas, told):
    stroke_with_pen(canvas, [(4, 14), (10, 14), (24, 14)], [0.5, 0.5, 0.5])
    stroke_with_pen(canvas, [(14, 8), (14, 14), (14, 20)], [0.5, 0.5, 0.5], kind="Eraser")
    assert [mark.erases for mark in told.made] == [False, True]
    shown = picture(canvas)
    assert shown[14 * UNIT, 8 * UNIT] == 255
    assert shown[14 * UNIT, 14 * UNIT] < 30


def test_a_pen_that_feels_no_pressure_draws_evenly(canvas, told):
    stroke_with_pen(canvas, [(4, 14), (10, 14), (24, 14)], [0, 0, 0], feels=False)
    assert told.made[0].widths == ()


def hover(canvas, x, y):
    event = pen(Event.TabletMove, x, y, 0)
    event = QTabletEvent(
        event.type(), event.pointingDevice(), event.position(), event.position(),
        0, 0, 0, 0, 0, 0, Qt.KeyboardModifier.NoModifier, Qt.MouseButton.NoButton,
        Qt.MouseButton.NoButton,
    )  # fmt: skip
    QApplication.sendEvent(canvas, event)


def test_a_hovering_pen_draws_nothing(canvas, told):
    hover(canvas, 5, 5)
    assert not told.moved
    assert canvas._pointer == QPointF(5 * UNIT, 5 * UNIT), "its ring follows"


def test_a_dot_is_as_thick_as_it_was_pressed(canvas, told):
    stroke_with_pen(canvas, [(14, 14)] * 8, [0.1, 0.5, 0.9, 1, 1, 1, 1, 0])
    (mark,) = told.made
    assert len(set(mark.points)) == 1
    assert max(mark.widths) > 1.5


# fingers


@pytest.fixture(scope="module")
def screen(qapp):
    return QTest.createTouchDevice()


def place(x, y):
    return QPoint(round(x * UNIT), round(y * UNIT))


def test_a_finger_draws_one_mark(canvas, told, screen):
    QTest.touchEvent(canvas, screen).press(0, place(*THREE[0]), canvas).commit()
    for point in THREE[1:]:
        QTest.touchEvent(canvas, screen).move(0, place(*point), canvas).commit()
    QTest.touchEvent(canvas, screen).release(0, place(*THREE[-1]), canvas).commit()
    assert len(told.made) == 1
    assert told.made[0].points[0] == THREE[0]
    assert told.made[0].points[-1] == pytest.approx(THREE[-1])
    assert told.dropped == 0


def test_a_tap_is_a_dot(canvas, told, screen):
    QTest.touchEvent(canvas, screen).press(0, place(9, 9), canvas).commit()
    QTest.touchEvent(canvas, screen).release(0, place(9, 9), canvas).commit()
    assert [mark.points for mark in told.made] == [((9.0, 9.0),)]


@pytest.mark.parametrize("apart", [False, True], ids=["at once", "one after the other"])
def test_two_fingers_make_no_scribble(canvas, told, screen, apart):
    empty = picture(canvas)
    if apart:
        QTest.touchEvent(canvas, screen).press(0, place(8, 14), canvas).commit()
        QTest.touchEvent(canvas, screen).move(0, place(9, 14), canvas).commit()
        QTest.touchEvent(canvas, screen).stationary(0).press(1, place(20, 14), canvas).commit()
    else:
        both = QTest.touchEvent(canvas, screen).press(0, place(8, 14), canvas)
        both.press(1, place(20, 14), canvas).commit()
    for x in (3, 6):
        both = QTest.touchEvent(canvas, screen).move(0, place(8 - x, 14), canvas)
        both.move(1, place(20 + x, 14), canvas).commit()
    both = QTest.touchEvent(canvas, screen).release(0, place(2, 14), canvas)
    both.release(1, place(26, 14), canvas).commit()
    assert told.made == []
    assert told.dropped == apart
    assert np.array_equal(picture(canvas), empty)


def test_a_hand_laid_down_late_does_not_spoil_the_stroke(canvas, told, screen):
    QTest.touchEvent(canvas, screen).press(0, place(4, 14), canvas).commit()
    QTest.touchEvent(canvas, screen).move(0, place(14, 14), canvas).commit()
    QTest.touchEvent(canvas, screen).stationary(0).press(1, place(22, 25), canvas).commit()
    QTest.touchEvent(canvas, screen).move(0, place(20, 14), canvas).stationary(1).commit()
    last = QTest.touchEvent(canvas, screen).release(0, place(20, 14), canvas)
    last.release(1, place(22, 25), canvas).commit()
    (mark,) = told.made
    assert mark.points[-1] == (20, 14)
    assert max(y for _, y in mark.points) < 15


# several hands


def lead_pen(canvas, event, *places):
    for place in places:
        QApplication.sendEvent(canvas, pen(event, *place, 0.5))


def ends(mark):
    return mark.points[0], mark.points[-1]


def test_a_palm_beside_the_pen_draws_nothing(canvas, told, screen):
    lead_pen(canvas, Event.TabletPress, (8, 6))
    lead_pen(canvas, Event.TabletMove, (12, 6))
    QTest.touchEvent(canvas, screen).press(0, place(25, 25), canvas).commit()
    QTest.touchEvent(canvas, screen).move(0, place(24, 25), canvas).commit()
    lead_pen(canvas, Event.TabletMove, (16, 6))
    QTest.touchEvent(canvas, screen).release(0, place(24, 25), canvas).commit()
    lead_pen(canvas, Event.TabletMove, (20, 6))
    assert told.made == []
    lead_pen(canvas, Event.TabletRelease, (20, 6))
    (mark,) = told.made
    assert ends(mark) == ((8, 6), (20, 6))
    assert max(y for _, y in mark.points) < 7
    assert told.dropped == 0


def test_a_palm_that_rests_before_the_pen_is_taken_back(canvas, told, screen):
    QTest.touchEvent(canvas, screen).press(0, place(25, 25), canvas).commit()
    lead_pen(canvas, Event.TabletPress, (8, 6))
    assert told.dropped == 1
    lead_pen(canvas, Event.TabletMove, (12, 6))
    QTest.touchEvent(canvas, screen).move(0, place(24, 25), canvas).commit()
    lead_pen(canvas, Event.TabletMove, (20, 6))
    lead_pen(canvas, Event.TabletRelease, (20, 6))
    QTest.touchEvent(canvas, screen).move(0, place(20, 20), canvas).commit()
    QTest.touchEvent(canvas, screen).release(0, place(20, 20), canvas).commit()
    (mark,) = told.made
    assert ends(mark) == ((8, 6), (20, 6))
    assert len(mark.widths) == len(mark.points), "its pressure is felt"


def test_a_palm_that_was_refused_is_no_gesture_later(canvas, told, screen):
    """Its touch goes on after the pen's stroke, while the mouse draws, and a finger joins it."""
    lead_pen(canvas, Event.TabletPress, (8, 6))
    QTest.touchEvent(canvas, screen).press(0, place(25, 25), canvas).commit()
    lead_pen(canvas, Event.TabletRelease, (8, 6))
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=at(canvas, 9, 9))
    QTest.touchEvent(canvas, screen).move(0, place(20, 25), canvas).commit()
    QTest.touchEvent(canvas, screen).stationary(0).press(1, place(5, 25), canvas).commit()
    both = QTest.touchEvent(canvas, screen).release(0, place(20, 25), canvas)
    both.release(1, place(5, 25), canvas).commit()
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=at(canvas, 12, 9))
    assert told.dropped == 0
    assert [ends(mark) for mark in told.made] == [((8, 6), (8, 6)), ((9, 9), (12, 9))]


@pytest.mark.parametrize("is_lost", [False, True], ids=["lives", "lost"])
def test_the_mouse_begins_its_own_stroke_beside_a_pen(canvas, told, is_lost):
    lead_pen(canvas, Event.TabletPress, (8, 6))
    lead_pen(canvas, Event.TabletMove, (12, 6))
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=at(canvas, 24, 24))
    if not is_lost:
        lead_pen(canvas, Event.TabletMove, (16, 6))
        lead_pen(canvas, Event.TabletRelease, (16, 6))
    QTest.mouseMove(canvas, at(canvas, 22, 24))
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=at(canvas, 20, 24))
    first, second = told.made
    assert first.points[0] == (8, 6)
    assert max(x for x, _ in first.points) < 13
    assert ends(second) == ((24, 24), (20, 24))
    assert second.widths == (), "a mouse presses evenly"


def test_a_pen_ends_what_a_lost_one_or_the_mouse_left_open(canvas, told):
    lead_pen(canvas, Event.TabletPress, (8, 6))
    stroke_with_pen(canvas, [(9, 20), (12, 20), (14, 20)], [0.5, 0.5, 0.5])
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=at(canvas, 3, 3))
    stroke_with_pen(canvas, [(9, 24), (12, 24), (14, 24)], [0.5, 0.5, 0.5])
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=at(canvas, 20, 3))
    dot, line, press, other = map(ends, told.made)
    assert (dot, line) == (((8, 6), (8, 6)), ((9, 20), (14, 20)))
    assert (press, other) == (((3, 3), (3, 3)), ((9, 24), (14, 24)))


def test_a_pen_that_hovers_again_was_lifted(canvas, told):
    lead_pen(canvas, Event.TabletPress, (8, 6))
    lead_pen(canvas, Event.TabletMove, (12, 6))
    hover(canvas, 20, 20)
    (mark,) = told.made
    assert max(y for _, y in mark.points) < 7


def test_another_button_during_a_pen_s_stroke_goes_on_with_it(canvas, told):
    lead_pen(canvas, Event.TabletPress, (8, 6))
    event = pen(Event.TabletPress, 12, 6, 0.5)
    both = Qt.MouseButton.LeftButton | Qt.MouseButton.RightButton
    event = QTabletEvent(
        event.type(), event.pointingDevice(), event.position(), event.position(),
        0.5, 0, 0, 0, 0, 0, Qt.KeyboardModifier.NoModifier, Qt.MouseButton.RightButton, both,
    )  # fmt: skip
    QApplication.sendEvent(canvas, event)
    lead_pen(canvas, Event.TabletRelease, (16, 6))
    assert [ends(mark) for mark in told.made] == [((8, 6), (16, 6))]


# keys


def test_keys_draw(canvas, told):
    canvas.setFocus(Qt.FocusReason.TabFocusReason)
    keys(canvas, "Up", times=4)
    keys(canvas, "Left", times=2, shift=True)
    assert not told.moved
    keys(canvas, "Space")
    keys(canvas, "Right", times=8)
    keys(canvas, "Down", times=6)
    assert len(told.made) == 0
    keys(canvas, "Space")
    (mark,) = told.made
    assert mark.points[0] == (10, 12)
    assert mark.points[-1] == (14, 15)
    assert min(math.dist(point, (14, 12)) for point in mark.points) == 0


def test_two_arrows_held_lead_aslant(canvas, told):
    keys(canvas, "Space")
    QTest.keyPress(canvas, Key.Key_Right)
    QTest.keyPress(canvas, Key.Key_Down)
    QTest.keyPress(canvas, Key.Key_Down)
    QTest.keyRelease(canvas, Key.Key_Right)
    QTest.keyRelease(canvas, Key.Key_Down)
    keys(canvas, "Space")
    assert told.made[0].points[-1] == (15.5, 15)


def test_escape_takes_the_line_back(canvas, told):
    empty = picture(canvas)
    keys(canvas, "Space", "Right", "Right", "Escape")
    keys(canvas, "Right", "Space", "Space")
    assert told.dropped == 1
    assert len(told.made) == 1
    assert len(told.made[0].points) == 1
    assert not np.array_equal(picture(canvas), empty)


def test_the_pen_of_the_keys_is_seen_and_said(canvas):
    before = picture(canvas)
    keys(canvas, "Left")
    assert "up at 13.5 across, 14.0 down" in canvas.accessibleDescription()
    up = picture(canvas)
    assert not np.array_equal(up, before)
    keys(canvas, "Space")
    assert "down at 13.5" in canvas.accessibleDescription()
    assert "Space" in canvas.accessibleDescription()
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=at(canvas, 3, 3))
    assert "Escape" in canvas.whatsThis()


def test_the_pen_of_the_keys_stays_on_the_canvas(canvas):
    keys(canvas, "Left", times=20, shift=True)
    assert "at 0.0 across" in canvas.accessibleDescription()


def test_the_mouse_ends_a_line_of_the_keys(canvas, told):
    keys(canvas, "Space", "Right")
    draw(canvas, SEVEN)
    assert len(told.made) == 2


def test_hidden_or_left_the_canvas_lifts_its_pen(canvas, told):
    canvas.activateWindow()
    canvas.setFocus()
    keys(canvas, "Space", "Right")
    canvas.clearFocus()
    assert len(told.made) == 1
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=at(canvas, 9, 9))
    canvas.hide()
    assert len(told.made) == 2
    assert told.dropped == 0


# hints


def ringed(canvas, x, y):
    """Whether a thin ring is seen round a place, and not only where ink ends."""
    image = canvas.grab().toImage()
    row = [image.pixelColor(round(x * UNIT) + r, round(y * UNIT)).lightness() for r in range(40)]
    return any(row[r] > 30 + max(row[r - 3], row[r + 3]) for r in range(18, 30))


PRESSES = {"left": Qt.MouseButton.LeftButton, "right": Qt.MouseButton.RightButton}


@pytest.mark.parametrize("way", ["left", "right", "Pen", "Eraser"])
@pytest.mark.parametrize("tool", ["pen", "eraser"])
def test_a_ring_shows_what_is_erased(canvas, tool, way):
    canvas.set_pen(1.0, tool == "eraser")
    if way in PRESSES:
        QTest.mousePress(canvas, PRESSES[way], pos=at(canvas, 9, 9))
        QTest.mouseMove(canvas, at(canvas, 9, 9))
    else:
        QApplication.sendEvent(canvas, pen(Event.TabletPress, 9, 9, 0.5, kind=way))
    is_ringed = ringed(canvas, 9, 9)
    if way in PRESSES:
        QTest.mouseRelease(canvas, PRESSES[way], pos=at(canvas, 9, 9))
    assert is_ringed == (tool == "eraser" or way in ("right", "Eraser"))


@pytest.mark.parametrize(("factor", "side"), [(1.25, 180), (1.5, 222), (2.0, 142), (2.0, 440)])
def test_larger_words_of_the_invitation_stay_on_the_canvas(qapp, canvas, factor, side):
    try:
        set_zoom(qapp, factor)
        canvas.setFixedSize(side, side)
        bright = picture(canvas) > 120
    finally:
        set_zoom(qapp, 1)
    rows, columns = (np.flatnonzero(bright.any(axis)) for axis in (1, 0))
    assert rows.min() >= 4, "and the outline of a three is dark"
    assert rows.max() < side - 4
    assert columns.min() >= 4
    assert columns.max() < side - 4
    assert bright.any()


def test_the_empty_canvas_invites_and_the_first_touch_ends_it(canvas):
    invitation = picture(canvas)
    assert (invitation[21 * UNIT :] > 150).any(), "a sentence"
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=at(canvas, 2, 2))
    inked = picture(canvas)
    assert inked[4 * UNIT :, 4 * UNIT :].max() < 20
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=at(canvas, 2, 2))


def test_the_invitation_comes_back_when_there_was_nothing_to_erase(qtbot, canvas):
    canvas.set_pen(1.0, erases=True)
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(90, 90))
    QTest.mouseMove(canvas, QPoint(190, 190))
    QApplication.processEvents()
    painted = Painted(canvas)
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(190, 190))
    qtbot.waitUntil(lambda: canvas.rect() in painted.areas)  # a session makes no step of it


class Painted(QObject):
    """What Qt had painted of a widget."""

    def __init__(self, widget):
        super().__init__(widget)
        self.areas = []
        widget.installEventFilter(self)

    def eventFilter(self, _watched, event):
        if event.type() == Event.Paint:
            self.areas.append(event.rect())
        return False


def test_the_rim_lights_up_while_a_picture_hovers(canvas):
    without = picture(canvas)
    canvas.show_offer(True)
    assert (picture(canvas) != without).any()
    canvas.show_offer(False)
    assert (picture(canvas) == without).all()


def test_a_receptive_field_lights_up_where_it_lies_on_the_drawing(canvas):
    drawing = Drawing((Mark(((15.0, 3.0), (15.0, 13.0)), 0.5),))
    canvas.show_scene(Scene(drawing))
    plain = picture(canvas)
    framing = framing_of(drawing)
    canvas.show_pointed((0, 9, 9, framing, 28))
    shown = picture(canvas)
    rim = (9 - framing.offset_y) / framing.scale
    assert 5 < rim < 9
    x = 15 * UNIT
    assert shown[round((rim - 1) * UNIT), x] == plain[round((rim - 1) * UNIT), x] == 255
    assert shown[round((rim + 1) * UNIT), x] < 200
    canvas.show_pointed(None)
    assert np.array_equal(picture(canvas), plain)


def test_a_field_of_an_unframed_drawing_lies_where_its_pixels_do(canvas):
    canvas.show_scene(Scene(Drawing((Mark(((0.0, 14.0), (28.0, 14.0)), 3.0),)), framed=False))
    canvas.show_pointed((10, 6, 9, Framing(1.0, 0.0, 0.0), 28))
    shown = picture(canvas)[14 * UNIT]
    assert shown[7 * UNIT] == shown[14 * UNIT] == 255
    assert shown[5 * UNIT] < 200
    assert shown[16 * UNIT] < 200


def test_the_frame_is_shown_only_while_drawings_are_left_in_place(canvas):
    mark = Mark(((14.0, 14.0),))
    canvas.show_scene(Scene(Drawing((mark,))))
    framed = picture(canvas)
    canvas.show_scene(Scene(Drawing((mark,)), framed=False))
    left = picture(canvas)
    assert (left[4 * UNIT - 1 : 4 * UNIT + 2] != framed[4 * UNIT - 1 : 4 * UNIT + 2]).any()
    assert np.array_equal(left[:UNIT], framed[:UNIT])
