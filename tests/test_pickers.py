"""The tool bar's pickers: which network answers, and where it computes."""

import shutil
import sys

import pytest
from PySide6.QtCore import QDir, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QFileDialog, QSlider, QToolBar, QToolButton

from capsviz.explore.models import LoadedModel
from capsviz.gui.desktop.pickers import DevicePicker
from capsviz.gui.look.pickers import ModelPicker
from capsviz.gui.look.style import style_sheet
from capsviz.gui.look.theme import DARK, GRID
from capsviz.network import Provenance
from capsviz.places import resources_folder
from tests.qt import settle


@pytest.fixture
def models(qtbot):
    made = ModelPicker()
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def devices(qtbot):
    made = DevicePicker()
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def loaded(tiny_model, tmp_path):
    def make(name, device="cpu"):
        path = tmp_path / f"{name}.safetensors"
        return LoadedModel(name, path, tiny_model, Provenance(), device)

    return make


def texts(picker):
    return [picker.itemText(row) for row in range(picker.count()) if picker.itemText(row)]


def choose(picker, text):
    """As a person does: the list opens, a line is taken."""
    picker.about_to_list.emit()
    row = picker.findText(text)
    picker.setCurrentIndex(row)
    picker.activated.emit(row)


def test_a_long_name_is_cut_in_its_middle_and_by_no_edge(models, loaded):
    QDir.setSearchPaths("icons", [str(resources_folder() / "icons")])
    models.setStyleSheet(style_sheet(DARK, GRID))
    models.show_model(loaded("digits"))
    models.resize(145, models.sizeHint().height())
    assert models.shown == "digits"
    models.show_model(loaded("learning of One minute and more"))
    head, _, tail = models.shown.partition("…")
    assert models.currentText().startswith(head)
    assert models.currentText().endswith(tail)
    assert min(len(head), len(tail)) >= 3
    edge = models.grab().toImage().copy(145 - 31, 6, 4, models.height() - 12)
    assert len({edge.pixel(x, y) for x in range(4) for y in range(edge.height())}) == 1
    assert models.toolTip().startswith("learning of One minute and more\n")


def test_it_lists_networks_then_a_file_of_one_s_own(models):
    models.show_names(["digits", "tiny"])
    assert texts(models) == ["digits", "tiny", "Open weights…"]
    assert models.currentIndex() == -1, "none answers yet"


def test_it_shows_the_network_that_answers_even_one_from_elsewhere(models, loaded):
    models.show_names(["digits", "tiny"])
    models.show_model(loaded("tiny"))
    assert models.currentText() == "tiny"
    models.show_model(loaded("mine"))
    models.show_names(["digits", "tiny"])
    assert texts(models) == ["digits", "tiny", "mine", "Open weights…"]
    assert models.currentText() == "mine"
    assert "mine answers" in models.accessibleDescription()


def test_a_choice_is_asked_for_and_shown_when_it_answers(qtbot, models, loaded):
    models.show_names(["digits", "tiny"])
    models.show_model(loaded("digits"))
    with qtbot.waitSignal(models.chosen) as asked:
        choose(models, "tiny")
    assert asked.args == ["tiny"]
    assert models.currentText() == "digits", "it still answers"
    with qtbot.waitSignal(models.open_asked):
        choose(models, "Open weights…")
    assert models.currentText() == "digits"


def test_code_asks_for_nothing(qtbot, models, devices, loaded):
    with (
        qtbot.assertNotEmitted(models.chosen),
        qtbot.assertNotEmitted(models.open_asked),
        qtbot.assertNotEmitted(devices.chosen),
    ):
        models.show_names(["digits", "tiny"])
        for name in ("tiny", "digits"):
            models.show_model(loaded(name))
            devices.show_model(loaded(name))


def test_neither_wheel_nor_letters_choose(qtbot, models, loaded):
    models.show_names(["digits", "tiny"])
    models.show_model(loaded("digits"))
    no_buttons, no_keys = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    turn = QWheelEvent(
        QPointF(5, 5),
        QPointF(models.mapToGlobal(QPoint(5, 5))),
        QPoint(),
        QPoint(0, -120),
        no_buttons,
        no_keys,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    with qtbot.assertNotEmitted(models.chosen):
        models.wheelEvent(turn)
        QTest.keyClick(models, Qt.Key.Key_T)
    assert models.currentText() == "digits"


@pytest.mark.qt_log_ignore("This plugin does not support")  # says the offscreen platform of lists
def test_an_arrow_opens_the_list(qtbot, models):
    with qtbot.waitSignal(models.about_to_list):
        QTest.keyClick(models, Qt.Key.Key_Down)
    assert models.view().isVisible()
    models.hidePopup()


def test_devices_are_unknown_before_a_network_has_come(devices):
    assert texts(devices) == ["Auto", "CPU", "CUDA", "MPS"]
    assert devices.current == "auto"
    states = [devices.model().item(row).isEnabled() for row in range(4)]
    assert states == [True, False, False, False]


def test_devices_that_are_not_there_say_why(monkeypatch, devices, loaded):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.mps, "is_available", lambda: False)
    devices.show_model(loaded("tiny"))
    assert devices.currentText() == "Auto (CPU)"
    items = {
        row.data(Qt.ItemDataRole.UserRole): row for row in map(devices.model().item, range(4))
    }
    assert items["cpu"].isEnabled()
    assert items["cuda"].isEnabled()
    assert not items["mps"].isEnabled()
    assert "no device 'mps'" in items["mps"].toolTip()
    assert "cuda" in items["mps"].toolTip(), "it says which there are"


