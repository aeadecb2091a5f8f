"""Each dimension of a capsule moved by ±0.25: the numbers, the view, the command and its file."""

import io
import json
from types import SimpleNamespace

import msgspec
import numpy as np
import pytest
import typer
from PIL import Image
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QImage, QPainter
from PySide6.QtTest import QTest
from typer.testing import CliRunner

from capsviz.cli_sweep import sweep as command
from capsviz.data.drawing import Mark
from capsviz.data.samples import sample_digits
from capsviz.explore.explain import explain, reconstruct
from capsviz.explore.sweep import OFFSETS, squared_error, sweep
from capsviz.explore.sweep_picture import sweep_png
from capsviz.files import CapsvizError
from capsviz.gui.look.theme import DARK, LIGHT, set_zoom
from capsviz.gui.pose.sweep import SweepView
from capsviz.gui.pose.sweep_picture import NO_DECODER, SweepPicture
from capsviz.gui.pose_edit import Pose
from capsviz.network import CapsNet
from tests.qt import SEVEN, THREE, draw_and_settle, settle

POSE = np.array([0.4, -0.2, 0.1, 0.3], np.float32)


@pytest.fixture(scope="module")
def swept(tiny_model):
    return sweep(tiny_model, POSE, 3)


@pytest.fixture
def view(qtbot):
    made = SweepView()
    qtbot.addWidget(made)
    made.resize(330, 400)
    made.show()
    return made


@pytest.fixture
def run():
    app = typer.Typer()
    app.command()(command)
    return lambda *words: CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def digit_file(tmp_path):
    path = tmp_path / "digit.png"
    Image.fromarray(sample_digits().images[0]).save(path)
    return path


def place(view, row, column):
    return view.grid.cell(row, column).center().toPoint()


def test_the_offsets_are_those_of_the_paper():
    assert np.allclose(OFFSETS, np.linspace(-0.25, 0.25, 11), atol=1e-12)


def test_every_picture_is_the_pose_with_one_number_moved(tiny_model, swept):
    assert swept.images.shape == (4, 11, 28, 28)
    assert swept.images.dtype == np.float32
    for dimension, column in np.ndindex(4, 11):
        moved = POSE.copy()
        moved[dimension] += np.float32(OFFSETS[column])
        expected = reconstruct(tiny_model, moved, 3)
        assert np.allclose(swept.images[dimension, column], expected, atol=1e-6)
        assert swept.value(dimension, column) == pytest.approx(float(moved[dimension]))


def test_the_middle_changes_nothing_and_the_ends_something(swept):
    assert swept.middle == 5
    assert (swept.changes[:, 5] == 0).all()
    assert (swept.changes[:, [0, -1]] > 0).all()


def test_a_network_without_decoder_and_a_digit_it_has_not_are_refused(tiny_config, tiny_model):
    bare = CapsNet(msgspec.structs.replace(tiny_config, reconstruction=False)).eval()
    with pytest.raises(CapsvizError, match="without a decoder"):
        sweep(bare, POSE, 3)
    with pytest.raises(CapsvizError, match="digit 10"):
        sweep(tiny_model, POSE, 10)


def test_squared_error_by_hand():
    decoded = np.array([[[1, 0], [0, 0.5]], [[0, 0], [0, 0]]], np.float32)
    image = np.array([[1, 1], [0, 0]], np.float32)
    assert squared_error(decoded, image).tolist() == [1.25, 2.0]


def test_the_picture_shows_ink_dark_on_light_with_gaps(swept):
    page = np.asarray(Image.open(io.BytesIO(sweep_png(swept))).convert("L"), np.float64)
    assert page[0, 0] > 230  # the ground
    inner = page[180:-60, 140:-60]
    assert inner.min() < 255 * (1 - 0.9 * swept.images.max()) + 20
    narrow = sweep_png(type(swept)(3, POSE, swept.offsets[:5], swept.images[:, :5]))
    assert Image.open(io.BytesIO(narrow)).width < page.shape[1]


