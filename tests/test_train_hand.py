"""Learn my hand: a wrong answer is corrected by one click, learnt by another, and undone."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QToolButton, QWidget

from capsviz.data.personal import OwnDrawing, add_drawing, load_personal, personal_file
from capsviz.data.samples import sample_digits
from capsviz.gui.desktop import hand as commands
from capsviz.gui.look.articles import a_digit
from capsviz.gui.scene import Scene
from capsviz.gui.training_work import run_training
from capsviz.network import CapsNet, CapsNetConfig, Provenance, save_checkpoint
from capsviz.places import user_runs_folder
from capsviz.training import finetune
from capsviz.training.settings import TrainingSettings
from tests.learning import tiny_request, wanted, write_tiny_mnist
from tests.qt import SEVEN, THREE, draw_and_settle, settle


@pytest.fixture
def drawn(qtbot, window):
    draw_and_settle(qtbot, window)
    window.asks_before_closing = False
    return window


def click(window, name):
    QTest.mouseClick(window.findChild(QToolButton, name), Qt.MouseButton.LeftButton)


def other_than(answer):
    return (answer + 1) % 10


def test_one_click_keeps_the_drawing_with_its_right_digit(qtbot, drawn):
    answer = drawn.session.explanation.digit
    label = other_than(answer)
    click(drawn, f"correct-{label}")
    (kept,) = load_personal()
    assert (kept.label, kept.answer, kept.model) == (label, answer, "tiny")
    assert kept.drawing.marks[0].points == drawn.session.scene.drawing.marks[0].points
    assert kept.image is None
    assert f"as {a_digit(label)}" in drawn.notice.text


@pytest.fixture
def lettered(qtbot, drawn, own_home):
    """The same drawing, read by a network of 26 classes."""
    sizes = {"conv_channels": 4, "primary_types": 2, "digit_dim": 4, "decoder_hidden": (8, 8)}
    model = CapsNet(CapsNetConfig(classes=26, **sizes))
    save_checkpoint(own_home / "models" / "letters.safetensors", model, Provenance())
    drawn.session.load_model("letters", "cpu")
    settle(qtbot, drawn.session)
    assert len(drawn.session.explanation.final_lengths) == 26
    return drawn


def test_what_is_of_digits_is_not_offered_for_letters(qtbot, lettered):
    session, said = lettered.session, []
    session.noticed.connect(said.append)
    assert session.posing.statistics is None
    assert not lettered.findChild(QToolButton, "correct-4").isEnabled()
    QTest.keyClick(lettered, Qt.Key.Key_4, Qt.KeyboardModifier.AltModifier)
    assert load_personal() == ()
    lettered.views.samples.mistake_asked.emit()
    settle(qtbot, session)
    assert ["26 classes" in each for each in said] == [True, True]


def test_undo_takes_it_back(drawn):
    click(drawn, f"correct-{other_than(drawn.session.explanation.digit)}")
    click(drawn, "notice-act")
    assert load_personal() == ()
    assert drawn.notice.text == "Forgotten; your own set has no drawings."


def test_the_same_by_keys(qtbot, drawn):
    QTest.keyClick(drawn, Qt.Key.Key_4, Qt.KeyboardModifier.AltModifier)
    assert [kept.label for kept in load_personal()] == [4]
    drawn.findChild(QAction, "action-forget-correction").trigger()
    assert load_personal() == ()


def test_the_second_word_on_a_drawing_counts(drawn):
    for label in (4, 5):
        drawn.actions_.training.hand.correct_as(label)
    assert [kept.label for kept in load_personal()] == [5]
    assert drawn.notice.text == "Kept as a 5, no longer as a 4; your own set has one drawing."
    click(drawn, "notice-act")  # "Undo"
    assert [kept.label for kept in load_personal()] == [4]
    assert drawn.notice.text == "Kept as a 4 again; your own set has one drawing."
    drawn.actions_.training.hand.correct_as(6)
    assert drawn.notice.text == "Kept as a 6, no longer as a 4; your own set has one drawing."
    for left in ([4], [], []):
        drawn.actions_.training.hand.forget_last()
        assert [kept.label for kept in load_personal()] == left
    drawn.actions_.training.hand.correct_as(6)
    assert drawn.notice.text == "Kept as a 6; your own set has one drawing."


def test_a_third_word_replaces_the_second(drawn):
    for label in (4, 5, 6):
        drawn.actions_.training.hand.correct_as(label)
    assert [kept.label for kept in load_personal()] == [6]
    assert "no longer as a 5" in drawn.notice.text


def test_what_is_gone_is_not_undone_and_what_others_added_stays(drawn):
    hand = drawn.actions_.training.hand
    for label in (4, 5):
        hand.correct_as(label)
    personal_file().unlink()
    hand.forget_last()
    assert "not in your own set any more" in drawn.notice.text
    assert load_personal() == ()
    hand.correct_as(7)
    add_drawing(OwnDrawing(label=9, image=np.eye(28, dtype=np.float32)))  # in another window
    hand.forget_last()
    assert [kept.label for kept in load_personal()] == [9]


def test_a_drawing_that_comes_back_is_still_the_same_one(qtbot, drawn):
    drawn.actions_.training.hand.correct_as(4)
    drawn.session.clear()
    draw_and_settle(qtbot, drawn, THREE)
    drawn.actions_.training.hand.correct_as(7)
    drawn.session.undo_stack.setIndex(1)
    drawn.session.set_framed(False)
    settle(qtbot, drawn.session)
    drawn.actions_.training.hand.correct_as(5)
    assert [kept.label for kept in load_personal()] == [5, 7], "in its place"
    for left in ([4, 7], [4], []):
        drawn.actions_.training.hand.forget_last()
        assert [kept.label for kept in load_personal()] == left


def test_a_test_digit_of_mnist_is_not_offered_for_learning(qtbot, window):
    row = window.findChild(QWidget, "correction")
    window.session.opening.show_sample(0)
    settle(qtbot, window.session)
    assert not any(button.isEnabled() for button in row.findChildren(QToolButton))
    assert "measured on it" in row.toolTip()
    QTest.keyClick(window, Qt.Key.Key_4, Qt.KeyboardModifier.AltModifier)
    assert load_personal() == ()
    assert "MNIST's test digits" in window.notice.text
    draw_and_settle(qtbot, window)  # upon it
    QTest.keyClick(window, Qt.Key.Key_4, Qt.KeyboardModifier.AltModifier)
    assert load_personal() == ()
    window.session.clear()
    draw_and_settle(qtbot, window)
    assert any(button.isEnabled() for button in row.findChildren(QToolButton))
    assert "learn your hand" in row.toolTip()


@pytest.fixture
def picture():
    """A scene with an image that is not the program's own."""
    return Scene(ground=sample_digits().images[0].T.astype(np.float32) / 255)