def test_a_device_is_shown_once_the_network_is_on_it(qtbot, devices, loaded):
    devices.show_model(loaded("tiny"))
    with qtbot.waitSignal(devices.chosen) as asked:
        choose(devices, "CPU")
    assert asked.args == ["cpu"]
    assert devices.current == "auto", "not yet"
    devices.show_device("cpu")
    devices.show_model(loaded("tiny", "cpu"))
    assert devices.currentText() == "CPU"
    assert devices.current == "cpu"


def test_a_device_that_failed_is_not_shown(devices, loaded):
    devices.show_model(loaded("tiny"))
    devices.choose(devices.findData("cuda"))
    devices.show_model(loaded("tiny", "cpu"))
    assert devices.currentText() == "Auto (CPU)"


def test_the_window_s_pickers_load_what_is_chosen(qtbot, window, tiny_file):
    shutil.copy(tiny_file, tiny_file.with_name("another.safetensors"))
    picker = window.findChild(QComboBox, "model-picker")
    assert picker.currentText() == "tiny"
    with qtbot.waitSignal(window.session.model_changed, timeout=20_000):
        choose(picker, "another")
    assert window.session.model.name == "another"
    assert picker.currentText() == "another"
    device = window.findChild(QComboBox, "device-picker")
    assert device.currentText() == "CPU"
    with qtbot.waitSignal(window.session.model_changed, timeout=20_000):
        choose(device, "Auto (CPU)")
    assert window.session.model.name == "another", "the same network, elsewhere"
    assert device.currentText() == "Auto (CPU)"
    settle(qtbot, window.session)


def test_weights_of_one_s_own_are_opened(qtbot, window, tiny_file, tmp_path):
    mine = shutil.copy(tiny_file, tmp_path / "mine.safetensors")
    choose(window.findChild(QComboBox, "model-picker"), "Open weights…")
    dialog = window.findChild(QFileDialog)
    dialog.selectFile(str(mine))
    with qtbot.waitSignal(window.session.model_changed, timeout=20_000):
        dialog.accept()
    assert window.findChild(QComboBox, "model-picker").currentText() == "mine"
    settle(qtbot, window.session)


def test_the_network_menu_lists_and_loads_them_too(qtbot, window, tiny_file):
    shutil.copy(tiny_file, tiny_file.with_name("a & b.safetensors"))
    title = next(one for one in window.menuBar().actions() if one.text() == "&Network")
    menu = next(
        one
        for one in window.menuBar().findChildren(type(title.menu()))
        if one.title() == "&Network"
    )
    menu.aboutToShow.emit()
    lines = {action.data(): action for action in menu.actions() if action.data()}
    assert lines["tiny"].isChecked()
    with qtbot.waitSignal(window.session.model_changed, timeout=20_000):
        lines["a & b"].trigger()
    assert lines["a & b"].isChecked()
    assert window.session.model.name == "a & b"
    settle(qtbot, window.session)


def test_the_tool_bar_fits_into_1280_pixels(qtbot, window):
    bar = window.findChild(QToolBar)
    assert bar.sizeHint().width() <= 1280 - 2 * 8
    window.resize(1280, 720)
    extension = bar.findChild(QToolButton, "qt_toolbar_ext_button")
    qtbot.waitUntil(lambda: bar.width() > 1200 or window.width() < 1280)
    assert extension.isHidden() or window.width() < 1280


def test_every_control_of_the_tool_bar_has_a_name_and_a_tip(bare_window):
    bar = bare_window.findChild(QToolBar)
    for action in bar.actions():
        control = bar.widgetForAction(action)
        if isinstance(control, QToolButton):
            assert action.text()
            assert action.toolTip()
        elif isinstance(control, QComboBox | QSlider):
            assert control.accessibleName()
            assert control.toolTip()


def test_torch_is_not_fetched_for_the_tool_bar(bare_window):
    """It takes seconds; this process has it already, so what matters is that nothing asks."""
    device = bare_window.findChild(QComboBox, "device-picker")
    assert "torch" in sys.modules
    assert not device.model().item(1).isEnabled(), "whether there is a CPU was not asked"
