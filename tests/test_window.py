"""The real window: drawn in with mouse events, read through what it shows."""

import shutil
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import (
    QAction,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QKeySequence,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QLabel,
    QMessageBox,
    QSpinBox,
    QToolButton,
    QWidget,
)

from capsviz.data.marks import Mark
from capsviz.data.samples import sample_digits
from capsviz.gui.desktop.commands import all_commands
from capsviz.gui.look.pages import Pages
from capsviz.gui.look.theme import DARK, LIGHT
from capsviz.gui.routing.coupling import Coupling
from capsviz.gui.routing.votes import Votes
from tests.qt import SEVEN, THREE, at, draw, draw_and_settle, settle

NAMES = (
    "canvas",
    "network-input",
    "lengths",
    "prediction",
    "reconstruction",
    "routing-iterations",
)
ACTIONS = ("undo", "redo", "clear", "open-image", "export-figure")


def action(window, name):
    return window.findChild(QAction, f"action-{name}")


def test_names_that_other_programs_rely_on(window):
    assert window.objectName() == "window"
    for name in NAMES:
        assert window.findChild(QWidget, name) is not None, name
    for name in ACTIONS:
        assert action(window, name) is not None, name


def test_every_control_has_an_accessible_name(window):
    for name in (*NAMES, "notice"):
        assert window.findChild(QWidget, name).accessibleName(), name


def test_until_a_network_is_asked_for_none_is_missed(qtbot, bare_window):
    assert "Getting the network ready" in bare_window.views.capsules.summary()
    bare_window.session.load_model("nowhere", "cpu")
    settle(qtbot, bare_window.session)
    assert "No network to answer" in bare_window.views.capsules.summary()


def test_empty_views_say_why_a_drawing_has_no_answer(qtbot, bare_window):
    session, views = bare_window.session, bare_window.views
    pages = [view for card in views.paged for view in card.views]
    assert len(pages) == 8
    session.add_mark(Mark(((9.0, 6.0), (19.0, 6.0), (13.0, 23.0))))
    assert {view.summary() for view in pages} == {"Getting the network ready …"}
    assert views.coupling.board.places_words.text() == "Getting the network ready …"
    session.load_model("nowhere", "cpu")
    settle(qtbot, session)
    missing = "There is no network to answer: choose one in the tool bar."
    assert {view.summary() for view in pages} == {missing}
    assert views.coupling.board.places_words.text() == missing
    assert missing.rstrip(".") in views.capsules.curve.summary()
    session.clear()
    assert "Draw a digit" in views.coupling.board.places_words.text()
    assert not any("network" in view.summary() for view in pages)


def test_a_page_made_late_says_why_it_is_empty(bare_window):
    pages = Pages("late", {"Coupling": Coupling(), "Votes": Votes}, bare_window)
    pages.show_reason("because")
    assert pages.unmade == ("Votes",)
    assert pages.view("Votes").summary() == "because"


def test_a_stroke_is_answered_by_every_view(qtbot, window):
    draw_and_settle(qtbot, window)
    answer = window.session.explanation
    assert np.array_equal(window.views.network_input.tile.values, answer.image)
    bars = window.views.capsules.lengths._bars.opts
    assert np.array_equal(bars["height"], answer.final_lengths)
    shown, decoded, difference = window.views.reconstruction.tiles
    assert np.array_equal(decoded.values, answer.reconstruction)
    assert np.array_equal(shown.values, answer.image)
    assert np.allclose(difference.values, answer.reconstruction - answer.image)


def test_it_answers_while_the_pen_is_still_down(qtbot, window):
    canvas = window.canvas
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=at(canvas, *THREE[0]))
    with qtbot.waitSignal(window.session.explanation_changed):
        QTest.mouseMove(canvas, at(canvas, *THREE[1]))
    assert window.views.network_input.tile.values.max() > 0.9
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=at(canvas, *THREE[1]))
    settle(qtbot, window.session)


def test_the_prediction_begins_with_the_digit_or_claims_nothing(qtbot, window):
    draw_and_settle(qtbot, window)
    label = window.findChild(QLabel, "prediction")
    answer = window.session.explanation
    expected = str(answer.digit) if answer.is_seen else "–"
    assert label.text() == expected
    action(window, "clear").trigger()
    assert label.text() == "–"


def test_the_line_passes_through_the_pointer(qtbot, window):
    draw(window.canvas, SEVEN)
    points = np.array(window.session.scene.drawing.marks[0].points)
    for x, y in SEVEN:  # within half a screen pixel's rounding
        assert np.hypot(*(points - (x, y)).T).min() < 28 / window.canvas.square.width()
    gaps = np.hypot(*np.diff(points, axis=0).T)
    assert gaps.max() < 0.75, "fast moves are filled in"
    settle(qtbot, window.session)


