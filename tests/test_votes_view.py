from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QHelpEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolTip

from capsviz.gui.look.export import save_picture
from capsviz.gui.look.theme import LIGHT
from capsviz.gui.routing.votes import Votes


@pytest.fixture
def view(qtbot):
    view = Votes()
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


def far_votes(answer, digit):
    """Votes for a digit with none near them, so that a place names one of them."""
    return np.argsort(-np.linalg.norm(answer.votes[:, digit], axis=1))[:5].tolist()


def coloured(view):
    """How many pixels of the plane are neither its ground nor grey; focus would be some."""
    view.plane.clearFocus()
    image = view.plane.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    rows = pixels[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)
    return int((np.ptp(rows, axis=2) > 60).sum())


def test_it_says_how_many_votes_agree(view, answer):
    view.show_explanation(answer)
    digit = answer.digit
    agreement = answer.votes[:, digit] @ answer.poses[-1, digit]
    assert f"{(agreement > 0).sum()} of {len(agreement)} votes" in view.summary()
    assert view.words.text().startswith(f"{len(agreement)} votes for {digit}")


def test_the_numbers_are_those_of_the_iteration_and_digit_shown(view, answer):
    view.show_explanation(answer)
    view.show_digit(4)
    view.show_iteration(2)
    table = view.table()
    rows = np.array(table.rows)
    assert table.columns[:3] == ("iteration", "digit", "primary capsule")
    assert (rows[:, :2] == (2, 4)).all()
    coupling, agreement = rows[:, table.columns.index("coupling")], rows[:, -1]
    assert coupling == pytest.approx(answer.couplings[1, :, 4])
    assert agreement == pytest.approx(answer.votes[:, 4] @ answer.poses[1, 4], abs=1e-6)
    view.show_iteration(99)
    assert "iteration 3" in view.summary()


def test_points_stay_between_iterations_and_the_arrow_points_right(view, answer):
    view.show_explanation(answer)
    view.show_iteration(1)
    first = [view.plane.place_of(i) for i in range(len(answer.votes))]
    view.show_iteration(3)
    assert [view.plane.place_of(i) for i in range(len(answer.votes))] == first
    before = np.array(view.table().rows)[:, 3:5]
    view.show_explanation(answer)
    assert np.array(view.table().rows)[:, 3:5] == pytest.approx(before)


def test_pointing_at_a_vote_rings_it_and_leaving_ends_that(qtbot, view, answer):
    view.show_explanation(answer)
    vote = far_votes(answer, answer.digit)[0]
    with qtbot.waitSignal(view.pointed) as pointed:
        QTest.mouseMove(view.plane, view.plane.place_of(vote).toPoint())
    assert pointed.args == [vote]
    assert view.plane.ringed == vote
    with qtbot.waitSignal(view.pointed) as pointed:
        QTest.mouseMove(view.plane, QPoint(2, 2))
    assert pointed.args == [None]


def test_a_tooltip_tells_the_vote(view, answer, tooltip):
    view.show_explanation(answer)
    vote = far_votes(answer, answer.digit)[0]
    text = tooltip(view.plane, view.plane.place_of(vote).toPoint())
    assert f"Primary capsule {vote} of 0–{len(answer.primary) - 1}: type " in text
    assert f"coupling c = {answer.couplings[-1, vote, answer.digit]:.4f}" in text
    assert f"{answer.votes[vote, answer.digit, 3]:+.3f}" in text


def test_the_keyboard_goes_through_votes_by_coupling(qtbot, view, answer):
    view.show_explanation(answer)
    order = np.argsort(-answer.couplings[-1, :, answer.digit], kind="stable")
    view.plane.setFocus()
    for vote in order[:3]:
        QTest.keyClick(view.plane, Qt.Key.Key_Down)
        assert view.plane.ringed == vote
    QTest.keyClick(view.plane, Qt.Key.Key_Up)
    assert view.plane.ringed == order[1]
    QTest.keyClick(view.plane, Qt.Key.Key_Escape)
    assert view.plane.ringed is None


def test_nothing_is_drawn_without_an_answer(view, answer):
    view.show_explanation(answer)
    assert coloured(view)
    view.show_explanation(None)
    assert not coloured(view)
    assert "draw a digit" in view.words.text()
    assert view.table() is None
    assert view.plane.vote_at(QPointF(100, 100)) is None


def test_one_wild_vote_does_not_shrink_the_others(view, answer):
    view.show_explanation(answer)
    wild, other = far_votes(answer, answer.digit)[::4]
    inside = view.plane.rect().adjusted(4, 4, -4, -4)
    centre = QPointF(view.plane.width() / 2, view.plane.height() / 2)
    votes = answer.votes.copy()
    votes[wild] *= 1e6
    view.show_explanation(replace(answer, votes=votes))
    assert inside.contains(view.plane.place_of(wild).toPoint())
    circle = (view.plane.height() / 2) / 1.12  # pixels from the origin to the length 1
    length = np.linalg.norm(answer.votes[other, answer.digit])
    away = view.plane.place_of(other) - centre
    assert np.hypot(away.x(), away.y()) <= np.sqrt(length) * circle + 1
    assert view.plane.height() / 2 > circle > view.plane.height() / 3


def test_another_theme_another_colour(view, answer):
    view.show_explanation(answer)
    dark = view.grab().toImage()
    view.set_theme(LIGHT)
    assert view.grab().toImage() != dark


def test_a_vector_picture_has_a_dot_for_each_vote(view, answer, tmp_path):
    view.show_explanation(answer)
    save_picture(view, tmp_path / "votes.svg")
    drawn = (tmp_path / "votes.svg").read_text()
    assert drawn.count("<circle") + drawn.count("<ellipse") >= len(answer.votes)


def test_the_legend_says_that_colours_end_before_agreements_do(view, answer, monkeypatch):
    written = []
    monkeypatch.setattr(view.legend, "_write", lambda *given: written.append(given[-1]))
    view.show_explanation(answer)
    view.legend.grab()
    assert "colour = û·v  ≤ −1" in written
    assert "≥ 1" in written
    assert "-1 or less to 1 or more" in view.legend.accessibleName()
