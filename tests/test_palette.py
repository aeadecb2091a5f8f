"""Commands: one table, from which menus, keys, the list of keys and the palette are made."""

from collections import Counter

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QAction, QGuiApplication, QImage, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLineEdit, QMenu, QMessageBox, QTreeWidget

from capsviz.gui.desktop.commands import COMMANDS, all_commands
from capsviz.gui.desktop.key_table import KeyTable
from capsviz.gui.desktop.menus import entries
from capsviz.gui.desktop.palette import Palette, rank
from capsviz.gui.pose_edit import PERTURBATION
from tests.qt import draw_and_settle, settle

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def action(window, name):
    found = window.findChild(QAction, f"action-{name}")
    assert found is not None, name
    return found


def opened(window):
    """The palette, its line and its list."""
    action(window, "palette").trigger()
    palette = window.findChild(Palette)
    return palette, palette.findChild(QLineEdit), palette.findChild(QTreeWidget)


def lines(shown):
    return [shown.topLevelItem(row).text(0) for row in range(shown.topLevelItemCount())]


def test_names_and_keys_belong_to_one_command_each():
    commands = all_commands()
    assert max(Counter(command.name for command in commands).values()) == 1
    keys = [
        key.toString()
        for command in commands
        if command.keys
        for key in QKeySequence.listFromString(command.keys)
    ]
    assert "" not in keys
    assert [key for key, count in Counter(keys).items() if count > 1] == []


def test_every_command_says_what_it_does():
    for command in all_commands():
        assert len(command.tip) > 8, command.name
        assert not command.tip.endswith("."), command.name


@pytest.mark.parametrize(
    "name",
    [
        *("save-session", "open-session", "paste", "play", "step-back", "step-on"),
        *(f"digit-{digit}" for digit in range(10)),
        *("follow-winner", "reset-pose", "random-pose", "animate", "framed", "next-mistake"),
        *("fullscreen", "reset-layout", "zoom-in", "zoom-out", "zoom-reset", "export-figure"),
    ],
)
def test_names_that_other_programs_rely_on(name):
    assert name in {command.name for command in all_commands()}


def test_every_command_stands_in_its_menu(bare_window):
    found = {entry.action.objectName(): entry for entry in entries(bare_window.menuBar())}
    for menu, rows in COMMANDS.items():
        for row in filter(None, rows):
            entry = found[f"action-{row.name}"]
            assert entry.path == menu.replace("/", " ▸ ")
            assert entry.action.toolTip().startswith(row.tip)
    menus = bare_window.menuBar().findChildren(QMenu)
    assert all(menu.toolTipsVisible() for menu in menus if menu.title().strip("&") in COMMANDS)


def test_listing_the_menus_leaves_them_alone(bare_window):
    entries(bare_window.menuBar())
    again = entries(bare_window.menuBar())
    assert len(again) > len(all_commands())
    assert any(entry.action.text() == "Draw" and entry.path == "View" for entry in again), "docks"


def test_the_best_match_comes_first():
    assert rank("", "Clear", "Edit") == 0
    assert rank("cle", "Clear", "Edit") == 0
    assert rank("lear", "Clear", "Edit") > 0
    assert rank("clr", "Clear", "Edit") > rank("lear", "Clear", "Edit"), "scattered letters"
    assert rank("edit", "Clear", "Edit") > rank("clr", "Clear", "Edit"), "only its menu"
    assert rank("pose rand", "Random pose", "Pose") == 0, "words in any order"
    assert rank("PLAY", "Play the iterations", "Routing") == 0
    assert rank("xyz", "Clear", "Edit") is None
    assert rank("cle xyz", "Clear", "Edit") is None, "every word has to match"


def test_a_few_letters_and_enter_run_a_command(bare_window):
    palette, line, shown = opened(bare_window)
    assert palette.isVisible()
    assert line.hasFocus()
    QTest.keyClicks(line, "eras")
    assert lines(shown)[0] == "Eraser"
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert not palette.isVisible()
    assert action(bare_window, "eraser").isChecked()
    assert bare_window.canvas.erases


def test_it_opens_by_either_key_and_closes_by_escape(bare_window):
    bare_window.canvas.setFocus()
    for key, modifiers in ((Qt.Key.Key_K, CONTROL), (Qt.Key.Key_P, CONTROL | SHIFT)):
        QTest.keyClick(bare_window, key, modifiers)
        palette = bare_window.findChild(Palette)
        assert palette.isVisible()
        QTest.keyClick(palette.findChild(QLineEdit), Qt.Key.Key_Escape)
        assert not palette.isVisible()
        assert bare_window.canvas.hasFocus(), "where it was before"


