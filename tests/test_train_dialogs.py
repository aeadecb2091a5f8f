"""The dialogs of training: a new run from a preset, and all runs compared, changed, continued."""

import shutil
import threading

import msgspec
import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QSlider,
    QSpinBox,
    QToolButton,
)

from capsviz.files import CapsvizError
from capsviz.gui.preparing import CostRequest, Start
from capsviz.gui.train import new_run as dialog_of_new_run
from capsviz.network.config import CapsNetConfig, Provenance
from capsviz.places import user_runs_folder
from capsviz.training.presets import PRESETS
from capsviz.training.runs import list_runs, trash_run, trashed_runs
from tests.learning import IMAGES, make_runs, tiny_request, write_tiny_mnist
from tests.qt import settle


@pytest.fixture
def data(own_home, monkeypatch):
    folder = write_tiny_mnist(own_home / "mnist")
    monkeypatch.setenv("CAPSVIZ_DATA", str(folder))
    return folder


@pytest.fixture
def learning(window):
    window.asks_before_closing = False
    return window.session.learning


@pytest.fixture
def new_run(qtbot, window, learning, data, monkeypatch):
    monkeypatch.setattr(dialog_of_new_run, "_PAUSE_MS", 600_000)  # no preset is measured unasked
    action(window, "train").trigger()
    dialog = window.actions_.training._new
    qtbot.waitUntil(lambda: dialog.data.found is not None, timeout=20_000)
    return dialog


def action(window, name):
    return window.findChild(QAction, f"action-{name}")


def make_small(dialog):
    """Of whatever preset, a run that takes no time."""
    for name, value in {
        "training_images": 0,
        "validation_images": 20,
        "conv_channels": 4,
        "primary_types": 2,
        "digit_dim": 4,
        "epochs": 1,
        "batch_size": 20,
    }.items():
        dialog.findChild(QSpinBox, f"setting-{name}").setValue(value)


def problem(dialog):
    return dialog.findChild(QLabel, "run-problem").text()


def test_enter_starts_the_run(qtbot, new_run):
    assert [b for b in new_run.findChildren(QPushButton) if b.isDefault()] == [new_run.start]
    new_run.foot.name.setFocus()
    with qtbot.waitSignal(new_run.start_asked):
        QTest.keyClick(new_run.foot.name, Qt.Key.Key_Return)
    new_run.close()


def test_every_preset_fills_the_form_and_says_what_it_teaches(new_run):
    assert new_run.isVisible()
    assert not new_run.isModal()
    for row, preset in enumerate(PRESETS):
        new_run.presets.setCurrentRow(row)
        item = new_run.presets.item(row)
        assert item.data(Qt.ItemDataRole.AccessibleDescriptionRole) == preset.teaches
        assert new_run.form.settings() == preset.settings
        assert new_run.form.config() == preset.config


def test_every_setting_has_a_field(new_run):
    names = set(new_run.form.fields)
    settings = set(PRESETS[0].settings.__struct_fields__)
    assert settings - names == {"own_share"}
    assert {"routing_iterations", "reconstruction"} <= names


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("learning_rate", "fast", "Learning rate"),
        ("learning_rate", "-1", "Learning rate"),
        ("m_minus", "0.95", "m⁻ below m⁺"),
        ("m_plus", "1.5", "Margin m⁺"),
    ],
)
def test_a_bad_value_is_said_in_one_sentence_and_cannot_be_started(new_run, name, text, words):
    new_run.findChild(QLineEdit, f"setting-{name}").setText(text)
    assert words in problem(new_run)
    assert problem(new_run).count("\n") == 0
    assert not new_run.start.isEnabled()
    new_run.presets.setCurrentRow(1)


def test_more_held_out_than_there_are_and_a_bad_name_are_refused(new_run):
    assert f"{60_000}" not in problem(new_run)
    make_small(new_run)
    assert problem(new_run) == ""
    new_run.findChild(QLineEdit, "run-name").setText("a/b")
    assert "name" in problem(new_run)


def test_the_cost_is_measured_and_goes_at_once_when_the_settings_change(qtbot, window, new_run):
    new_run._pause.setInterval(0)
    make_small(new_run)
    cost = new_run.findChild(QLabel, "run-cost")
    qtbot.waitUntil(lambda: "images/s" in cost.text(), timeout=20_000)
    for word in ("about", "memory", "disk"):
        assert word in cost.text()
    settle(qtbot, window.session)
    new_run._pause.setInterval(600_000)
    new_run.findChild(QLineEdit, "run-name").setText("another")
    assert "images/s" in cost.text()
    new_run.findChild(QSpinBox, "setting-epochs").setValue(7)
    assert cost.text().startswith("Measuring")
    new_run.close()
    settle(qtbot, window.session)


