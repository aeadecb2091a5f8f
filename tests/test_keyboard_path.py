"""Tab goes through the window as one reads it, and a notice leaves the window as it was."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QTabBar, QToolButton, QWidget

from tests.qt import draw_and_settle

LONG = "x" * 300


@pytest.fixture
def stops(qtbot, window):
    """Every place where Tab stops, from the canvas on."""
    window.resize(1280, 720)
    window.afterwards.finish()
    draw_and_settle(qtbot, window)
    window.canvas.setFocus()
    found = [QApplication.focusWidget()]
    while True:
        window.focusNextChild()
        if QApplication.focusWidget() is found[0]:
            return found
        found.append(QApplication.focusWidget())
        assert len(found) < 200


def test_tab_reaches_every_control_that_can_be_seen(window, stops):
    wanted = {
        widget
        for widget in window.findChildren(QWidget)
        if widget.isVisible()
        and widget.isEnabled()
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.focusProxy() is None
    }
    assert wanted - set(stops) == set()


def test_every_stop_is_in_the_window_and_has_a_name(window, stops):
    for stop in stops:
        assert window.rect().contains(stop.mapTo(window, stop.rect().center())), stop
        named = stop.accessibleName() or (isinstance(stop, QToolButton) and stop.text())
        assert named or hasattr(stop, "text"), stop


def test_cards_come_in_the_order_in_which_one_reads(window, stops):
    names = [stop.objectName() for stop in stops]
    order = ("canvas", "framed", "sample-list", "show-lengths", "length-bars", "routing-tabs")
    order += ("coupling-places", "pose-reset", "pose-slider-0", "pose-slider-3", "model-picker")
    places = [names.index(name) for name in order]
    assert places == sorted(places)
    samples = [stop for stop in stops if window.docks["samples"].isAncestorOf(stop)]
    assert len(samples) == 5  # menu, filters, random, next mistake, list


def test_tabs_of_docks_are_a_stop_only_while_there_is_a_choice(qtbot, window):
    (bar,) = window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
    window.afterwards.finish()
    assert bar.focusPolicy() == Qt.FocusPolicy.NoFocus
    window.docks["training"].show()
    qtbot.waitUntil(lambda: bar.focusPolicy() == Qt.FocusPolicy.TabFocus)
    window.docks["training"].hide()
    qtbot.waitUntil(lambda: bar.focusPolicy() == Qt.FocusPolicy.NoFocus)


def test_a_long_word_in_a_notice_does_not_widen_the_window(qtbot, window):
    window.resize(1280, 720)
    before = window.minimumSizeHint().width()
    window.notice.show_sentence(f"Could not read {LONG}.")
    assert window.minimumSizeHint().width() == before
    assert window.notice.text == f"Could not read {LONG}."


def test_a_notice_moves_nothing_and_asks_for_no_room(qtbot, window):
    window.resize(1280, 720)
    qtbot.waitExposed(window)
    assert window.views.hints.isVisible()
    parts = [window, window.centralWidget(), *window.docks.values()]
    before = [part.geometry() for part in parts], window.minimumSizeHint()
    window.notice.show_sentence(f"Could not read {LONG}{LONG}.")
    QApplication.processEvents()
    assert ([part.geometry() for part in parts], window.minimumSizeHint()) == before
    assert in_front(window)


def in_front(window):
    """Whether the notice and its buttons can be pressed all over."""
    notice = window.notice
    right, middle = notice.geometry().right() - 20, notice.geometry().center().y()
    places = [QPoint(x, middle) for x in range(20, right, 40)] + [QPoint(right, middle)]
    found = [window.childAt(place) for place in places]
    return all(part is notice or notice.isAncestorOf(part) for part in found)


def test_a_notice_stays_in_front_of_a_card_that_comes_forward(qtbot, window):
    window.resize(1280, 720)
    window.notice.show_offer(f"Could not read {LONG}{LONG}.", "Go on", lambda: None)
    window.docks["training"].show()
    for name in ("training", "pose", "training"):
        window.docks[name].raise_()
        QApplication.processEvents()
        assert not window.docks[name].visibleRegion().isEmpty()
        assert in_front(window)


def test_an_endless_notice_is_no_higher_than_its_window(window):
    window.resize(1280, 720)
    window.notice.show_sentence("word " * 2500)
    QApplication.processEvents()
    assert window.rect().contains(window.notice.geometry())


def test_a_notice_lies_at_the_foot_of_its_window_whatever_happens(qtbot, window):
    notice = window.notice
    notice.show_sentence("One sentence.")
    for wide, high in ((1280, 720), (1500, 800)):
        window.resize(wide, high)
        QApplication.processEvents()
        assert notice.geometry().bottom() == window.rect().bottom()
        assert notice.geometry().center().x() == window.rect().center().x()
    low = notice.height()
    notice.show_offer(f"Could not read {LONG}{LONG}{LONG}{LONG}.", "Go on", lambda: None)
    QApplication.processEvents()
    assert notice.height() > low
    assert notice.geometry().bottom() == window.rect().bottom()
    window.looks.zoom_in()
    QApplication.processEvents()
    assert notice.height() >= notice.layout().minimumHeightForWidth(notice.width())
    assert notice.geometry().bottom() == window.rect().bottom()
