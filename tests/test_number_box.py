"""A box for a number takes digits, leaves letters to the window, and gives the keyboard back."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QStyle, QStyleOptionSpinBox

from tests.labs import lab_of
from tests.qt import draw_and_settle, settle

LEFT, NOTHING = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def drawn(qtbot, window):
    draw_and_settle(qtbot, window)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


def iterations_of(window):
    return window.actions_.tool_bar().iterations


def picker_of(window):
    window.views.routing.pages.show_page(window.views.calculation)
    return window.views.calculation.picker


def click_up(box):
    option = QStyleOptionSpinBox()
    box.initStyleOption(option)
    arrow = box.style().subControlRect(
        QStyle.ComplexControl.CC_SpinBox, option, QStyle.SubControl.SC_SpinBoxUp, box
    )
    QTest.mouseClick(box, LEFT, NOTHING, arrow.center())


@pytest.mark.parametrize("box_of", [iterations_of, picker_of])
def test_a_click_on_the_arrows_leaves_the_keyboard_to_the_canvas(qtbot, drawn, box_of):
    box = box_of(drawn)
    before = box.value()
    click_up(box)
    assert box.value() == before + 1
    assert drawn.canvas.hasFocus()
    QTest.keyClick(drawn.canvas, Qt.Key.Key_7)
    assert drawn.session.posing.pinned == 7
    settle(qtbot, drawn.session)


@pytest.mark.parametrize("box_of", [iterations_of, picker_of])
@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Escape])
def test_return_and_escape_go_back_to_the_canvas(qtbot, drawn, box_of, key):
    box = box_of(drawn)
    box.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(box, key)
    assert drawn.canvas.hasFocus()
    settle(qtbot, drawn.session)


def test_a_number_is_typed_and_taken(qtbot, drawn):
    box = iterations_of(drawn)
    QTest.mouseClick(box.lineEdit(), LEFT)
    assert box.hasFocus()
    box.selectAll()
    QTest.keyClicks(box, "5")
    QTest.keyClick(box, Qt.Key.Key_Up)
    assert drawn.session.iterations == 6
    picker = picker_of(drawn)
    picker.setFocus(Qt.FocusReason.TabFocusReason)
    picker.selectAll()
    QTest.keyClicks(picker, "45")
    QTest.keyClick(picker, Qt.Key.Key_Return)
    assert drawn.session.pointed == 45
    settle(qtbot, drawn.session)


def test_escape_drops_a_number_that_was_not_taken(drawn):
    picker = picker_of(drawn)
    before = picker.value()
    picker.setFocus()
    picker.selectAll()
    QTest.keyClicks(picker, "45")
    QTest.keyClick(picker, Qt.Key.Key_Escape)
    assert drawn.canvas.hasFocus()
    assert (picker.value(), picker.text()) == (before, str(before))


def test_signs_and_letters_are_the_windows_while_it_has_the_keyboard(qtbot, drawn):
    box, session = iterations_of(drawn), drawn.session
    box.setFocus(Qt.FocusReason.TabFocusReason)
    box.selectAll()
    before = session.iterations
    QTest.keyClicks(box, "+")
    assert session.iterations == before + 1
    QTest.keyClicks(box, ",")
    settle(qtbot, session)
    assert session.playhead.iteration == session.iterations - 1
    QTest.keyClicks(box, "k")
    assert session.playhead.is_playing
    QTest.keyClicks(box, "k")
    assert box.hasFocus()


def test_in_two_digits_the_keyboard_goes_back_too(qtbot, bare_window):
    lab = lab_of(bare_window)
    qtbot.waitExposed(lab)
    lab.activateWindow()
    qtbot.waitUntil(lab.isActiveWindow)
    click_up(lab.tools.iterations)
    assert lab.canvas.hasFocus()