def test_the_ink_stands_on_the_canvas_at_once(qtbot, window):
    canvas = window.canvas
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=at(canvas, 14, 14))
    picture = canvas.grab().toImage()
    place = at(canvas, 14, 14) * canvas.devicePixelRatio()
    assert picture.pixelColor(place).name() == window.canvas._theme.ink
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=at(canvas, 14, 14))
    settle(qtbot, window.session)


@pytest.mark.parametrize("button", [Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton])
def test_the_eraser_takes_ink_away_on_canvas_and_in_the_image(qtbot, window, button):
    draw_and_settle(qtbot, window, [(14, 5), (14, 23)])
    before = window.session.scene.network_input(28).sum()
    if button == Qt.MouseButton.LeftButton:
        action(window, "eraser").trigger()
    draw(window.canvas, [(8, 20), (20, 20)], button)
    settle(qtbot, window.session)
    place = at(window.canvas, 14, 20) * window.canvas.devicePixelRatio()
    assert window.canvas.grab().toImage().pixelColor(place).name() == window.canvas._theme.paper
    assert window.session.scene.network_input(28).sum() < before
    assert action(window, "undo").text() == "Undo erase"


def test_undo_redo_and_clear_by_keyboard(qtbot, window):
    draw_and_settle(qtbot, window)
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.session.scene.is_empty
    assert not action(window, "undo").isEnabled()
    action(window, "redo").trigger()
    assert not window.session.scene.is_empty
    QTest.keyClick(window, Qt.Key.Key_Delete)
    assert window.session.scene.is_empty
    settle(qtbot, window.session)


def test_the_empty_window_invites_to_draw(window):
    assert "Draw a digit" in window.views.capsules.prediction._sentence.text()
    assert window.canvas._scene.is_empty


def test_iterations_drive_the_network_and_follow_it(qtbot, window):
    box = window.findChild(QSpinBox, "routing-iterations")
    draw_and_settle(qtbot, window)
    box.setValue(5)
    settle(qtbot, window.session)
    assert window.session.explanation.iterations == 5
    assert len(window.views.capsules.lengths._ticks.getData()[0]) == 2 * 4 * 10
    window.session.set_iterations(2)
    assert box.value() == 2
    settle(qtbot, window.session)


def test_a_dropped_file_is_opened_and_a_wrong_one_is_a_notice(qtbot, window, tmp_path):
    path = tmp_path / "wrong.txt"
    path.write_text("no image")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    event = QDropEvent(
        QPointF(5, 5),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    with qtbot.waitSignal(window.session.noticed, timeout=20_000):
        window.dropEvent(event)
    assert window.notice.isVisible()
    assert "wrong.txt" in window.notice.text
    settle(qtbot, window.session)


def test_what_went_wrong_is_not_said_any_longer_when_it_goes_well(qtbot, window, tmp_path):
    (tmp_path / "wrong.txt").write_text("no image")
    Image.new("L", (40, 40), 200).save(tmp_path / "blank.png")
    Image.fromarray(sample_digits().images[0]).save(tmp_path / "good.png")
    for name in ("blank.png", "wrong.txt"):
        dropped(window, tmp_path / name)
        settle(qtbot, window.session)
        assert name in window.notice.text
        assert window.notice.isVisible()
    dropped(window, tmp_path / "good.png")
    settle(qtbot, window.session)
    assert not window.notice.isVisible()
    window.notice.show_sentence("Something else.")
    dropped(window, tmp_path / "good.png")
    settle(qtbot, window.session)
    assert window.notice.isVisible()


def dropped(window, *paths):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    window.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, left, none))
    return data  # which the event only borrows


COPY, MOVE, LINK = (
    Qt.DropAction.CopyAction,
    Qt.DropAction.MoveAction,
    Qt.DropAction.LinkAction,
)


@pytest.fixture
def dragged(tmp_path):
    """A function that drags a picture for which this may be done; its coming, and its drop."""
    Image.fromarray(sample_digits().images[0]).save(tmp_path / "good.png")
    data = QMimeData()  # which events only borrow
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "good.png"))])
    how = (Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier)  # proposes to move it

    def drag(may_be_done):
        entered = QDragEnterEvent(QPoint(5, 5), may_be_done, data, *how)
        event = QDropEvent(QPointF(5, 5), may_be_done, data, *how)
        assert entered.proposedAction() == event.proposedAction() == MOVE
        for each in (entered, event):
            each.ignore()
        return entered, event

    return drag


