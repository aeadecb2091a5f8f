"""Cards share new room out as at first, until somebody has put them elsewhere; that is kept."""

import struct

import pytest
from PySide6.QtCore import QByteArray, QPoint, QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from capsviz.gui.look import screens
from capsviz.gui.remembered import sealed
from capsviz.gui.session import Session
from capsviz.gui.window import Window
from tests.test_zoom import Screen


def sizes(window):
    QApplication.processEvents()
    return {name: one.size().toTuple() for name, one in window.docks.items() if one.isVisible()}


def usual(window):
    window.reset_layout()
    return sizes(window)


@pytest.fixture
def wide(bare_window):
    bare_window.resize(1280, 720)
    QApplication.processEvents()
    return bare_window


def take_hold(window, shape):
    """Press where one would between two cards, whose cursor Qt shows there."""
    window.setCursor(shape)
    QTest.mousePress(window, Qt.MouseButton.LeftButton, pos=window.rect().topLeft())
    QTest.mouseRelease(window, Qt.MouseButton.LeftButton, pos=window.rect().topLeft())
    window.unsetCursor()


def test_new_room_is_shared_out_as_at_first(wide):
    small = sizes(wide)
    wide.resize(1920, 1080)
    large = sizes(wide)
    assert large["draw"] > small["draw"]
    assert large == usual(wide)
    wide.resize(1280, 720)
    assert sizes(wide) == small


def test_larger_text_and_back_leaves_no_trace(wide):
    before = sizes(wide)
    for _ in range(3):
        wide.looks.zoom_in()
        QApplication.processEvents()
    wide.looks.zoom_reset()
    QApplication.processEvents()
    wide.resize(1280, 720)  # what the test's screen of 800 × 800 has no room for
    assert sizes(wide) == before


@pytest.mark.parametrize("shape", [Qt.CursorShape.SplitHCursor, Qt.CursorShape.SplitVCursor])
def test_an_edge_that_somebody_moved_stays(wide, shape):
    take_hold(wide, shape)
    wide.resizeDocks([wide.docks["draw"]], [420], Qt.Orientation.Horizontal)
    wide.resize(1500, 800)
    assert sizes(wide)["draw"][0] == 420
    wide.reset_layout()
    wide.resize(1920, 1080)
    assert sizes(wide) == usual(wide)


def test_a_press_elsewhere_moves_no_edge(wide):
    take_hold(wide, Qt.CursorShape.ArrowCursor)
    wide.resize(1920, 1080)
    assert sizes(wide) == usual(wide)


def test_a_card_that_was_closed_is_the_persons_layout(wide):
    wide.docks["samples"].toggleViewAction().trigger()
    before = sizes(wide)["draw"][0]
    wide.resize(1920, 1080)
    assert sizes(wide)["draw"][0] == before


@pytest.mark.parametrize("is_own", [False, True])
def test_whose_layout_it_is_is_remembered(qtbot, tmp_path, is_own):
    file = tmp_path / "settings.ini"
    for begins in (True, False):
        session = Session()
        window = Window(session, file)
        qtbot.addWidget(window)
        window.resize(1280, 720)
        window.show()
        qtbot.waitExposed(window)
        window.afterwards.finish()
        if begins and is_own:
            take_hold(window, Qt.CursorShape.SplitHCursor)
            window.resizeDocks([window.docks["draw"]], [420], Qt.Orientation.Horizontal)
        before = sizes(window)["draw"][0]
        if not begins:
            window.resize(1920, 1080)
            after = sizes(window)["draw"][0]
        window.close()
        session.setParent(window)
    assert (before == 320) != is_own
    assert (after == before) == is_own


def as_of_screen(geometry, width):
    """The same geometry of a window, kept on a screen that is so wide."""
    at = 46  # after the magic number, version, two rectangles, the screen's number and two flags
    return QByteArray(geometry.data()[:at] + struct.pack(">i", width) + geometry.data()[at + 4 :])


