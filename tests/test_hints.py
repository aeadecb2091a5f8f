"""The first steps, the status bar's lamp, and what is said of faults."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QToolButton, QWhatsThis, QWidget

from capsviz.gui.desktop.hints import STEPS, Hints
from capsviz.gui.desktop.status import Lamp, Status
from capsviz.gui.look.theme import CONTRAST, DARK, LIGHT


@pytest.fixture
def hints(qtbot):
    window = QWidget()
    made = Hints(window)
    qtbot.addWidget(window)
    made.resize(800, made.sizeHint().height())
    window.show()
    yield made
    window.close()


def spoken(hints):
    return [label.accessibleName() for label in hints.findChildren(QLabel)]


def test_three_steps_are_to_do(hints):
    assert spoken(hints) == [
        "Draw a digit: to do",
        "Step through the routing: to do",
        "Drag a pose slider: to do",
    ]
    assert hints.accessibleDescription() == "0 of 3 steps taken"


def test_a_step_is_ticked_when_it_is_done_in_whatever_order(hints):
    before = hints.grab().toImage()
    hints.done("route")
    assert "Step through the routing: done" in spoken(hints)
    assert hints.accessibleDescription() == "1 of 3 steps taken"
    assert hints.grab().toImage() != before
    hints.done("route")
    assert hints.accessibleDescription() == "1 of 3 steps taken", "once is enough"


def test_it_leaves_with_a_short_ease_after_the_last(qtbot, hints):
    height = hints.height()
    hints.drawn()
    hints.routed()
    assert hints.isVisible()
    with qtbot.waitSignal(hints.dismissed, timeout=3000):
        hints.posed()
        assert hints.isVisible(), "it does not jump"
    assert not hints.isVisible()
    assert height > 0


def test_it_can_be_closed_at_once_and_for_good(qtbot, hints):
    close = hints.findChild(QToolButton)
    assert close.accessibleName() == "Close the first steps"
    with qtbot.waitSignal(hints.dismissed, timeout=3000):
        QTest.mouseClick(close, Qt.MouseButton.LeftButton)
    assert not hints.isVisible()


def test_in_little_room_only_the_next_step_has_words(hints):
    words = hints.findChildren(QLabel)
    assert all(label.isVisible() for label in words)
    hints.resize(320, hints.height())
    assert [label.isVisible() for label in words] == [True, False, False]
    hints.done("draw")
    assert [label.isVisible() for label in words] == [False, True, False]
    hints.resize(800, hints.height())
    assert all(label.isVisible() for label in words)


def test_hidden_it_still_counts_and_is_done_at_once(qtbot):
    hidden = Hints()
    qtbot.addWidget(hidden)
    with qtbot.waitSignal(hidden.dismissed):
        for step in STEPS:
            hidden.done(step)


@pytest.mark.parametrize("theme", [DARK, LIGHT, CONTRAST])
def test_a_done_step_is_filled_with_the_accent(hints, theme):
    hints.set_theme(theme)
    hints.done("draw")
    picture = hints.grab().toImage()
    colours = {picture.pixelColor(x, y).name() for x in range(60) for y in range(hints.height())}
    assert theme.accent in colours


def test_the_lamp_says_what_it_means(qtbot, answer):
    status = Status()
    qtbot.addWidget(status)
    status.show()
    lamp = status.findChild(Lamp)
    assert not lamp.isVisible(), "there is no answer yet"
    status.show_explanation(answer)
    assert lamp.isVisible()
    assert lamp.text() == "Σc = 1"
    assert lamp.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert "add up to 1" in lamp.accessibleDescription()
    assert "e-0" in lamp.explanation, "with the number that was measured"
    status.show_explanation(None)
    assert not lamp.isVisible()


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_the_lamp_explains_itself_by_mouse_and_by_keyboard(qtbot, qapp, monkeypatch):
    lamp = Lamp()
    qtbot.addWidget(lamp)
    lamp.show_deviation(1e-7)
    lamp.show()
    said = []
    monkeypatch.setattr(QWhatsThis, "showText", lambda *words: said.append(words[1]))
    QTest.mouseClick(lamp, Qt.MouseButton.LeftButton)
    QTest.keyClick(lamp, Qt.Key.Key_Space)
    assert len(said) == 2
    assert all("1.0e-07" in text for text in said)


def test_the_lamp_warns_in_words_and_colour(qtbot):
    lamp = Lamp()
    qtbot.addWidget(lamp)
    lamp.set_theme(DARK)
    lamp.show_deviation(0.2)
    lamp.show()
    assert lamp.text() == "Σc ≠ 1"
    picture = lamp.grab().toImage()
    seen = {picture.pixelColor(x, y).name() for x in range(20) for y in range(picture.height())}
    assert DARK.warning in seen
    assert DARK.digits[2] not in seen


def test_the_status_bar_speaks(qtbot, answer):
    status = Status()
    qtbot.addWidget(status)
    names = [label.accessibleName() for label in status.findChildren(QLabel)]
    assert "Network: not ready yet" in names
    status.show_explanation(answer)
    names = [label.accessibleName() for label in status.findChildren(QLabel)]
    assert any(name.startswith("Answered in") and name.endswith("ms") for name in names)
    assert "Couplings: Σc = 1" in names
