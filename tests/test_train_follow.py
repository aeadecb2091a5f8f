"""The explorer follows a learning network: live, back in time, and over pinned drawings."""

import shutil
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QSlider

from capsviz.explore.explain import explain
from capsviz.network import load_checkpoint
from capsviz.places import user_runs_folder
from capsviz.training.frames import frames_of
from tests.learning import make_runs, tiny_request, write_tiny_mnist
from tests.qt import SEVEN, draw_and_settle, held, settle


@pytest.fixture
def data(tmp_path):
    return write_tiny_mnist(tmp_path / "mnist")


@pytest.fixture
def learning(window):
    return window.session.learning


@pytest.fixture(scope="module")
def made_runs(tmp_path_factory, tiny_config):
    """A folder of runs, made once."""
    home = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CAPSVIZ_HOME", str(home))
        return make_runs(write_tiny_mnist(home / "mnist"), tiny_config)


@pytest.fixture
def run(qtbot, window, learning, made_runs):
    """An earlier run, opened again with a drawing pinned."""
    shutil.copytree(made_runs, user_runs_folder())
    draw_and_settle(qtbot, window)
    learning.filming.pin(window.session.scene, 28)
    learning.archive.reopen(user_runs_folder() / "first")
    settle(qtbot, window.session)
    return window


def frame(learning, step):
    kept = {one.step: one.path for one in frames_of(user_runs_folder() / "first")}
    return load_checkpoint(kept[step]).model


def test_the_learning_network_answers_what_is_drawn(qtbot, window, learning, data, tiny_config):
    window.asks_before_closing = False
    draw_and_settle(qtbot, window)
    before, chosen = window.session.explanation, window.session.model
    learning.following.follow(True)
    seen = []
    window.session.explanation_changed.connect(seen.append)
    with qtbot.waitSignal(learning.training.ended, timeout=30_000):
        learning.training.start(tiny_request(data, tiny_config, learning.training.is_wanted))
    settle(qtbot, window.session)
    assert window.session.model is not chosen
    assert window.session.answering.chosen_model is chosen
    shown = window.session.explanation
    assert shown is seen[-1]
    assert not np.allclose(shown.final_lengths, before.final_lengths)
    bars = window.views.capsules.lengths._bars.opts
    assert np.array_equal(bars["height"], shown.final_lengths)
    box = window.findChild(QCheckBox, "follow-training")
    assert box.isChecked()
    box.click()  # and the network from before answers again
    settle(qtbot, window.session)
    assert not learning.following.is_following
    assert window.session.model is chosen
    assert np.allclose(window.session.explanation.final_lengths, before.final_lengths, atol=1e-6)


def test_choosing_another_network_ends_following(qtbot, run, learning, tiny_file):
    learning.following.scrub(0)
    settle(qtbot, run.session)
    assert run.session.model.name == "learning · first"
    with qtbot.waitSignal(run.session.model_changed, timeout=20_000):
        run.session.load_model("tiny", "cpu")
    settle(qtbot, run.session)
    assert not learning.following.is_following
    assert not run.findChild(QCheckBox, "follow-training").isChecked()
    assert run.session.model.name == "tiny"


def test_scrubbing_takes_every_view_back_in_time(qtbot, run, learning):
    film, slider = run.views.training.film, run.findChild(QSlider, "training-step")
    run.views.training.pages.show_page(film)
    steps = film.board.steps
    assert steps[0] == 0
    assert len(steps) > 3
    slider.setValue(0)
    settle(qtbot, run.session)
    answer = run.session.explanation
    expected = explain(frame(learning, 0), answer.image, 3)
    assert np.allclose(answer.final_lengths, expected.final_lengths, atol=1e-5)
    bars = run.views.capsules.lengths._bars.opts
    assert np.array_equal(bars["height"], answer.final_lengths)
    slider.setValue(slider.maximum())
    settle(qtbot, run.session)
    assert not np.allclose(run.session.explanation.final_lengths, answer.final_lengths)