def test_a_run_can_begin_with_each_network_that_fits(
    qtbot, window, learning, new_run, own_home, tiny_config
):
    names = new_run.findChild(QComboBox, "run-start-from")
    shown = [names.itemText(row) for row in range(names.count())]
    assert shown[0] == "Random weights"
    assert {"tiny", "digits"} <= set(shown)
    make_small(new_run)
    names.setCurrentIndex(shown.index("tiny"))
    sizes = new_run.findChild(QSpinBox, "setting-conv_channels")
    assert (sizes.value(), sizes.isEnabled()) == (tiny_config.conv_channels, False)
    new_run.findChild(QSpinBox, "setting-routing_iterations").setValue(2)
    with qtbot.waitSignal(learning.training.ended, timeout=30_000):
        new_run.start.click()
    plan = list_runs()[0].plan
    assert plan.start == "tiny"
    assert plan.config == msgspec.structs.replace(tiny_config, routing_iterations=2)
    settle(qtbot, window.session)
    new_run.presets.setCurrentRow(1)
    assert names.currentText() == "Random weights"
    assert sizes.isEnabled()
    assert new_run.form.config() == PRESETS[1].config


def test_networks_of_other_classes_or_sizes_do_not_fit_and_a_known_seed_is_taken(new_run):
    def start(name, about=Provenance(), **sizes):  # noqa: B008  frozen
        return Start(name, CapsNetConfig(**sizes), about)

    known = Provenance(data="mnist 60000", seed=9, held_out=100)
    of_pets, large = start("pets", classes=3), start("large", image_size=36)
    new_run.begin_with.show_networks((start("fits", known), of_pets, large))
    names = new_run.begin_with.names
    assert [names.itemText(row) for row in range(names.count())] == ["Random weights", "fits"]
    names.setCurrentIndex(1)
    assert new_run.form.settings().seed == 9
    new_run.begin_with.show_networks((of_pets,))
    assert new_run.begin_with.start is None
    assert new_run.findChild(QSpinBox, "setting-conv_channels").isEnabled()


def test_a_cost_of_other_settings_is_never_shown(qtbot, learning, monkeypatch):
    told, go = [], threading.Event()

    def endless(request):
        go.wait(20)
        while True:
            yield request.images

    preparing = learning.preparing
    monkeypatch.setattr(preparing._meter, "_work", endless)
    preparing.cost_changed.connect(told.append)
    for images in (1, 2):
        preparing.measure(CostRequest(None, None, images, "cpu"))
    go.set()
    qtbot.waitUntil(lambda: 2 in told, timeout=20_000)
    preparing.measure(None)
    qtbot.waitUntil(lambda: preparing.is_idle, timeout=20_000)
    assert told[:2] == [None, None]
    assert 1 not in told
    assert told[-1] is None


def test_a_cost_that_cannot_be_measured_is_no_longer_waited_for(
    qtbot, window, learning, new_run, monkeypatch
):
    def broken(request):
        raise CapsvizError("no such device")
        yield

    monkeypatch.setattr(learning.preparing._meter, "_work", broken)
    new_run._pause.setInterval(0)
    make_small(new_run)
    qtbot.waitUntil(lambda: "no such device" in window.notice.text, timeout=20_000)
    settle(qtbot, window.session)
    assert new_run.findChild(QLabel, "run-cost").text() == ""


def test_a_bad_name_left_in_the_dialog_gives_way_when_it_opens_again(qtbot, window, new_run):
    name = new_run.findChild(QLineEdit, "run-name")
    usual = name.text()
    name.setText("a/b")
    new_run.close()
    action(window, "train").trigger()
    assert name.text() == usual
    settle(qtbot, window.session)


def test_a_folder_must_be_chosen(qtbot, window, new_run, monkeypatch):
    monkeypatch.setattr(new_run.data, "_ask_for_folder", lambda: None)  # is cancelled
    kinds = new_run.findChild(QComboBox, "run-data")
    kinds.setCurrentIndex(kinds.findData("folder"))
    qtbot.waitUntil(lambda: new_run.data.found is not None, timeout=20_000)
    assert "choose one" in problem(new_run)
    assert not new_run.start.isEnabled()
    settle(qtbot, window.session)


