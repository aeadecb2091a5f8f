"""The card "Digit capsules": bars, lines over the iterations, the answer in words."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QCursor, QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QToolButton, QToolTip, QVBoxLayout, QWidget

from capsviz.gui.capsules.curve import LengthCurve
from capsviz.gui.capsules.ends import places_for
from capsviz.gui.capsules.lengths import Lengths
from capsviz.gui.capsules.panel import Capsules
from capsviz.gui.look.theme import DARK, LIGHT, font, set_zoom

LEFT, NOTHING = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def lengths_of(count, winner, steps):
    """(steps, count) lengths of which one grows to 0.95."""
    lengths = np.linspace(0.02, 0.3, count, dtype=np.float32) * np.ones((steps, 1), np.float32)
    lengths[:, winner] = np.linspace(0.4, 0.95, steps)
    return lengths


def seen(answer, winner=4, steps=3, count=10):
    """The answer with one long capsule."""
    lengths = lengths_of(count, winner, 10)
    return replace(answer, lengths=lengths[:steps], curve=lengths)


def shown(qtbot, view, size=(500, 150)):
    qtbot.addWidget(view)
    view.resize(*size)
    view.show()
    qtbot.waitExposed(view)
    return view


@pytest.fixture
def bars(qtbot):
    return shown(qtbot, Lengths())


@pytest.fixture
def curve(qtbot):
    return shown(qtbot, LengthCurve())


@pytest.fixture
def panel(qtbot):
    return shown(qtbot, Capsules(), (468, 176))


def place(view, x, y):
    """Pixel of the plot's viewport where (x, y) is."""
    scene = view.plot.getViewBox().mapViewToScene(QPointF(x, y))
    return view.plot.mapFromScene(scene)


def colour_at(view, x, y):
    picture = view.plot.grab().toImage()
    return picture.pixelColor(place(view, x, y) * view.devicePixelRatio()).name()


def texts(view):
    return [word.text for word in view.words.shown]


def click(view, x):
    QTest.mouseClick(view.plot.viewport(), LEFT, NOTHING, place(view, x, 0.5))


def tab_to(view):
    view.window().activateWindow()
    view.clearFocus()
    view.setFocus(Qt.FocusReason.TabFocusReason)


def test_the_bars_grow_with_the_iteration_on_show(bars, answer):
    answer = seen(answer)
    bars.show_explanation(answer)
    final = bars._bars.opts["height"]
    assert np.array_equal(final, answer.final_lengths)
    assert not bars._outline.isVisible()
    bars.show_iteration(1)
    assert np.array_equal(bars._bars.opts["height"], answer.lengths[0])
    assert bars._outline.isVisible()
    assert np.array_equal(bars._outline.opts["height"], final)
    assert f"{answer.lengths[0, 4]:.2f}" in texts(bars)
    bars.show_iteration(9)  # more than the answer has
    assert np.array_equal(bars._bars.opts["height"], final)


def test_the_lowest_margin_s_name_is_whole_however_large(qtbot, answer):
    for line in (12, 24, 40):
        bars = shown(qtbot, Lengths(), (500, 150))
        bars.line = line  # as with larger text
        bars._fit()
        bars.show_explanation(seen(answer))
        least = bars.words.shown[0]
        middle = place(bars, least.x, least.y).y()
        assert least.text == "m⁻ 0.1"
        assert middle + bars.line / 2 <= bars.plot.height()


def test_a_tick_for_each_earlier_iteration(bars, answer):
    bars.show_explanation(seen(answer, steps=5))
    assert len(bars._ticks.getData()[0]) == 2 * 4 * 10
    bars.show_iteration(3)
    assert len(bars._ticks.getData()[0]) == 2 * 2 * 10
    bars.show_iteration(1)
    assert len(bars._ticks.getData()[0]) == 0


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_the_winner_alone_has_its_full_colour(bars, answer, theme):
    bars.set_theme(theme)
    bars.show_explanation(seen(answer))
    assert colour_at(bars, 4, 0.05) == theme.digits[4]
    assert colour_at(bars, 9, 0.05) not in (theme.digits[9], theme.card)