def test_the_film_reads_each_pinned_drawing_at_every_kept_step(qtbot, run, learning):
    board = run.views.training.film.board
    run.views.training.pages.show_page(run.views.training.film)
    qtbot.waitUntil(lambda: len(board.readings) == len(board.steps), timeout=20_000)
    for step in (board.steps[0], board.steps[-1]):
        expected = explain(frame(learning, step), board.drawings[0])
        reading = board.readings[0, step]
        assert reading.digit == expected.digit
        assert np.allclose(reading.redrawn, expected.reconstruction, atol=1e-5)
    rows = run.views.training.film.table().rows
    assert [row[1] for row in rows] == list(board.steps)


def test_a_drawing_pinned_later_is_read_by_all_kept_steps_too(qtbot, run, learning):
    board = run.views.training.film.board
    run.session.clear()
    draw_and_settle(qtbot, run, SEVEN)
    run.views.training.film.pin_asked.emit()
    settle(qtbot, run.session)
    assert len(board.drawings) == 2
    assert {step for row, step in board.readings if row == 1} == set(board.steps)


def test_a_click_on_the_film_shows_that_step_and_on_a_drawing_that_drawing(qtbot, run, learning):
    film = run.views.training.film
    run.views.training.pages.show_page(film)
    settle(qtbot, run.session)
    pinned = run.session.scene
    run.session.clear()
    place = film.board._cell(0, 1).center().toPoint()
    QTest.mouseClick(film.board, Qt.MouseButton.LeftButton, pos=place)
    assert learning.following.step == film.board._columns()[0]
    QTest.mouseClick(
        film.board, Qt.MouseButton.LeftButton, pos=film.board._cell(0, 0).center().toPoint()
    )
    settle(qtbot, run.session)
    assert run.session.scene is pinned


def test_no_more_than_six_are_pinned_and_each_can_be_let_go(qtbot, run, learning):
    for _ in range(8):
        learning.filming.pin(run.session.scene, 28)
    assert len(run.views.training.film.board.drawings) == 6
    assert not run.views.training.film._pin.isEnabled()
    learning.filming.unpin(0)
    settle(qtbot, run.session)
    assert len(run.views.training.film.board.drawings) == 5
    assert run.views.training.film._pin.isEnabled()
    assert {row for row, _ in run.views.training.film.board.readings} == set(range(5))


def test_a_second_run_that_is_followed_is_shown_as_the_first_was(qtbot, run, learning):
    told = []
    run.session.model_changed.connect(lambda model: told.append(model.name))
    before = run.session.model
    learning.following.follow(True)
    settle(qtbot, run.session)
    learning.archive.reopen(user_runs_folder() / "second")
    settle(qtbot, run.session)
    assert told == ["learning · first", "learning · second"]
    learning.following.follow(False)
    settle(qtbot, run.session)
    assert run.session.model is before


def test_now_on_a_reopened_run_is_what_was_kept_last(qtbot, run, learning):
    last = frames_of(user_runs_folder() / "first")[-1].step
    for scrub in (0, None):
        learning.following.scrub(scrub)
        settle(qtbot, run.session)
    answer = run.session.explanation
    expected = explain(frame(learning, last), answer.image, 3)
    assert np.allclose(answer.final_lengths, expected.final_lengths, atol=1e-5)


def test_weights_that_are_told_do_not_replace_an_earlier_step_on_show(qtbot, run, learning):
    told, following = [], learning.following
    newest = frame(learning, frames_of(user_runs_folder() / "first")[-1].step)
    following.scrub(0)
    settle(qtbot, run.session)
    following.weights_changed.connect(lambda model: told.append(model.network))
    following.take((SimpleNamespace(snapshot=newest),))
    settle(qtbot, run.session)
    assert told == []
    following.scrub(None)
    assert told == [newest]
    settle(qtbot, run.session)


def test_the_film_of_a_run_has_nothing_of_the_run_before(qtbot, run, learning):
    told, folder = [], user_runs_folder()
    learning.filming.footage_changed.connect(lambda footage: told.extend(footage.steps))
    with held(learning.filming._developer):
        learning.filming.show_run(folder / "first")
        learning.filming.show_run(folder / "second")
    settle(qtbot, run.session)
    assert set(told) == {one.step for one in frames_of(folder / "second")}


def test_follow_on_a_reopened_run_without_a_film_shows_its_network(qtbot, run, learning):
    shutil.rmtree(user_runs_folder() / "first" / "snapshots")
    run.findChild(QCheckBox, "follow-training").click()
    settle(qtbot, run.session)
    assert run.session.model.name == "learning · first"
