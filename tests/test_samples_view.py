"""The gallery of sample digits, with mouse and keys, at the sizes it is given."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QColor, QKeySequence, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMainWindow

from capsviz.data.samples import sample_digits, sample_indices
from capsviz.gui.input.samples import Samples
from capsviz.gui.look.theme import DARK, LIGHT

LABELS = sample_digits().labels
SIZES = [(310, 100), (310, 400), (600, 800)]
LEFT, KEY = Qt.MouseButton.LeftButton, Qt.Key


@pytest.fixture
def shown(qtbot):
    """A function that shows the picker at a size."""

    def make(width=310, height=400):
        view = Samples()
        view.fill()
        qtbot.addWidget(view)
        view.set_theme(DARK)
        view.resize(width, height)
        view.show()
        qtbot.waitExposed(view)
        return view

    return make


@pytest.fixture
def focused(qtbot, shown):
    """The picker in a window of its own, the keyboard at its digits."""

    def make(width=310, height=400):
        view = shown(width, height)
        view.activateWindow()
        view.list.setFocus()
        qtbot.waitUntil(lambda: view.list.hasFocus())
        return view

    return make


def area_of(view, row):
    return view.list.visualRect(view.list.samples.index(row))


def visible_rows(view):
    seen = view.list.viewport().rect()
    count = view.list.samples.rowCount()
    return [row for row in range(count) if seen.contains(area_of(view, row))]


def colour_at(view, row, x, y):
    """The colour of a thumbnail's pixel."""
    picture = view.list.viewport().grab().toImage()
    return picture.pixelColor(area_of(view, row).topLeft() + QPoint(x, y))


def has_accent(view, row):
    return colour_at(view, row, 20, 1) == QColor(DARK.accent)