def test_no_bar_stands_out_while_no_capsule_is_long(bars, answer):
    bars.show_explanation(replace(answer, lengths=np.full((3, 10), 0.4, np.float32)))
    assert bars.winner is None
    assert all(colour_at(bars, digit, 0.1) != DARK.digits[digit] for digit in range(10))


def test_an_empty_chart_has_no_figures_and_keeps_its_digits(bars, answer):
    bars.show_explanation(seen(answer, count=7))
    bars.show_explanation(None)
    assert texts(bars) == ["m⁻ 0.1", "0.5", "m⁺ 0.9"]
    assert bars.count == 7
    assert bars.table() is None


def test_a_click_on_a_column_chooses_its_digit_and_again_no_digit(qtbot, bars, answer):
    bars.show_explanation(seen(answer))
    with qtbot.waitSignal(bars.digit_chosen) as chosen:
        click(bars, 7.3)
    assert chosen.args == [7]
    bars.show_pinned(7)
    with qtbot.waitSignal(bars.digit_chosen) as chosen:
        click(bars, 7)
    assert chosen.args == [None]
    below = place(bars, 2, 0)
    with qtbot.waitSignal(bars.digit_chosen) as chosen:  # the digit's name belongs to its column
        QTest.mouseClick(bars.labels, LEFT, NOTHING, below - bars.labels.pos() + bars.plot.pos())
    assert chosen.args == [2]


def test_a_click_beside_the_columns_chooses_nothing(qtbot, bars, answer):
    bars.show_explanation(seen(answer))
    with qtbot.assertNotEmitted(bars.digit_chosen):
        click(bars, -0.9)


