import math
import re
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QToolTip

from capsviz.explore.agreement import Step
from capsviz.gui.look.theme import LIGHT
from capsviz.gui.routing.calculation import Calculation
from capsviz.gui.routing.calculation_lines import (
    LINES,
    figures,
    product_in_words,
    results,
    square_in_words,
    squash_in_words,
    sum_in_words,
)


@pytest.fixture
def view(qtbot):
    view = Calculation()
    qtbot.addWidget(view)
    view.pointed.connect(view.show_pointed)
    view.resize(500, 270)
    view.show()
    qtbot.waitExposed(view)
    return view


@pytest.fixture
def tooltip(monkeypatch):
    """What hovering a place in a widget says."""
    said = []
    # the offscreen platform cannot raise a tooltip
    monkeypatch.setattr(QToolTip, "showText", lambda _place, text, _widget: said.append(text))

    def hover(widget, place):
        widget.event(QHelpEvent(QHelpEvent.Type.ToolTip, place, widget.mapToGlobal(place)))
        return said.pop()

    return hover


def most_active(answer):
    return int(np.linalg.norm(answer.primary, axis=1).argmax())


def result(view, field):
    return next(
        label.text()
        for line, label in zip(LINES, view.results, strict=True)
        if line.field == field
    ).replace("−", "-")


def test_at_first_it_follows_the_most_active_capsule(view, answer):
    view.show_explanation(answer)
    assert view.picker.value() == most_active(answer)
    assert view.where.text().endswith(f"→ digit {answer.digit}")
    quieter = answer.primary.copy()
    quieter[most_active(answer)] = 0
    view.show_explanation(replace(answer, primary=quieter))
    assert view.picker.value() != most_active(answer)


def test_it_keeps_to_the_capsule_that_was_pointed_at(view, answer):
    view.show_explanation(answer)
    view.show_pointed(45)
    view.show_pointed(None)
    view.show_explanation(answer)
    assert view.picker.value() == 45
    assert view.where.text().startswith("type 2, row 2, column 4")


def test_the_numbers_written_out_are_those_of_the_network(view, answer):
    view.show_explanation(answer)
    view.show_digit(3)
    view.show_iteration(2)
    view.show_pointed(20)
    b, c = answer.logits[1, 20, 3], answer.couplings[1, 20, 3]
    agreement = float(answer.votes[20, 3] @ answer.poses[1, 3])
    vote = float(np.linalg.norm(answer.votes[20, 3]))
    assert result(view, "primary") == f"‖u‖ = {np.linalg.norm(answer.primary[20]):.3f}"
    assert result(view, "couplings") == f"c = {c:.3f},  Σ c = 1.000"
    assert result(view, "contribution") == f"{c:.3f} · {vote:.3f} = {c * vote:.3f}"
    assert result(view, "pose").endswith(f"= {answer.lengths[1, 3]:.3f}")
    sign = "−" if round(agreement, 3) < 0 else "+"
    assert result(view, "products").startswith(f"{b:z.3f} {sign} {abs(agreement):.3f} = ")


def test_the_table_leads_from_one_iteration_to_the_next(view, answer):
    view.show_explanation(answer)
    view.show_iteration(2)
    view.show_digit(5)
    view.show_pointed(33)
    numbers, table = {}, view.table()
    assert table.columns[:3] == ("iteration", "digit", "primary capsule")
    for *about, quantity, _, value in table.rows:
        assert about == [2, 5, 33]
        numbers.setdefault(quantity, []).append(value)
    powers = [math.exp(b) for b in numbers["b"]]
    assert numbers["c"] == pytest.approx([power / math.fsum(powers) for power in powers])
    grown = numbers["b"][5] + math.fsum(numbers["û·v, part"])
    assert grown == pytest.approx(float(answer.logits[2, 33, 5]), abs=1e-6)


def test_choosing_a_capsule_points_at_it(qtbot, view, answer):
    view.show_explanation(answer)
    with qtbot.assertNotEmitted(view.pointed):
        view.show_pointed(7)
    with qtbot.waitSignal(view.pointed) as pointed:
        QTest.keyClick(view.picker, Qt.Key.Key_Up)
    assert pointed.args == [8]
    assert "Primary capsule 8 " in view.summary()
    with qtbot.waitSignal(view.pointed) as pointed:
        QTest.mouseClick(view.most_active, Qt.MouseButton.LeftButton)
    assert pointed.args == [most_active(answer)]


def test_a_bar_tells_its_number_and_equation(view, answer, tooltip):
    view.show_explanation(answer)
    strip = view.strips[[line.field for line in LINES].index("couplings")]
    text = tooltip(strip, QPoint(round(strip.width() * 0.35), 4))  # the fourth of ten
    capsule = view.picker.value()
    assert f"c 3 = {answer.couplings[-1, capsule, 3]:.5f}" in text
    assert "eq. 3" in text


def test_numbers_stand_below_bars_where_there_is_room(view, answer):
    def lowest(strip):
        """How many colours its lowest line of text would have."""
        image = strip.grab().toImage()
        y = image.height() - 6
        return len({image.pixelColor(x, y).name() for x in range(image.width())})

    view.show_explanation(answer)
    logits = view.strips[[line.field for line in LINES].index("logits")]
    before = lowest(logits)
    view.resize(1300, 800)
    assert lowest(logits) > before


