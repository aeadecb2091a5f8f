"""Networks of other sizes come and go while a drawing, its edits and its history stay."""

import sys

import msgspec
import numpy as np
import pytest
import torch
from PySide6.QtCore import Qt

from capsviz.explore.answers import PoseStatistics
from capsviz.gui.steps import Step
from capsviz.network import CapsNet, CapsNetConfig, Provenance, save_checkpoint
from tests.qt import THREE, draw, draw_and_settle, held, settle

SIZES = {"conv_channels": 8, "primary_types": 2, "primary_dim": 4, "decoder_hidden": (16, 24)}
OTHERS = {
    "large": CapsNetConfig(image_size=36, digit_dim=4, **SIZES),
    "few": CapsNetConfig(classes=5, digit_dim=4, **SIZES),
    "many": CapsNetConfig(classes=12, digit_dim=6, **SIZES),
    "short": CapsNetConfig(digit_dim=3, **SIZES),
    "twin": CapsNetConfig(digit_dim=4, **SIZES),
    "mute": CapsNetConfig(digit_dim=4, reconstruction=False, **SIZES),
}


@pytest.fixture
def others(own_home, tiny_file):
    for name, config in OTHERS.items():
        network = CapsNet(config).eval()
        save_checkpoint(own_home / "models" / f"{name}.safetensors", network, Provenance())


def load(qtbot, window, name):
    with qtbot.waitSignal(window.session.model_changed, timeout=20_000):
        window.session.load_model(name)
    settle(qtbot, window.session)


@pytest.mark.parametrize("name", OTHERS)
def test_a_sample_a_stroke_and_history_go_on_with_another_network(qtbot, window, others, name):
    told = []
    window.session.noticed.connect(told.append)
    session = window.session
    session.opening.show_sample(0)
    settle(qtbot, session)
    session.posing.set_dimension(0, 0.4)
    settle(qtbot, session)
    load(qtbot, window, name)
    size, classes = OTHERS[name].image_size, OTHERS[name].classes
    assert session.explanation.image.shape == (size, size)
    assert len(session.explanation.final_lengths) == classes
    draw_and_settle(qtbot, window)
    assert session.explanation.image[size // 4 :].any()
    while session.undo_stack.canUndo():
        session.undo_stack.undo()
        settle(qtbot, session)
    while session.undo_stack.canRedo():
        session.undo_stack.redo()
        settle(qtbot, session)
    assert told == []
    load(qtbot, window, "tiny")
    assert len(window.views.capsules.lengths._bars.opts["height"]) == 10


@pytest.mark.parametrize("name", ["short", "twin"])
def test_edits_and_films_of_another_network_are_not_its_own(qtbot, window, others, name):
    """Nor where they would fit it."""
    draw_and_settle(qtbot, window)
    posing = window.session.posing
    posing.pin(2)  # both decode the same capsule
    posing.set_dimension(0, 0.4)
    settle(qtbot, window.session)
    films = []
    posing.films_changed.connect(films.append)
    load(qtbot, window, name)
    assert films == [()]
    assert not posing.pose.is_edited
    window.session.undo_stack.undo()
    window.session.undo_stack.redo()
    settle(qtbot, window.session)
    assert not posing.pose.is_edited, "the step is of the other network"
    load(qtbot, window, "tiny")
    window.session.undo_stack.undo()
    window.session.undo_stack.redo()
    settle(qtbot, window.session)
    assert posing.pose.is_edited, "and means something to that one again"


def test_a_file_that_was_written_anew_is_another_network(qtbot, window, tiny_file, tiny_config):
    """And one that was not is the same, wherever it computes."""
    session = window.session
    session.set_iterations(5)
    draw_and_settle(qtbot, window)
    session.posing.set_dimension(0, 0.4)
    load(qtbot, window, "tiny")
    assert session.posing.pose.is_edited
    assert session.iterations == 5
    torch.manual_seed(1)
    longer = msgspec.structs.replace(tiny_config, routing_iterations=7)
    save_checkpoint(tiny_file, CapsNet(longer).eval(), Provenance())
    load(qtbot, window, "tiny")
    assert not session.posing.pose.is_edited
    assert session.iterations == 7


def test_statistics_are_measured_for_networks_of_another_size(qtbot, window, others):
    load(qtbot, window, "large")
    assert window.session.posing.statistics.n == 2000


def test_statistics_that_come_late_are_not_told_of_the_next_network(qtbot, window, others):
    session, told = window.session, []
    settle(qtbot, session)
    with held(session.studies._counter):
        for name in ("tiny", "short"):
            with qtbot.waitSignal(session.model_changed, timeout=20_000):
                session.load_model(name)
        session.studies.statistics_changed.connect(told.append)
    settle(qtbot, session)
    assert [one.quantiles.shape[:2] for one in told] == [(10, 3)]


def test_statistics_that_come_late_are_not_told_of_a_learning_network(qtbot, window):
    session, told = window.session, []
    settle(qtbot, session)
    session.studies.statistics_changed.connect(told.append)
    with held(session.studies._counter):
        session.answering.use(session.model)
        session.answering.follow(session.model)
    settle(qtbot, session)
    assert told == [None, None]


def test_random_poses_are_not_drawn_from_what_does_not_fit(qtbot, window, others):
    draw_and_settle(qtbot, window)
    posing, action = window.session.posing, window.actions_.named["random-pose"]
    other = PoseStatistics(np.zeros((10, 3, 101), np.float32), 9)
    for statistics, can in ((posing.statistics, True), (other, False), (None, False)):
        window.session.studies.statistics_changed.emit(statistics)
        assert posing.can_randomise is can
        assert action.isEnabled() is can
    posing.take_statistics(other)
    posing.randomise()
    assert posing.edit is None


def test_a_step_that_fails_is_told_and_the_program_lives_on(qtbot, window, monkeypatch):
    told = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, error, trace: told.append(error))

    class Broken(Step):
        def take(self):
            raise ValueError("forth")

        def take_back(self):
            raise ValueError("back")

    window.session.undo_stack.push(Broken("break"))
    window.session.undo_stack.undo()
    assert [str(error) for error in told] == ["forth", "back"]


