import re
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QLabel, QToolTip

from capsviz.explore.agreement import every_agreement
from capsviz.gui.look.theme import LIGHT
from capsviz.gui.routing.agreement import Agreement


@pytest.fixture
def view(qtbot):
    view = Agreement()
    qtbot.addWidget(view)
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


def test_the_lamp_says_that_couplings_sum_to_one(view, answer):
    view.show_explanation(answer)
    assert f"= 1 for all {len(answer.votes)} primary capsules" in view.lamp.text()
    wrong = answer.couplings.copy()
    wrong[0, 0, 0] += 0.3
    view.show_explanation(replace(answer, couplings=wrong))
    assert "≠ 1" in view.lamp.text()
    assert "3e-1" in view.lamp.text()
    assert "softmax runs over the digit capsules" in view.lamp.toolTip()


def test_the_table_has_a_row_for_each_iteration(view, answer):
    view.show_explanation(answer)
    table = view.table()
    assert [row[0] for row in table.rows] == [1, 2, 3]
    assert table.rows[0][1:4] == pytest.approx((10, 10, 10))
    assert table.rows[0][4] == pytest.approx(np.log2(10))


def test_the_table_holds_the_histogram_of_every_iteration(view, answer, tooltip):
    view.show_explanation(answer)
    view.show_digit(6)
    table = view.table()
    for whose in ("for 6", "for others"):
        bins = [at for at, name in enumerate(table.columns) if f"votes {whose} with" in name]
        assert len(bins) > 10
        for row in table.rows:
            assert sum(row[at] for at in bins) == pytest.approx(1)
    shown = dict(zip(table.columns, table.rows[-1], strict=True))
    low, high, own, others = view.histogram.shares_at(0)
    assert shown[f"share of votes for 6 with û·v {low:.4g} to {high:.4g}"] == own
    assert shown[f"share of votes for others with û·v {low:.4g} to {high:.4g}"] == others


def test_pointing_at_an_iteration_tells_its_parents_and_entropy(view, answer, tooltip):
    view.show_explanation(answer)
    text = tooltip(view.parents, view.parents.at(2, 5).toPoint())
    assert text.startswith("Iteration 2")
    assert f"mean entropy H = {view.table().rows[1][4]:.4f} bits of 3.3219" in text


def test_pointing_at_a_bin_tells_its_shares(view, answer, tooltip):
    view.show_explanation(answer)
    view.show_digit(6)
    text = tooltip(view.histogram, view.histogram.at(0, -1).toPoint())
    low, high, own, _ = view.histogram.shares_at(0)
    agreement = every_agreement(answer)[-1, :, 6]
    assert own == pytest.approx(((agreement >= low) & (agreement < high)).mean(), abs=0.02)
    assert f"digit 6: {own:.2%} of its votes" in text


def test_bins_are_the_same_in_every_iteration_and_hold_every_vote(view, answer):
    view.show_explanation(answer)
    edges = []
    for iteration in (1, 2, 3):
        view.show_iteration(iteration)
        edges.append(view.histogram.shares_at(0)[:2])
        reach = every_agreement(answer)[iteration - 1]
        ends = view.histogram.shares_at(reach.min()), view.histogram.shares_at(reach.max())
        assert None not in ends
    assert edges[0] == edges[1] == edges[2]
    assert edges[0][0] == pytest.approx(-edges[0][1])


def test_scrubbing_shows_another_histogram(view, answer):
    growing = answer.poses * np.float32([0.1, 0.5, 1])[:, None, None]
    view.show_explanation(replace(answer, poses=growing))
    view.show_iteration(1)
    first = view.histogram.grab().toImage()
    view.show_iteration(3)
    assert view.histogram.grab().toImage() != first
    assert "After iteration 3" in view.summary()
    view.show_iteration(10)
    assert "After iteration 3" in view.summary()


def test_one_iteration_is_enough(view, answer):
    view.show_explanation(
        replace(
            answer,
            logits=answer.logits[:1],
            couplings=answer.couplings[:1],
            poses=answer.poses[:1],
            lengths=answer.lengths[:1],
        )
    )
    assert len(view.table().rows) == 1
    assert not view.grab().isNull()


def test_without_an_answer_the_axes_wait(view, answer):
    assert "Draw a digit" in view.lamp.text()
    assert view.table() is None
    empty = view.grab().toImage()
    view.show_explanation(answer)
    assert view.grab().toImage() != empty
    view.show_explanation(None)
    assert view.histogram.shares_at(0) is None
    assert "Draw a digit" in view.summary()


def test_another_theme_another_colour(view, answer):
    view.show_explanation(answer)
    dark = view.grab().toImage()
    view.set_theme(LIGHT)
    assert view.grab().toImage() != dark
    assert LIGHT.digits[answer.digit] in view.agreement_words.text()


def test_the_title_says_which_mean_is_shown(view, answer, tooltip):
    """The mean of 2^H is more than 2 to the mean H, which stands below the title."""
    couplings = answer.couplings.copy()
    couplings[1, : len(answer.primary) // 2] = np.eye(10, dtype=np.float32)[3]  # half decided
    view.show_explanation(replace(answer, couplings=couplings))
    view.show_iteration(2)
    titles = [label.text() for label in view.findChildren(QLabel)]
    assert "Effective parents, mean of 2<sup>H</sup>" in titles
    text = tooltip(view.parents, view.parents.at(2, 5).toPoint())
    entropy, mean = (
        float(re.search(rf"{what} ([\d.]+)", text)[1]) for what in ("H =", "capsules alike:")
    )
    assert mean > 2**entropy + 0.1
    assert "mean of 2^H" in text