@pytest.mark.parametrize("part", ["plot", "labels"])
def test_an_open_tooltip_follows_the_answer(qtbot, bars, answer, monkeypatch, part):
    said = []
    # the offscreen platform cannot raise a tooltip
    monkeypatch.setattr(QToolTip, "showText", lambda _place, text, _widget: said.append(text))
    bars.show_explanation(seen(answer, steps=3))
    widget = bars.labels if part == "labels" else bars.plot.viewport()
    below = place(bars, 2, 0.5).x()
    QCursor.setPos(widget.mapToGlobal(QPoint(below, widget.height() // 2)))
    qtbot.waitUntil(widget.underMouse)
    bars.show_explanation(seen(answer, steps=4))
    assert said == [], "none was open"
    monkeypatch.setattr(QToolTip, "isVisible", lambda: True)
    bars.show_explanation(seen(answer, steps=6))
    assert "Digit capsule 2" in said[-1]
    assert "after iteration 6" in said[-1]
    assert len(said) == 1


def test_the_pointer_lights_the_column_it_is_on(bars, answer):
    bars.show_explanation(seen(answer))
    QTest.mouseMove(bars.plot.viewport(), place(bars, 3, 0.7))
    assert colour_at(bars, 3.4, 0.7) == DARK.raised
    assert colour_at(bars, 5.4, 0.7) == DARK.card


def test_the_keyboard_moves_over_the_digits_and_chooses(qtbot, bars, answer):
    bars.show_explanation(seen(answer))
    tab_to(bars)
    assert "Digit 4 is selected" in bars.accessibleDescription(), "it begins at the winner"
    QTest.keyClick(bars, Qt.Key.Key_Right)
    assert "Digit 5 is selected" in bars.accessibleDescription()
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Space):
        with qtbot.waitSignal(bars.digit_chosen) as chosen:
            QTest.keyClick(bars, key)
        assert chosen.args == [5]
    QTest.keyClick(bars, Qt.Key.Key_Home)
    QTest.keyClick(bars, Qt.Key.Key_Left)
    assert "Digit 0 is selected" in bars.accessibleDescription()
    with qtbot.waitSignal(bars.digit_chosen) as chosen:
        QTest.keyClick(bars, "8")
    assert chosen.args == [8]
    assert "Digit 8 is selected" in bars.accessibleDescription()


def test_the_focus_is_seen_by_keyboard_and_not_after_a_click(bars, answer):
    bars.show_explanation(seen(answer))
    bars.activateWindow()
    click(bars, 2)
    assert bars.hasFocus()
    without = bars.labels.grab().toImage()
    tab_to(bars)
    assert bars.labels.grab().toImage() != without


def test_while_focused_its_keys_go_before_shortcuts(qtbot, answer):
    window = QWidget()
    layout = QVBoxLayout(window)
    bars = Lengths()
    layout.addWidget(bars)
    QShortcut(QKeySequence("3"), window)
    shown(qtbot, window, (500, 200))
    bars.show_explanation(seen(answer))
    tab_to(bars)
    with qtbot.waitSignal(bars.digit_chosen) as chosen:
        QTest.keyClick(bars, "3")
    assert chosen.args == [3]


def test_the_tooltip_tells_every_iteration_and_the_formula(bars, answer):
    answer = seen(answer)
    bars.show_explanation(answer)
    tip = bars.explain(4.2, 0.5)
    assert all(f"{length:.4f}" in tip for length in answer.lengths[:, 4])
    assert "squash" in tip
    assert "m⁺ = 0.9" in bars.explain(-1, 0.5)
    assert bars.explain(10.4, 0.5) == ""


def test_what_is_said_and_saved_are_the_real_numbers(bars, answer):
    answer = seen(answer)
    bars.show_explanation(answer)
    assert "4: 0.52" in bars.accessibleDescription()
    bars.show_iteration(1)
    first = ", ".join(f"{digit}: {x:.2f}" for digit, x in enumerate(answer.lengths[0]))
    assert f"after routing iteration 1 of 3: {first}" in bars.accessibleDescription()
    table = bars.table()
    assert len(table.rows) == 10
    assert table.rows[4] == (4, *answer.lengths[:, 4].tolist())
    assert len(table.columns) == 4


@pytest.mark.parametrize("count", [2, 10, 26])
def test_any_number_of_capsules_is_drawn_and_named(bars, answer, count):
    bars.show_explanation(seen(answer, winner=1, count=count))
    assert len(bars._bars.opts["height"]) == count
    assert texts(bars).count("0.52") == 1, "the winner's figure, however narrow the bars"
    named = bars.labels._readable()
    assert 1 in named
    assert np.diff(named).min() * bars.unit[0] >= bars.letter * len(str(count))


def test_lines_begin_at_the_first_iteration_and_the_winner_is_on_top(curve, answer):
    answer = seen(answer)
    curve.show_explanation(answer)
    lines = curve.lines.shown
    assert len(lines) == 10
    assert all(line.points[0][0] == 1 and line.points[-1][0] == 10 for line in lines)
    assert lines[-1].points[2] == (3, pytest.approx(answer.curve[2, 4]))
    assert lines[-1].width == 2
    assert all(line.dot == 2 for line in lines)
    curve.show_iteration(1)
    assert all(line.dot == 0 for line in curve.lines.shown)


def test_the_trained_r_and_the_r_asked_for_are_told_apart(curve, answer):
    curve.show_explanation(seen(answer, steps=3))
    assert "trained r = 3" in texts(curve)
    assert "r = 3" not in texts(curve)
    curve.show_explanation(seen(answer, steps=6))
    assert {"trained r = 3", "r = 6"} < set(texts(curve))
    curve.set_trained(1)
    assert "trained r = 1" in texts(curve)
    assert colour_at(curve, 7.5, 0.7) == DARK.ground, "beyond what was asked for"
    assert colour_at(curve, 3.5, 0.7) == DARK.card


@pytest.mark.parametrize("trained", [3, 10])
def test_the_r_at_the_end_of_the_axis_leaves_room_for_the_names_of_curves(curve, answer, trained):
    curve.set_trained(trained)
    curve.show_explanation(seen(answer, steps=10))
    (of_r,) = [word for word in curve.words.shown if word.text.endswith("r = 10")]
    assert of_r.x < 10
    assert of_r.anchor[0] == 1, "its last letter stands there"


def test_its_tooltip_ranks_the_digits_and_tells_what_was_before(curve, answer):
    answer = seen(answer)
    curve.show_explanation(answer)
    first, second = curve.explain(2.4, 0.5).splitlines()[1:3]
    assert first.startswith("4:")
    assert f"{answer.curve[1, 4]:.4f}" in first
    assert second.startswith("9:")
    assert "further than asked for" in curve.explain(7, 0.5)
    assert "1/10" in curve.explain(0.8, 0.5)
    assert "1/10" not in curve.explain(2.4, 0.5)


def test_its_axis_begins_where_lengths_do(curve, answer):
    curve.show_explanation(seen(answer))
    assert curve.labels._readable()[0] == 1
    assert curve.plot.getViewBox().viewRange()[0][0] < curve.lines.shown[0].points[0][0]


def test_without_a_curve_it_shows_the_iterations_it_has(curve, answer):
    curve.show_explanation(replace(seen(answer), curve=None))
    assert all(line.points[-1][0] == 3 for line in curve.lines.shown)
    assert "routing on from 3 to 10 …" in texts(curve)
    assert len(curve.table().rows) == 3
    curve.show_explanation(None)
    assert curve.lines.shown == ()
    assert any("Draw a digit" in text for text in texts(curve))
    assert curve.table() is None


def test_its_sentence_and_table_are_the_real_numbers(curve, answer):
    answer = seen(answer)
    curve.show_explanation(answer)
    assert "capsule 4" in curve.accessibleDescription()
    assert "0.95" in curve.accessibleDescription()
    assert curve.table().rows[9] == (10, *answer.curve[9].tolist())


def test_names_at_ends_never_overlap():
    heights = np.array([90, 89, 50, 8, 7, 6, 5, 4, 3, 2], np.float32)
    places = places_for(heights, 14, 5)
    assert places[0] == (0, 90)
    assert places[1] == (1, 90), "beside the other, in one row"
    assert places[2] == (0, 50)
    assert sum(digit > 2 for digit in places) == 5
    assert len(set(places.values())) == len(places)


def test_the_switch_turns_the_page_and_asks_for_curves_only_while_seen(qtbot, panel):
    wanted = []
    panel.curve_wanted.connect(wanted.append)
    bars, lines = (panel.findChild(QToolButton, f"show-{name}") for name in ("lengths", "curve"))
    assert panel.lengths.isVisible()
    QTest.mouseClick(lines, LEFT)
    assert panel.curve.isVisible()
    assert not panel.lengths.isVisible()
    panel.hide()
    panel.show()
    QTest.keyClick(bars, Qt.Key.Key_Space)
    assert panel.lengths.isVisible()
    assert wanted == [True, False, True, False]
    panel.hide()
    lines.click()
    assert wanted == [True, False, True, False], "nobody sees the lines of a hidden panel"


def test_the_panel_passes_on_what_it_is_shown(qtbot, panel, answer):
    answer = seen(answer, steps=5)
    panel.show_explanation(answer)
    panel.show_iteration(2)
    panel.show_pinned(6)
    panel.set_trained(4)
    assert np.array_equal(panel.lengths._bars.opts["height"], answer.lengths[1])
    with qtbot.waitSignal(panel.digit_chosen) as chosen:
        click(panel.lengths, 6)
    assert chosen.args == [None]
    assert panel.table() == panel.lengths.table()
    panel.findChild(QToolButton, "show-curve").click()
    assert "trained r = 4" in texts(panel.curve)
    assert panel.table() == panel.curve.table()
    assert panel.curve.lines.shown[0].dot == 1


def test_the_answer_in_words_or_none(panel, answer):
    label = panel.findChild(QLabel, "prediction")
    panel.show_waiting("Getting the network ready …", "you can draw already")
    assert label.text() == "–"
    assert panel.prediction._sentence.text() == "Getting the network ready …"
    panel.show_explanation(seen(answer))
    assert label.text() == "4"
    panel.show_waiting("Draw a digit", "")
    assert label.text() == "4", "words for later do not hide an answer"
    panel.show_explanation(replace(answer, lengths=np.full((3, 10), 0.4, np.float32)))
    assert label.text() == "–"
    assert "no digit seen" in panel.prediction._sentence.text()
    panel.show_explanation(None)
    assert panel.prediction._sentence.text() == "Draw a digit"


def test_while_stepping_the_words_tell_the_length_on_show_too(panel, answer):
    panel.show_explanation(seen(answer))
    panel.show_iteration(2)
    told = panel.prediction._detail.text()
    assert told == f"after iteration 2: {seen(answer).lengths[1, 4]:.2f}"
    panel.show_explanation(seen(answer, winner=6))
    assert "after iteration 2" in panel.prediction._detail.text()
    panel.show_iteration(3)
    assert "next is" in panel.prediction._detail.text()


@pytest.mark.parametrize("winner", [4, None])
def test_ink_in_two_pieces_is_told(panel, answer, winner):
    image = np.zeros_like(answer.image)
    image[4:24, 4:8] = image[4:24, 14:18] = 1
    told = seen(answer, winner) if winner else replace(seen(answer), lengths=np.full((3, 10), 0.2))
    panel.show_explanation(replace(told, image=image))
    assert "several digits" in panel.prediction._detail.text()
    assert "several digits" in panel.summary()
    panel.show_explanation(replace(told, image=image * (np.arange(28) < 10)))
    assert "several digits" not in panel.prediction._detail.text()


def test_nothing_is_said_of_others_where_there_is_one_capsule(panel, answer):
    for length, said in ((0.9, ""), (0.3, "the longest capsule, 0, has 0.30")):
        panel.show_explanation(replace(answer, lengths=np.full((3, 1), length)))
        assert panel.prediction._detail.text() == said
        assert "; ;" not in panel.summary()
        assert not panel.prediction.digit.accessibleDescription().endswith("; ")


@pytest.mark.parametrize(
    ("second", "said"), [(0.8, "and 7, 0.80 long"), (0.3, "next is 7, 0.30 long")]
)
def test_a_network_that_reads_two_digits_names_the_second(panel, answer, second, said):
    image = np.zeros_like(answer.image)
    image[4:24, 4:8] = image[4:24, 14:18] = 1
    lengths = np.full((3, 10), 0.1)
    lengths[:, 4], lengths[:, 7] = 0.9, second
    panel.set_trained(3, 2)
    panel.show_explanation(replace(answer, image=image, lengths=lengths))
    assert panel.prediction._detail.text() == said


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_the_answer_wears_its_digit_s_colour(qtbot, panel, answer, theme):
    panel.set_theme(theme)
    panel.show_explanation(seen(answer, winner=13, count=14))
    label = panel.findChild(QLabel, "prediction")
    qtbot.waitUntil(lambda: label.width() >= label.sizeHint().width())  # two figures need more
    picture = label.grab().toImage()
    colours = {
        picture.pixelColor(x, y).name()
        for x in range(picture.width())
        for y in range(picture.height())
    }
    assert theme.digits[3] in colours


def test_it_fits_a_small_window(panel, answer):
    panel.show_explanation(seen(answer))
    assert panel.prediction.height() <= 56
    assert panel.minimumSizeHint().width() <= 468
    assert panel.minimumSizeHint().height() <= 176
    bottom = panel.lengths.labels.mapTo(panel, panel.lengths.labels.rect().bottomRight())
    assert panel.rect().contains(bottom)


def test_words_follow_the_text_size(qapp, bars, answer):
    bars.show_explanation(seen(answer))
    usual, size = bars.unit[0], font(1).pointSizeF()
    set_zoom(qapp, 1.5)
    try:
        assert font(1).pointSizeF() == pytest.approx(1.5 * size)
        bars.set_theme(DARK)
        assert bars.unit[0] < usual, "more room for the words on the left"
    finally:
        set_zoom(qapp, 1)


def test_a_hidden_panel_draws_once_it_is_seen(qtbot, answer):
    bars = Lengths()
    qtbot.addWidget(bars)
    bars.show_explanation(seen(answer))
    assert texts(bars) == []
    shown(qtbot, bars)
    assert "0.52" in texts(bars)