def test_what_was_erased_to_nothing_is_no_digit(qtbot, window):
    draw_and_settle(qtbot, window)
    session = window.session
    window.canvas.set_pen(2.5, False)
    wipes = [(x, y) for x in range(0, 29, 2) for y in (0, 28, 0)]
    draw(window.canvas, wipes, Qt.MouseButton.RightButton)
    settle(qtbot, session)
    assert session.scene.is_empty
    assert session.explanation is None
    assert session.undo_stack.undoText() == "erase"
    draw(window.canvas, wipes[:4], Qt.MouseButton.RightButton)
    settle(qtbot, session)
    session.undo_stack.undo()
    settle(qtbot, session)
    assert not session.scene.is_empty, "erasing nothing was no step"
    assert session.explanation is not None


def test_a_stroke_outside_the_canvas_is_no_digit(qtbot, window):
    window.session.add_mark(_mark([(-9, -9), (-8, -3)]))
    settle(qtbot, window.session)
    assert window.session.scene.is_empty
    assert window.session.explanation is None
    assert not window.session.undo_stack.canUndo()


def _mark(points):
    from capsviz.data.drawing import Mark

    return Mark(tuple((float(x), float(y)) for x, y in points))


def test_the_answer_of_the_network_before_is_not_shown_under_the_new_name(qtbot, window, others):
    draw_and_settle(qtbot, window)
    shown = []
    window.session.model_changed.connect(lambda _model: shown.append(window.session.explanation))
    load(qtbot, window, "few")
    assert shown == [None]
    assert window.session.explanation is not None


def test_going_back_to_a_film_keeps_the_strip_as_it_is(qtbot, window):
    draw_and_settle(qtbot, window, THREE)
    posing, films = window.session.posing, []
    posing.films_changed.connect(films.append)
    for dimension, value in enumerate((0.2, -0.3)):
        posing.set_dimension(dimension, value)
        settle(qtbot, window.session)
    before = films[-1]
    posing.show_values(before[0].pose)
    settle(qtbot, window.session)
    assert films[-1] == before
    assert np.allclose(posing.pose.values, before[0].pose, atol=1e-6)


def test_a_number_that_is_where_it_was_makes_no_step(qtbot, window):
    draw_and_settle(qtbot, window)
    count = window.session.undo_stack.count()
    window.session.posing.reset_dimension(0)
    window.session.posing.reset()
    assert window.session.undo_stack.count() == count


def test_a_swinging_pose_keeps_its_length_if_that_is_locked(qtbot, window):
    draw_and_settle(qtbot, window)
    posing, poses = window.session.posing, []
    for dimension, value in enumerate((0.6, 0.5)):
        posing.set_dimension(dimension, value)
    posing.set_locked(True)
    length = np.linalg.norm(posing.pose.values)
    posing.pose_changed.connect(poses.append)
    posing.animate((0, 1))
    qtbot.waitUntil(lambda: len(poses) > 8, timeout=10_000)
    posing.stop()
    settle(qtbot, window.session)
    assert np.allclose([np.linalg.norm(pose.values) for pose in poses], length, atol=1e-5)
    assert len({float(pose.values[0]) for pose in poses}) > 4