def test_the_command_writes_the_longest_capsule(run, tiny_file, tiny_model, digit_file, tmp_path):
    output = tmp_path / "out" / "sweep.png"
    result = run(digit_file, "--output", output, "--model", "tiny", "--json")
    facts = json.loads(result.output)
    answer = explain(tiny_model, sample_digits().images[0] / np.float32(255))
    assert result.exit_code == 0
    assert facts["digit"] == answer.digit
    assert np.allclose(facts["pose"], answer.poses[-1, answer.digit], atol=1e-6)
    assert np.allclose(facts["offsets"], OFFSETS)
    expected = sweep_png(sweep(tiny_model, answer.poses[-1, answer.digit], answer.digit))
    assert output.read_bytes() == expected


def test_the_command_takes_the_digit_asked_for_and_reads_strokes(run, tiny_file, tmp_path):
    strokes = tmp_path / "one.jsonl"
    strokes.write_text('{"strokes": [[[0, 0], [0, 9]]]}\n')
    output = tmp_path / "sweep.png"
    result = run(strokes, "--output", output, "--model", "tiny", "--digit", 7)
    assert result.exit_code == 0
    assert "4 dimensions of digit capsule 7" in result.output
    assert output.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("digit", [10, 99])
def test_a_capsule_that_is_not_there_is_told_and_nothing_written(
    run, tiny_file, digit_file, tmp_path, digit
):
    output = tmp_path / "never.png"
    result = run(digit_file, "--output", output, "--model", "tiny", "--digit", digit)
    assert isinstance(result.exception, CapsvizError)
    assert f"0 to 9, found --digit {digit}" in str(result.exception)
    assert not output.exists()


def test_a_negative_digit_is_wrong_usage(run, digit_file, tmp_path):
    assert run(digit_file, "--output", tmp_path / "o.png", "--digit", -1).exit_code == 2


def test_without_a_sweep_the_view_says_so(view):
    assert view.accessibleDescription() == "No sweep, because no capsule is decoded"
    assert view.table() is None
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(150, 150))  # nothing to choose
    assert not view.grab().isNull()


def test_a_network_without_a_decoder_is_told(view, tiny_config):
    empty = view.grab().toImage()
    config = msgspec.structs.replace(tiny_config, reconstruction=False)
    view.show_model(SimpleNamespace(network=SimpleNamespace(config=config)))
    assert "trained without a decoder" in view.accessibleDescription()
    assert view.grab().toImage() != empty
    view.show_model(SimpleNamespace(network=SimpleNamespace(config=tiny_config)))
    assert view.grab().toImage() == empty


def test_larger_words_in_place_of_a_sweep_take_all_the_room(qapp, view):
    paper = QImage(400, 400, QImage.Format.Format_RGB32)
    painter = QPainter(paper)
    flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
    try:
        for factor, is_upon_the_table in ((1.0, True), (2.0, False)):
            set_zoom(qapp, factor)
            view.resize(400, 320)
            picture, whole = SweepPicture(painter, view.grid, DARK), QRectF(view.rect())
            place = picture.words_place(whole, NO_DECODER)
            needed = QFontMetrics(qapp.font()).boundingRect(place.toRect(), flags, NO_DECODER)
            assert place.contains(QRectF(needed))
            assert (place != whole) == is_upon_the_table
    finally:
        painter.end()
        set_zoom(qapp, 1)


def test_a_sweep_is_wanted_while_on_screen(qtbot):
    view = SweepView()
    qtbot.addWidget(view)
    with qtbot.waitSignal(view.sweep_wanted) as shown:
        view.show()
    with qtbot.waitSignal(view.sweep_wanted) as hidden:
        view.hide()
    assert (shown.args, hidden.args) == ([True], [False])


def test_the_view_says_which_dimension_matters_most(view, swept):
    view.show_sweep(swept)
    most = int(swept.changes.max(axis=1).argmax()) + 1
    said = view.accessibleDescription()
    assert "Digit capsule 3" in said
    assert "−0.25 to +0.25" in said
    assert f"dimension {most} changes the picture most" in said


