"""Sessions saved from the real window and brought back into it."""

import numpy as np
import pytest

from capsviz.data.drawing import Drawing, Mark
from capsviz.data.sessions import SavedEdit, SavedSession, write_session
from capsviz.gui.saving import Saving
from capsviz.network import CapsNet, CapsNetConfig, Provenance, save_checkpoint
from tests.qt import draw_and_settle, settle


@pytest.fixture
def saving(window):
    return Saving(window.session)


@pytest.fixture
def posed(qtbot, window):
    """A drawing that is looked at in a way of its own: the second of five iterations, and a
    pinned capsule with one number moved.
    """
    session = window.session
    draw_and_settle(qtbot, window)
    session.set_iterations(5)
    session.playhead.scrub(2)
    session.posing.pin(4)
    settle(qtbot, session)
    session.posing.set_dimension(1, 0.2)
    settle(qtbot, session)
    return window


def test_a_session_comes_back_as_it_was_left(qtbot, posed, saving, tmp_path):
    session = posed.session
    image, values = session.explanation.image, session.posing.pose.values
    saving.save(tmp_path / "mine")
    assert "mine.capsviz.json" in posed.notice.text
    session.clear()
    session.set_iterations(3)
    session.posing.pin(None)
    settle(qtbot, session)
    saving.open(tmp_path / "mine.capsviz.json")
    settle(qtbot, session)
    assert np.array_equal(session.explanation.image, image)
    assert (session.iterations, session.playhead.iteration) == (5, 2)
    assert session.posing.pinned == 4
    assert np.allclose(session.posing.pose.values, values, atol=1e-6)


def test_an_opened_session_can_be_undone(qtbot, window, saving, tmp_path):
    draw_and_settle(qtbot, window)
    saving.save(tmp_path / "a")
    window.session.clear()
    saving.open(tmp_path / "a.capsviz.json")
    assert not window.session.scene.is_empty
    window.session.undo_stack.undo()
    assert window.session.scene.is_empty
    settle(qtbot, window.session)


def test_undo_and_redo_bring_back_how_it_was_looked_at(qtbot, posed, saving, tmp_path):
    session = posed.session
    saving.save(tmp_path / "a")
    session.posing.reset()
    session.posing.pin(None)
    session.set_iterations(3)
    settle(qtbot, session)
    session.posing.set_dimension(0, 0.1)
    before, after = looked_at(session), (5, 2, 4, 4)
    assert before == (3, 2, None, session.explanation.digit)
    saving.open(tmp_path / "a.capsviz.json")
    assert looked_at(session) == after
    session.undo_stack.undo()
    assert looked_at(session) == before
    session.undo_stack.redo()
    assert looked_at(session) == after
    settle(qtbot, session)
    assert session.posing.pose.values[1] == pytest.approx(0.2)


def looked_at(session):
    posing = session.posing
    edited = None if posing.edit is None else posing.edit.digit
    return session.iterations, session.playhead.iteration, posing.pinned, edited


def test_a_missing_network_is_told_and_the_drawing_comes_all_the_same(
    qtbot, window, saving, tmp_path
):
    draw_and_settle(qtbot, window)
    saving.save(tmp_path / "a")
    path = tmp_path / "a.capsviz.json"
    path.write_text(path.read_text().replace('"tiny"', '"gone"'))
    window.session.clear()
    saving.open(path)
    settle(qtbot, window.session)
    assert "gone" in window.notice.text
    assert window.session.model.name == "tiny"
    assert window.session.explanation is not None


@pytest.fixture
def other_file(own_home):
    """A network called "other" among the user's own models, of other sizes than "tiny"."""
    sizes = {"conv_channels": 8, "primary_types": 2, "primary_dim": 4, "decoder_hidden": (16, 24)}
    network = CapsNet(CapsNetConfig(digit_dim=3, routing_iterations=1, **sizes)).eval()
    path = own_home / "models" / "other.safetensors"
    save_checkpoint(path, network, Provenance())
    return path


@pytest.fixture
def first(tmp_path):
    """A file with a session of "other"."""
    edit = SavedEdit(1, np.full(3, 0.1, np.float32))
    drawing = Drawing((Mark(((5.0, 5.0), (5.0, 20.0))),))
    session = SavedSession(drawing, None, True, "other", 5, 2, pinned=1, edit=edit)
    write_session(tmp_path / "first.capsviz.json", session)
    return tmp_path / "first.capsviz.json"


def test_a_session_that_is_opened_as_the_first_network_loads_comes_whole(
    qtbot, bare_window, tiny_file, other_file, first
):
    session = bare_window.session
    saving = Saving(session)
    session.load_model("tiny", "cpu")
    saving.open(first)
    settle(qtbot, session)
    assert session.model.name == "other"
    assert looked_at(session) == (5, 2, 1, 1)
    assert session.posing.pose.is_edited


@pytest.mark.parametrize("model", ["tiny", None])
def test_a_session_that_is_opened_later_stays(qtbot, window, saving, other_file, first, model):
    session, second = window.session, first.with_name("second.capsviz.json")
    drawing = Drawing((Mark(((5.0, 5.0), (20.0, 5.0))),))
    write_session(second, SavedSession(drawing, None, True, model, 7, 3))
    saving.open(first)
    saving.open(second)
    settle(qtbot, session)
    assert session.scene.drawing == drawing
    assert looked_at(session)[:3] == (7, 3, None)
    assert session.model.name == (model or "other")


def test_a_session_comes_once_and_not_with_every_network(qtbot, window, saving, other_file, first):
    session = window.session
    saving.open(first)
    settle(qtbot, session)
    session.clear()
    with qtbot.waitSignal(session.model_changed, timeout=20_000):
        session.load_model("tiny")
    settle(qtbot, session)
    assert session.scene.is_empty


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": "capsviz session"}'])
def test_a_broken_session_is_a_notice_and_nothing_is_lost(
    qtbot, window, saving, tmp_path, content
):
    draw_and_settle(qtbot, window)
    before = window.session.scene
    path = tmp_path / "broken.capsviz.json"
    path.write_text(content)
    saving.open(path)
    assert "broken.capsviz.json" in window.notice.text
    assert window.session.scene is before
    saving.save(tmp_path / "whole")
    saving.open(path)
    assert window.notice.isVisible()
    saving.open(tmp_path / "whole.capsviz.json")
    settle(qtbot, window.session)
    assert not window.notice.isVisible()


def test_a_session_that_cannot_be_written_is_a_notice(window, saving, tmp_path):
    (tmp_path / "file").write_text("")
    saving.save(tmp_path / "file" / "a")
    assert "file" in window.notice.text
    assert "Saved" not in window.notice.text
