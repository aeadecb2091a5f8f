"""What the decoder draws: the tiles with their words, and the wheel of all capsules."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter
from PySide6.QtTest import QTest

from capsviz.explore.answers import Redrawing
from capsviz.gui.look.theme import DARK, LIGHT, SMALL, font, set_zoom
from capsviz.gui.look.tile import enlarged
from capsviz.gui.pose.reconstruction import Reconstruction
from capsviz.gui.pose.ring import ring
from capsviz.gui.pose.wheel import Wheel
from capsviz.gui.pose.wheel_picture import Marks, WheelPicture
from capsviz.gui.pose_edit import Pose


@pytest.fixture
def view(qtbot):
    made = Reconstruction()
    qtbot.addWidget(made)
    made.resize(330, 190)
    made.show()
    return made


@pytest.fixture
def wheel(qtbot):
    made = Wheel()
    qtbot.addWidget(made)
    made.resize(330, 230)
    made.show()
    return made


@pytest.fixture
def bare(answer):
    """The same by a network without a decoder."""
    return replace(answer, reconstruction=None, redrawn=None)


def redrawing(answer, digit):
    return Redrawing(digit, answer.poses[-1, digit], answer.redrawn[digit])


def other(answer):
    return (answer.digit + 1) % 10


def words_of(view):
    return view.accessibleDescription()


def test_without_a_drawing_the_words_say_what_to_do(view):
    assert "Draw a digit" in view.words.text()
    assert [tile.values for tile in view.tiles] == [None, None, None]
    assert view.legend.isHidden()
    assert view.table() is None


def test_an_answer_shows_input_decoded_and_signed_difference(view, answer):
    view.show_explanation(answer)
    shown, decoded, difference = (tile.values for tile in view.tiles)
    assert (shown == answer.image).all()
    assert (decoded == answer.reconstruction).all()
    assert np.allclose(difference, answer.reconstruction - answer.image)
    assert view.legend.isVisible()


def test_the_error_is_told_with_its_root_mean_square(view, answer):
    view.show_explanation(answer)
    squares = (answer.reconstruction - answer.image) ** 2
    assert f"{squares.sum():.1f}" in words_of(view)
    assert f"{np.sqrt(squares.mean()):.3f}" in words_of(view)
    assert f"capsule {answer.digit}, the longest" in words_of(view)
    assert DARK.word(answer.digit) in view.words.text()


def test_a_pinned_capsule_is_said_to_be_pinned(view, answer):
    digit = other(answer)
    view.show_explanation(answer)
    view.show_pinned(digit)
    view.show_redrawing(redrawing(answer, digit))
    assert (view.tiles[1].values == answer.redrawn[digit]).all()
    assert f"capsule {digit}, pinned;" in words_of(view)


@pytest.mark.parametrize(("length", "words"), [(0.9, "the winner"), (0.3, "the longest")])
def test_without_a_digit_seen_there_is_no_winner(view, answer, length, words):
    lengths = answer.lengths.copy()
    lengths[-1] *= length / lengths[-1].max()
    view.show_explanation(replace(answer, lengths=lengths))
    assert f"capsule {answer.digit}, {words}" in words_of(view)
    assert f"capsule {answer.digit}, {words}" in view.summary()


def test_an_edited_pose_is_said_to_be_edited(view, answer):
    digit = answer.digit
    inferred = answer.poses[-1, digit]
    view.show_explanation(answer)
    view.show_pose(Pose(digit, inferred, inferred + np.float32(0.1)))
    view.show_redrawing(redrawing(answer, digit))
    assert f"capsule {digit}, the longest, edited" in words_of(view)
    view.show_pose(Pose(digit, inferred, inferred))
    assert "edited" not in words_of(view)


def test_a_network_without_decoder_is_told(view, bare):
    view.show_explanation(bare)
    assert "without a decoder" in view.words.text()
    assert view.tiles[0].values is not None
    assert view.tiles[1].values is None
    assert view.legend.isHidden()


def test_a_redrawing_that_comes_alone_is_shown(view, answer):
    view.show_redrawing(redrawing(answer, 4))
    assert (view.tiles[1].values == answer.redrawn[4]).all()
    assert view.tiles[2].values is None
    assert words_of(view) == "Reconstruction from capsule 4"


def test_clearing_takes_the_redrawing_away(view, answer):
    view.show_explanation(answer)
    view.show_redrawing(redrawing(answer, 4))
    view.show_explanation(None)
    assert view.tiles[1].values is None
    assert "Draw a digit" in words_of(view)


def test_the_table_has_every_pixel(view, answer):
    view.show_explanation(answer)
    table = view.table()
    assert table.columns == ("x", "y", "input", "decoded", "difference")
    assert len(table.rows) == 28 * 28
    x, y, shown, decoded, difference = table.rows[28 * 9 + 12]
    assert (x, y) == (12, 9)
    assert shown == answer.image[9, 12]
    assert difference == pytest.approx(decoded - shown, abs=1e-6)


@pytest.mark.parametrize("size", [(224, 144), (330, 190), (700, 190), (700, 600), (1400, 1100)])
def test_tiles_grow_and_nothing_leaves_the_view_or_overlaps(view, answer, size):
    view.resize(*size)
    view.show_explanation(answer)
    parts = [*view.tiles, view.words, view.legend]
    places = [part.geometry() for part in parts]
    assert all(view.rect().contains(place) for place in places)
    assert not any(a.intersects(b) for i, a in enumerate(places) for b in places[:i])
    assert view.tiles[0].width() >= min(size[0] / 3.3, 104) - 4
    if size == (700, 600):
        assert view.tiles[0].width() > 250


@pytest.mark.parametrize("factor", [1.0, 1.25, 1.5, 2.0])
def test_no_word_is_cut_however_large_it_is(qapp, view, answer, factor):
    view.show_explanation(answer)
    try:
        set_zoom(qapp, factor)
        least = view.minimumSizeHint()
        for wide in (least.width(), 276, 330, 460):
            view.resize(wide, least.height())
            view._arrange()
            parts = [*view.tiles, *view._names, view.words, view.legend]
            places = [part.geometry() for part in parts]
            assert all(view.rect().contains(place) for place in places), (view.rect(), places)
            assert not any(a.intersects(b) for i, a in enumerate(places) for b in places[:i])
            for label in view._names:
                is_cut = label.width() < label.sizeHint().width()
                assert not is_cut or wide < (330 if factor > 1.5 else 276), label.text()
            assert view.words.height() >= view.words.heightForWidth(view.words.width())
            assert view.legend.width() >= view.legend.sizeHint().width()
    finally:
        set_zoom(qapp, 1)


def test_a_hidden_view_waits_with_drawing(qtbot, answer):
    view = Reconstruction()
    qtbot.addWidget(view)
    view.show_explanation(answer)
    assert view.tiles[0].values is None
    view.show()
    assert view.tiles[0].values is not None


def test_missing_and_added_ink_have_their_own_colours(view, answer):
    image = np.zeros((28, 28), np.float32)
    image[:, :14] = 1
    view.show_explanation(replace(answer, image=image))
    view.show_redrawing(Redrawing(0, answer.poses[-1, 0], image[:, ::-1].copy()))
    picture = view.tiles[2].grab().toImage()
    left, right = (picture.pixelColor(QPoint(x, 50)) for x in (20, 80))
    assert left.blue() > left.red()
    assert right.red() > right.blue()


def test_enlarged_pixels_are_sharp_and_even():
    image = QImage(2, 1, QImage.Format.Format_RGB888)
    image.setPixelColor(0, 0, QColor("black"))
    image.setPixelColor(1, 0, QColor("white"))
    large = enlarged(image, 5.0)
    assert large.width() == 6
    levels = [large.pixelColor(x, 0).lightness() for x in range(6)]
    assert levels == [0, 0, 0, 255, 255, 255]


def spot(wheel, digit):
    return wheel.ring.disc(digit).center().toPoint()


def test_the_wheel_says_what_to_do_or_why_it_cannot(wheel, bare):
    assert "Draw a digit" in words_of(wheel)
    wheel.show_explanation(bare)
    assert "without a decoder" in words_of(wheel)
    assert wheel.table() is None
    assert not wheel.grab().isNull()


@pytest.mark.parametrize("factor", [1.0, 1.5, 2.0])
def test_words_of_the_wheel_are_whole_in_any_size(qapp, wheel, bare, factor):
    wheel.show_explanation(bare)
    paper = QImage(900, 900, QImage.Format.Format_RGB32)
    painter = QPainter(paper)
    try:
        set_zoom(qapp, factor)
        for size in ((224, 152), (314, 180), (470, 330), (800, 700)):
            wheel.resize(*size)
            made = WheelPicture(painter, wheel.ring, wheel._shown, Marks(), DARK)
            place, letters = made.words_place, QFontMetrics(font(SMALL))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            needed = letters.boundingRect(place.toRect(), flags, wheel._shown.words)
            assert place.contains(QRectF(needed)), size
            assert QRectF(wheel.rect()).contains(place), size
    finally:
        painter.end()
        set_zoom(qapp, 1)


@pytest.mark.parametrize("factor", [1.0, 2.0])
def test_labels_of_the_wheel_do_not_touch(qapp, wheel, answer, factor):
    wheel.show_explanation(answer)
    try:
        set_zoom(qapp, factor)
        for size in ((276, 152), (314, 180), (470, 330), (800, 700)):
            wheel.resize(*size)
            labels = [wheel.ring.label(at) for at in range(10)]
            assert not any(a.intersects(b) for i, a in enumerate(labels) for b in labels[:i])
            assert wheel.ring.has_numbers == (factor == 1 or size[0] > 314), size
    finally:
        set_zoom(qapp, 1)


def test_every_side_of_the_keyboard_s_frame_is_seen(wheel, answer):
    wheel.resize(314, 180)
    wheel.show_explanation(answer)
    for digit in range(10):
        wheel._put_cursor(digit)
        picture = wheel.grab().toImage()
        seen = {
            (x, y)
            for x in range(picture.width())
            for y in range(picture.height())
            if picture.pixelColor(x, y).name() == DARK.accent
        }
        for axis in (0, 1):
            along = [place[axis] for place in seen]
            assert along.count(min(along)) >= 10, digit
            assert along.count(max(along)) >= 10, digit


def test_the_wheel_waits_for_the_capsules_to_be_redrawn(wheel, answer):
    wheel.show_explanation(replace(answer, redrawn=None))
    assert "about to redraw" in words_of(wheel)


def test_the_wheel_names_the_least_error_and_the_longest(wheel, answer):
    wheel.show_explanation(answer)
    errors = [float(((image - answer.image) ** 2).sum()) for image in answer.redrawn]
    best = int(np.argmin(errors))
    assert f"{best} redraws the input with the least squared error (★)" in words_of(wheel)
    assert f"{answer.digit} is longest" in words_of(wheel)
    starred = [digit for digit in range(len(errors)) if "★ the least" in wheel.explain(digit)]
    assert starred == [best]
    table = wheel.table()
    assert table.columns == ("digit", "length", "squared error")
    assert [row[2] for row in table.rows] == pytest.approx(errors, rel=1e-5)
    assert [row[1] for row in table.rows] == pytest.approx(answer.final_lengths.tolist())


def test_capsules_are_wanted_redrawn_while_on_screen(qtbot):
    wheel = Wheel()
    qtbot.addWidget(wheel)
    with qtbot.waitSignal(wheel.redrawn_wanted) as shown:
        wheel.show()
    with qtbot.waitSignal(wheel.redrawn_wanted) as hidden:
        wheel.hide()
    assert (shown.args, hidden.args) == ([True], [False])


def test_a_click_chooses_a_capsule_and_again_the_winner(qtbot, wheel, answer):
    wheel.show_explanation(answer)
    with qtbot.waitSignal(wheel.digit_chosen) as chosen:
        QTest.mouseClick(wheel, Qt.MouseButton.LeftButton, pos=spot(wheel, 7))
    assert chosen.args == [7]
    wheel.show_pinned(7)
    with qtbot.waitSignal(wheel.digit_chosen) as chosen:
        QTest.mouseClick(wheel, Qt.MouseButton.LeftButton, pos=spot(wheel, 7))
    assert chosen.args == [None]
    with qtbot.assertNotEmitted(wheel.digit_chosen):
        QTest.mouseClick(wheel, Qt.MouseButton.LeftButton, pos=wheel.rect().center())


def test_arrows_go_round_the_way_they_point(qtbot, wheel, answer):
    wheel.resize(700, 600)  # an oval
    wheel.show_explanation(answer)
    wheel.show_pinned(0)  # at the top
    wheel.setFocus(Qt.FocusReason.TabFocusReason)
    said = []
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Left):
        QTest.keyClick(wheel, key)
        said.append(words_of(wheel)[-1])
    assert said == ["1", "2", "3", "4"]
    with qtbot.waitSignal(wheel.digit_chosen) as chosen:
        QTest.keyClick(wheel, Qt.Key.Key_Return)
    assert chosen.args == [4]


def test_a_full_arc_is_in_the_digits_colour_and_an_empty_one_is_not(wheel, answer):
    lengths = np.zeros_like(answer.lengths)
    lengths[:, 5] = 0.9
    wheel.resize(700, 700)
    wheel.show_explanation(replace(answer, lengths=lengths))
    picture = wheel.grab().toImage()
    found = {}
    for digit in (5, 6):
        disc = wheel.ring.disc(digit)
        found[digit] = picture.pixelColor(int(disc.right()) - 3, int(disc.center().y()))
    assert found[5] == QColor(DARK.digits[5])
    assert found[6] != QColor(DARK.digits[6])


@pytest.mark.parametrize("count", [1, 2, 5, 10])
@pytest.mark.parametrize("size", [(330, 230), (700, 700), (1500, 500), (500, 900)])
def test_the_ring_keeps_inside_and_clear_of_the_input(count, size):
    made = ring(*size, count, 14)
    for digit in range(count):
        disc, cell = made.disc(digit), made.cells[digit]
        assert 0 <= cell.left() <= cell.right() <= size[0] + 1e-6
        assert -1e-6 <= cell.top() <= cell.bottom() <= size[1] + 1e-6
        assert not disc.intersects(made.middle)
        assert made.at(disc.center().x(), disc.center().y()) == digit
    assert made.middle.width() >= made.across > 30


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_the_wheel_draws_any_number_of_capsules(wheel, answer, theme):
    wheel.set_theme(theme)
    few = replace(answer, redrawn=answer.redrawn[:3], lengths=answer.lengths[:, :3])
    wheel.show_explanation(few)
    wheel.show_pinned(8)  # of a wider network
    assert len(wheel.table().rows) == 3
    assert not wheel.grab().isNull()
