"""What people do in the lab of two digits, and how it is taken back, in its real window."""

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QImage, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from capsviz.network import CapsNet, Provenance, save_checkpoint
from tests.labs import ONE, SEVEN, act, draw_two, open_lab, sample, settle
from tests.qt import draw


@pytest.fixture
def lab(qtbot, bare_window, pair_file):
    return open_lab(qtbot, bare_window)


def click_pad(lab, *places):
    """One drag over these places."""
    pad = lab.slide.pad
    spots = [pad.cell(place).center().toPoint() for place in places]
    QTest.mousePress(pad, Qt.MouseButton.LeftButton, pos=spots[0])
    for spot in spots[1:]:
        QTest.mouseMove(pad, spot)
    QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=spots[-1])


def test_two_clicks_on_the_pad_are_two_steps_and_one_drag_is_one(qtbot, lab):
    sample(qtbot, lab)
    composing = lab.study.composing
    count = composing.undo_stack.count()
    click_pad(lab, (-4, -4))
    click_pad(lab, (0, 0), (1, 1), (4, 4))
    assert composing.undo_stack.count() == count + 2
    act(lab, "undo")
    assert composing.layer.stands() == (-4, -4)
    settle(qtbot, lab)


def test_two_key_presses_are_two_steps_and_one_that_is_held_is_one(qtbot, lab):
    sample(qtbot, lab)
    composing, pad = lab.study.composing, lab.slide.pad
    click_pad(lab, (0, 0))
    count = composing.undo_stack.count()
    QTest.keyClick(pad, Qt.Key.Key_Right)
    QTest.keyPress(pad, Qt.Key.Key_Right)
    key, plain = Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(pad, QKeyEvent(QEvent.Type.KeyPress, key, plain, autorep=True))
    QTest.keyRelease(pad, Qt.Key.Key_Right)
    assert composing.layer.stands() == (3, 0)
    assert composing.undo_stack.count() == count + 2
    act(lab, "undo")
    assert composing.layer.stands() == (1, 0)
    settle(qtbot, lab)


def test_a_small_digit_in_a_corner_is_moved_by_one_pixel_and_back(qtbot, lab):
    draw(lab.canvas, [(1, 1), (5, 1), (3, 6)])
    composing, pad = lab.study.composing, lab.slide.pad
    before, image = composing.layer.shown, composing.overlay.image()
    assert composing.layer.stands() == (-4, -4)
    QTest.keyClick(pad, Qt.Key.Key_Right)
    ways = np.array(composing.layer.shown.marks[0].points) - before.marks[0].points
    assert np.allclose(ways, (28 / 36, 0))
    assert np.array_equal(composing.overlay.image()[:, 1:], image[:, :-1])
    QTest.keyClick(pad, Qt.Key.Key_Left)
    assert composing.layer.shown == before
    assert np.array_equal(composing.overlay.image(), image)
    settle(qtbot, lab)


def test_every_tried_place_is_what_one_gets_there_with_erased_ink(qtbot, lab):
    draw(lab.canvas, [(5, 4), (14, 1.5), (22, 6), (4, 26), (25, 26)])
    draw(lab.canvas, [(23, 26), (27, 26)], Qt.MouseButton.RightButton)
    act(lab, "second")
    draw(lab.canvas, ONE)
    act(lab, "first")
    settle(qtbot, lab)
    first = lab.study.separation.longest
    act(lab, "try-all")
    qtbot.waitUntil(lambda: lab.study.trying.tries.is_whole, timeout=20_000)
    settle(qtbot, lab)
    tried, start = lab.study.trying.tries, lab.study.composing.layer.stands()
    for place in ((0, 4), (4, 4), (-4, -4), start):
        click_pad(lab, place)
        settle(qtbot, lab)
        assert set(lab.study.separation.longest) == tried.read[place]
    assert lab.study.separation.longest == first
    assert lab.study.trying.tries is tried


def test_a_joined_drawing_falls_apart_after_undo_too(qtbot, lab):
    draw_two(qtbot, lab)
    act(lab, "one")
    act(lab, "first")
    draw(lab.canvas, [(5, 5), (6, 6)])
    act(lab, "one")
    for _ in range(3):
        act(lab, "undo")
    assert lab.study.composing.overlay.is_one
    act(lab, "first")
    layers = lab.study.composing.overlay.layers
    assert [len(layer.drawing.marks) for layer in layers] == [1, 1]
    settle(qtbot, lab)


def test_undoing_a_join_makes_the_layer_active_that_was(qtbot, lab):
    draw_two(qtbot, lab)
    named, composing = lab.tools.named, lab.study.composing
    act(lab, "one")
    act(lab, "undo")
    assert composing.active == 1
    assert named["second"].isChecked()
    act(lab, "redo")
    assert composing.active == 0
    act(lab, "second")
    act(lab, "undo")
    assert composing.overlay.is_one
    draw(lab.canvas, [(5, 5), (9, 9)])
    assert len(composing.overlay.layers[0].drawing.marks) == 3, "one drawing is the first layer"
    settle(qtbot, lab)