def test_a_network_with_fewer_capsules_starts_over(view, answer):
    view.show_explanation(answer)
    view.show_pointed(len(answer.votes) - 1)
    half = len(answer.votes) // 2
    view.show_explanation(
        replace(
            answer,
            grid=(1, *answer.grid[1:]),
            primary=answer.primary[:half],
            votes=answer.votes[:half],
            logits=answer.logits[:, :half],
            couplings=answer.couplings[:, :half],
        )
    )
    assert view.picker.maximum() == half - 1
    assert view.picker.value() == int(np.linalg.norm(answer.primary[:half], axis=1).argmax())


def test_without_an_answer_it_says_what_to_do(view, answer):
    view.show_explanation(answer)
    view.show_explanation(None)
    assert view.where.text().startswith("Draw a digit")
    assert not view.picker.isVisible()
    assert view.table() is None
    assert all(label.text() == "" for label in view.results)


def test_another_theme_another_colour(view, answer):
    view.show_explanation(answer)
    dark = view.strips[5].grab().toImage()
    view.set_theme(LIGHT)
    assert view.strips[5].grab().toImage() != dark


def numbers(text):
    return [float(number) for number in re.findall(r"-?\d+\.\d+", text)]


@pytest.mark.parametrize("seed", range(40))
def test_numbers_that_are_written_out_add_up_as_they_are_shown(seed):
    b, agreement = np.random.default_rng(seed).normal(0, 1, 2).tolist()
    words = sum_in_words(b, agreement)
    first, second, total = numbers(words.replace(" - ", " + -"))
    decimals = len(words.split(".")[-1])
    assert round(first + second, decimals) == total
    assert total == pytest.approx(b + agreement, abs=5.1e-4)
    c, vote = abs(b) / 4, abs(agreement) * 3
    first, second, product = numbers(product_in_words(c, vote))
    assert f"{first * second:.3f}" == f"{product:.3f}"
    total, square = numbers(square_in_words(vote))
    assert figures(total**2) == figures(square)


def test_a_sum_that_three_digits_spoil_is_shown_with_four():
    assert sum_in_words(0.0074, 0.0254) == "0.0074 + 0.0254 = 0.0328"
    assert sum_in_words(0.007, 0.025) == "0.007 + 0.025 = 0.032"
    assert squash_in_words(0.0524, 0.0524 / 1.0524) == "‖v‖ = 0.0524 / (1 + 0.0524) = 0.050"


@pytest.mark.parametrize("is_last", [False, True])
def test_no_line_shows_a_negative_zero(is_last):
    ones, least = np.ones(2, np.float32), np.full(2, -0.0001, np.float32)
    half = np.full(2, 0.5, np.float32)
    step = Step(ones, ones, least, half, half, ones, half, least / 2)
    for line in results(step, 0, is_last):
        assert not re.search(r"−0\.0+(?!\d)", line), line


@pytest.mark.parametrize(("b", "agreement"), [(-0.0001, 0.0), (0.0, -0.0001), (0.0002, -0.0002)])
def test_no_sum_shows_a_negative_zero(b, agreement):
    words = sum_in_words(b, agreement)
    assert not re.search(r"-\s?0\.0+(?!\d)", words), words


def test_after_the_last_iteration_nothing_begins_with_the_sum(view, answer):
    view.show_explanation(answer)
    view.show_iteration(answer.iterations)
    assert result(view, "products").endswith("last iteration: not used")
    assert not view.formulas[-1].isEnabled()
    assert "no iteration follows" in view.strips[-1].toolTip()
    assert "not used" in view.summary()
    view.show_iteration(answer.iterations - 1)
    assert "not used" not in result(view, "products")
    assert view.formulas[-1].isEnabled()
    assert "the next iteration\nbegins" in view.strips[-1].toolTip()
    assert "not used" not in view.summary()


def test_every_result_finds_room(view, answer):
    view.show_explanation(answer)
    for iteration in range(1, answer.iterations + 1):
        view.show_iteration(iteration)
        for label in view.results:
            assert label.fontMetrics().horizontalAdvance(label.text()) <= label.width()


def test_it_says_from_where_it_counts(view, answer):
    view.resize(546, 290)  # as in a window of 1280×720
    view.show_explanation(answer)
    view.show_pointed(45)
    last = len(answer.primary) - 1
    assert f"Primary capsule 0–{last}:" in [label.text() for label in view.findChildren(QLabel)]
    assert view.where.text() == f"type 2, row 2, column 4 → digit {answer.digit}"
    assert view.where.sizeHint().width() <= view.where.width()
    assert "from 1" in view.where.toolTip()
    assert "(section 2)" in view.strips[0].toolTip()


def test_a_chosen_capsule_holds_whatever_is_pointed_at_on_the_way(view, answer):
    view.show_explanation(answer)
    view.picker.setValue(7)
    view.show_pointed(45)
    assert view.picker.value() == 45
    view.show_pointed(None)
    assert view.picker.value() == 7
    view.most_active.click()
    view.show_pointed(45)
    view.show_pointed(None)
    assert view.picker.value() == most_active(answer)
    view.hold(45)
    view.show_pointed(7)
    view.show_pointed(None)
    assert view.picker.value() == 45
