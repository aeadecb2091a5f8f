"""Networks that are asked for while another is on its way: the newest comes, and no other."""

import pytest

from capsviz.network import CapsNet, CapsNetConfig, Provenance, save_checkpoint
from tests.qt import held, settle

OTHER = CapsNetConfig(
    conv_channels=8,
    primary_types=2,
    primary_dim=4,
    digit_dim=3,
    decoder_hidden=(16, 24),
    routing_iterations=2,
)


@pytest.fixture
def other_file(own_home):
    """A network called "other" among the user's own models."""
    path = own_home / "models" / "other.safetensors"
    save_checkpoint(path, CapsNet(OTHER).eval(), Provenance())
    return path


@pytest.fixture
def told(window):
    """What is told of loads, in order."""
    made, loading = [], window.session.loading
    loading.loading_changed.connect(made.append)
    loading.device_changed.connect(made.append)
    loading.loaded.connect(lambda model: made.append(model.name))
    loading.failed.connect(lambda error: made.append(str(error)))
    return made


def test_what_fails_late_is_not_told_of_the_network_asked_for_since(
    qtbot, window, other_file, told
):
    session = window.session
    with held(session.loading._loader):
        session.load_model("none such", "auto")
        session.load_model("other", "auto")
    settle(qtbot, session)
    assert told == [True, "auto", "other", False]
    assert session.loading.device == "auto"
    assert session.model.name == "other"


@pytest.mark.parametrize(("first", "answers", "failures"), [("tiny", True, 1), ("none", False, 2)])
def test_a_network_that_is_none_leaves_the_one_asked_for_before(
    qtbot, bare_window, tiny_file, first, answers, failures
):
    """As at a start that is told of a broken file; where all fail, nothing is loaded for ever."""
    session, said = bare_window.session, []
    session.noticed.connect(said.append)
    with held(session.loading._loader):
        session.load_model(first, "cpu")
        session.load_model("nor this")
    settle(qtbot, session)
    assert (session.model is not None) == answers
    assert len(said) == failures
    assert "nor this" in said[0]
    assert not session.loading.is_loading


def test_what_comes_late_does_not_answer_for_what_was_asked_for_since(
    qtbot, window, other_file, told
):
    session = window.session
    with held(session.loading._loader):
        session.load_model("other", "auto")
        session.load_model("none such")
    settle(qtbot, session)
    loading, ended, failure = told
    assert (loading, ended) == (True, False)
    assert "none such" in failure
    assert (session.model.name, session.loading.device) == ("tiny", "cpu")


def test_a_load_ends_only_when_no_other_was_asked_for_as_it_came(qtbot, window, other_file, told):
    session = window.session

    def load_other(model):
        if model.name == "tiny":
            session.load_model("other")

    session.loading.loaded.connect(load_other)
    session.load_model("tiny")
    settle(qtbot, session)
    assert told == [True, "tiny", "other", False]
    assert not session.loading.is_loading
