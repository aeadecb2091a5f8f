"""The lab of two digits in its real window, with a tiny network."""

import csv
import subprocess
import sys

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QToolButton, QWidget

from capsviz.data.marks import Mark
from capsviz.data.samples import sample_digits
from capsviz.explore.separation import separate
from capsviz.gui.look.export import save_numbers, save_picture
from capsviz.gui.look.theme import DARK, LIGHT, ZOOMS, zoom
from capsviz.network import CapsNet, Provenance, save_checkpoint
from tests.labs import SEVEN, act, asked, draw_two, lab_of, open_lab, sample, settle
from tests.qt import draw

NAMES = ("canvas", "verdict", "result", "lengths", "slide", "try-all", "model", "iterations")


@pytest.fixture
def lab(qtbot, bare_window, pair_file):
    return open_lab(qtbot, bare_window)


def test_text_of_twice_the_size_leaves_every_tool_and_layer_within_reach(qtbot, lab, bare_window):
    lab.resize(1000, 720)
    while zoom(QApplication.instance()) < ZOOMS[-1] - 0.01:
        bare_window.looks.zoom_in()
    QApplication.processEvents()
    tools = lab.tools
    buttons = [tools.widgetForAction(action) for action in tools.actions() if action.objectName()]
    assert len(buttons) == 6
    for control in (*buttons, tools.pen_size, tools.iterations, tools.models):
        assert control.isVisible()
        assert tools.rect().contains(control.geometry())
    for name in ("first", "second", "one"):
        button = next(b for b in layers_of(lab) if b.defaultAction() is tools.named[name])
        assert button.width() > button.fontMetrics().horizontalAdvance(button.text())
    bare_window.looks.zoom_reset()
    QApplication.processEvents()
    assert all(label.isVisible() for label in tools.findChildren(QLabel))


def layers_of(lab):
    return [button for button in lab.findChildren(QToolButton) if button.property("segment")]


def test_two_layers_drawn_by_mouse_are_framed_apart_and_laid_together(qtbot, lab):
    for name in NAMES:
        assert lab.findChild(QWidget, f"two-digits-{name}").accessibleName() or name == "try-all"
    draw_two(qtbot, lab)
    first, second = lab.study.composing.overlay.layers
    answer = lab.study.separation
    assert len(first.drawing.marks) == len(second.drawing.marks) == 1
    assert np.array_equal(answer.image, np.minimum(first.part() + second.part(), 1))
    assert np.array_equal(answer.truth.parts, [first.part(), second.part()])
    for layer in (first, second):
        ink = np.argwhere(layer.framed() > 0.1)
        assert 19 <= np.ptp(ink, axis=0).max() + 1 <= 21, "each as a single digit is framed"
    assert np.array_equal(lab.result.tiles[0].values, answer.image)
    assert np.allclose(lab.result.tiles[1].values, answer.decoded.sum(0))
    assert np.array_equal(lab.result.tiles[2].values, answer.unexplained)
    assert "truth" not in lab.verdict.sentence.text(), "nobody has said what was drawn"


def test_it_answers_while_the_pen_is_still_down(qtbot, lab):
    with qtbot.waitSignal(lab.study.separation_changed):
        QTest.mousePress(lab.canvas, Qt.MouseButton.LeftButton, pos=lab.canvas.rect().center())
        QTest.mouseMove(lab.canvas, lab.canvas.rect().center() * 1.4)
    assert lab.study.composing.overlay.is_empty
    QTest.mouseRelease(lab.canvas, Qt.MouseButton.LeftButton, pos=lab.canvas.rect().center())
    settle(qtbot, lab)


