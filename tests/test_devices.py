"""A device that fails is left for the CPU, wherever it fails; the answer still comes."""

import pytest
from PySide6.QtWidgets import QComboBox, QLabel

import capsviz.explore.explain
import capsviz.explore.models
from capsviz.files import CapsvizError
from capsviz.gui.failure import Failure
from tests.qt import draw, draw_and_settle, settle

FAULT = "CUDA error: out of memory"


@pytest.fixture
def notices(bare_window):
    told = []
    bare_window.session.noticed.connect(told.append)
    return told


@pytest.fixture
def broken_device(monkeypatch):
    """Only the CPU can be loaded onto."""
    load_model = capsviz.explore.models.load_model

    def load(name, device="auto"):
        if device != "cpu":
            raise RuntimeError(FAULT)
        return load_model(name, device)

    monkeypatch.setattr(capsviz.explore.models, "load_model", load)


def device_shown(window):
    return window.findChild(QComboBox, "device-picker").currentText()


def test_a_device_that_fails_at_the_start(qtbot, bare_window, tiny_file, broken_device, notices):
    session = bare_window.session
    with qtbot.waitSignal(session.model_changed, timeout=20_000):
        session.load_model("tiny")
    draw_and_settle(qtbot, bare_window)
    assert session.explanation is not None
    assert len(notices) == 1
    assert FAULT in notices[0]
    assert "CPU" in notices[0]
    assert device_shown(bare_window) == "CPU"


@pytest.mark.parametrize("device", ["cuda", "abacus"])
def test_a_device_remembered_that_is_gone_gives_way_to_what_there_is(
    qtbot, monkeypatch, bare_window, tiny_file, notices, device
):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    session = bare_window.session
    with qtbot.waitSignal(session.model_changed, timeout=20_000):
        session.load_model("tiny", device)
    settle(qtbot, session)
    assert len(notices) == 1
    assert device.upper() in notices[0]
    assert session.loading.device == "auto"
    assert device_shown(bare_window).startswith("Auto")


def fail_once(monkeypatch, window, name):
    """Say that the network is on a device, which fails at the next question."""
    answer = getattr(capsviz.explore.explain, name)
    session = window.session
    object.__setattr__(session.model, "device", "cuda")

    def failing(*args, **kwargs):
        monkeypatch.setattr(capsviz.explore.explain, name, answer)
        raise RuntimeError(FAULT)

    monkeypatch.setattr(capsviz.explore.explain, name, failing)


def test_a_device_that_fails_while_answering(qtbot, monkeypatch, window, notices):
    draw_and_settle(qtbot, window)
    session = window.session
    session.set_iterations(7)
    session.posing.set_dimension(0, 0.3)
    settle(qtbot, session)
    edit = session.posing.edit
    fail_once(monkeypatch, window, "explain")
    draw(window.canvas, [(4, 4), (9, 20)])
    settle(qtbot, session)
    assert len(notices) == 1
    assert FAULT in notices[0]
    assert session.explanation.iterations == 7, "the way of looking stays"
    assert session.model.device == "cpu"
    assert device_shown(window) == "CPU"
    session.undo_stack.undo()
    settle(qtbot, session)
    assert session.posing.edit is edit


def test_a_device_that_fails_while_redrawing(qtbot, monkeypatch, window, notices):
    draw_and_settle(qtbot, window)
    fail_once(monkeypatch, window, "reconstruct")
    window.session.posing.set_dimension(0, 0.3)
    settle(qtbot, window.session)
    assert len(notices) == 1
    assert window.session.model.device == "cpu"
    assert window.session.posing.pose.is_edited
    assert window.views.reconstruction.tiles[1].values is not None


def test_a_network_that_cannot_be_read_leaves_the_device_and_says_what_to_do(
    qtbot, bare_window, own_home, notices
):
    session = bare_window.session
    with qtbot.waitSignal(session.loading.failed, timeout=20_000) as failed:
        session.load_model("none such")
    assert isinstance(failed.args[0], CapsvizError)
    assert "none such" in notices[0]
    said = bare_window.views.capsules.prediction
    assert "No network" in said.digit.accessibleDescription()
    words = [label.text() for label in bare_window.views.status.findChildren(QLabel)]
    assert "no network" in words
    assert session.loading.device == "auto"


def test_the_answer_before_a_failure_is_not_shown_any_longer(qtbot, monkeypatch, window, notices):
    draw_and_settle(qtbot, window)

    def failing(*args, **kwargs):
        raise RuntimeError("broken")

    monkeypatch.setattr(capsviz.explore.explain, "explain", failing)
    draw_and_settle(qtbot, window, [(4, 4), (9, 20)])
    assert window.session.explanation is None
    assert window.views.coupling.table() is None
    assert "broken" in notices[-1]


def test_what_failed_is_not_said_any_longer_when_it_succeeds(qtbot, bare_window, tiny_file):
    session, notice = bare_window.session, bare_window.notice
    session.load_model("nowhere", "cpu")
    settle(qtbot, session)
    assert "nowhere" in notice.text
    session.load_model("tiny", "cpu")
    settle(qtbot, session)
    assert not notice.isVisible()


def test_an_offer_stays_when_something_else_succeeds(qtbot, bare_window, tiny_file):
    session, notice = bare_window.session, bare_window.notice
    session.load_model("nowhere", "cpu")
    settle(qtbot, session)
    notice.show_offer("Something to do.", "Do it", lambda: None)
    session.load_model("tiny", "cpu")
    settle(qtbot, session)
    assert notice.isVisible()
    assert notice.text == "Something to do."


def test_a_failure_is_mended_once(qapp):
    failure, mended = Failure(qapp), []
    failure.mended.connect(mended.append)
    failure.mend()
    failure.tell(CapsvizError("It broke."))
    failure.mend()
    failure.mend()
    assert mended == ["It broke."]
    failure.deleteLater()


def test_a_drawing_that_cannot_be_answered_is_not_waited_for_as_if_nothing_were_there(
    qtbot, monkeypatch, bare_window, tiny_file
):
    def failing(*args, **kwargs):
        raise CapsvizError("broken")

    monkeypatch.setattr(capsviz.explore.explain, "explain", failing)
    draw(bare_window.canvas, [(4, 4), (9, 20)])
    session, coupling = bare_window.session, bare_window.views.coupling
    session.load_model("tiny", "cpu")
    settle(qtbot, session)
    assert coupling.board.places_words.text() == "The network has not answered yet."
    monkeypatch.undo()
    draw_and_settle(qtbot, bare_window, [(4, 4), (9, 20)])
    assert coupling.reason == ""