def test_a_picture_is_kept_as_the_network_saw_it(qtbot, window, picture):
    window.session.change_scene(picture, "open picture")
    settle(qtbot, window.session)
    window.actions_.training.hand.correct_as(5)
    (kept,) = load_personal()
    assert abs(kept.image - window.session.explanation.image).max() < 1 / 255


def test_what_is_kept_is_what_stands_there_not_what_was_answered_last(qtbot, drawn, picture):
    drawn.session.change_scene(picture, "open picture")  # its answer is still on the way
    drawn.actions_.training.hand.correct_as(5)
    (kept,) = load_personal()
    assert abs(kept.image - drawn.session.scene.network_input(28)).max() < 1 / 255
    assert kept.answer is None
    settle(qtbot, drawn.session)


def test_a_network_of_any_name_can_learn(qtbot, drawn, own_home, tiny_file, monkeypatch):
    monkeypatch.setenv("CAPSVIZ_DATA", str(own_home / "empty"))
    monkeypatch.setattr(commands, "has_mnist", lambda folder: True)
    shutil.copy(tiny_file, own_home / "x@1.safetensors")
    with qtbot.waitSignal(drawn.session.model_changed, timeout=20_000):
        drawn.session.load_model(str(own_home / "x@1.safetensors"))
    settle(qtbot, drawn.session)
    drawn.actions_.training.hand.correct_as(5)
    training = drawn.session.learning.training
    with qtbot.waitSignal(training.ended, timeout=30_000):
        drawn.findChild(QAction, "action-fine-tune").trigger()
    assert training.request.name == "x 1 for my hand"
    settle(qtbot, drawn.session)


def test_nothing_drawn_is_nothing_to_correct(window):
    for digit in range(10):
        assert not window.findChild(QToolButton, f"correct-{digit}").isEnabled()
    window.actions_.training.hand.correct_as(3)
    assert load_personal() == ()
    assert "Draw a digit" in window.notice.text