def test_undo_takes_back_the_first_stroke_while_it_is_under_way(qtbot, lab):
    composing, left = lab.study.composing, Qt.MouseButton.LeftButton
    QTest.mousePress(lab.canvas, left, pos=QPoint(40, 40))
    QTest.mouseMove(lab.canvas, QPoint(90, 90))
    act(lab, "undo")
    QTest.mouseRelease(lab.canvas, left, pos=QPoint(90, 90))
    assert composing.undo_stack.count() == 0
    assert not lab.tools.named["undo"].isEnabled()
    settle(qtbot, lab)


def test_undo_redo_clear_and_the_eraser(qtbot, lab):
    draw_two(qtbot, lab)
    act(lab, "undo")
    assert lab.study.composing.overlay.layers[1].is_empty
    act(lab, "redo")
    before = lab.study.composing.overlay.layers[1].framed()
    draw(lab.canvas, [(10, 15), (20, 15)], Qt.MouseButton.RightButton)
    assert not np.array_equal(lab.study.composing.overlay.layers[1].framed(), before)
    act(lab, "clear")
    assert lab.study.composing.overlay.is_empty
    settle(qtbot, lab)
    assert lab.study.separation is None
    assert all(tile.values is None for tile in lab.result.tiles)


def test_a_sample_has_a_truth_and_the_sentence_says_whether_it_was_read(qtbot, lab):
    for seed in range(5):  # faster than they are answered: the newest wins
        lab.study.composing.random.seed(seed)
        act(lab, "sample")
    settle(qtbot, lab)
    assert np.array_equal(lab.study.separation.image, lab.study.composing.overlay.image())
    for seed in range(3):
        sample(qtbot, lab, seed)
        answer = lab.study.separation
        first, second = answer.truth.labels
        assert first != second
        told = lab.verdict.sentence.text()
        seen = [d for d in answer.longest if answer.explanation.final_lengths[d] >= 0.5]
        if len(seen) == 2 and set(seen) == {first, second}:
            assert told.endswith("both right")
        else:
            assert f"the truth is {first} and {second}" in told
    assert lab.result.summary().startswith(told)
    for part, layer in zip(answer.truth.parts, lab.study.composing.overlay.layers, strict=True):
        whole = (sample_digits().images.reshape(2000, -1) / np.float32(255)).sum(1)
        assert np.isclose(whole, part.sum(), atol=1e-2).any()
        assert layer.label in (first, second)


def test_sliding_by_the_mouse_moves_one_digit_by_whole_pixels(qtbot, lab):
    sample(qtbot, lab)
    pad, still = lab.slide.pad, lab.study.composing.overlay.layers[1].part()
    QTest.mousePress(pad, Qt.MouseButton.LeftButton, pos=pad.cell((4, -4)).center().toPoint())
    QTest.mouseMove(pad, pad.cell((-3, 2)).center().toPoint())
    QTest.mouseRelease(pad, Qt.MouseButton.LeftButton)
    settle(qtbot, lab)
    first, second = lab.study.composing.overlay.layers
    assert first.stands() == (-3, 2)
    digit = np.zeros((36, 36), np.float32)
    digit[6:34, 1:29] = first.digit
    assert np.array_equal(lab.study.separation.truth.parts[0], digit)
    assert np.array_equal(second.part(), still)
    act(lab, "undo")
    assert lab.study.composing.overlay.layers[0].stands() != (-3, 2), "one gesture is one step"
    assert lab.tools.named["undo"].isEnabled(), "the sample itself"


def test_sliding_by_keys_stays_within_four_pixels_and_records_what_was_read(qtbot, lab):
    draw_two(qtbot, lab)
    act(lab, "first")
    pad = lab.slide.pad
    QTest.keyClick(pad, Qt.Key.Key_Home)
    settle(qtbot, lab)
    for _ in range(6):
        QTest.keyClick(pad, Qt.Key.Key_Right)
        settle(qtbot, lab)
    assert lab.study.composing.overlay.layers[0].stands() == (4, 0)
    read = lab.study.trying.tries.read
    assert {(x, 0) for x in range(1, 5)} <= set(read)
    assert read[(4, 0)] == set(lab.study.separation.longest)
    draw(lab.canvas, [(5, 5), (9, 9)])
    settle(qtbot, lab)
    assert (1, 0) not in lab.study.trying.tries.read, "other digits: nothing is known"