def test_the_digits_are_balanced_and_known():
    assert len(sample_digits()) == len(sample_indices()) == len(set(sample_indices())) == 2000
    assert sample_indices().max() < 10_000
    for part in (10, 200, 2000):
        assert (np.bincount(LABELS[:part], minlength=10) == part // 10).all()


@pytest.mark.parametrize("size", SIZES)
def test_it_fits(shown, size):
    view = shown(*size)
    controls = [view.controls.button(label) for label in (None, *range(10))]
    controls += [view.controls.random, view.controls.mistake]
    edges = []
    for button in controls:
        corner = button.mapTo(view, QPoint(0, 0))
        area = button.rect().translated(corner)
        assert view.rect().contains(area), button.text()
        assert button.width() >= button.sizeHint().width()
        edges.append(area.top())
    assert len(set(edges)) == 1  # one row of controls
    rows = visible_rows(view)
    assert len(rows) >= {100: 4, 400: 36, 800: 180}[size[1]]
    bars = view.list.horizontalScrollBar(), view.list.verticalScrollBar()
    assert [bar.maximum() > 0 for bar in bars] == [size[1] == 100, size[1] != 100]


def test_in_a_narrow_place_the_controls_take_two_rows(qtbot, shown):
    view = shown(230, 300)
    assert view.controls.random.mapTo(view, QPoint()).y() > view.controls.button(3).y()
    assert view.controls.random.mapTo(view, QPoint(view.controls.random.width(), 0)).x() <= 230


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_thumbnails_show_the_digits(shown, theme):
    view = shown()
    view.set_theme(theme)
    picture = view.list.viewport().grab().toImage()
    for row in (0, 7, 12):
        corner, unit = area_of(view, row).topLeft(), (area_of(view, row).width() - 4) / 28
        places = [int((place + 0.5) * unit) for place in range(28)]
        seen = [
            [picture.pixelColor(corner + QPoint(x, y)).lightness() for x in places] for y in places
        ]
        alike = np.corrcoef(np.ravel(seen), sample_digits().images[row].ravel())[0, 1]
        assert alike * (1 if theme.is_dark else -1) > 0.9


def test_a_click_chooses(qtbot, shown):
    view = shown()
    with qtbot.waitSignal(view.sample_chosen) as chosen:
        QTest.mouseClick(view.list.viewport(), LEFT, pos=area_of(view, 8).center())
    assert chosen.args == [8]


@pytest.mark.parametrize("key", [KEY.Key_Return, KEY.Key_Enter, KEY.Key_Space])
@pytest.mark.parametrize(
    ("size", "keys", "expected"),
    [
        ((310, 400), "RRDL", 7),  # six columns
        ((310, 400), "DDU", 6),
        ((310, 400), "ULE", 1999),
        ((310, 400), "EDRH", 0),
        ((310, 100), "RRDL", 1),  # one row
    ],
)
def test_arrows_move_and_keys_choose(qtbot, focused, size, keys, expected, key):
    view = focused(*size)
    view.show_sample(0)
    names = {"L": KEY.Key_Left, "R": KEY.Key_Right, "U": KEY.Key_Up, "D": KEY.Key_Down}
    names |= {"H": KEY.Key_Home, "E": KEY.Key_End}
    for name in keys:
        QTest.keyClick(view.list, names[name])
    assert view.list.viewport().rect().intersects(area_of(view, expected))
    with qtbot.waitSignal(view.sample_chosen) as chosen:
        QTest.keyClick(view.list, key)
    assert chosen.args == [expected]


def test_typing_a_digit_shows_those_alone(qtbot, focused):
    view = focused()
    QTest.keyClicks(view.list, "7")
    assert view.list.samples.rowCount() == 200
    assert view.controls.button(7).isChecked()
    with qtbot.waitSignal(view.sample_chosen) as chosen:
        QTest.mouseClick(view.list.viewport(), LEFT, pos=area_of(view, 3).center())
    assert chosen.args == [int(np.flatnonzero(LABELS == 7)[3])]
    QTest.keyClick(view.list, KEY.Key_Escape)
    assert view.list.samples.rowCount() == 2000
    assert view.controls.button(None).isChecked()


def test_a_filter_s_button_does_the_same(shown):
    view = shown()
    for label in (4, None, 0):
        QTest.mouseClick(view.controls.button(label), LEFT)
        assert view.label == label
        samples = view.list.samples.samples
        assert set(LABELS[samples]) == (set(range(10)) if label is None else {label})
        assert visible_rows(view)[0] == 0


def test_filters_are_one_stop_of_the_tabulator_and_arrows_move_in_it(focused):
    view = focused()
    view.controls.button(None).setFocus()
    QTest.keyClick(view.controls.button(None), KEY.Key_Right)
    assert view.label == 0
    QTest.keyClick(QApplication.focusWidget(), KEY.Key_Tab)
    assert QApplication.focusWidget() is view.controls.random


def test_keys_of_the_window_do_not_come_between(qtbot, shown):
    window, view = QMainWindow(), Samples()
    view.fill()
    qtbot.addWidget(window)
    window.setCentralWidget(view)
    fired = []
    for keys in ("5", "Space", "Right", "Return", "N"):
        action = QAction(keys, window)
        action.setShortcut(QKeySequence(keys))
        action.triggered.connect(lambda *_, keys=keys: fired.append(keys))
        window.addAction(action)
    window.show()
    window.activateWindow()
    view.list.setFocus()
    qtbot.waitUntil(lambda: view.list.hasFocus())
    chosen = []
    view.sample_chosen.connect(chosen.append)
    for key in (KEY.Key_5, KEY.Key_Right, KEY.Key_Space, KEY.Key_Return):
        QTest.keyClick(window.windowHandle(), key)
    assert view.label == 5
    assert len(chosen) == 2
    assert fired == []
    QTest.keyClick(window.windowHandle(), KEY.Key_N)
    assert fired == ["N"]


def test_the_digit_on_the_canvas_is_marked_and_in_sight(qtbot, shown):
    view = shown()
    with qtbot.assertNotEmitted(view.sample_chosen):
        view.show_sample(1500)
    assert 1500 in visible_rows(view)
    assert has_accent(view, 1500)
    assert str(sample_indices()[1500]) in view.accessibleDescription()
    view.show_sample(None)
    assert not has_accent(view, 1500)
    assert view.accessibleDescription() == "2000 test digits of MNIST to choose from"


def test_the_mark_stays_on_its_digit_when_others_are_hidden(shown):
    view = shown()
    view.show_sample(1500)
    label = int(LABELS[1500])
    view.show_label(label)
    row = int(np.flatnonzero(np.flatnonzero(LABELS == label) == 1500)[0])
    assert row in visible_rows(view)
    assert has_accent(view, row)
    view.show_label((label + 1) % 10)
    assert not any(has_accent(view, row) for row in visible_rows(view))
    view.show_label(None)
    assert has_accent(view, 1500)


def test_random_and_next_mistake_are_asked_for(qtbot, shown):
    view = shown()
    with qtbot.waitSignal(view.random_asked):
        QTest.mouseClick(view.controls.random, LEFT)
    with qtbot.waitSignal(view.mistake_asked):
        QTest.mouseClick(view.controls.mistake, LEFT)


def test_while_a_mistake_is_searched_no_other_is_asked_for(qtbot, focused):
    view = focused()
    button = view.controls.mistake
    button.setFocus()
    place = button.geometry()
    view.show_busy(True)
    assert button.text() == "Searching…"
    with qtbot.assertNotEmitted(view.mistake_asked):
        QTest.keyClick(button, KEY.Key_Space)
    view.show_busy(False)
    assert button.text() == "Next mistake"
    assert button.geometry() == place
    with qtbot.waitSignal(view.mistake_asked):
        QTest.keyClick(button, KEY.Key_Space)


def test_the_wheel_runs_along_the_single_row(shown):
    view = shown(310, 100)
    viewport = view.list.viewport()
    middle = QPointF(viewport.rect().center())
    wheel = QWheelEvent(
        middle,
        viewport.mapToGlobal(middle),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(viewport, wheel)
    assert view.list.horizontalScrollBar().value() > 0


def test_every_digit_says_what_it_is(shown):
    view = shown()
    view.show_label(3)
    for role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
        said = view.list.samples.index(0).data(role)
        first = int(np.flatnonzero(LABELS == 3)[0])
        assert said == f"A 3: digit {sample_indices()[first]} of MNIST's test set"
    for button in (view.controls.random, view.controls.mistake, view.controls.button(6)):
        assert button.accessibleName() or button.text()
        assert button.toolTip()


def test_its_numbers_are_those_on_show(shown):
    view = shown()
    view.show_label(9)
    table = view.table()
    assert table.columns == ("test digit", "label")
    assert len(table.rows) == 200
    assert {label for _, label in table.rows} == {9}
    assert table.rows[0][0] == sample_indices()[np.flatnonzero(LABELS == 9)[0]]


def test_what_was_asked_before_it_is_filled_holds_afterwards(qtbot):
    view = Samples()
    qtbot.addWidget(view)
    view.set_theme(DARK)
    view.resize(310, 400)
    view.show()
    qtbot.waitExposed(view)
    assert (view.list.samples.rowCount(), view.table()) == (0, None)
    assert "being read" in view.summary()
    three = int(np.flatnonzero(LABELS == 3)[50])
    view.show_sample(three)
    view.controls.label_chosen.emit(3)
    view.fill()
    assert view.list.samples.rowCount() == 200
    assert view.list.samples.samples[view.list.currentIndex().row()] == three
    assert view.list.verticalScrollBarPolicy() == Qt.ScrollBarPolicy.ScrollBarAsNeeded
    assert "200 test digits" in view.accessibleDescription()


def test_a_digit_shows_where_the_keyboard_is_before_any_was_chosen(shown):
    view = shown()
    before = view.list.grab().toImage()
    assert not view.list.currentIndex().isValid()
    view.activateWindow()
    view.list.setFocus(Qt.FocusReason.TabFocusReason)
    QApplication.processEvents()
    assert view.list.currentIndex().row() == 0
    assert view.list.grab().toImage() != before


def test_the_first_click_chooses_what_was_clicked(qtbot, shown):
    view = shown(310, 200)
    view.list.verticalScrollBar().setValue(600)
    view.setFocus()
    QApplication.processEvents()
    there = view.list.indexAt(QPoint(20, 20))
    assert there.row() > 0
    chosen = []
    view.sample_chosen.connect(chosen.append)
    place = view.list.viewport().mapTo(view, QPoint(20, 20))
    QTest.mouseClick(view.windowHandle(), LEFT, pos=place)
    assert chosen == [int(view.list.samples.samples[there.row()])]


def test_tab_leads_to_the_first_digit_in_sight(shown):
    view = shown(310, 200)
    view.list.verticalScrollBar().setValue(600)
    view.activateWindow()
    view.list.setFocus(Qt.FocusReason.TabFocusReason)
    QApplication.processEvents()
    assert view.list.viewport().rect().intersects(view.list.visualRect(view.list.currentIndex()))
    assert view.list.currentIndex().row() > 0
