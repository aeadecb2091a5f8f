"""The session: intents change it, signals tell, views follow. Real threads, a tiny network."""

import numpy as np
import pytest
from PIL import Image

from capsviz.data.drawing import Mark
from capsviz.data.samples import sample_digits
from capsviz.explore.explain import explain
from tests.qt import SEVEN, THREE, held, settle

STROKE = Mark(tuple(THREE))


@pytest.fixture
def session(window):
    return window.session


def test_the_answer_is_the_network_s_own(qtbot, session):
    session.add_mark(STROKE)
    settle(qtbot, session)
    shown = session.scene.network_input(28)
    expected = explain(session.model.network, shown, 3)
    assert np.array_equal(session.explanation.image, shown)
    assert np.allclose(session.explanation.couplings, expected.couplings, atol=1e-6)
    assert np.allclose(session.explanation.lengths, expected.lengths, atol=1e-6)


def test_a_preview_answers_without_an_undo_step(qtbot, session):
    with qtbot.waitSignal(session.explanation_changed):
        session.preview_mark(STROKE)
    assert session.undo_stack.count() == 0
    assert session.scene.is_empty


def test_undo_and_redo_step_through_named_strokes(qtbot, session):
    session.add_mark(STROKE)
    session.add_mark(Mark(((10, 10), (12, 12)), erases=True))
    session.clear()
    names = [session.undo_stack.text(i) for i in range(session.undo_stack.count())]
    assert names == ["stroke", "erase", "clear"]
    session.undo_stack.undo()
    assert len(session.scene.drawing.marks) == 2
    session.undo_stack.setIndex(0)
    assert session.scene.is_empty
    session.undo_stack.redo()
    assert session.scene.drawing.marks == (STROKE,)
    settle(qtbot, session)


def test_clearing_forgets_the_answer_at_once_and_for_good(qtbot, session):
    session.add_mark(STROKE)
    settle(qtbot, session)
    session.add_mark(Mark(tuple(SEVEN)))  # its answer is under way …
    session.clear()
    assert session.explanation is None
    settle(qtbot, session)
    assert session.explanation is None  # … and never shown


def test_a_drawing_made_before_the_network_is_there_is_answered_when_it_comes(
    qtbot, bare_window, tiny_file
):
    session = bare_window.session
    session.add_mark(STROKE)
    assert session.explanation is None
    with qtbot.waitSignal(session.explanation_changed, timeout=20_000):
        session.load_model("tiny", "cpu")
    settle(qtbot, session)
    assert session.explanation.final_lengths.shape == (10,)


def test_a_network_that_comes_while_the_pen_is_down_answers_the_mark_under_way(
    qtbot, bare_window, tiny_file
):
    session = bare_window.session
    session.preview_mark(STROKE)
    with qtbot.waitSignal(session.explanation_changed, timeout=20_000):
        session.load_model("tiny", "cpu")
    settle(qtbot, session)
    assert session.scene.is_empty
    assert np.array_equal(
        session.explanation.image, session.scene.with_mark(STROKE).network_input(28)
    )


@pytest.mark.parametrize("iterations", [1, 2, 10])
def test_routing_iterations_are_live(qtbot, session, iterations):
    session.add_mark(STROKE)
    settle(qtbot, session)
    session.set_iterations(iterations)
    settle(qtbot, session)
    assert session.explanation.iterations == iterations
    assert np.allclose(session.explanation.couplings.sum(-1), 1, atol=1e-5)


def test_an_answer_that_was_routed_otherwise_is_never_shown(qtbot, session):
    shown = []
    session.add_mark(STROKE)
    settle(qtbot, session)
    with held(session.answering._explainer):
        session.opening.show_sample(5)
        session.set_iterations(9)
        session.explanation_changed.connect(shown.append)
    settle(qtbot, session)
    assert [answer.iterations for answer in shown] == [9]


def test_an_image_is_opened_on_the_canvas(qtbot, session, tmp_path):
    digit = sample_digits().images[0]
    path = tmp_path / "digit.png"
    Image.fromarray(digit).save(path)
    with qtbot.waitSignal(session.scene_changed, timeout=20_000):
        session.opening.open_file(path)
    settle(qtbot, session)
    assert np.allclose(session.explanation.image, digit / np.float32(255))
    assert session.undo_stack.undoText() == "open digit.png"


