"""An unsaved drawing is kept as the window closes, and offered in the next one."""

import pytest
from PySide6.QtWidgets import QToolButton

from capsviz.gui.last_drawing import LastDrawing, last_drawing_file
from capsviz.gui.saving import Saving
from capsviz.gui.session import Session
from capsviz.gui.window import Window
from tests.qt import SEVEN, draw, draw_and_settle, settle


@pytest.fixture
def opened(qtbot, tiny_file):
    """Opens one window after the other, as the program does."""
    made = []

    def open_it():
        if made:
            made[-1].close()
        window = Window(Session())
        made.append(window)
        qtbot.addWidget(window)
        LastDrawing(window)
        with qtbot.waitSignal(window.session.model_changed, timeout=20_000):
            window.session.load_model("tiny", "cpu")
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


def test_an_unsaved_drawing_comes_back(qtbot, opened):
    window = opened()
    assert not window.notice.isVisible()
    draw_and_settle(qtbot, window, SEVEN)
    drawn, window = marks(window), opened()
    assert window.session.scene.is_empty, "it is offered, not forced on anybody"
    window.findChild(QToolButton, "notice-act").click()
    settle(qtbot, window.session)
    assert marks(window) == drawn
    assert not window.notice.isVisible()
    assert window.actions_.files._saving.name == "drawing", "it was never saved by a name"


def test_an_application_that_ends_as_its_window_closes_keeps_it_all_the_same(qtbot, opened):
    window = opened()
    draw_and_settle(qtbot, window, SEVEN)
    window.close()
    window.session.close()
    assert last_drawing_file().exists()


def test_the_offer_goes_as_soon_as_somebody_draws(qtbot, opened):
    draw_and_settle(qtbot, opened(), SEVEN)
    window = opened()
    assert window.notice.isVisible()
    draw(window.canvas, [(4, 4), (20, 20)])
    assert not window.notice.isVisible()
    settle(qtbot, window.session)


def test_it_waits_until_something_is_done(qtbot, opened):
    draw_and_settle(qtbot, opened(), SEVEN)
    opened()
    window = opened()
    assert "not saved" in window.notice.text
    window.session.opening.show_sample(0)
    settle(qtbot, window.session)
    window.close()
    assert not last_drawing_file().exists()


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
