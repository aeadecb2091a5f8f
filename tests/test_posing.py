import numpy as np
import pytest

from capsviz.data.drawing import Mark
from capsviz.explore.answers import PoseStatistics
from capsviz.explore.explain import reconstruct
from capsviz.gui.pose_edit import PERTURBATION
from capsviz.gui.session import Session
from tests.qt import SEVEN, THREE, settle


@pytest.fixture
def session(qtbot, tiny_file):
    made = Session()
    with qtbot.waitSignal(made.model_changed, timeout=20_000):
        made.load_model("tiny", "cpu")
    made.add_mark(Mark(tuple(THREE)))
    settle(qtbot, made)
    yield made
    made.close()


@pytest.fixture
def posing(session):
    return session.posing


@pytest.fixture
def redrawings(posing):
    seen = []
    posing.redrawn.connect(seen.append)
    return seen


def test_the_winner_is_decoded_as_the_answer_brought_it(session, posing):
    answer = session.explanation
    assert posing.pose.digit == answer.digit
    assert np.array_equal(posing.pose.values, answer.poses[-1, answer.digit])
    assert not posing.pose.is_edited


def test_a_moved_dimension_is_decoded(qtbot, session, posing, redrawings):
    posing.set_dimension(2, 0.3)
    settle(qtbot, session)
    pose = posing.pose
    assert pose.values[2] == pytest.approx(0.3)
    assert (np.delete(pose.values, 2) == np.delete(pose.inferred, 2)).all()
    expected = reconstruct(session.model.network, pose.values, pose.digit)
    assert np.allclose(redrawings[-1].image, expected, atol=1e-6)


def test_one_drag_is_one_step_to_undo(qtbot, session, posing):
    before = posing.pose.values
    steps = session.undo_stack.count()
    posing.begin_gesture()
    for value in (0.1, 0.2, 0.3):
        posing.set_dimension(1, value)
    assert session.undo_stack.count() == steps + 1
    assert "dimension 2" in session.undo_stack.undoText()
    session.undo_stack.undo()
    assert np.array_equal(posing.pose.values, before)
    session.undo_stack.redo()
    assert posing.pose.values[1] == pytest.approx(0.3)
    settle(qtbot, session)


def test_two_drags_are_two_steps(qtbot, session, posing):
    steps = session.undo_stack.count()
    for value in (0.1, 0.2):
        posing.begin_gesture()
        posing.set_dimension(1, value)
    posing.set_dimension(0, 0.1)
    assert session.undo_stack.count() == steps + 3
    settle(qtbot, session)


def test_a_locked_length_stays(qtbot, session, posing):
    length = np.linalg.norm(posing.pose.values)
    posing.set_locked(True)
    for dimension, value in ((0, 0.02), (3, -0.01), (1, 5.0)):
        posing.set_dimension(dimension, value)
        assert np.linalg.norm(posing.pose.values) == pytest.approx(length, rel=1e-5)
    settle(qtbot, session)


def test_reset_goes_back_to_what_routing_found(qtbot, session, posing):
    posing.set_dimension(0, 0.2)
    posing.set_dimension(1, 0.2)
    posing.reset_dimension(1)
    assert posing.pose.values[1] == posing.pose.inferred[1]
    assert posing.pose.is_edited
    posing.reset()
    assert not posing.pose.is_edited
    session.undo_stack.undo()
    assert posing.pose.values[0] == pytest.approx(0.2)
    settle(qtbot, session)


def test_a_random_pose_stays_within_the_distribution(qtbot, session, posing):
    quantiles = np.linspace(-1, 1, 101, dtype=np.float32)
    posing.statistics = PoseStatistics(np.tile(quantiles, (10, 4, 1)), 100)
    posing.randomise()
    assert posing.pose.is_edited
    assert (np.abs(posing.pose.values) <= 0.981).all()
    settle(qtbot, session)


def test_a_pinned_capsule_is_decoded_whoever_wins(qtbot, session, posing, redrawings):
    other = (session.explanation.digit + 1) % 10
    posing.pin(other)
    settle(qtbot, session)
    assert posing.pose.digit == other
    expected = reconstruct(session.model.network, session.explanation.poses[-1, other], other)
    assert np.allclose(redrawings[-1].image, expected, atol=1e-6)
    session.add_mark(Mark(tuple(SEVEN)))
    settle(qtbot, session)
    assert posing.pose.digit == other
    posing.pin(None)
    assert posing.pose.digit == session.explanation.digit


def test_undo_of_an_edit_shows_the_capsule_it_was_made_on(qtbot, session, posing):
    first = posing.pose.digit
    posing.set_dimension(0, 0.25)
    posing.pin((first + 3) % 10)
    posing.set_dimension(1, 0.1)
    posing.pin((first + 5) % 10)
    settle(qtbot, session)
    session.undo_stack.undo()
    assert posing.pose.digit == (first + 3) % 10
    assert not posing.pose.is_edited
    posing.pin(None)
    assert posing.pose.digit == first
    assert posing.pose.values[0] == pytest.approx(0.25)
    settle(qtbot, session)


