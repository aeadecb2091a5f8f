"""What the window remembers from one start to the next."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QImage
from PySide6.QtWidgets import QFileDialog, QToolButton

from capsviz.gui.look.dialogs import last_folder, remember_folder
from capsviz.gui.session import Session
from capsviz.gui.window import Window
from tests.labs import lab_of
from tests.qt import draw_and_settle, settle


@pytest.fixture
def again(qtbot, window):
    """Closes the window, and opens another in its place."""
    opened = []

    def reopen():
        window.close()
        made = Window(Session())
        opened.append(made)
        qtbot.addWidget(made)
        made.show()
        qtbot.waitExposed(made)
        made.afterwards.finish()
        return made

    yield reopen
    for made in opened:
        made.close()
        made.session.setParent(made)


def test_ways_of_looking_come_back(qtbot, window, again):
    views = window.views
    views.coupling.options.weight.click()
    views.coupling.options.span.setCurrentIndex(1)
    views.routing.pages.show_page(views.agreement)
    views.posed.show_page(views.sweep)
    views.capsules.findChild(QToolButton, "show-curve").click()
    views.pose.controls.one.trigger()
    window.actions_.tool_bar().pen_size.setValue(17)
    window.session.set_framed(False)
    window.session.posing.set_locked(True)
    window.session.load_model("tiny", "cpu")
    settle(qtbot, window.session)
    then = again()
    views = then.views
    assert views.coupling.options.reading.weighted
    assert not views.coupling.options.reading.shared
    assert views.routing.pages.page is views.agreement
    assert views.posed.page is views.sweep
    assert views.capsules.findChild(QToolButton, "show-curve").isChecked()
    assert views.pose.controls.one.isChecked()
    assert not views.pose.controls.each.isChecked()
    assert then.actions_.tool_bar().pen_size.value() == 17
    assert not then.session.scene.framed
    assert not then.session.undo_stack.canUndo()
    assert then.session.posing.is_locked
    assert (then.memory.network, then.memory.device) == ("tiny", "cpu")


def test_a_dialog_begins_where_a_file_was_chosen_last(window, again, tmp_path, own_home):
    window.actions_.files.ask_for_picture()
    dialog = window.findChild(QFileDialog)
    dialog.selectFile(str(tmp_path / "window"))
    dialog.accept()
    window.actions_.files.ask_for_weights()
    (other,) = (one for one in window.findChildren(QFileDialog) if one is not dialog)
    assert Path(other.directory().absolutePath()) == tmp_path
    other.reject()
    QFileDialog(window, "", str(own_home)).setDirectory(str(own_home))  # Qt forgets tmp_path
    made = again()
    made.actions_.files.ask_for_session()
    assert Path(made.findChild(QFileDialog).directory().absolutePath()) == tmp_path
    made.findChild(QFileDialog).reject()


def test_a_folder_that_is_gone_is_no_place_to_begin(window, tmp_path):
    remember_folder(str(tmp_path))
    assert last_folder() == str(tmp_path)
    remember_folder(str(tmp_path / "gone"))
    assert last_folder() == ""


def test_a_session_keeps_its_name(qtbot, window, tmp_path):
    draw_and_settle(qtbot, window)
    for suggested, chosen in (("drawing", "my seven"), ("my seven", "my.nine")):
        window.actions_.files.ask_where_to_save()
        dialog = window.findChild(QFileDialog)
        assert Path(dialog.selectedFiles()[0]).name == f"{suggested}.capsviz.json"
        dialog.selectFile(str(tmp_path / chosen))
        dialog.accept()
        qtbot.waitUntil(lambda: window.findChild(QFileDialog) is None)
    window.actions_.files.take(_urls(tmp_path / "my seven.capsviz.json"), "")
    settle(qtbot, window.session)
    window.actions_.files.ask_where_to_save()
    dialog = window.findChild(QFileDialog)
    assert Path(dialog.selectedFiles()[0]).name == "my seven.capsviz.json"
    dialog.reject()


def _urls(path):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    return data


def test_a_network_that_is_gone_is_not_asked_for(window, again, tiny_file):
    assert window.session.model.name == "tiny"
    window.close()
    tiny_file.unlink()
    assert again().memory.network is None


def test_settings_edited_by_hand_do_no_harm(window, again, own_home):
    window.close()
    file = own_home / "settings.ini"
    text = file.read_text().replace("pen=10", "pen=wide").replace("routing=0", "routing=99")
    assert "pen=wide" in text
    assert "routing=99" in text
    file.write_text(text)
    then = again()
    assert then.actions_.tool_bar().pen_size.value() == 10
    assert then.views.routing.pages.page is then.views.coupling


GENERAL = "appearance device folder framed geometry hints layout-own lock network state zoom"
VALUES = ["100000000000", "-100000000000", "9" * 5000, "nan", "-inf", "a, b, c", "@Invalid()"]


@pytest.mark.parametrize("value", VALUES)
def test_no_value_keeps_the_window_from_opening(window, again, own_home, value):
    """Some are more than Qt's numbers hold or a file's name may have, some are no word at all."""
    window.close()
    views = [f"{name}={value}" for name in window._remembered()]
    lines = ["[General]", *(f"{name}={value}" for name in GENERAL.split()), "[views]", *views]
    lines += ["[labs]", f"two-digits={value}"]
    (own_home / "settings.ini").write_text("\n".join(lines))
    then = again()
    assert then.actions_.tool_bar().pen_size.value() == 10
    assert then.looks.appearance == "system"
    assert (then.memory.network, then.memory.device) == (None, "auto")
    assert lab_of(then).isVisible()


def drop(window, content):
    place, action = QPointF(9, 9), Qt.DropAction.CopyAction
    buttons, modifiers = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QDropEvent(place, action, content, buttons, modifiers)
    window.dropEvent(event)
    return event.isAccepted()


def test_weights_a_session_and_a_bare_picture_can_be_dropped(qtbot, window, tiny_file, tmp_path):
    mine = tmp_path / "mine.safetensors"
    mine.write_bytes(tiny_file.read_bytes())
    content = QMimeData()
    content.setUrls([QUrl.fromLocalFile(str(mine))])
    with qtbot.waitSignal(window.session.model_changed, timeout=20_000):
        assert drop(window, content)
    assert window.session.model.name == "mine"
    draw_and_settle(qtbot, window)
    window.actions_.files._save_session(str(tmp_path / "a"))
    window.session.clear()
    content.setUrls([QUrl.fromLocalFile(str(tmp_path / "a.capsviz.json"))])
    assert drop(window, content)
    settle(qtbot, window.session)
    assert not window.session.scene.is_empty
    window.session.clear()
    picture = QImage(60, 60, QImage.Format.Format_Grayscale8)
    picture.fill(Qt.GlobalColor.white)
    for y in range(10, 50):
        for x in range(28, 34):
            picture.setPixelColor(x, y, Qt.GlobalColor.black)
    bare = QMimeData()
    bare.setImageData(picture)
    assert drop(window, bare)
    settle(qtbot, window.session)
    assert window.session.scene.ground is not None
    assert not drop(window, QMimeData())