@pytest.mark.parametrize("is_own", [False, True])
def test_a_window_of_a_large_screen_fits_a_small_one(qtbot, tmp_path, monkeypatch, is_own):
    file = tmp_path / "settings.ini"
    window = Window(Session(), file)
    qtbot.addWidget(window)
    window.resize(3000, 1800)
    window.show()
    window._layout.is_own = is_own
    window.close()
    settings = QSettings(str(file), QSettings.Format.IniFormat)
    settings.setValue("geometry", as_of_screen(settings.value("geometry"), 3840))
    settings.sync()
    monkeypatch.setattr(screens, "screen_under", lambda widget: Screen(1280, 720))
    again = Window(Session(), file)
    qtbot.addWidget(again)
    again.show()
    qtbot.waitExposed(again)
    assert again.height() <= 720 - 30, "with its frame"
    assert again.width() < 1280
    assert again._layout.is_own == is_own
    for each in (window, again):
        each.close()
        each.session.setParent(each)


def test_an_edge_is_moved_by_the_mouse(wide):
    handle, draw = wide.windowHandle(), wide.docks["draw"]
    place = draw.geometry().topRight() + QPoint(3, 200)
    QTest.mouseMove(handle, place)
    QTest.mousePress(handle, Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseMove(handle, place + QPoint(60, 0))
    QTest.mouseRelease(handle, Qt.MouseButton.LeftButton, pos=place + QPoint(60, 0))
    moved = sizes(wide)["draw"][0]
    assert moved > 350
    wide.resize(1920, 1080)
    assert sizes(wide)["draw"][0] == moved


def test_a_card_that_floats_is_the_persons_layout(wide):
    wide.docks["samples"].topLevelChanged.emit(True)  # offscreen, Qt warns of real ones
    before = sizes(wide)["draw"][0]
    wide.resize(1920, 1080)
    assert sizes(wide)["draw"][0] == before


def test_the_training_card_comes_and_goes_without_a_trace(wide):
    training = wide.docks["training"]
    wide.resize(1500, 900)
    before = sizes(wide)
    training.show()
    training.raise_()
    QApplication.processEvents()
    wide.resize(1280, 720)
    wide.resize(1500, 900)
    assert abs(sizes(wide)["reconstruction"][1] - before["reconstruction"][1]) <= 12
    training.toggleViewAction().trigger()
    wide.resize(1920, 1080)
    assert sizes(wide) == usual(wide)


@pytest.mark.parametrize("byte", [60, 200, -1])
def test_a_layout_with_a_wrong_byte_is_nobodys(qtbot, tmp_path, byte):
    """Of some, Qt would read beyond the end of its own lists, and end the program."""
    file = tmp_path / "settings.ini"
    window = Window(Session(), file)
    qtbot.addWidget(window)
    window.close()
    settings = QSettings(str(file), QSettings.Format.IniFormat)
    kept = bytearray(settings.value("state").data())
    kept[byte] ^= 0x55
    settings.setValue("state", QByteArray(bytes(kept)))
    settings.sync()
    again = Window(Session(), file)
    qtbot.addWidget(again)
    assert not again._is_arranged
    for each in (window, again):
        each.close()
        each.session.setParent(each)


def test_a_layout_of_another_version_is_nobodys(qtbot, tmp_path):
    file = tmp_path / "settings.ini"
    session = Session()
    window = Window(session, file)
    qtbot.addWidget(window)
    settings = QSettings(str(file), QSettings.Format.IniFormat)
    settings.setValue("geometry", window.saveGeometry())
    settings.setValue("state", sealed(window.saveState(2)))
    settings.sync()
    again = Window(other := Session(), file)
    qtbot.addWidget(again)
    again.show()
    again.afterwards.finish()
    again.resize(1920, 1080)
    assert sizes(again) == usual(again)
    for each, its in ((window, session), (again, other)):
        each.close()
        its.setParent(each)