def test_choosing_capsules_in_a_row_is_one_step_to_undo(qtbot, session, posing):
    stack, winner = session.undo_stack, session.explanation.digit
    steps = stack.count()
    for digit in ((winner + 1) % 10, (winner + 4) % 10):
        posing.choose(digit)
    assert stack.count() == steps + 1
    assert stack.undoText() == f"decode capsule {digit}"
    stack.undo()
    assert posing.pinned is None
    assert posing.pose.digit == winner
    stack.redo()
    assert posing.pose.digit == digit
    posing.choose(None)
    assert stack.count() == steps  # there and back is nothing to undo
    settle(qtbot, session)


def test_keeping_the_length_can_be_undone(qtbot, session, posing):
    stack = session.undo_stack
    posing.set_dimension(0, 0.25)
    posing.lock(True)
    assert stack.undoText() == "keep the pose's length"
    stack.undo()
    assert not posing.is_locked
    assert posing.pose.values[0] == pytest.approx(0.25)
    stack.redo()
    assert posing.is_locked
    posing.lock(False)
    assert stack.undoText() == "dimension 1"
    settle(qtbot, session)


def test_looking_at_another_capsule_keeps_what_can_be_redone(qtbot, session, posing):
    posing.set_dimension(0, 0.25)
    session.undo_stack.undo()
    other = (posing.pose.digit + 1) % 10
    posing.choose(other)
    posing.lock(True)
    assert posing.pose.digit == other
    assert posing.is_locked
    session.undo_stack.redo()
    assert posing.pose.values[0] == pytest.approx(0.25)
    settle(qtbot, session)


def test_a_new_stroke_ends_the_edit_and_undo_brings_both_back(qtbot, session, posing):
    posing.set_dimension(0, 0.25)
    settle(qtbot, session)
    session.add_mark(Mark(tuple(SEVEN)))
    settle(qtbot, session)
    assert not posing.pose.is_edited
    session.undo_stack.undo()
    settle(qtbot, session)
    assert posing.pose.values[0] == pytest.approx(0.25)


def test_each_gesture_leaves_one_film(qtbot, session, posing):
    films = []
    posing.films_changed.connect(films.append)
    for value in (0.1, 0.2):
        posing.begin_gesture()
        posing.set_dimension(0, value)
        settle(qtbot, session)
        posing.set_dimension(0, value + 0.01)
        settle(qtbot, session)
    assert [round(float(film.pose[0]), 2) for film in films[-1]] == [0.11, 0.21]
    posing.show_values(films[-1][0].pose)
    assert posing.pose.values[0] == pytest.approx(0.11)
    settle(qtbot, session)


def test_films_are_few(qtbot, session, posing):
    films = []
    posing.films_changed.connect(films.append)
    for step in range(15):
        posing.begin_gesture()
        posing.set_dimension(0, 0.01 * step + 0.01)
        settle(qtbot, session)
    assert len(films[-1]) == 12


def test_an_animation_moves_one_number_and_ends_where_it_began(qtbot, session, posing):
    before = posing.pose.values
    steps = session.undo_stack.count()
    seen = []
    posing.animate((2,))
    posing.pose_changed.connect(seen.append)
    qtbot.waitUntil(lambda: len(seen) > 3, timeout=10_000)
    posing.stop()
    moved = np.array([pose.values - pose.inferred for pose in seen[:-1]])
    assert np.abs(moved[:, 2]).max() > 0
    assert np.abs(moved[:, 2]).max() <= PERTURBATION + 1e-6
    assert (np.delete(moved, 2, axis=1) == 0).all()
    assert np.array_equal(posing.pose.values, before)
    assert session.undo_stack.count() == steps
    settle(qtbot, session)


def test_without_a_drawing_there_is_no_pose_and_nothing_breaks(qtbot, session, posing):
    session.clear()
    assert posing.pose is None
    posing.set_dimension(0, 0.5)
    posing.reset_dimension(0)
    posing.reset()
    posing.randomise()
    posing.animate((0, 1))
    assert not posing.is_animated
    settle(qtbot, session)


def test_clearing_while_it_decodes_shows_nothing_stale(qtbot, session, posing, redrawings):
    posing.set_dimension(0, 0.3)
    session.clear()
    settle(qtbot, session)
    assert redrawings[-1] is None


def test_undoing_a_stroke_pins_nothing(qtbot, session, posing):
    posing.set_dimension(0, 0.25)
    session.add_mark(Mark(tuple(SEVEN)))
    settle(qtbot, session)
    session.undo_stack.undo()
    settle(qtbot, session)
    assert posing.pinned is None
    assert posing.pose.values[0] == pytest.approx(0.25)


def test_a_closed_session_keeps_no_steps(session, posing):
    """They and the session know each other: collected together, they would crash the program."""
    posing.set_dimension(1, 0.2)
    assert session.undo_stack.count()
    session.close()
    assert session.undo_stack.count() == 0