def test_arrows_go_round_and_the_list_tells_menu_and_key(bare_window):
    _, line, shown = opened(bare_window)
    count = shown.topLevelItemCount()
    QTest.keyClick(line, Qt.Key.Key_Up)
    assert shown.indexOfTopLevelItem(shown.currentItem()) == count - 1
    QTest.keyClick(line, Qt.Key.Key_Down)
    assert shown.indexOfTopLevelItem(shown.currentItem()) == 0
    QTest.keyClicks(line, "redo")
    redo = shown.topLevelItem(0)
    assert [redo.text(column) for column in (0, 1)] == ["Redo", "Edit"]
    assert "Z" in redo.text(2)
    assert redo.isDisabled(), "nothing was undone"
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert shown.isVisible(), "what cannot be done is not run"


def test_what_is_on_has_a_tick(bare_window):
    _, line, shown = opened(bare_window)
    QTest.keyClicks(line, "high contrast")
    assert lines(shown) == ["High contrast"]
    line.clear()
    action(bare_window, "contrast").setChecked(True)
    line.setText("high contrast")
    assert lines(shown) == ["High contrast ✓"]


def test_nothing_found_is_said(bare_window):
    palette, line, shown = opened(bare_window)
    QTest.keyClicks(line, "qqqq")
    assert lines(shown) == ["No command is called that"]
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert palette.isVisible()


def test_it_is_modest(qtbot, bare_window):
    """In the middle of the window, inside it, and gone when something else is clicked."""
    palette, _, _ = opened(bare_window)
    bare_window.resize(1240, 700)
    qtbot.waitUntil(lambda: abs(palette.geometry().center().x() - 620) <= 1)
    assert bare_window.rect().contains(palette.geometry())
    assert bare_window.isEnabled()
    QTest.mouseClick(bare_window.canvas, Qt.MouseButton.LeftButton, pos=QPoint(30, 30))
    bare_window.canvas.setFocus()
    assert not palette.isVisible()