def test_start_trains_what_was_asked(qtbot, window, learning, new_run):
    make_small(new_run)
    with qtbot.waitSignal(learning.training.ended, timeout=30_000):
        QTest.mouseClick(new_run.start, Qt.MouseButton.LeftButton)
    assert not new_run.isVisible()
    run = list_runs()[0]
    assert run.state == "finished"
    assert run.plan.config.conv_channels == 4
    assert run.plan.data == f"mnist {IMAGES}"
    assert learning.following.is_following
    settle(qtbot, window.session)
    action(window, "train").trigger()
    assert new_run.findChild(QLineEdit, "run-name").text() == f"{run.name} 2"


def test_missing_mnist_is_offered_for_download_or_a_folder(
    qtbot, window, learning, data, own_home, monkeypatch
):
    monkeypatch.setattr(dialog_of_new_run, "_PAUSE_MS", 600_000)
    monkeypatch.setenv("CAPSVIZ_DATA", str(own_home / "empty"))
    action(window, "train").trigger()
    dialog = window.actions_.training._new
    qtbot.waitUntil(lambda: dialog.data.found is not None, timeout=20_000)
    assert "MNIST" in problem(dialog)
    assert sum("MNIST's four" in label.text() for label in dialog.findChildren(QLabel)) == 1
    assert dialog.findChild(QPushButton, "run-data-fetch").isVisible()
    dialog.data.use_folder(str(data))
    qtbot.waitUntil(lambda: dialog.data.found is not None, timeout=20_000)
    make_small(dialog)
    assert problem(dialog) == ""
    settle(qtbot, window.session)


def test_a_failed_download_says_why_and_can_be_tried_again(
    qtbot, window, learning, own_home, monkeypatch
):
    from torchvision.datasets import MNIST

    monkeypatch.setattr(MNIST, "mirrors", ["http://127.0.0.1:9/"])
    monkeypatch.setenv("CAPSVIZ_DATA", str(own_home / "empty"))
    action(window, "train").trigger()
    dialog = window.actions_.training._new
    qtbot.waitUntil(lambda: dialog.data.found is not None, timeout=20_000)
    fetch = dialog.findChild(QPushButton, "run-data-fetch")
    with qtbot.waitSignal(learning.preparing.fetch_ended, timeout=30_000):
        fetch.click()
    assert "connection" in dialog.data.words.text()
    assert fetch.isVisible()
    assert fetch.text() == "Try again"


def test_a_folder_of_named_images_is_trained_on(qtbot, window, learning, new_run, tmp_path):
    from PIL import Image

    for name in ("cat", "dog"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for number in range(12):
            picture = Image.new("L", (28, 28), 0)
            picture.paste(255, (4 + number, 4, 12 + number, 20))
            picture.save(tmp_path / "pets" / name / f"{number}.png")
    new_run.data._folders["folder"] = str(tmp_path / "pets")
    kinds = new_run.findChild(QComboBox, "run-data")
    kinds.setCurrentIndex(kinds.findData("folder"))
    qtbot.waitUntil(lambda: new_run.data.found is not None, timeout=20_000)
    assert "24 images of 2 classes" in new_run.data.words.text()
    make_small(new_run)
    new_run.findChild(QSpinBox, "setting-validation_images").setValue(4)
    with qtbot.waitSignal(learning.training.ended, timeout=30_000):
        new_run.start.click()
    assert list_runs()[0].plan.config.classes == 2
    settle(qtbot, window.session)


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory, tiny_config):
    """A folder of runs, made once."""
    home = tmp_path_factory.mktemp("two")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CAPSVIZ_HOME", str(home))
        return make_runs(write_tiny_mnist(home / "mnist"), tiny_config)


@pytest.fixture
def runs(qtbot, window, learning, two_runs):
    """The dialog of two runs, the second stopped early."""
    shutil.copytree(two_runs, user_runs_folder())
    action(window, "runs").trigger()
    dialog = window.actions_.training._runs
    qtbot.waitUntil(lambda: dialog.table.topLevelItemCount() == 2, timeout=20_000)
    settle(qtbot, window.session)
    return dialog


def select(dialog, *names):
    dialog.table.clearSelection()
    for row in range(dialog.table.topLevelItemCount()):
        item = dialog.table.topLevelItem(row)
        item.setSelected(item.text(0) in names)


def test_runs_are_listed_with_results_and_compared_as_curves(qtbot, window, runs):
    table = runs.table
    states = {table.topLevelItem(r).text(0): table.topLevelItem(r).text(1) for r in range(2)}
    assert states == {"first": "finished", "second": "stopped"}
    select(runs, "first", "second")
    settle(qtbot, window.session)
    curves = runs.compared.plots["error"].curves
    assert {curve.name for curve in curves} == {"first", "second"}
    assert len({curve.colour for curve in curves}) == 2
    first = next(curve for curve in curves if curve.name == "first")
    assert len(first.points) == 4