def test_strokes_are_opened_as_a_drawing(qtbot, session, tmp_path):
    path = tmp_path / "one.jsonl"
    path.write_text('{"strokes": [[[500, 100], [500, 900]]]}\n')
    with qtbot.waitSignal(session.scene_changed, timeout=20_000):
        session.opening.open_file(path)
    settle(qtbot, session)
    assert len(session.scene.drawing.marks) == 1
    assert all(
        0 <= value <= 28 for point in session.scene.drawing.marks[0].points for value in point
    )


@pytest.fixture
def digit_file(tmp_path):
    """A picture of a digit."""
    Image.fromarray(sample_digits().images[0]).save(tmp_path / "digit.png")
    return tmp_path / "digit.png"


@pytest.mark.parametrize("is_file", [True, False])
def test_what_comes_late_does_not_replace_what_was_drawn_meanwhile(
    qtbot, session, digit_file, is_file
):
    job = session.opening._opener if is_file else session.studies._searcher
    with held(job):
        session.opening.open_file(digit_file) if is_file else session.opening.show_next_mistake()
        session.add_mark(STROKE)
    settle(qtbot, session)
    assert session.scene.drawing.marks == (STROKE,)
    assert session.scene.ground is None
    assert session.undo_stack.undoText() == "stroke"


def test_a_file_comes_though_it_is_framed_otherwise_meanwhile(qtbot, session, digit_file):
    with held(session.opening._opener):
        session.opening.open_file(digit_file)
        session.set_framed(False)
    settle(qtbot, session)
    assert session.undo_stack.undoText() == "open digit.png"


@pytest.mark.parametrize("is_file_last", [True, False])
def test_of_a_file_and_a_mistake_the_one_asked_for_last_comes(
    qtbot, session, digit_file, is_file_last
):
    opening = session.opening
    asks = [opening.show_next_mistake, lambda: opening.open_file(digit_file)]
    with held(opening._opener), held(session.studies._searcher):
        for ask in asks if is_file_last else reversed(asks):
            ask()
    settle(qtbot, session)
    names = [session.undo_stack.text(step) for step in range(session.undo_stack.count())]
    assert names == ["open digit.png" if is_file_last else "sample digit"]


def test_of_two_files_the_one_opened_last_comes(qtbot, session, digit_file, tmp_path):
    Image.fromarray(sample_digits().images[1]).save(tmp_path / "second.png")
    with held(session.opening._opener):
        session.opening.open_file(digit_file)
        session.opening.open_file(tmp_path / "second.png")
    settle(qtbot, session)
    assert session.undo_stack.undoText() == "open second.png"
    assert session.undo_stack.count() == 1


def test_erasing_where_no_ink_is_makes_no_step(qtbot, session):
    session.add_mark(STROKE)
    session.add_mark(Mark(((1, 1), (2, 1)), erases=True))
    assert session.undo_stack.count() == 1
    settle(qtbot, session)


def test_one_can_draw_and_erase_on_an_opened_image(qtbot, session):
    session.opening.show_random_sample()
    before = session.scene.network_input(28)
    session.add_mark(Mark(((0, 14), (28, 14)), width=3, erases=True))
    erased = session.scene.network_input(28)
    session.add_mark(Mark(((2, 2), (2, 4))))
    drawn = session.scene.network_input(28)
    assert erased[14].max() < 0.01 < before[14].max()
    assert drawn[3, 2] > 0.9 > before[3, 2]
    settle(qtbot, session)


@pytest.mark.parametrize("content", [b"", b"not an image", b"\x89PNG\r\n\x1a\n cut"])
def test_a_broken_file_is_one_notice_and_nothing_is_lost(qtbot, session, tmp_path, content):
    session.add_mark(STROKE)
    path = tmp_path / "broken.png"
    path.write_bytes(content)
    with qtbot.waitSignal(session.noticed, timeout=20_000) as told:
        session.opening.open_file(path)
    assert "broken.png" in told.args[0]
    assert "\n" not in told.args[0]
    assert session.scene.drawing.marks == (STROKE,)
    settle(qtbot, session)


def test_broken_weights_leave_the_present_network_in_place(qtbot, session, tmp_path):
    path = tmp_path / "bad.safetensors"
    path.write_bytes(b"\x80\x04 a pickle")
    before = session.model
    with qtbot.waitSignal(session.noticed, timeout=20_000) as told:
        session.load_model(str(path))
    assert "pickle" in told.args[0]
    assert session.model is before


def test_a_setter_tells_only_a_change(qtbot, session):
    with qtbot.assertNotEmitted(session.iterations_changed):
        session.set_iterations(session.iterations)


def test_closing_twice_and_asking_afterwards_is_harmless(session):
    session.close()
    session.add_mark(STROKE)
    session.load_model("tiny")
    session.close()