def test_every_place_can_be_tried_and_agrees_with_sliding_there(qtbot, lab, pair_model):
    sample(qtbot, lab)
    act(lab, "try-all")
    qtbot.waitUntil(lambda: lab.study.trying.tries.is_whole, timeout=20_000)
    settle(qtbot, lab)
    overlay, tries = lab.study.composing.overlay, lab.study.trying.tries
    labels = {layer.label for layer in overlay.layers}
    for place in ((-4, -4), (0, 3), (4, -1)):
        moved = overlay.with_layer(0, overlay.layers[0].moved(place))
        read = separate(pair_model, moved.image(), 3).longest
        assert tries.read[place] == set(read)
        assert tries.holds(place) == (set(read) == labels)
    assert f"{tries.kept} of 81" in lab.slide.summary()
    assert len(lab.slide.table().rows) == 81
    pad = lab.slide.pad
    assert pad.place_at(QPointF(pad.cell((3, -2)).center())) == (3, -2)
    first, second = sorted(tries.read[(3, -2)])
    assert f"{first} and {second}" in pad._explain((3, -2))


def test_capsules_are_chosen_by_bars_and_keys_and_the_longest_come_back(qtbot, lab, monkeypatch):
    sample(qtbot, lab)
    longest = lab.study.separation.digits
    wrong = [digit for digit in range(10) if digit not in longest][:2]
    with asked(monkeypatch) as requests:
        bars = lab.lengths
        bars.plot.pressed.emit(float(wrong[0]), 0.5)
        QTest.keyClick(lab, getattr(Qt.Key, f"Key_{wrong[1]}"))
        assert set(lab.study.separation.digits) == set(wrong)
        assert set(bars.marked) == set(wrong)
        expected = lab.study.separation.explanation.redrawn[list(lab.study.separation.digits)]
        assert np.array_equal(lab.study.separation.decoded, expected)
        assert not requests, "the network is not asked again"
    sample(qtbot, lab, 2)
    assert set(lab.study.separation.digits) == set(wrong), "chosen ones stay"
    act(lab, "longest")
    assert not lab.study.separation.is_chosen


def test_the_routing_is_followed_by_the_playhead(qtbot, lab):
    sample(qtbot, lab)
    tile = lab.result.tiles[3]
    last = tile.values
    lab.control.slider.setValue(1)
    assert "iteration 1" in tile.accessibleDescription()
    assert np.abs(tile.values).max() < 1e-4, "in the first every capsule splits evenly"
    assert np.abs(last).max() > 1e-3
    with qtbot.waitSignal(lab.study.separation_changed):
        lab.tools.iterations.setValue(5)
    settle(qtbot, lab)
    assert len(lab.study.separation.lengths) == 5
    assert lab.control.slider.maximum() == 5


def test_one_drawing_is_left_to_split_and_has_no_truth(qtbot, lab):
    draw_two(qtbot, lab)
    act(lab, "one")
    settle(qtbot, lab)
    assert len(lab.study.composing.overlay.layers[0].drawing.marks) == 2
    assert lab.study.separation.truth is None
    assert not lab.slide.try_all.isEnabled()
    assert "nothing to slide" in lab.slide.summary()
    ink = np.argwhere(lab.study.separation.image > 0.1)
    assert 18 <= np.ptp(ink, axis=0).max() + 1 <= 29
    act(lab, "undo")
    assert not lab.study.composing.overlay.is_one
    settle(qtbot, lab)