def test_a_run_is_renamed_in_place(qtbot, window, runs):
    item = next(i for i in map(runs.table.topLevelItem, range(2)) if i.text(0) == "first")
    item.setText(0, "better")
    qtbot.waitUntil(
        lambda: {run.name for run in list_runs()} == {"better", "second"}, timeout=20_000
    )
    settle(qtbot, window.session)


def test_a_name_that_is_taken_is_refused_in_a_sentence(qtbot, window, runs):
    item = next(i for i in map(runs.table.topLevelItem, range(2)) if i.text(0) == "first")
    item.setText(0, "second")
    settle(qtbot, window.session)
    assert "already" in window.notice.text
    assert item.text(0) == "first"


def test_delete_goes_to_the_trash_and_comes_back(qtbot, window, runs):
    select(runs, "first")
    runs.foot.buttons["trash"].click()
    qtbot.waitUntil(lambda: [run.name for run in list_runs()] == ["second"], timeout=20_000)
    assert len(trashed_runs()) == 1
    settle(qtbot, window.session)
    window.notice.findChild(QToolButton, "notice-act").click()
    qtbot.waitUntil(lambda: len(list_runs()) == 2, timeout=20_000)
    settle(qtbot, window.session)


def test_deleted_runs_are_listed_restored_or_deleted_for_good(qtbot, window, runs):
    for name in ("first", "second"):
        trash_run(user_runs_folder() / name)
    window.session.learning.archive.look()
    settle(qtbot, window.session)
    assert runs.table.topLevelItemCount() == 0
    assert "(2)" in runs.deleted.text()
    runs.deleted.setChecked(True)
    select(runs, "first")
    assert not runs.foot.buttons["trash"].isVisible()
    runs.foot.buttons["restore"].click()
    qtbot.waitUntil(lambda: [run.name for run in list_runs()] == ["first"], timeout=20_000)
    settle(qtbot, window.session)
    select(runs, "second")
    for words, left in (("Keep it", 1), ("Delete for good", 0)):
        runs.foot.buttons["delete"].click()
        box = runs.findChild(QMessageBox, "ask-to-delete")
        next(one for one in box.buttons() if one.text() == words).click()
        qtbot.waitUntil(lambda: runs.findChild(QMessageBox) is None, timeout=20_000)
        settle(qtbot, window.session)
        assert len(trashed_runs()) == left
    assert runs.table.topLevelItemCount() == 0
    runs.deleted.setChecked(False)
    assert runs.table.topLevelItem(0).text(0) == "first"
    settle(qtbot, window.session)


def test_a_run_becomes_a_network_that_can_be_picked(qtbot, window, runs):
    select(runs, "first")
    runs.foot.network.setText("my own")
    runs.foot.buttons["publish"].click()
    act = window.notice.findChild(QToolButton, "notice-act")
    qtbot.waitUntil(lambda: act.isVisible(), timeout=20_000)
    assert "my own" in window.session.loading.names()
    with qtbot.waitSignal(window.session.model_changed, timeout=20_000):
        act.click()
    assert window.session.model.name == "my own"
    settle(qtbot, window.session)


def test_a_run_is_shown_again_with_its_film(qtbot, window, learning, runs):
    select(runs, "first")
    runs.foot.buttons["reopen"].click()
    settle(qtbot, window.session)
    panel = window.views.training
    assert window.docks["training"].header.aside.text() == "first"
    assert "of 20 held-out digits wrong" in panel.confusion.summary()
    assert panel.film.slider.isEnabled()
    panel.film.slider.setValue(0)
    settle(qtbot, window.session)
    assert window.session.model.name == "learning · first"


def test_a_stopped_run_goes_on(qtbot, window, learning, runs):
    select(runs, "second")
    with qtbot.waitSignal(learning.training.ended, timeout=30_000) as ended:
        runs.foot.buttons["continue"].click()
    assert ended.args[0].name == "second"
    assert ended.args[0].is_whole
    settle(qtbot, window.session)
    rows = window.views.training.curves.table().rows  # of the whole run, not since the resume
    measured = [row[0] for row in rows if row[4] != ""]
    assert set(measured) >= {5, 10, 15, 20}  # and where it had been stopped
    assert measured == sorted(set(measured))
    steps = [row[0] for row in rows]
    assert steps == sorted(steps)


