"""An unsaved drawing is kept as the window closes, and offered in the next one."""

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QToolButton

from capsviz.data import sessions
from capsviz.files import CapsvizError
from capsviz.gui.last_drawing import LastDrawing, changed_drawing_file, last_drawing_file
from capsviz.gui.saving import Saving
from capsviz.gui.session import Session
from capsviz.gui.window import Window
from tests.qt import SEVEN, draw, draw_and_settle, settle


@pytest.fixture
def opened(qtbot, tiny_file):
    """Opens one window after the other, as the program does."""
    made = []

    def open_it(before=lambda session: None):
        if made:
            made[-1].close()
        window = Window(Session())
        made.append(window)
        qtbot.addWidget(window)
        LastDrawing(window.session, window.afterwards.done, window)
        with qtbot.waitSignal(window.session.model_changed, timeout=20_000):
            window.session.load_model("tiny", "cpu")
        before(window.session)
        window.show()
        qtbot.waitExposed(window)
        window.afterwards.finish()
        return window

    yield open_it
    made[-1].close()
    for window in made:
        window.session.setParent(window)


def marks(window):
    return [mark.points for mark in window.session.scene.drawing.marks]


def bring_back(window):
    window.findChild(QAction, "action-last-drawing").trigger()


def test_an_unsaved_drawing_comes_back_from_the_menu(qtbot, opened):
    window = opened()
    draw_and_settle(qtbot, window, SEVEN)
    drawn, window = marks(window), opened()
    assert window.session.scene.is_empty
    assert not window.notice.isVisible(), "nobody is asked about every scribble"
    bring_back(window)
    settle(qtbot, window.session)
    assert marks(window) == drawn
    assert window.actions_.files._saving.name == "drawing", "it was never saved by a name"
    window = opened()
    bring_back(window)
    settle(qtbot, window.session)
    assert marks(window) == drawn, "it was still not saved"


def test_without_one_the_menu_says_so(qtbot, opened):
    window = opened()
    bring_back(window)
    assert "without a drawing" in window.notice.text


def changed_after_saving(qtbot, window, folder):
    draw_and_settle(qtbot, window, SEVEN)
    Saving(window.session).save(folder / "mine")
    draw_and_settle(qtbot, window, [(4, 4), (20, 20)])
    return marks(window)


def test_a_session_changed_after_saving_is_offered(qtbot, opened, tmp_path):
    drawn = changed_after_saving(qtbot, opened(), tmp_path)
    window = opened()
    assert window.session.scene.is_empty, "it is offered, not forced on anybody"
    window.findChild(QToolButton, "notice-act").click()
    settle(qtbot, window.session)
    assert marks(window) == drawn
    assert not window.notice.isVisible()


def test_an_application_that_ends_as_its_window_closes_keeps_it_all_the_same(qtbot, opened):
    window = opened()
    draw_and_settle(qtbot, window, SEVEN)
    window.close()
    window.session.close()
    assert last_drawing_file().exists()


def test_nothing_is_offered_over_what_is_opened_at_the_start(qtbot, opened, tmp_path):
    changed_after_saving(qtbot, opened(), tmp_path)
    window = opened(before=lambda session: session.opening.show_sample(0))
    assert not window.notice.isVisible()
    settle(qtbot, window.session)


def test_a_disk_that_is_full_spares_what_was_kept(qtbot, opened, tmp_path, monkeypatch):
    drawn = changed_after_saving(qtbot, opened(), tmp_path)
    window = opened()
    draw_and_settle(qtbot, window, SEVEN)

    def fail(*_words):
        raise CapsvizError("no room")

    with monkeypatch.context() as full:
        full.setattr(sessions, "write_session", fail)
        window.close()
    window = opened()
    bring_back(window)
    settle(qtbot, window.session)
    assert marks(window) == drawn


def test_the_offer_goes_as_soon_as_somebody_draws(qtbot, opened, tmp_path):
    changed_after_saving(qtbot, opened(), tmp_path)
    window = opened()
    assert window.notice.isVisible()
    draw(window.canvas, [(4, 4), (20, 20)])
    assert not window.notice.isVisible()
    settle(qtbot, window.session)


def test_it_waits_until_another_is_left_or_it_was_saved(qtbot, opened, tmp_path):
    changed_after_saving(qtbot, opened(), tmp_path)
    opened()
    window = opened()
    assert "changed after it had been saved" in window.notice.text
    window.session.opening.show_sample(0)
    settle(qtbot, window.session)
    draw_and_settle(qtbot, window, SEVEN)
    window.session.undo_stack.undo()
    window = opened()
    assert changed_drawing_file().exists(), "nobody drew anything of their own"
    bring_back(window)
    settle(qtbot, window.session)
    Saving(window.session).save(tmp_path / "again")
    window.close()
    assert not last_drawing_file().exists()
    assert not changed_drawing_file().exists()


def test_a_session_that_was_only_opened_is_nobodys_unsaved_drawing(qtbot, opened, tmp_path):
    window = opened()
    draw_and_settle(qtbot, window, SEVEN)
    saving = Saving(window.session)
    saving.save(tmp_path / "mine")
    window = opened()
    Saving(window.session).open(tmp_path / "mine.capsviz.json")
    settle(qtbot, window.session)
    window.close()
    assert not last_drawing_file().exists()
    assert not changed_drawing_file().exists()


def test_what_was_saved_is_not_offered(qtbot, opened, tmp_path):
    window = opened()
    draw_and_settle(qtbot, window, SEVEN)
    Saving(window.session).save(tmp_path / "mine")
    assert not opened().notice.isVisible()


def test_a_folder_that_cannot_be_written_keeps_nobody_from_closing(qtbot, opened):
    window = opened()
    draw_and_settle(qtbot, window, SEVEN)
    last_drawing_file().mkdir(parents=True)
    window.close()
    assert not window.isVisible()
    last_drawing_file().rmdir()


def test_a_sample_in_a_session_is_still_a_sample(qtbot, opened, tmp_path):
    """No training may learn it, wherever it comes from."""
    window = opened()
    session = window.session
    session.opening.show_sample(3)
    settle(qtbot, session)
    saving = Saving(session)
    saving.save(tmp_path / "sample")
    session.clear()
    saving.open(tmp_path / "sample.capsviz.json")
    settle(qtbot, session)
    assert session.scene.sample == 3
    draw_and_settle(qtbot, window, SEVEN)
    saving.save(tmp_path / "drawn-on")
    saving.open(tmp_path / "drawn-on.capsviz.json")
    assert session.scene.sample is None
    settle(qtbot, session)