def test_layers_that_were_joined_and_left_alone_come_apart_again(qtbot, lab):
    sample(qtbot, lab)
    composing = lab.study.composing
    before = composing.overlay
    act(lab, "one")
    assert composing.overlay.is_empty, "real digits cannot be part of a drawing"
    act(lab, "second")
    assert composing.overlay is before
    act(lab, "clear")
    act(lab, "first")
    draw_two(qtbot, lab)
    act(lab, "one")
    act(lab, "undo")
    act(lab, "redo")
    act(lab, "first")
    settle(qtbot, lab)
    assert [len(layer.drawing.marks) for layer in composing.overlay.layers] == [1, 1]
    act(lab, "one")
    composing.add_mark(Mark(((8.0, 8.0), (20.0, 20.0))))
    act(lab, "first")
    marks = [len(layer.drawing.marks) for layer in composing.overlay.layers]
    assert marks == [3, 0], "what was drawn since belongs to nobody"
    settle(qtbot, lab)


def test_a_network_of_one_digit_is_refused_and_the_right_one_offered(qtbot, lab, tiny_file):
    assert lab.tools.models._lines == ["two-digits"], "no other is listed"
    with qtbot.waitSignal(lab.study.networks.offered):
        lab.study.networks.load(str(tiny_file))
    assert "one digit" in lab.notice.text
    assert "36×36" in lab.notice.text
    assert lab.study.networks.model.name == "two-digits"
    act_button = lab.notice.findChild(QWidget, "notice-act")
    assert "two-digits" in act_button.text()
    lab.tools.models.chosen.emit("two-digits")
    qtbot.waitUntil(lambda: not lab.notice.isVisible(), timeout=20_000)


def test_a_network_of_two_digits_in_another_size_is_refused_and_not_listed(
    qtbot, lab, own_home, pair_model
):
    config = msgspec.structs.replace(pair_model.config, image_size=40)
    path = own_home / "models" / "two40.safetensors"
    save_checkpoint(path, CapsNet(config), Provenance())
    with qtbot.waitSignal(lab.study.networks.offered, timeout=20_000):
        lab.study.networks.load("two40")
    assert "40×40" in lab.notice.text
    assert "36×36" in lab.notice.text
    assert lab.study.networks.model.name == "two-digits"
    lab.study.networks.look()
    settle(qtbot, lab)
    assert lab.study.networks.names == ("two-digits",)


def test_without_a_network_one_is_offered_to_be_trained(qtbot, bare_window, own_home, monkeypatch):
    monkeypatch.setattr("capsviz.places.shipped_models_folder", lambda: own_home / "nothing")
    window = bare_window
    opened = lab_of(window)
    qtbot.waitUntil(lambda: "preset" in opened.notice.text, timeout=20_000)
    opened.notice.findChild(QWidget, "notice-act").click()
    dialog = window.findChild(QDialog, "new-run")
    assert dialog.isVisible()
    assert dialog.presets.preset.key == "two-digits"
    assert dialog.form.config().digits_per_image == 2
    assert dialog.form.config().image_size == 36
    dialog.close()
    qtbot.waitUntil(lambda: window.session.learning.preparing.is_idle, timeout=20_000)


def test_nothing_is_worked_out_while_it_is_hidden_and_all_comes_back(qtbot, lab, monkeypatch):
    draw_two(qtbot, lab)
    act(lab, "close")
    assert not lab.isVisible()
    with asked(monkeypatch) as requests:
        lab.study.composing.show_sample()
        assert lab.study.is_settled
        assert not requests
        lab_of(lab.parent())
        settle(qtbot, lab)
        assert len(requests) == 1
    assert np.array_equal(lab.study.separation.image, lab.study.composing.overlay.image())