def test_a_finished_run_is_given_more_epochs_on_its_device_if_that_is_there(
    qtbot, window, learning, runs, monkeypatch
):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    plan = user_runs_folder() / "first" / "run.json"
    plan.write_text(plan.read_text().replace('"device": "cpu"', '"device": "cuda"'))
    select(runs, "first")
    runs.foot.epochs.setValue(2)
    with qtbot.waitSignal(learning.training.ended, timeout=30_000) as ended:
        runs.foot.buttons["continue"].click()
    assert ended.args[0].is_whole
    run = next(run for run in list_runs() if run.name == "first")
    assert run.last.epoch == 6
    assert "begun on the device CUDA" in window.notice.text
    settle(qtbot, window.session)


def test_a_run_is_not_gone_on_with_on_other_images(qtbot, window, learning, runs):
    plan = user_runs_folder() / "second" / "run.json"
    plan.write_text(plan.read_text().replace(f"mnist {IMAGES}", "pets 24 (cat, dog; 01234567)"))
    select(runs, "second")
    with qtbot.waitSignal(learning.training.ended, timeout=30_000) as ended:
        runs.foot.buttons["continue"].click()
    assert "was begun on pets 24" in ended.args[0].sentence
    assert f"found mnist {IMAGES}" in window.notice.text
    settle(qtbot, window.session)


def test_an_earlier_run_does_not_take_the_place_of_one_just_begun(
    qtbot, window, learning, runs, tiny_config, own_home
):
    data = write_tiny_mnist(own_home / "mnist")
    request = tiny_request(data, tiny_config, learning.training.is_wanted, name="third")
    learning.archive.reopen(user_runs_folder() / "first")
    with qtbot.waitSignals([learning.archive.reopened, learning.training.ended], timeout=30_000):
        learning.training.start(request)
    assert window.docks["training"].header.aside.text() == "third"
    settle(qtbot, window.session)


def test_every_control_of_training_can_be_named(qtbot, window, learning, new_run, two_runs):
    shutil.copytree(two_runs, user_runs_folder())
    action(window, "runs").trigger()
    runs = window.actions_.training._runs
    qtbot.waitUntil(lambda: runs.table.topLevelItemCount() == 2, timeout=20_000)
    kinds = (QAbstractButton, QAbstractSpinBox, QComboBox, QLineEdit, QSlider)
    for place in (new_run, runs, window.views.training, window.views.correction):
        for kind in kinds:
            for control in place.findChildren(kind):
                if control.objectName().startswith("qt_"):
                    continue  # parts of Qt's own controls
                text = control.text() if isinstance(control, QAbstractButton) else ""
                assert control.accessibleName() or text, control
    settle(qtbot, window.session)


def test_fields_of_a_schedule_are_offered_with_it_alone(new_run):
    fields = new_run.form.fields
    for schedule in ("cosine", "exponential"):
        fields["schedule"].setCurrentIndex(fields["schedule"].findData(schedule))
        for name in ("decay_rate", "decay_steps"):
            assert fields[name].isEnabled() == (schedule == "exponential")


def test_without_runs_the_list_says_how_one_begins(qtbot, window, learning, own_home):
    action(window, "runs").trigger()
    dialog = window.actions_.training._runs
    settle(qtbot, window.session)
    assert "New run" in dialog._words.text()
    assert not dialog.compared.plots["error"].isVisible()
    dialog.deleted.setChecked(True)
    assert "trash" in dialog._words.text()
    dialog.close()


@pytest.fixture
def listed(qtbot, window, learning, data):
    """The list of two runs, opened just now."""
    make_runs(data, window.session.model.network.config)
    action(window, "runs").trigger()
    dialog = window.actions_.training._runs
    qtbot.waitUntil(lambda: len(dialog.table.chosen()) == 1, timeout=20_000)
    settle(qtbot, window.session)
    yield dialog
    dialog.close()


def test_the_newest_run_is_selected_at_first(qtbot, window, listed):
    dialog = listed
    newest, older = dialog.table.topLevelItem(0), dialog.table.topLevelItem(1)
    assert newest.text(0) == "second"
    assert newest.isSelected()
    assert not older.isSelected()
    qtbot.waitUntil(dialog.compared.plots["error"].isVisible, timeout=20_000)
    settle(qtbot, window.session)


def test_a_run_after_one_that_was_deleted_is_not_selected(qtbot, window, listed):
    first, second = listed._listed[False]
    assert first.name == "second"
    listed.show_runs((second,))
    assert listed.table.chosen() == []
    settle(qtbot, window.session)  # before the window goes, and with it what reads the curves