@pytest.fixture
def taught(qtbot, drawn, own_home, monkeypatch):
    """Twelve corrections, MNIST at hand, and a fine-tuning of a few steps."""
    monkeypatch.setenv("CAPSVIZ_DATA", str(write_tiny_mnist(own_home / "mnist")))
    short = TrainingSettings(
        epochs=2, batch_size=8, training_images=60, validation_images=20, precision="fp32"
    )
    monkeypatch.setattr(finetune, "FINE_TUNING", short)
    for points, label in ((THREE, 3), (SEVEN, 7)) * 6:
        drawn.session.clear()
        draw_and_settle(qtbot, drawn, points)
        drawn.actions_.training.hand.correct_as(label)
    return drawn


def test_fine_tuning_compares_before_with_after_and_one_click_undoes_it(qtbot, taught):
    session = taught.session
    with qtbot.waitSignal(session.learning.training.ended, timeout=60_000) as ended:
        click(taught, "notice-act")  # "Let the network learn them"
    comparison = ended.args[0].comparison
    assert comparison.after.own_n == 3  # of twelve: one of each five, the last two among them
    assert comparison.after.mnist_n == 20
    qtbot.waitUntil(
        lambda: session.model.path.parent.name.startswith("tiny for my hand"), timeout=20_000
    )
    settle(qtbot, session)
    for text in (taught.notice.text, *_words(taught)):
        if "before → after" in text:
            assert "of 20 MNIST digits" in text
            assert "of 3 of your own" in text
    assert "before → after" in taught.notice.text
    with qtbot.waitSignal(session.model_changed, timeout=20_000):
        click(taught, "notice-act")  # "Back to tiny"
    settle(qtbot, session)
    assert session.model.name == "tiny"


def _words(window):
    return [label.text() for label in window.views.training.controls.findChildren(QLabel)]


def test_a_fine_tuning_that_was_broken_off_goes_on_and_compares(own_home, tiny_config, tiny_file):
    for _ in range(12):
        add_drawing(OwnDrawing(label=3, image=np.eye(28, dtype=np.float32)))
    data = write_tiny_mnist(own_home / "mnist")
    begun = tiny_request(data, tiny_config, wanted, epochs=2)
    begun = replace(begun, start="tiny", fine_tunes=True)
    steps = run_training(begun)
    next(steps)
    steps.close()
    *_, last = run_training(replace(begun, settings=None, config=None, fine_tunes=False))
    assert last.comparison.before.mnist_n == last.comparison.after.mnist_n == 20
    assert last.comparison.after.own_n == 3


def test_without_mnist_it_is_offered(qtbot, drawn, own_home, monkeypatch):
    monkeypatch.setenv("CAPSVIZ_DATA", str(own_home / "empty"))
    drawn.findChild(QAction, "action-fine-tune").trigger()
    assert "MNIST" in drawn.notice.text
    click(drawn, "notice-act")
    assert drawn.actions_.training._new.isVisible()
    settle(qtbot, drawn.session)


def test_before_a_network_is_loaded_none_can_learn(bare_window, own_home, monkeypatch):
    monkeypatch.setenv("CAPSVIZ_DATA", str(write_tiny_mnist(own_home / "mnist")))
    bare_window.findChild(QAction, "action-fine-tune").trigger()
    assert "No network is loaded" in bare_window.notice.text


def test_without_drawings_it_says_what_to_do(qtbot, drawn, own_home, monkeypatch):
    monkeypatch.setenv("CAPSVIZ_DATA", str(write_tiny_mnist(own_home / "mnist")))
    drawn.findChild(QAction, "action-fine-tune").trigger()
    assert "no drawing of yours" in drawn.notice.text
    assert drawn.session.learning.training.is_idle
    assert drawn.docks["training"].isHidden()
    drawn.findChild(QAction, "action-forget-correction").trigger()
    assert drawn.notice.text == "There is no drawing of yours to forget."


def test_own_drawings_of_an_earlier_run_must_still_be_there(qtbot, drawn):
    training = drawn.session.learning.training
    data = write_tiny_mnist(user_runs_folder().parent / "mnist")
    for _ in run_training(tiny_request(data, drawn.session.model.network.config, wanted)):
        pass
    plan = user_runs_folder() / "first" / "run.json"
    plan.write_text(plan.read_text().replace('"own": 0', '"own": 2'))
    with qtbot.waitSignal(training.ended, timeout=30_000) as ended:
        drawn.session.learning.resume("first", user_runs_folder() / "first")
    assert "at least 2 own drawings" in ended.args[0].sentence
    settle(qtbot, drawn.session)


@pytest.mark.parametrize("digit", [8, 11, 18, 80, 89])
def test_numbers_that_begin_with_a_vowel_have_its_article(digit):
    assert a_digit(digit) == f"an {digit}"
    assert a_digit(digit + 20) == f"a {digit + 20}"
