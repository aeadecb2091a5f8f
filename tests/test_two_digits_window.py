"""The lab of two digits as a window: its keys, its size, and what it remembers."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QTreeWidget

from capsviz.gui.desktop.guide import Guide
from capsviz.gui.desktop.key_table import KeyTable
from capsviz.gui.desktop.palette import Palette
from capsviz.gui.look.theme import zoom
from tests.labs import SEVEN, act, open_lab, sample
from tests.qt import draw

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def lab(qtbot, bare_window, pair_file):
    opened = open_lab(qtbot, bare_window)
    opened.activateWindow()
    qtbot.waitUntil(opened.isActiveWindow)
    return opened


def test_the_windows_keys_work_in_the_lab(qtbot, lab, bare_window):
    QTest.keyClick(lab, Qt.Key.Key_F1)
    assert lab.findChild(KeyTable).isVisible()
    lab.findChild(KeyTable).close()
    lab.activateWindow()
    qtbot.waitUntil(lab.isActiveWindow)
    QTest.keyClick(lab, Qt.Key.Key_F1, SHIFT)
    assert bare_window.findChild(Guide).isVisible()
    bare_window.findChild(Guide).close()
    lab.activateWindow()
    qtbot.waitUntil(lab.isActiveWindow)
    before = zoom(QApplication.instance())
    QTest.keyClick(lab, Qt.Key.Key_Plus, CONTROL)
    assert zoom(QApplication.instance()) > before
    QTest.keyClick(lab, Qt.Key.Key_Minus, CONTROL)
    assert zoom(QApplication.instance()) == before
    QTest.keyClick(lab, Qt.Key.Key_Equal, CONTROL)
    QTest.keyClick(lab, Qt.Key.Key_0, CONTROL)
    assert zoom(QApplication.instance()) == before


def test_the_palette_opens_in_the_lab_and_has_its_commands(lab, bare_window):
    QTest.keyClick(lab, Qt.Key.Key_K, CONTROL)
    palette = lab.findChild(Palette)
    assert palette.isVisible()
    shown = palette.findChild(QTreeWidget)
    names = [shown.topLevelItem(row).text(0) for row in range(shown.topLevelItemCount())]
    assert {"Both in one", "Undo", "Dark", "Keys"} <= set(names)
    assert names.count("Undo") == 1, "that of the window is for another canvas"
    draw(lab.canvas, SEVEN)
    QTest.keyClicks(palette.findChild(QLineEdit), "clear")
    QTest.keyClick(palette.findChild(QLineEdit), Qt.Key.Key_Return)
    assert lab.study.composing.overlay.is_empty
    assert (
        bare_window.findChild(Palette, options=Qt.FindChildOption.FindDirectChildrenOnly) is None
    )


@pytest.mark.parametrize("wanted", [1.75, 2.0])
def test_larger_text_scrolls_or_says_itself_whole(qtbot, lab, bare_window, wanted):
    lab.resize(1280, 720)
    sample(qtbot, lab)
    while zoom(QApplication.instance()) < wanted - 0.01:
        bare_window.looks.zoom_in()
    QApplication.processEvents()
    result = lab.result
    scroll, words = result.scrolled, result.words
    assert "even share" in words.text()
    assert words.height() >= words.heightForWidth(words.width()), "no sentence is cut off"
    assert words.width() <= scroll.viewport().width()
    last = scroll.verticalScrollBar().maximum()
    assert last >= words.height() - scroll.viewport().height() > 0
    name = result._names[3]
    assert "3" in name.text()
    assert name.fontMetrics().horizontalAdvance(name.text()) <= name.width()
    assert name.toolTip() == "routed, iteration 3"
    bare_window.looks.zoom_reset()
    QApplication.processEvents()
    assert name.text() == "routed, iteration 3"
    assert name.toolTip() == ""
    assert scroll.verticalScrollBar().maximum() == 0


def test_quit_ends_the_program_from_the_lab(lab, bare_window):
    QTest.keyClick(lab, Qt.Key.Key_Q, CONTROL)
    assert not bare_window.isVisible()
    assert not lab.isVisible()


def test_no_key_means_two_things_in_the_lab(lab):
    keys = [
        key.toString(QKeySequence.SequenceFormat.PortableText)
        for action in lab.actions()
        for key in action.shortcuts()
    ]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("name", ["two-digits", "guide", "train", "runs"])
def test_a_minimized_window_comes_back_by_its_command(bare_window, pair_file, name):
    before = set(bare_window.findChildren(object))
    command = bare_window.findChild(QAction, f"action-{name}")
    command.trigger()
    (opened,) = {
        made
        for made in set(bare_window.findChildren(object)) - before
        if made.isWidgetType() and made.isWindow() and made.parent() is bare_window
    }
    opened.showMinimized()
    command.trigger()
    assert not opened.isMinimized()
    assert opened.isVisible()
    opened.close()


def test_the_pen_is_remembered(lab):
    lab.tools.pen_size.setValue(17)
    act(lab, "close")
    other = type(lab)(lab.parent())
    assert other.tools.pen_size.value() == 17
    assert other.canvas.width_of_pen == pytest.approx(lab.canvas.width_of_pen)
    other.close_down()


def test_every_place_and_the_picker_of_networks_say_what_they_are(lab):
    assert "(T)" in lab.slide.try_all.toolTip()
    assert "two-digits" in lab.tools.models.toolTip()
    assert "only such as read two digits" in lab.tools.models.toolTip()


def test_a_lab_that_was_as_large_as_a_large_screen_goes_back_to_its_size(lab):
    for size in ((1240, 700), (3840, 2100), (1240, 700)):
        lab.resize(*size)
        QApplication.processEvents()
    assert (lab.width(), lab.height()) == (1240, 700)
    share = lab.canvas.window().centralWidget().layout().itemAt(0).geometry().width() / 1240
    assert 0.24 < share < 0.28
    assert lab.minimumSizeHint().width() > 800, "no narrower than its parts can be"


def test_a_pen_that_is_none_does_not_keep_the_lab_closed(lab):
    lab._settings.setValue("labs/two-digits-pen", 10**14)
    other = type(lab)(lab.parent())
    assert other.tools.pen_size.value() == other.tools.pen_size.maximum()
    other.close_down()