@pytest.mark.parametrize(("offered", "asked"), [(COPY | MOVE, COPY), (LINK | MOVE, LINK)])
def test_what_could_be_moved_is_left_there_or_its_owner_would_delete_it(
    qtbot, window, dragged, offered, asked
):
    entered, event = dragged(offered)
    window.dragEnterEvent(entered)
    assert window.canvas._is_offered
    window.dragLeaveEvent(QDragLeaveEvent())
    assert not window.canvas._is_offered
    window.dragEnterEvent(entered)
    window.dropEvent(event)
    assert not window.canvas._is_offered
    settle(qtbot, window.session)
    assert window.session.scene.ground is not None
    for each in (entered, event):
        assert each.isAccepted()
        assert each.dropAction() == asked


def test_what_can_only_be_moved_is_not_taken(qtbot, window, dragged):
    entered, event = dragged(MOVE)
    window.dragEnterEvent(entered)
    assert not window.canvas._is_offered
    window.dropEvent(event)
    settle(qtbot, window.session)
    assert not entered.isAccepted()
    assert not event.isAccepted()
    assert window.session.scene.is_empty


@pytest.mark.parametrize("is_first", [True, False])
def test_undo_takes_back_the_stroke_under_way_and_nothing_else(qtbot, window, is_first):
    if not is_first:
        draw_and_settle(qtbot, window, THREE)
    before = window.session.scene
    canvas, undo = window.canvas, window.findChild(QAction, "action-undo")
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(40, 40))
    QTest.mouseMove(canvas, QPoint(90, 90))
    undo.trigger()
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(90, 90))
    assert window.session.scene is before
    assert window.session.undo_stack.count() == (0 if is_first else 1)
    assert undo.isEnabled() == (not is_first)
    undo.trigger()
    assert window.session.scene.is_empty
    settle(qtbot, window.session)


def test_every_drawing_of_a_file_can_be_reached(qtbot, window, own_home):
    session, file = window.session, own_home / "three.jsonl"
    lines = [f'{{"strokes": [[[{x}, 4], [{x}, 24]]]}}' for x in (8, 14, 20)]
    file.write_text("\n".join(lines))
    action(window, "open-next").trigger()
    assert "Open a file with several drawings" in window.notice.text
    data = dropped(window, file)
    for place in (1, 2, 3, 1):
        sentence = f"This is drawing {place} of the 3 in three.jsonl."
        qtbot.waitUntil(lambda said=sentence: window.notice.text == said)
        settle(qtbot, session)
        shown = session.scene
        window.findChild(QToolButton, "notice-act").click()
    del data
    qtbot.waitUntil(lambda: session.scene is not shown)
    session.undo_stack.undo()
    assert not window.notice.isVisible()
    assert session.scene is shown
    action(window, "open-next").trigger()
    qtbot.waitUntil(lambda: "drawing 3 of" in window.notice.text)
    settle(qtbot, session)


def test_of_several_dropped_files_the_first_is_opened_and_a_notice_says_so(
    qtbot, window, own_home
):
    files = [own_home / name for name in ("a.png", "b.png")]
    for file in files:
        assert window.grab().save(str(file))
    dropped(window, *files)
    assert "a.png is opened, the first of 2 files" in window.notice.text
    settle(qtbot, window.session)


def test_the_ending_of_a_dropped_file_may_be_in_capitals(qtbot, window, own_home, tiny_file):
    shutil.copy(tiny_file, own_home / "OTHER.SAFETENSORS")
    with qtbot.waitSignal(window.session.model_changed, timeout=20_000):
        dropped(window, own_home / "OTHER.SAFETENSORS")
    assert window.session.model.path.name == "OTHER.SAFETENSORS"
    settle(qtbot, window.session)


@pytest.mark.parametrize("value", ["abc", "12", ""])
def test_a_layout_edited_by_hand_is_left_out(qtbot, own_home, value):
    from capsviz.gui.session import Session
    from capsviz.gui.window import Window

    (own_home / "settings.ini").write_text(f"[General]\ngeometry={value}\nstate={value}\n")
    window = Window(Session())
    qtbot.addWidget(window)
    window.show()
    assert window.docks["input"].isVisible()
    window.close()
    window.session.setParent(window)


def test_the_status_bar_names_network_device_and_sum(qtbot, window):
    draw_and_settle(qtbot, window)
    words = " ".join(label.text() for label in window.views.status.findChildren(QLabel))
    assert "tiny" in words
    assert "50.00%" in words
    assert "CPU" in words
    assert "Σc = 1" in words