def test_the_table_has_a_row_per_picture(view, swept):
    view.show_sweep(swept)
    table = view.table()
    assert table.columns == ("digit", "dimension", "offset", "value", "RMS change")
    assert len(table.rows) == 44
    assert table.rows[12][:4] == pytest.approx((3, 2, -0.2, -0.4))


def test_a_click_on_a_picture_chooses_its_value(qtbot, view, swept):
    view.show_sweep(swept)
    with qtbot.waitSignal(view.cell_chosen) as chosen:
        QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=place(view, 2, 9))
    assert chosen.args == [2, pytest.approx(0.3)]


def test_where_the_pose_stands_is_marked_and_a_second_click_changes_nothing(qtbot, view, swept):
    view.show_sweep(swept)
    view.show_pose(Pose(3, POSE, POSE))
    plain = view.grab().toImage()
    assert "you moved" not in view.accessibleDescription()
    view.show_pose(moved_pose(2, 0.2))
    assert view.accessibleDescription().endswith("; you moved dimension 3 by +0.20")
    marked = view.grab().toImage()
    assert [row for row in range(4) if differs(view, plain, marked, row)] == [2]
    assert "the other numbers stay as you set them" in view.explain((0, 8))
    assert "The pose has this value" in view.explain((2, 9))
    assert "value 0.300" in view.explain((2, 9))
    with qtbot.assertNotEmitted(view.cell_chosen):
        QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=place(view, 2, 9))
    assert "back to what routing found" in view.explain((2, 5))
    with qtbot.waitSignal(view.cell_chosen) as chosen:
        QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=place(view, 2, 5))
    assert chosen.args == [2, pytest.approx(0.1)]


def test_a_pose_of_another_capsule_is_not_marked(view, swept):
    view.show_sweep(swept)
    plain = view.grab().toImage()
    view.show_pose(Pose(4, POSE, POSE + np.float32(0.1)))
    assert view.grab().toImage() == plain


def test_a_pose_beyond_the_sweep_looks_unlike_one_at_its_end(view, swept):
    view.show_sweep(swept)
    looks = []
    for offset in (0.25, 0.6):
        view.show_pose(moved_pose(2, offset))
        looks.append(view.grab().toImage())
    assert differs(view, *looks, 2)


def moved_pose(dimension, offset):
    values = POSE.copy()
    values[dimension] += np.float32(offset)
    return Pose(3, POSE, values)


def differs(view, before, after, row):
    """Whether a row's pictures look different, but for its very edges."""
    area = view.grid.cell(row, 0).united(view.grid.cell(row, 10)).adjusted(3, 3, -3, -3)
    return before.copy(area.toRect()) != after.copy(area.toRect())


def test_a_click_beside_the_table_chooses_nothing(qtbot, view, swept):
    view.show_sweep(swept)
    with qtbot.assertNotEmitted(view.cell_chosen):
        QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(2, 2))


def test_the_keyboard_goes_from_the_pose_itself_to_any_picture(qtbot, view, swept):
    view.show_sweep(swept)
    view.setFocus(Qt.FocusReason.TabFocusReason)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Up):
        QTest.keyClick(view, key)
    assert "on dimension 1, offset +0.10, value 0.500" in view.accessibleDescription()
    with qtbot.waitSignal(view.cell_chosen) as chosen:
        QTest.keyClick(view, Qt.Key.Key_Return)
    assert chosen.args == [0, pytest.approx(0.5)]


def test_a_narrower_network_takes_the_keyboard_back_inside(view, swept):
    view.show_sweep(swept)
    view.setFocus(Qt.FocusReason.TabFocusReason)
    for _ in range(3):
        QTest.keyClick(view, Qt.Key.Key_Down)
    view.show_sweep(type(swept)(1, POSE[:2], swept.offsets, swept.images[:2]))
    assert "on dimension 1, offset 0" in view.accessibleDescription()