def test_its_place_is_remembered_and_it_wears_the_windows_colours(qtbot, lab, own_home):
    lab.resize(960, 655)
    act(lab, "close")
    lab_of(lab.parent())
    assert lab.height() == 655
    window = lab.parent()
    for name, theme in (("light", LIGHT), ("dark", DARK)):
        window.looks.set_appearance(name)
        assert lab.result.theme == theme
        assert lab.slide.theme == theme
    kept = QSettings(str(own_home / "settings.ini"), QSettings.Format.IniFormat)
    act(lab, "close")
    lab._settings.sync()
    lab.resize(970, 690)
    assert lab.restoreGeometry(kept.value("labs/two-digits"))
    assert lab.height() == 655


def test_pictures_and_numbers_of_every_tile_can_be_kept(qtbot, lab, tmp_path):
    sample(qtbot, lab)
    save_picture(lab.result, tmp_path / "lab.png")
    save_picture(lab.slide, tmp_path / "pad.svg")
    assert (tmp_path / "lab.png").stat().st_size > 5000
    save_numbers(lab.result.table(), tmp_path / "lab.csv")
    text = (tmp_path / "lab.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert len(rows) == 36 * 36
    row, answer = rows[36 * 14 + 17], lab.study.separation
    assert (row["x"], row["y"]) == ("17", "14")
    assert float(row["input"]) == pytest.approx(answer.image[14, 17])
    first = answer.digits[0]
    assert float(row[f"{first} redrawn"]) == pytest.approx(answer.decoded[0, 14, 17])
    assert float(row["unexplained"]) == pytest.approx(answer.unexplained[14, 17])
    mass = lab.result.tiles[3].values[14, 17]  # of both, as the tile tells it
    columns = [name for name in row if name.startswith("mass to")]
    assert all("above an even split" in name and "c_ij - 1/J" in name for name in columns)
    assert sum(float(row[name]) for name in columns) == pytest.approx(mass, abs=1e-6)
    assert lab.lengths.table() is not None


def test_a_two_digit_network_in_the_main_window_works_and_offers_the_lab(
    qtbot, bare_window, pair_file
):
    window = bare_window
    with qtbot.waitSignal(window.session.model_changed, timeout=20_000):
        window.session.load_model("two-digits")
    assert "two digits in one image" in window.notice.text
    draw(window.canvas, SEVEN)
    qtbot.waitUntil(lambda: window.session.is_settled, timeout=20_000)
    image, scene = window.session.explanation.image, window.session.scene
    assert np.array_equal(image[4:-4, 4:-4], scene.network_input(28))
    assert image.sum() == pytest.approx(image[4:-4, 4:-4].sum())
    inner, outer = scene.framing(28), scene.framing(36, 4)
    assert outer.scale == inner.scale
    assert outer.offset_x == pytest.approx(inner.offset_x + 4)
    assert "MultiMNIST" in window.views.status._model.text()
    window.notice.findChild(QWidget, "notice-act").click()
    opened = window.findChild(object, "two-digits-lab")
    assert opened.isVisible()
    settle(qtbot, opened)


def test_another_network_drops_the_answer_of_the_one_before(qtbot, lab, own_home):
    sample(qtbot, lab)
    other = CapsNet(lab.study.networks.model.network.config).eval()
    save_checkpoint(own_home / "models" / "other.safetensors", other, Provenance())
    before = lab.study.separation
    with qtbot.waitSignal(lab.study.networks.model_changed, timeout=20_000):
        lab.study.networks.load("other")
    settle(qtbot, lab)
    assert not np.array_equal(lab.study.separation.lengths, before.lengths)
    lab.study.networks.look()
    settle(qtbot, lab)
    assert lab.tools.models._lines == ["other", "two-digits"]


def test_nothing_of_the_lab_is_imported_with_the_window():
    code = "import sys, capsviz.gui.window; print([m for m in sys.modules if 'gui.labs' in m])"
    done = subprocess.run((sys.executable, "-c", code), capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_closed_lab_keeps_no_steps(qtbot, lab):
    draw(lab.canvas, SEVEN)
    stack = lab.study.composing.undo_stack
    assert stack.count()
    lab.study.close()
    assert stack.count() == 0
