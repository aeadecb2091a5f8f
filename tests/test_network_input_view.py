"""What the network sees: the true input, its facts, its frame, and the way into that frame."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QToolButton

from capsviz.data.drawing import Drawing, Mark
from capsviz.gui.input.network_input import NetworkInput
from capsviz.gui.look.theme import DARK, LIGHT
from capsviz.gui.scene import Scene

CORNER = Scene(Drawing((Mark(((3.0, 3.0), (9.0, 4.0), (4.0, 11.0))),)))
MORE = CORNER.with_mark(Mark(((3.0, 7.0), (8.0, 7.0))))
MIDDLE = Scene(Drawing((Mark(((14.0, 5.2), (14.0, 22.8))),)))


@pytest.fixture
def view(qtbot):
    view = NetworkInput()
    qtbot.addWidget(view)
    view.resize(310, 112)
    view.set_theme(DARK)
    view.show()
    qtbot.waitExposed(view)
    return view


@pytest.fixture
def button(view):
    return view.findChild(QToolButton, "framed")


def put(view, scene, size=28):
    """As the session does: the scene, then its input."""
    view.show_scene(scene)
    image = None if scene.is_empty else scene.network_input(size)
    view.show_input(image)
    return image


def words(view):
    return " ".join(label.text() for label in view.findChildren(QLabel))


def picture(view):
    return view.tile.grab().toImage()


def over(qtbot, view):
    if view._ease.is_running:
        with qtbot.waitSignal(
            view._ease.passed, timeout=5000, check_params_cb=lambda image: image is None
        ):
            pass


def test_it_says_what_the_pixels_are(qtbot, view):
    put(view, MIDDLE)
    assert "28 × 28 pixels" in words(view)
    assert "ink 3 × 2" in words(view)
    assert "centre of mass 14.0, 14.0" in words(view)
    assert "centre of mass 14.0, 14.0" in view.accessibleDescription()
    over(qtbot, view)


def test_nothing_drawn_is_said_and_has_no_numbers(view):
    view.show_input(None)
    assert view.tile.values is None
    assert view.table() is None
    assert "framed" in words(view)
    assert "nothing" in view.summary()


@pytest.mark.parametrize("size", [28, 36])
def test_its_numbers_are_the_pixels(view, size):
    image = CORNER.network_input(size)
    view.show_input(image)
    table = view.table()
    assert len(table.columns) == size + 1
    assert np.allclose([row[1:] for row in table.rows], image)


def test_faint_and_no_ink(view):
    view.show_input(np.full((28, 28), 0.01, np.float32))
    assert "faint ink" in words(view)
    view.show_input(np.zeros((28, 28), np.float32))
    assert "no ink" in words(view)


def test_a_click_asks_for_another_frame_and_code_does_not(qtbot, view, button):
    asked = []
    view.framed_changed.connect(asked.append)
    assert button.isChecked()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert asked == [False]
    view.show_framed(True)
    view.show_scene(Scene(framed=False))
    assert not button.isChecked()
    assert asked == [False]
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert asked == [False, True]


def test_the_button_explains_mnist_s_frame(view, button):
    assert "20 of 28" in button.toolTip()
    assert "(14, 14)" in button.toolTip()
    view.show_scene(Scene(ground=np.zeros((28, 28), np.float32)))
    assert not button.isEnabled()
    assert "image" in button.toolTip()
    view.show_scene(CORNER)
    assert button.isEnabled()


def test_the_button_tells_the_frame_of_the_network_that_answers(view, button):
    view.show_size(36, 4)
    assert "20 of 36" in button.toolTip()
    assert "(18, 18)" in button.toolTip()
    digit = Scene(MIDDLE.drawing).network_input(36, 4)
    assert digit.sum(1) @ np.arange(36) / digit.sum() == pytest.approx(18, abs=0.5)
    view.show_size(28, 0)
    assert "(14, 14)" in button.toolTip()


def test_with_nothing_drawn_it_says_what_will_happen(view):
    view.show_input(None)
    assert words(view) == "your digit will be framed as MNIST's digits are "
    view.show_scene(Scene(framed=False))
    assert words(view) == "your digit will stay where you draw it "
    view.show_scene(Scene())
    assert "framed" in words(view)


def test_a_new_stroke_is_seen_moving_into_its_frame(qtbot, view):
    seen = []
    view._ease.passed.connect(seen.append)
    truth = put(view, CORNER)
    assert np.array_equal(view.tile.values, truth), "pointing reads the truth at once"
    over(qtbot, view)
    assert seen[-1] is None
    frames = [frame for frame in seen if frame is not None]
    assert len(frames) > 3
    assert np.array_equal(
        frames[0], CORNER.drawing and Scene(CORNER.drawing, framed=False).network_input(28)
    )
    away = [np.abs(frame - truth).sum() for frame in frames]
    assert away[0] > away[-1]
    final = picture(view)
    view.show_input(truth)
    assert final == picture(view)


def test_while_it_moves_the_tile_shows_the_way(qtbot, view):
    truth = put(view, CORNER)
    on_the_way = picture(view)
    view.show_input(truth)  # any further input shows the truth at once
    assert not view._ease.is_running
    assert picture(view) != on_the_way


def test_the_next_stroke_is_shown_as_it_is_while_the_pen_moves(qtbot, view):
    put(view, CORNER)
    preview = MORE.network_input(28)
    view.show_input(preview)
    assert not view._ease.is_running
    assert np.array_equal(view.tile.values, preview)
    put(view, MORE)
    assert view._ease.is_running
    over(qtbot, view)


@pytest.mark.parametrize("after", [CORNER, Scene()], ids=["undo", "clear"])
def test_undo_and_clear_do_not_move(qtbot, view, after):
    put(view, CORNER)
    put(view, MORE)
    put(view, after)
    assert not view._ease.is_running


def test_a_drawing_that_lies_in_its_frame_does_not_move(view):
    put(view, MIDDLE)
    assert not view._ease.is_running


def test_switching_the_frame_moves_from_where_it_was(qtbot, view):
    put(view, CORNER)
    view._ease.stop()
    seen = []
    view._ease.passed.connect(seen.append)
    truth = put(view, Scene(CORNER.drawing, framed=False))
    assert view._ease.is_running
    over(qtbot, view)
    assert np.array_equal(view.tile.values, truth)
    assert np.abs(seen[0] - CORNER.network_input(28)).max() < 1e-5


def test_nothing_moves_for_who_wants_no_motion(view):
    application = QApplication.instance()
    application.setProperty("reduced-motion", True)
    try:
        put(view, CORNER)
        assert not view._ease.is_running
    finally:
        application.setProperty("reduced-motion", None)


def test_hidden_it_rests(qtbot, view):
    put(view, CORNER)
    view.hide()
    assert not view._ease.is_running
    truth = put(view, MORE)
    assert not view._ease.is_running
    view.show()
    assert np.array_equal(view.tile.values, truth)


def test_a_receptive_field_is_outlined_and_the_rest_dimmed(qtbot, view):
    put(view, MIDDLE)
    before = picture(view)
    view.show_pointed((4, 9, 9))
    after = picture(view)
    pixel = view.tile.square.width() / 28
    inside, outside = (round(pixel * 14), round(pixel * 8)), (round(pixel * 14), round(pixel * 21))
    assert after.pixelColor(*inside) == before.pixelColor(*inside)
    assert after.pixelColor(*outside).lightness() < before.pixelColor(*outside).lightness()
    view.show_pointed(None)
    assert picture(view) == before


def test_the_tile_grows_with_its_room_and_fits_the_least(qtbot, view):
    assert view.tile.square.width() >= 104
    assert view.minimumSizeHint().height() <= 110
    assert view.minimumSizeHint().width() <= 310
    view.resize(700, 500)
    qtbot.waitUntil(lambda: view.tile.square.width() > 450)
    view.resize(310, 112)
    qtbot.waitUntil(lambda: view.tile.square.width() < 113)


def test_it_wears_both_themes(view):
    put(view, MIDDLE)
    dark = picture(view)
    view.set_theme(LIGHT)
    assert picture(view).pixelColor(10, 10).lightness() > dark.pixelColor(10, 10).lightness()
