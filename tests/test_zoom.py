"""The real window with larger text: nothing is cut off, out of reach, or off the screen."""

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QToolBar

from capsviz.gui.desktop.looks import take_zoom
from capsviz.gui.look.theme import zoom
from capsviz.gui.session import Session
from capsviz.gui.window import Window


@pytest.fixture
def start(qtbot, own_home):
    """A function that opens the window with this zoom in its settings."""
    made = []

    def open_it(remembered):
        (own_home / "settings.ini").write_text(f"[General]\nzoom={remembered}\n")
        session = Session()
        made.append(Window(session))
        qtbot.addWidget(made[-1])
        made[-1].show()
        made[-1].afterwards.finish()
        return made[-1]

    yield open_it
    for window in made:
        window.close()
        window.session.setParent(window)


def sizes(window):
    """Of the words in each part of the window, points."""
    parts = window, window.menuBar(), window.statusBar(), window.findChild(QToolBar, "tools")
    return [part.font().pointSizeF() for part in parts]


def test_a_zoom_is_remembered_by_every_part_of_the_window(qapp, start):
    usual = qapp.font().pointSizeF()
    window = start(1.5)
    assert sizes(window) == pytest.approx([1.5 * usual] * 4)
    assert zoom(qapp) == pytest.approx(1.5)


@pytest.mark.parametrize("edited", ["nan", "inf", "0", "-1", "1e9", "abc", "1,5"])
def test_what_is_no_zoom_leaves_text_as_it_is(qapp, own_home, edited):
    usual, file = qapp.font().pointSizeF(), own_home / "settings.ini"
    file.write_text(f"[General]\nzoom={edited}\n")
    take_zoom(QSettings(str(file), QSettings.Format.IniFormat))
    assert qapp.font().pointSizeF() == pytest.approx(usual)