@pytest.mark.parametrize("button", [Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton])
def test_a_real_digit_is_drawn_and_erased_upon(qtbot, lab, button):
    sample(qtbot, lab)
    composing = lab.study.composing
    before = composing.overlay
    digit = before.layers[0]
    x, y = (14 + 28 / 36 * at for at in digit.stands())
    draw(lab.canvas, [(x - 9, y - 9), (x + 9, y + 9), (x + 9, y - 9), (x - 9, y + 9)], button)
    settle(qtbot, lab)
    after = composing.layer
    more = after.framed().sum() - digit.framed().sum()
    assert more > 2 if button == Qt.MouseButton.LeftButton else more < -2
    kept = np.abs(after.framed() - digit.framed()) < 1e-6
    assert kept.mean() > 0.5, "the rest of the digit is still there"
    assert "truth" not in lab.verdict.sentence.text(), "it may be another digit now"
    act(lab, "undo")
    assert composing.overlay is before
    settle(qtbot, lab)


def test_a_real_digit_is_seen_to_go_while_the_eraser_is_at_work(qtbot, lab):
    sample(qtbot, lab)
    canvas, right = lab.canvas, Qt.MouseButton.RightButton
    lab.tools.pen_size.setValue(lab.tools.pen_size.maximum())
    middle = canvas.square.center().toPoint()
    QTest.mouseMove(canvas, middle)
    before = ink_of(canvas)
    QTest.mousePress(canvas, right, pos=middle * 0.6)
    QTest.mouseMove(canvas, middle)
    under_way = ink_of(canvas)
    QTest.mouseRelease(canvas, right, pos=middle)
    after = ink_of(canvas)
    went = np.abs(before - after).sum()
    assert went > 0
    assert np.abs(under_way - after).sum() < 0.5 * went, "but for the edges of its pixels"
    settle(qtbot, lab)


def ink_of(canvas):
    """What is painted on the canvas: the grey of each pixel."""
    grey = canvas.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    pixels = np.frombuffer(grey.constBits(), np.uint8).reshape(grey.height(), -1)
    return pixels[:, : grey.width()].astype(float)


def test_chosen_capsules_are_one_step_and_cost_nothing_that_can_be_redone(qtbot, lab):
    sample(qtbot, lab)
    study, stack = lab.study, lab.study.composing.undo_stack
    longest, count = study.separation.digits, stack.count()
    other = [digit for digit in range(10) if digit not in longest]
    for digit in other[:3]:
        lab.lengths.choose(digit)
    assert stack.count() == count + 1
    act(lab, "undo")
    assert study.separation.digits == longest
    assert study.chosen is None
    act(lab, "redo")
    assert set(study.separation.digits) == set(other[1:3])
    act(lab, "longest")
    assert stack.count() == count, "there and back is nothing to undo"
    act(lab, "undo")
    lab.lengths.choose(other[0])
    assert stack.canRedo()
    act(lab, "redo")
    settle(qtbot, lab)
    assert not study.composing.overlay.is_empty


def test_a_choice_that_another_network_does_not_have_is_not_brought_back(qtbot, lab, own_home):
    sample(qtbot, lab)
    study = lab.study
    for digit in (8, 9):
        lab.lengths.choose(digit)
    act(lab, "undo")
    few = msgspec.structs.replace(study.networks.model.network.config, classes=4)
    save_checkpoint(own_home / "models" / "few.safetensors", CapsNet(few), Provenance())
    with qtbot.waitSignal(study.networks.model_changed, timeout=20_000):
        study.networks.load("few")
    settle(qtbot, lab)
    act(lab, "redo")
    assert study.chosen is None
    assert max(study.separation.digits) < 4


def test_what_was_tried_comes_back_with_its_layer_and_with_undo(qtbot, lab):
    draw_two(qtbot, lab)
    act(lab, "try-all")
    qtbot.waitUntil(lambda: lab.study.trying.tries.is_whole, timeout=20_000)
    settle(qtbot, lab)
    act(lab, "first")
    assert not lab.study.trying.tries.is_whole, "nothing is known of the other"
    settle(qtbot, lab)
    act(lab, "second")
    settle(qtbot, lab)
    assert lab.study.trying.tries.is_whole
    act(lab, "first")
    click_pad(lab, (4, 4), (-4, 3))
    act(lab, "second")
    settle(qtbot, lab)
    assert not lab.study.trying.tries.is_whole, "the first one is elsewhere now"
    act(lab, "undo")
    settle(qtbot, lab)
    assert lab.study.trying.tries.is_whole, "and back where it was"
    draw(lab.canvas, SEVEN)
    settle(qtbot, lab)
    assert len(lab.study.trying.tries.read) == 1