def test_pictures_are_where_the_pointer_finds_them(view, swept):
    images = np.zeros_like(swept.images)
    images[2, 8] = 1
    view.show_sweep(type(swept)(3, POSE, swept.offsets, images))
    picture = view.grab().toImage()
    light = {
        cell
        for cell in np.ndindex(4, 11)
        if picture.pixelColor(place(view, *cell)).lightness() > 128
    }
    assert light == {(2, 8)}


@pytest.mark.parametrize("theme", [DARK, LIGHT])
@pytest.mark.parametrize("size", [(330, 400), (1100, 1400), (224, 224)])
def test_the_table_keeps_its_cells_square_and_inside(view, swept, theme, size):
    view.resize(*size)
    view.set_theme(theme)
    view.show_sweep(swept)
    last = view.grid.cell(3, 10)
    assert last.width() == last.height()
    assert last.right() <= size[0]
    assert last.bottom() <= size[1]
    assert not view.grab().isNull()


def test_a_sweep_that_failed_is_asked_for_again(qtbot, window, monkeypatch):
    studies = window.session.studies
    draw_and_settle(qtbot, window, SEVEN)
    asked = []

    def fail(request):
        asked.append(request)
        raise MemoryError

    monkeypatch.setattr(studies._sweeper, "_work", fail)
    for count in (1, 2):
        with qtbot.waitSignal(studies._sweeper.failed, timeout=20_000):
            studies.want_sweep(True)
        studies.want_sweep(False)
        assert len(asked) == count


def test_effects_of_another_drawing_come_while_its_pose_is_animated(qtbot, window):
    session = window.session
    draw_and_settle(qtbot, window, SEVEN)
    session.posing.animate((0, 1))
    with qtbot.waitSignal(session.studies._describer.done, timeout=20_000):
        session.opening.show_sample(0)
    assert session.posing.is_animated
    session.posing.stop()
    settle(qtbot, session)


def test_effects_come_again_with_the_same_network(qtbot, window):
    session, told = window.session, []
    draw_and_settle(qtbot, window, SEVEN)
    session.studies.effects_changed.connect(told.append)
    with qtbot.waitSignal(session.model_changed, timeout=20_000):
        session.load_model("tiny", "cpu")
    settle(qtbot, session)
    assert told[-1] is not None


def test_effects_of_another_capsule_go_at_once(qtbot, window):
    session, told = window.session, []
    draw_and_settle(qtbot, window, SEVEN)
    session.studies.effects_changed.connect(told.append)
    session.posing.pin((session.explanation.digit + 1) % 10)
    assert told == [None]
    settle(qtbot, session)
    assert told[-1] is not None


def test_another_drawing_of_the_same_capsule_is_swept_anew(qtbot, window):
    session, sweeps = window.session, []
    session.posing.pin(3)
    session.studies.sweep_changed.connect(sweeps.append)
    session.studies.want_sweep(True)
    for points in (SEVEN, THREE):
        session.clear()
        draw_and_settle(qtbot, window, points)
        assert np.array_equal(sweeps[-1].pose, session.posing.pose.inferred)
    session.add_mark(Mark(((4.0, 4.0), (4.0, 20.0))))
    settle(qtbot, session)
    assert np.array_equal(sweeps[-1].pose, session.posing.pose.inferred)


def test_a_sweep_is_made_once_for_a_drawing_whatever_is_done_to_the_pose(
    qtbot, window, monkeypatch
):
    session = window.session
    draw_and_settle(qtbot, window, SEVEN)
    asked, submit = [], session.studies._sweeper.submit
    monkeypatch.setattr(
        session.studies._sweeper,
        "submit",
        lambda request: (asked.append(request), submit(request)),
    )
    with qtbot.waitSignal(session.studies.sweep_changed, timeout=20_000):
        session.studies.want_sweep(True)
    session.studies.follow_pose(session.posing.pose)
    assert len(asked) == 1
    session.studies.follow_pose(None)
    with qtbot.waitSignal(session.studies.sweep_changed, timeout=20_000):
        session.studies.follow_pose(session.posing.pose)
    assert len(asked) == 2, "nothing is left of a sweep that was dropped"
    settle(qtbot, session)