@pytest.mark.parametrize(("name", "theme"), [("light", LIGHT), ("dark", DARK)])
def test_an_appearance_is_worn_and_remembered(qtbot, window, name, theme):
    action(window, name).trigger()
    ground = window.grab().toImage().pixelColor(2, window.height() - 2)
    assert ground.name() == theme.ground
    window._settings.sync()
    assert window._settings.value("appearance") == name


def test_the_layout_is_remembered(qtbot, window):
    from capsviz.gui.session import Session
    from capsviz.gui.window import Window

    window.docks["input"].hide()
    window.resize(1280, 770)  # the offscreen screen has 800 × 800
    window.close()
    again = Window(Session())
    qtbot.addWidget(again)
    again.show()
    assert not again.docks["input"].isVisible()
    assert again.height() == 770
    again.close()
    again.session.setParent(again)


def test_the_window_s_picture_is_saved_whole_or_a_notice_says_why(qtbot, window, tmp_path):
    window.save_picture_or_say(tmp_path / "a" / "window.png")
    assert (tmp_path / "a" / "window.png").read_bytes().startswith(b"\x89PNG")
    assert window.notice.text == f"Saved as {tmp_path / 'a' / 'window.png'}."
    (tmp_path / "file").write_text("")
    window.save_picture_or_say(tmp_path / "file" / "window.png")
    assert "window.png" in window.notice.text


def test_help_tells_the_versions(qtbot, window):
    action(window, "about").trigger()
    texts = [box.text() for box in window.findChildren(QMessageBox)]
    assert any("torch" in text and "PySide6" in text for text in texts)


def test_the_table_of_keys_tells_them_all_and_can_be_scrolled(qtbot, window):
    action(window, "keys").trigger()
    dialog = window.findChild(QDialog, "key-table")
    told = dialog.table.toPlainText().replace("\N{NO-BREAK SPACE}", " ")
    for command in all_commands():
        if command.keys and not command.name.startswith(("digit-", "correct-")):
            assert f"{command.text}\n" in told
            native = QKeySequence.SequenceFormat.NativeText
            for key in QKeySequence.listFromString(command.keys):
                assert key.toString(native) in told
    assert "Decode capsule 0 … 9\n0 … 9" in told
    assert "This is a 0 … 9\nAlt+0 … 9" in told
    qtbot.waitExposed(dialog)
    screen = QApplication.primaryScreen().availableSize()
    assert dialog.width() <= screen.width()
    assert dialog.table.verticalScrollBar().maximum() > 0  # on 800 × 800
    assert dialog.table.horizontalScrollBar().maximum() == 0
    dialog.reject()


def test_a_size_that_was_asked_for_before_the_first_frame_stays(qtbot, own_home):
    from capsviz.gui.session import Session
    from capsviz.gui.window import Window

    window = Window(Session())
    qtbot.addWidget(window)
    window.resize(1440, 900)  # on a screen of 800 × 800
    window.show()
    qtbot.waitExposed(window)
    assert (window.width(), window.height()) == (1440, 900)
    window.close()
    window.session.setParent(window)


def test_a_first_window_of_the_usual_size_keeps_it_and_its_columns(qtbot, window):
    qtbot.waitUntil(lambda: window.docks["routing"].height() == 370)
    assert (window.width(), window.height()) == (1280, 720)
    assert window.views.hints.isVisible()
    draw_and_settle(qtbot, window)
    sides = window.docks["draw"].width(), window.docks["pose"].width()
    assert abs(sides[0] - 320) < 16
    assert abs(sides[1] - 340) < 16


def test_in_a_high_window_the_room_that_is_left_goes_to_samples_and_sliders(qtbot, bare_window):
    bare_window.resize(1440, 1100)
    bare_window.reset_layout()
    docks = bare_window.docks
    qtbot.waitUntil(lambda: docks["samples"].height() > 300)
    assert docks["draw"].height() < docks["draw"].width() + 40
    assert docks["pose"].height() > 2 * docks["reconstruction"].height()


@pytest.mark.parametrize("size", [(1160, 660), (1280, 720), (3840, 2160)])
def test_nothing_is_cut_off(qtbot, window, size):
    window.resize(*size)
    draw_and_settle(qtbot, window)
    for view in (
        window.canvas,
        window.views.capsules.lengths,
        window.views.network_input,
        window.views.reconstruction,
    ):
        assert view.width() >= view.minimumSizeHint().width()
        assert view.height() >= view.minimumSizeHint().height()
        place = view.mapTo(window, view.rect().bottomRight())
        assert window.rect().contains(place), view


def test_the_window_opens_without_what_only_answers_need():
    code = (
        "import sys; import capsviz.gui.app\n"
        "heavy = {'torch', 'torchvision', 'pyqtgraph', 'PIL', 'importlib.metadata'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run((sys.executable, "-c", code), capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
