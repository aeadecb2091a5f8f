"""The pose card: what its sliders, buttons and films show, and what a person asks by them."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QHelpEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QSlider, QToolButton, QToolTip

from capsviz.explore.answers import PoseStatistics, Redrawing
from capsviz.explore.describe import Effect
from capsviz.gui.look.export import picture_of
from capsviz.gui.look.theme import DARK, GRID, LIGHT
from capsviz.gui.pose.groove import spread_of
from capsviz.gui.pose.panel import PosePanel
from capsviz.gui.pose_edit import Pose

INFERRED = np.array([0.1, -0.2, 0.3, 0.0], np.float32)
LEFT = Qt.MouseButton.LeftButton
EFFECTS = (
    Effect("thickness", 1, 0.8),
    Effect("mixed", 0, 0.3),
    Effect("slant", -1, 0.6),
    Effect("little", 0, 0.0),
)


def pose_of(digit=3, **moved):
    values = INFERRED.copy()
    for name, value in moved.items():
        values[int(name[1:])] = value
    return Pose(digit, INFERRED, values)


def film(digit=3, value=0.0):
    pose = np.full(4, value, np.float32)
    return Redrawing(digit, pose, np.full((28, 28), abs(value), np.float32))


@pytest.fixture
def statistics():
    """Each number of each capsule evenly between -0.3 and 0.5."""
    row = np.linspace(-0.3, 0.5, 101, dtype=np.float32)
    return PoseStatistics(np.tile(row, (10, 4, 1)), 500)


@pytest.fixture
def panel(qtbot):
    made = PosePanel()
    qtbot.addWidget(made)
    made.resize(330, 400)
    made.show()
    qtbot.waitExposed(made)
    return made


@pytest.fixture
def posed(panel, statistics):
    panel.show_statistics(statistics)
    panel.show_effects(EFFECTS)
    panel.show_pose(pose_of())
    return panel


def slider(panel, dimension):
    return panel.findChild(QSlider, f"pose-slider-{dimension}")


def button(panel, name):
    return panel.findChild(QToolButton, f"pose-{name}")


def place(panel, dimension, value):
    """The pixel of a number in its row."""
    groove = slider(panel, dimension).groove
    return QPoint(round(groove.x(value)), round(groove.middle))


def collect(signal):
    calls = []

    def keep(*values):
        calls.append(values)

    signal.connect(keep)
    return calls


@pytest.fixture
def tip_at(monkeypatch):
    """A function that points at a place of a widget and returns the tooltip there."""
    shown = []

    def show(_place, text, _widget):
        shown.append(text)

    def point(widget, position):
        help_event = QHelpEvent(QEvent.Type.ToolTip, position, widget.mapToGlobal(position))
        QApplication.sendEvent(widget, help_event)
        return shown[-1]

    monkeypatch.setattr(QToolTip, "showText", show)  # the offscreen platform cannot raise one
    return point


def turn_wheel(widget, angle):
    middle = QPointF(widget.rect().center())
    wheel = QWheelEvent(
        middle,
        QPointF(widget.mapToGlobal(widget.rect().center())),
        QPoint(),
        QPoint(0, angle),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, wheel)


def colours(widget, area):
    """All colours of a part of what is on screen."""
    picture = widget.grab(area).toImage()
    size = picture.size()
    return {
        picture.pixelColor(x, y).name() for x in range(size.width()) for y in range(size.height())
    }


# what is shown


def test_without_a_digit_every_control_rests(panel):
    assert len(panel.findChildren(QSlider)) == 16
    assert not any(row.isEnabled() for row in panel.findChildren(QSlider))
    assert not button(panel, "random").isEnabled()
    assert not button(panel, "animate").isEnabled()
    assert not panel.films.isVisible()
    assert panel.summary() == "No digit is drawn, so there is no pose"
    assert panel.table() is None


def test_there_is_one_slider_for_each_number(posed):
    shown = [row for row in posed.findChildren(QSlider) if row.isVisible()]
    assert [row.value() for row in shown] == [100, -200, 300, 0]
    assert all(row.isEnabled() for row in shown)


def test_a_network_of_more_dimensions_gets_more_sliders_and_they_scroll(posed, qtbot):
    many = np.zeros(40, np.float32)
    posed.show_pose(Pose(1, many, many))
    assert slider(posed, 39).isVisible()
    assert slider(posed, 39).accessibleName() == "Dimension 40"
    qtbot.waitUntil(lambda: posed.sliders.verticalScrollBar().maximum() > 0)
    before = slider(posed, 2).value()
    turn_wheel(slider(posed, 2), 120)  # scrolls, as long as the slider is not the one in use
    assert slider(posed, 2).value() == before


def test_names_tell_dimension_and_effect(posed):
    assert slider(posed, 0).accessibleName() == "Dimension 1, thickness"
    posed.show_effects(None)
    assert slider(posed, 0).accessibleName() == "Dimension 1"


def test_the_tooltip_tells_value_inferred_percentile_and_effect(posed, tip_at):
    posed.show_pose(pose_of(d0=0.26))
    tip = tip_at(slider(posed, 0), QPoint(60, 8))
    assert "0.260" in tip
    assert "routing found 0.100" in tip
    assert "percentile 70" in tip
    assert "thickness ↑ (80%" in tip
    assert "Backspace" in tip
    assert "several things" in tip_at(slider(posed, 1), QPoint(60, 8))


def test_numbers_beyond_the_distribution_are_amber(posed):
    row = slider(posed, 3)
    assert DARK.digits[3] in colours(row, row.rect())
    assert DARK.warning not in colours(row, row.rect())
    posed.show_pose(pose_of(d3=-0.32))
    assert DARK.warning in colours(row, row.rect())


def test_the_handle_takes_the_digits_colour_of_the_theme(posed):
    posed.set_theme(LIGHT)
    posed.show_pose(pose_of(digit=7))
    row = slider(posed, 1)
    assert LIGHT.digits[7] in colours(row, row.rect())


def test_the_mark_stays_where_routing_put_the_number(posed):
    row, at = slider(posed, 0), place(posed, 0, 0.1)
    above_the_handle = QRect(at.x() - 1, at.y() - 8, 3, 2)
    beside = above_the_handle.translated(-40, 0)
    posed.show_statistics(None)
    for value in (0.1, 0.3):
        posed.show_pose(pose_of(d0=value))
        assert len(colours(row, above_the_handle)) > 1
        assert colours(row, beside) == {row.palette().window().color().name()}


def test_the_reach_is_the_papers_or_one_for_all_rows(posed):
    assert [(row.minimum(), row.maximum()) for row in posed.sliders.rows[:2]] == [
        (-150, 350),
        (-450, 50),
    ]
    button(posed, "wide").click()
    assert {(row.minimum(), row.maximum()) for row in posed.sliders.rows[:4]} == {(-600, 600)}
    posed.show_pose(pose_of(d2=0.93))
    assert slider(posed, 0).maximum() == 1000
    button(posed, "wide").click()
    assert slider(posed, 2).value() == 930  # within reach, however far it was moved
    assert slider(posed, 2).minimum() == -330


@pytest.mark.parametrize(("way", "value"), [(1, 0.93), (-1, -0.33)])
def test_a_number_beyond_the_reach_of_the_others_is_marked_and_told(posed, tip_at, way, value):
    row = slider(posed, 2)  # found at 0.3
    posed.show_statistics(None)
    handle = QRect(0, 0, 16, 16)
    pictures = []
    for at in (0.3 + 0.25 * way, value):
        posed.show_pose(pose_of(d2=at))
        handle.moveCenter(place(posed, 2, at))
        pictures.append(row.grab(handle).toImage())
        beyond = "beyond ±0.25" in tip_at(row, QPoint(60, 8))
        assert beyond == (at == value)
        assert DARK.digits[3] in colours(row, handle)
    assert pictures[0] != pictures[1], "both stand at the end of the groove"
    button(posed, "wide").click()
    assert "beyond" not in tip_at(row, QPoint(60, 8))


def test_the_summary_tells_what_was_moved(posed):
    assert posed.summary() == "4 numbers of capsule 3, length 0.37, as routing found them"
    posed.show_pose(pose_of(d1=0.25))
    assert "dimension 2 from −0.200 to 0.250" in posed.summary()
    assert posed.accessibleDescription() == posed.summary()


def test_the_table_has_every_number(posed):
    table = posed.table()
    assert table.columns == ("digit", "dimension", "value", "inferred", "percentile", "effect")
    assert table.rows[0] == (
        posed._pose.digit,
        1,
        pytest.approx(0.1),
        pytest.approx(0.1),
        50.0,
        "thickness ↑",
    )
    assert len(table.rows) == 4
    posed.show_statistics(None)
    posed.show_effects(None)
    assert posed.table().rows[0][4:] == ("", "")


def test_statistics_of_another_network_are_not_shown(panel):
    panel.show_statistics(PoseStatistics(np.zeros((10, 16, 101), np.float32), 500))
    panel.show_pose(pose_of())
    assert slider(panel, 0).spread is None
    assert not button(panel, "random").isEnabled()
    assert "no pose statistics" in button(panel, "random").toolTip()
    panel.show_pose(None)
    assert "no pose statistics" not in button(panel, "random").toolTip()


def test_a_distribution_without_width_is_drawn_as_nothing(posed):
    flat = PoseStatistics(np.full((10, 4, 101), 0.1, np.float32), 1)
    posed.show_statistics(flat)
    assert slider(posed, 0).spread.outline.isEmpty()
    assert slider(posed, 0).is_usual
    assert not slider(posed, 1).is_usual


def test_the_outline_is_widest_where_numbers_are_most_common():
    levels = np.linspace(0, 1, 101)
    spread = spread_of(np.interp(levels, [0, 0.1, 0.9, 1], [-1, 0.2, 0.3, 1]).astype(np.float32))
    outline = spread.outline
    points = [outline.elementAt(index) for index in range(outline.elementCount())]
    widest = max(points, key=lambda point: point.y)
    assert 0.15 < widest.x < 0.35
    assert outline.boundingRect().height() == pytest.approx(2)


def test_code_never_speaks_for_the_person(posed, statistics):
    names = ("gesture_begun", "dimension_moved", "dimension_reset", "reset_asked", "lock_asked")
    names += ("random_asked", "animate_asked", "stop_asked", "film_chosen")
    calls = [collect(getattr(posed, name)) for name in names]
    posed.show_pose(pose_of(d0=0.2))
    posed.show_pose(pose_of(digit=5))
    posed.show_statistics(statistics)
    posed.show_films((film(5, 0.5),))
    posed.show_locked(True)
    posed.show_animated(True)
    posed.show_animated(False)
    posed.set_theme(LIGHT)
    posed.show_pose(None)
    assert not any(calls)


# what is asked


def test_setting_a_slider_moves_the_dimension(posed):
    moves = collect(posed.dimension_moved)
    slider(posed, 2).setValue(412)
    assert moves == [(2, 0.412)]


def test_a_drag_is_one_gesture_and_many_moves(posed):
    begun, moves = collect(posed.gesture_begun), collect(posed.dimension_moved)
    row = slider(posed, 1)
    QTest.mousePress(row, LEFT, pos=place(posed, 1, -0.2))
    for value in (-0.1, -0.05, 0.0):
        QTest.mouseMove(row, place(posed, 1, value))
    QTest.mouseRelease(row, LEFT, pos=place(posed, 1, 0.0))
    assert len(begun) == 1
    assert [dimension for dimension, _ in moves] == [1, 1, 1]
    assert moves[-1][1] == pytest.approx(0.0, abs=0.005)
    QTest.mouseMove(row, place(posed, 1, -0.1))
    assert len(moves) == 3


def test_a_press_in_the_groove_goes_there_and_beside_it_nowhere(posed):
    moves = collect(posed.dimension_moved)
    QTest.mouseClick(slider(posed, 0), LEFT, pos=place(posed, 0, 0.3))
    assert moves[0][1] == pytest.approx(0.3, abs=0.005)
    QTest.mouseClick(slider(posed, 0), LEFT, pos=QPoint(50, 8))
    assert len(moves) == 1


def test_a_drag_stops_at_the_end_of_the_groove(posed):
    row = slider(posed, 0)
    QTest.mousePress(row, LEFT, pos=place(posed, 0, 0.1))
    QTest.mouseMove(row, QPoint(5000, 5))
    QTest.mouseRelease(row, LEFT)
    assert row.value() == row.maximum() == 350


def test_a_double_click_or_backspace_resets(posed):
    resets = collect(posed.dimension_reset)
    QTest.mouseDClick(slider(posed, 2), LEFT, pos=place(posed, 2, 0.3))
    QTest.keyClick(slider(posed, 1), Qt.Key.Key_Backspace)
    assert resets == [(2,), (1,)]


@pytest.mark.parametrize(
    ("key", "step"),
    [
        (Qt.Key.Key_Right, 5),
        (Qt.Key.Key_Left, -5),
        (Qt.Key.Key_PageUp, 25),
        (Qt.Key.Key_PageDown, -25),
        (Qt.Key.Key_End, 250),
    ],
)
def test_keys_step(posed, key, step):
    moves = collect(posed.dimension_moved)
    QTest.keyClick(slider(posed, 0), key)
    assert moves == [(0, pytest.approx(0.1 + step / 1000))]


def test_the_wheel_steps_finely_and_gathers_parts_of_notches(posed):
    moves = collect(posed.dimension_moved)
    turn_wheel(slider(posed, 3), 60)
    assert not moves
    turn_wheel(slider(posed, 3), 60)
    assert moves == [(3, 0.005)]


def test_coming_to_a_slider_by_keyboard_begins_a_gesture(posed, qtbot):
    posed.activateWindow()
    begun = collect(posed.gesture_begun)
    slider(posed, 0).setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(slider(posed, 0).hasFocus)
    assert len(begun) == 1
    assert "routing found 0.100" in slider(posed, 0).accessibleDescription()
    posed.show_pose(pose_of(d0=0.2))
    assert "0.200" in slider(posed, 0).accessibleDescription()


def test_the_buttons_ask(posed):
    asked = [collect(posed.reset_asked), collect(posed.random_asked), collect(posed.lock_asked)]
    for name in ("reset", "random", "lock", "lock"):
        button(posed, name).click()
    assert asked == [[()], [()], [(True,), (False,)]]


def test_animation_is_of_all_in_turn_or_of_the_one_in_use(posed, qtbot):
    asked, stopped = collect(posed.animate_asked), collect(posed.stop_asked)
    button(posed, "animate").click()
    assert asked == [((0, 1, 2, 3),)]
    button(posed, "animate").click()
    assert stopped == [()]
    posed.activateWindow()
    slider(posed, 2).setFocus()
    qtbot.waitUntil(slider(posed, 2).hasFocus)
    one, _ = button(posed, "animate-choice").menu().actions()
    one.trigger()
    assert asked[-1] == ((2,),)


def test_the_animation_button_follows_the_animation(posed):
    posed.show_animated(True)
    assert button(posed, "animate").isChecked()
    posed.show_animated(False)
    assert not button(posed, "animate").isChecked()


# films


def test_films_of_this_capsule_stand_below_the_rows(posed):
    assert not posed.films.isVisible()
    posed.show_films((film(3, 0.1), film(8, 0.2), film(3, 0.3)))
    assert posed.films.isVisible()
    assert [shown.pose[0] for shown in posed.films.films] == pytest.approx([0.1, 0.3])
    posed.show_pose(None)
    assert not posed.films.isVisible()


def test_rows_keep_their_places_when_the_first_film_comes(posed):
    before = slider(posed, 3).mapTo(posed, QPoint())
    posed.show_films((film(),))
    QApplication.processEvents()
    assert slider(posed, 3).mapTo(posed, QPoint()) == before


def test_a_click_takes_an_earlier_pose(posed, tip_at):
    chosen = collect(posed.film_chosen)
    posed.show_films((film(value=0.1), film(value=0.2)))
    QTest.mouseClick(posed.films, LEFT, pos=QPoint(10, 20))
    QTest.mouseClick(posed.films, LEFT, pos=QPoint(320, 20))  # beside the last
    assert len(chosen) == 1
    assert chosen[0][0] == pytest.approx(np.full(4, 0.1))
    assert "Drawing 1 of 2" in tip_at(posed.films, QPoint(10, 20))


def test_films_are_chosen_by_keys_and_the_newest_are_in_sight(posed):
    chosen = collect(posed.film_chosen)
    posed.show_films(tuple(film(value=step / 12) for step in range(12)))
    QTest.mouseClick(posed.films, LEFT, pos=QPoint(10, 20))
    assert chosen[-1][0][0] == pytest.approx(5 / 12)  # seven fit
    for key in (Qt.Key.Key_Home, Qt.Key.Key_Right, Qt.Key.Key_Return):
        QTest.keyClick(posed.films, key)
    assert chosen[-1][0][0] == pytest.approx(1 / 12)
    turn_wheel(posed.films, -12000)
    QTest.mouseClick(posed.films, LEFT, pos=QPoint(10, 20))
    assert chosen[-1][0][0] == pytest.approx(5 / 12)


def test_a_film_shows_its_drawing(posed):
    posed.show_films((film(value=1.0),))
    assert DARK.ink in colours(posed.films, posed.films.rect())
    posed.set_theme(LIGHT)
    assert LIGHT.ink in colours(posed.films, posed.films.rect())


def test_its_picture_has_every_row_and_nothing_that_is_pressed(posed):
    posed.resize(posed.width(), posed.minimumSizeHint().height())
    rows = [row for row in posed.pictured.findChildren(QSlider) if not row.isHidden()]
    assert len(rows) == len(EFFECTS)
    assert posed.pictured.rect().contains(rows[-1].geometry())
    assert not posed.pictured.isAncestorOf(posed.controls)
    picture = picture_of(posed)
    below_the_caption = 2 * (posed.pictured.height() + 4 * GRID)
    assert below_the_caption < picture.height() < below_the_caption + 2 * 12 * GRID