def test_a_click_runs_a_line(bare_window):
    palette, line, shown = opened(bare_window)
    QTest.keyClicks(line, "eraser")
    place = shown.visualItemRect(shown.topLevelItem(0)).center()
    QTest.mouseClick(shown.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert not palette.isVisible()
    assert action(bare_window, "eraser").isChecked()


def test_help_lists_keys_by_menu(bare_window):
    action(bare_window, "keys").trigger()
    keys = bare_window.findChild(KeyTable)
    lines = keys.table.toPlainText().splitlines()
    for block in (
        *(menu for menu in COMMANDS if "/" not in menu and menu != "Network"),
        "By hand",
    ):
        assert lines.count(block) == 1
    keys.reject()


def test_help_copies_the_versions(bare_window):
    action(bare_window, "about").trigger()
    (about,) = bare_window.findChildren(QMessageBox)
    copy = next(button for button in about.buttons() if "Copy" in button.text())
    copy.click()
    assert about.isVisible(), "it can still be read"
    copied = QGuiApplication.clipboard().text()
    assert "torch" in copied
    assert "no network loaded" in copied
    assert "<" not in copied
    about.buttons()[0].click()


def test_keys_step_play_and_route_more_often(qtbot, window):
    draw_and_settle(qtbot, window)
    playhead = window.session.playhead
    QTest.keyClick(window, Qt.Key.Key_Comma)
    assert playhead.iteration == 2
    QTest.keyClick(window, Qt.Key.Key_Period)
    assert playhead.iteration == 3
    assert not action(window, "step-on").isEnabled()
    QTest.keyClick(window, Qt.Key.Key_K)
    assert playhead.is_playing
    assert action(window, "play").isChecked()
    QTest.keyClick(window, Qt.Key.Key_Slash)
    assert not playhead.is_playing
    assert not action(window, "play").isChecked()
    QTest.keyClick(window, Qt.Key.Key_Plus)
    settle(qtbot, window.session)
    assert window.session.explanation.iterations == 4
    QTest.keyClick(window, Qt.Key.Key_Minus)
    settle(qtbot, window.session)
    assert window.session.explanation.iterations == 3


def test_digit_keys_pin_a_capsule_and_let_it_go(qtbot, window):
    draw_and_settle(qtbot, window)
    posing = window.session.posing
    QTest.keyClick(window, Qt.Key.Key_7)
    assert posing.pinned == 7
    assert action(window, "digit-7").isChecked()
    QTest.keyClick(window, Qt.Key.Key_7)
    assert posing.pinned is None
    assert action(window, "follow-winner").isChecked()
    QTest.keyClick(window, Qt.Key.Key_2)
    QTest.keyClick(window, Qt.Key.Key_W)
    assert posing.pinned is None
    posing.pin(4)
    assert action(window, "digit-4").isChecked(), "whoever pinned it"
    settle(qtbot, window.session)


def test_pose_commands_wait_for_a_pose(qtbot, window):
    names = ("reset-pose", "random-pose", "animate")
    assert not any(action(window, name).isEnabled() for name in names)
    draw_and_settle(qtbot, window)
    posing = window.session.posing
    assert action(window, "animate").isEnabled()
    assert not action(window, "reset-pose").isEnabled(), "it is as it was found"
    posing.set_dimension(0, float(posing.pose.values[0]) + 0.1)
    assert action(window, "reset-pose").isEnabled()
    QTest.keyClick(window, Qt.Key.Key_R)
    assert not posing.pose.is_edited
    QTest.keyClick(window, Qt.Key.Key_A)
    assert action(window, "animate").isChecked()
    inferred = posing.pose.inferred
    qtbot.waitUntil(lambda: np.abs(posing.pose.values - inferred).max() > PERTURBATION / 10)
    QTest.keyClick(window, Qt.Key.Key_A)
    assert not posing.is_animated
    assert not action(window, "animate").isChecked()
    settle(qtbot, window.session)


def test_ticks_follow_the_session(qtbot, window):
    session = window.session
    assert action(window, "framed").isChecked()
    QTest.keyClick(window, Qt.Key.Key_C)
    assert not session.scene.framed
    session.undo_stack.undo()
    assert action(window, "framed").isChecked()
    session.posing.set_locked(True)
    assert action(window, "lock-pose").isChecked()
    settle(qtbot, session)


def test_the_window_takes_the_whole_screen_and_gives_it_back(bare_window):
    QTest.keyClick(bare_window, Qt.Key.Key_F11)
    assert bare_window.isFullScreen()
    QTest.keyClick(bare_window, Qt.Key.Key_F11)
    assert not bare_window.isFullScreen()


def test_a_copied_picture_is_pasted(qtbot, window):
    picture = QImage(28, 28, QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.black)
    for row in range(6, 22):
        picture.setPixelColor(14, row, Qt.GlobalColor.white)
    QGuiApplication.clipboard().setImage(picture)
    with qtbot.waitSignal(window.session.scene_changed, timeout=20_000):
        QTest.keyClick(window, Qt.Key.Key_V, CONTROL)
    assert window.session.scene.ground[14, 14] == pytest.approx(1)
    settle(qtbot, window.session)


def test_a_copied_file_is_opened_and_an_empty_clipboard_is_told_of(qtbot, window, tmp_path):
    content = QMimeData()
    content.setUrls([QUrl.fromLocalFile(str(tmp_path / "missing.png"))])
    QGuiApplication.clipboard().setMimeData(content)
    with qtbot.waitSignal(window.session.noticed, timeout=20_000) as said:
        action(window, "paste").trigger()
    assert "missing.png" in said.args[0]
    QGuiApplication.clipboard().clear()
    with qtbot.waitSignal(window.session.noticed) as said:
        action(window, "paste").trigger()
    assert "no picture on the clipboard" in said.args[0]
    settle(qtbot, window.session)


def test_the_window_s_picture_goes_to_the_clipboard_and_to_a_file(bare_window, tmp_path):
    action(bare_window, "copy-figure").trigger()
    assert QGuiApplication.clipboard().image().width() >= bare_window.width()
    action(bare_window, "export-figure").trigger()
    dialog = bare_window.findChild(QFileDialog)
    dialog.selectFile(str(tmp_path / "mine"))
    dialog.accept()
    assert (tmp_path / "mine.png").read_bytes().startswith(b"\x89PNG")


def test_a_session_is_saved_and_brought_back(qtbot, window, tmp_path):
    draw_and_settle(qtbot, window)
    drawn = window.session.scene.drawing
    action(window, "save-session").trigger()
    dialog = window.findChild(QFileDialog)
    dialog.selectFile(str(tmp_path / "mine"))
    dialog.accept()
    saved = next(tmp_path.iterdir())
    assert saved.name == "mine.capsviz.json"
    window.session.clear()
    dialog.deleteLater()
    action(window, "open-session").trigger()
    again = next(one for one in window.findChildren(QFileDialog) if one is not dialog)
    again.selectFile(str(saved))
    again.accept()
    assert len(window.session.scene.drawing.marks) == len(drawn.marks)
    settle(qtbot, window.session)
