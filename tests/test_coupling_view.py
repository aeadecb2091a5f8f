"""The couplings on screen: what each cell says, how it is pointed at, how a digit is chosen."""

import re
from dataclasses import replace
from itertools import pairwise, product

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QToolTip

from capsviz.explore.couplings import coupling_grid, mass_maps, mass_share, receptive_field
from capsviz.gui.look.colours import Scale, colours
from capsviz.gui.look.elided import WholeLines
from capsviz.gui.look.export import picture_of
from capsviz.gui.look.theme import DARK, GRID, LIGHT, SMALL, font, set_zoom
from capsviz.gui.routing.coupling import Coupling
from capsviz.gui.routing.coupling_blocks import fitted
from capsviz.gui.routing.coupling_scale import rounded_up
from capsviz.gui.routing.coupling_words import mass_name

THEMES = pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])


@pytest.fixture(scope="module")
def routed(answer):
    """The tiny network's answer with couplings that differ, as a trained network's do."""
    rng = np.random.default_rng(5)
    logits = rng.normal(size=answer.logits.shape).astype(np.float32)
    logits[0] = 0
    raised = np.exp(logits)
    return replace(answer, logits=logits, couplings=raised / raised.sum(-1, keepdims=True))


@pytest.fixture
def view(qtbot, routed):
    made = Coupling()
    qtbot.addWidget(made)
    made.resize(500, 270)
    made.show()
    qtbot.waitExposed(made)
    made.show_explanation(routed)
    return made


def middle(area):
    return area.center().toPoint()


def picked(view, capsule):
    """The colour on screen in the middle of a capsule's cell."""
    image = view.places.grab().toImage()
    at = view.places.blocks.cell_of(capsule).center() * image.devicePixelRatio()
    return image.pixelColor(at.toPoint()).getRgb()[:3]


def expected(view, answer, capsule, digit, iteration, **how):
    how = {"weighted": False, "difference": True} | how
    value = coupling_grid(answer, iteration, digit, **how).ravel()[capsule]
    return tuple(colours(np.array(value), view.legend.meaning.scale, view.theme).tolist())


@pytest.fixture(autouse=True)
def tips(monkeypatch):
    """What tooltips said; offscreen, Qt would warn that it cannot raise their windows."""
    said = []
    monkeypatch.setattr(QToolTip, "showText", lambda _place, text, _widget: said.append(text))
    monkeypatch.setattr(QToolTip, "hideText", lambda: said.append(""))
    return said


def ask(widget, place):
    """Rest the pointer at a place."""
    event = QHelpEvent(QEvent.Type.ToolTip, place, widget.mapToGlobal(place))
    QApplication.sendEvent(widget, event)


@THEMES
def test_every_cell_has_the_colour_of_its_coupling(view, routed, theme):
    view.set_theme(theme)
    for capsule in range(72):
        assert picked(view, capsule) == expected(view, routed, capsule, routed.digit, 3)


def test_iteration_and_digit_change_the_cells(view, routed):
    view.show_iteration(2)
    view.show_digit(4)
    assert picked(view, 50) == expected(view, routed, 50, 4, 2)
    assert "Digit 4, iteration 2" in view.board.places_words.text()
    view.show_digit(None)
    assert view.digit == routed.digit


def test_iterations_are_clipped_to_the_answer(view):
    for asked, shown in ((0, 1), (1, 1), (3, 3), (10, 3)):
        view.show_iteration(asked)
        assert f"iteration {shown}:" in view.board.places_words.text()


def test_a_digit_the_answer_lacks_gives_way_to_the_longest(view, routed):
    view.show_digit(12)
    assert view.digit == routed.digit


def test_iteration_one_is_uniform_and_says_so(view):
    view.show_iteration(1)
    assert len({picked(view, capsule) for capsule in range(72)}) == 1
    assert "uniform, 0.100" in view.summary()


def test_weight_by_activity(view, routed):
    unweighted = view.legend.meaning.name
    view.options.weight.click()
    assert picked(view, 30) == expected(view, routed, 30, routed.digit, 3, weighted=True)
    assert view.legend.meaning.name != unweighted
    assert "‖" in view.board.legend_words.text()


def test_absolute_scale_begins_at_zero(view, routed):
    view.options.measure.setFocus()
    QTest.keyClick(view.options.measure, Qt.Key.Key_Down)
    assert view.legend.meaning.scale.low == 0
    assert not view.legend.meaning.scale.is_signed
    assert view.legend.meaning.words[0] == "0"
    assert picked(view, 30) == expected(view, routed, 30, routed.digit, 3, difference=False)


def test_shared_range_stays_and_own_range_follows(view, routed):
    small = replace(routed, couplings=0.1 + (routed.couplings - 0.1) * [[[0]], [[0.01]], [[1]]])
    view.show_explanation(small)
    shared = []
    for iteration in (1, 2, 3):
        view.show_iteration(iteration)
        shared.append(view.legend.meaning.scale)
    assert len(set(shared)) == 1
    QTest.keyClick(view.options.span, Qt.Key.Key_Down)
    assert view.legend.meaning.scale == shared[0]  # the last iteration's is the widest
    view.show_iteration(2)
    assert view.legend.meaning.scale.high < shared[0].high / 50


def test_legend_tells_that_few_couplings_lie_beyond(view, routed):
    couplings = routed.couplings.copy()
    couplings[2, 7] = 0.02
    couplings[2, 7, routed.digit] = 0.82
    view.show_explanation(replace(routed, couplings=couplings))
    low, middle_, high = view.legend.meaning.words
    assert high.startswith("≥ +")
    assert middle_ == "0"
    assert low.startswith("−")
    assert view.legend.accessibleDescription().startswith("c_ij − 1/10 from −")
    assert view.legend.accessibleDescription().endswith(high)


def test_pointing_by_mouse(qtbot, view):
    cell = view.places.blocks.cell_of(41)
    with qtbot.waitSignal(view.pointed) as pointed:
        QTest.mouseMove(view.places, middle(cell))
    assert pointed.args == [41]
    assert "Type 2, row 1, column 6" in view.places.accessibleDescription()
    with qtbot.waitSignal(view.pointed) as pointed:
        QApplication.sendEvent(view.places, QEvent(QEvent.Type.Leave))
    assert pointed.args == [None]


def test_gaps_between_blocks_point_at_nothing(view):
    block = view.places.blocks.block(0)
    assert view.places.blocks.capsule_at(block.right() + 1, block.center().y()) is None
    assert view.places.blocks.capsule_at(-5, 10) is None


def test_pointing_from_elsewhere_outlines_the_cell(qtbot, view, routed):
    cell = view.places.blocks.cell_of(20).adjusted(-2, -2, 2, 2).toRect()
    before = view.grab(), view.places.grab(cell).toImage()
    with qtbot.assertNotEmitted(view.pointed):
        view.show_pointed(20)
    assert view.places.grab(cell).toImage() != before[1]
    view.show_pointed(None)
    assert view.places.grab(cell).toImage() == before[1]
    view.show_pointed(5000)  # of a larger network
    assert view.grab().toImage() == before[0].toImage()


def test_pointing_marks_the_receptive_field_and_the_type(view, routed):
    tile, matrix = view.mass.tile(routed.digit), view.types.matrix
    places = tile.toRect(), view.types.column(1, matrix).adjusted(-2, -2, 2, 2).toRect()
    before = [
        part.grab(place).toImage()
        for part, place in zip((view.mass, view.types), places, strict=True)
    ]
    view.show_pointed(71)
    after = [
        part.grab(place).toImage()
        for part, place in zip((view.mass, view.types), places, strict=True)
    ]
    assert all(one != other for one, other in zip(before, after, strict=True))
    assert receptive_field(routed, 71) == (10, 10, 17)


def test_keyboard_walks_over_the_cells(view, tips):
    places = view.places
    places.setFocus()
    heard = []
    view.pointed.connect(heard.append)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Left):
        QTest.keyClick(places, key)
    assert heard == [0, 1, 7, 6]
    QTest.keyClick(places, Qt.Key.Key_Left)  # the border
    assert heard == [0, 1, 7, 6]
    assert "Primary capsule 6<" in tips[-1]
    QTest.keyClick(places, Qt.Key.Key_Escape)
    assert heard[-1] is None
    assert not tips[-1]


def test_home_key_finds_the_strongest_coupling(qtbot, view, routed):
    with qtbot.waitSignal(view.pointed) as pointed:
        QTest.keyClick(view.places, Qt.Key.Key_Home)
    assert pointed.args == [int(routed.couplings[2, :, routed.digit].argmax())]


def test_keyboard_steps_from_block_to_block():
    blocks = fitted(32, 6, (316, 160), 1.0)
    assert (blocks.columns, blocks.rows, blocks.cell) == (8, 4, 6)
    assert blocks.stepped(5, 1, 0) == 36  # from the first block's corner into the second
    assert blocks.stepped(30, 0, 1) == 8 * 36  # from its lower corner into the block below
    last = 32 * 36 - 1
    assert blocks.stepped(last, 1, 0) == blocks.stepped(last, 0, 1) == last


def test_blocks_fit_and_have_whole_pixels():
    for types, density in product((1, 2, 5, 7, 32), (1.0, 1.5, 2.0)):
        blocks = fitted(types, 6, (400, 300), density, (2, 2), header=12)
        assert QRectF(2, 2, 400, 300).contains(blocks.area)
        assert (blocks.cell * density).is_integer()
        assert (blocks.gap * density).is_integer()
        slightly_more = blocks.area.adjusted(-0.01, -0.01, 0.01, 0.01)
        for capsule in range(types * 36):
            cell = blocks.cell_of(capsule)
            assert slightly_more.contains(cell)
            assert blocks.capsule_at(cell.center().x(), cell.center().y()) == capsule


def test_cell_tooltip_gives_every_number(view, routed, tips):
    ask(view.places, middle(view.places.blocks.cell_of(41)))
    text = tips[-1]
    digit = routed.digit
    assert "type 2, row 1, column 6" in text
    assert f"{routed.couplings[2, 41, digit]:.4f}" in text
    assert f"{routed.logits[2, 41, digit]:.4f}".replace("-", "−") in text
    for value in (*routed.primary[41], *routed.votes[41, digit]):
        assert f"{value:.3f}".replace("-", "−") in text
    assert "softmax" in text
    assert "Σ" in text


def test_matrix_tooltip_and_choice(qtbot, view, routed, tips):
    types = view.types
    cell = types.row(6, types.matrix).intersected(types.column(1, types.matrix))
    mean = routed.couplings[2, 36:, 6].mean()
    ask(types, middle(cell))
    assert f"= {mean:.4f}" in tips[-1]
    with qtbot.waitSignal(view.digit_chosen) as chosen:
        QTest.mouseClick(types, Qt.MouseButton.LeftButton, pos=middle(cell))
    assert chosen.args == [6]


def test_mass_tooltip_and_choice(qtbot, view, routed, tips):
    place = middle(view.mass.tile(8))
    share = 100 * mass_share(routed, 3)[8]
    ask(view.mass, place)
    assert f"{share:.2f} %" in tips[-1]
    with qtbot.waitSignal(view.digit_chosen) as chosen:
        QTest.mouseClick(view.mass, Qt.MouseButton.LeftButton, pos=place)
    assert chosen.args == [8]


@pytest.mark.parametrize(("part", "key"), [("types", Qt.Key.Key_Down), ("mass", Qt.Key.Key_Right)])
def test_keyboard_chooses_a_digit(qtbot, view, part, key):
    view.show_digit(3)
    chooser = getattr(view, part)
    chooser.setFocus()
    QTest.keyClick(chooser, key)
    assert chooser.accessibleDescription() == "Digit 4"
    with qtbot.waitSignal(view.digit_chosen) as chosen:
        QTest.keyClick(chooser, Qt.Key.Key_Return)
    assert chosen.args == [4]


def test_showing_tells_nothing_back(qtbot, view, routed):
    with qtbot.assertNotEmitted(view.digit_chosen), qtbot.assertNotEmitted(view.pointed):
        view.show_digit(2)
        view.show_iteration(1)
        view.show_pointed(3)
        view.show_explanation(None)
        view.show_explanation(routed)


def test_nothing_drawn(qtbot, view, tips):
    view.show_pointed(5)
    view.show_explanation(None)
    assert view.board.places_words.text() == "Draw a digit to see its couplings"
    assert view.table() is None
    assert "No digit is drawn" in view.summary()
    assert view.legend.meaning is None
    place = middle(view.places.blocks.cell_of(3))
    ask(view.places, place)
    assert tips == [""]
    with qtbot.assertNotEmitted(view.digit_chosen), qtbot.assertNotEmitted(view.pointed):
        QTest.mouseMove(view.places, place)
        QTest.mouseClick(view.mass, Qt.MouseButton.LeftButton, pos=middle(view.mass.tile(3)))
        QTest.keyClick(view.types, Qt.Key.Key_Return)


def test_table_and_summary_hold_the_numbers(view, routed):
    table = view.table()
    columns = ("iteration", "type", "row", "column", "digit", "coupling", "logit")
    assert table.columns == columns
    assert len(table.rows) == 72 * 10
    iteration, kind, row, column, digit, coupling, logit = table.rows[41 * 10 + 7]
    assert (iteration, kind, row, column, digit) == (3, 2, 1, 6, 7)
    assert coupling == pytest.approx(float(routed.couplings[2, 41, 7]))
    assert logit == pytest.approx(float(routed.logits[2, 41, 7]))
    assert f"{routed.couplings[2, :, routed.digit].max():.3f}" in view.accessibleDescription()


def test_another_network_with_other_numbers_of_everything(view, routed):
    """Three digits, one type of 4 × 4 places; more iterations than one."""
    some = routed.couplings[:2, :16, :3]
    view.show_pointed(60)
    view.show_explanation(
        replace(
            routed,
            grid=(1, 4, 4),
            primary=routed.primary[:16],
            votes=routed.votes[:16, :3],
            logits=routed.logits[:2, :16, :3],
            couplings=some / some.sum(-1, keepdims=True),
            poses=routed.poses[:2, :3],
            lengths=routed.lengths[:2, :3],
        )
    )
    assert view.board.places_words.text().endswith("1 type of 4 × 4 places")
    assert view.options.measure.itemText(0) == "Difference from 1/3"
    assert view.mass.digit_at(QPointF(middle(view.mass.tile(2)))) == 2
    assert len(view.table().rows) == 48


def test_hidden_it_draws_nothing_until_it_is_shown(qtbot, view, routed):
    view.hide()
    view.show_digit(4)
    assert "Digit 4" not in view.board.places_words.text()
    view.show()
    qtbot.waitExposed(view)
    assert "Digit 4" in view.board.places_words.text()


def test_every_part_fits_in_every_window(qtbot, view):
    for size in ((360, 220), (500, 270), (1300, 800), (900, 1200), (1800, 300)):
        view.resize(*size)
        QApplication.sendPostedEvents()  # lay out
        assert view.rect().contains(view.mass.geometry())
        assert QRectF(view.places.rect()).contains(view.places.blocks.area)
        assert QRectF(view.types.rect()).contains(view.types.matrix)
        assert all(QRectF(view.mass.rect()).contains(view.mass.tile(j)) for j in range(10))
        assert view.places.geometry().right() < view.types.geometry().left()


def test_at_its_usual_size_the_pictures_are_as_large_as_can_be(view, routed):
    """500 × 270 holds 32 types of 6 × 6 places and ten tiles without losing a pixel."""
    many = np.concatenate([routed.couplings[:, :36]] * 32, axis=1)
    wide = replace(routed, grid=(32, 6, 6), couplings=many, logits=many, primary=many[0])
    view.show_explanation(wide)
    QApplication.sendPostedEvents()
    assert view.places.blocks.cell == 6
    assert view.mass.tile(0).width() >= 28


def test_every_part_has_a_name_and_can_be_reached_by_keyboard(view):
    parts = (view.places, view.types, view.mass)
    for part in parts:
        assert part.accessibleName()
        assert part.focusPolicy() & Qt.FocusPolicy.TabFocus
    for control in (view.options.weight, *view.options.findChildren(QComboBox)):
        assert control.toolTip()
        assert control.accessibleName() or control.text()
    for part in parts:
        before = part.grab().toImage()
        part.setFocus(Qt.FocusReason.TabFocusReason)
        assert part.grab().toImage() != before, part.objectName()


def test_ranges_have_short_ends():
    ends = {0: 0.001, 0.001: 0.001, 0.0101: 0.015, 0.03: 0.03, 0.071: 0.1, 0.86: 1, 7.2: 10}
    for value, end in ends.items():
        assert rounded_up(value) == end


def test_scale_of_nothing_is_flat(view, answer):
    """An untrained network's couplings differ by rounding alone: no false colours."""
    flat = replace(answer, couplings=np.full_like(answer.couplings, 0.1))
    view.show_explanation(flat)
    assert view.legend.meaning.scale == Scale(-0.001, 0.001, is_signed=True)
    assert len({picked(view, capsule) for capsule in range(72)}) == 1


@pytest.mark.parametrize("factor", [1.0, 1.5, 2.0])
def test_labels_of_low_rows_do_not_touch_and_the_chosen_one_is_among_them(qapp, view, factor):
    types = view.types
    try:
        set_zoom(qapp, factor)
        for height, chosen in product((80, 110, 300), range(10)):
            types.setFixedHeight(height)
            types.mark_digit(chosen)
            matrix, letters = types.matrix, QFontMetricsF(font(SMALL, bold=True))
            digits = types.labelled(matrix)
            assert chosen in digits
            at = [types.label(digit, matrix).center().y() for digit in digits]
            assert all(b - a > letters.capHeight() for a, b in pairwise(at)), (
                height,
                digits,
                at,
                letters.capHeight(),
            )
            assert at[0] >= letters.capHeight() / 2
            assert at[-1] <= height - letters.capHeight() / 2
        assert digits == list(range(10)) or factor == 2, "all where there is room"
    finally:
        set_zoom(qapp, 1)


def test_clicking_a_label_chooses_too(qtbot, view):
    types = view.types
    y = int(types.row(2, types.matrix).center().y())
    with qtbot.waitSignal(view.digit_chosen) as chosen:
        QTest.mouseClick(types, Qt.MouseButton.LeftButton, pos=QPoint(3, y))
    assert chosen.args == [2]


def test_the_picture_has_all_but_the_options(view):
    board, picture = view.board, picture_of(view)
    assert not view.pictured.isAncestorOf(board.options)
    for part in (board.places, board.types, board.legend, board.mass):
        assert view.pictured.isAncestorOf(part)
    assert picture.height() == 2 * (view.pictured.height() + 4 * GRID)


@pytest.fixture
def usual_text(qapp):
    """Whatever size words were given, they have their own afterwards."""
    yield qapp
    set_zoom(qapp, 1)


def test_the_mass_has_one_unit(view, routed):
    """The end of the colours in per cent of all activity, as the numbers under the tiles."""
    view.show_explanation(routed)
    view.show_iteration(3)
    maps = mass_maps(routed, 3, view.options.reading.difference)
    total = np.linalg.norm(routed.primary, axis=1).sum()
    told = float(re.search(r"([\d.e-]+)/px", view.board.mass_words.text()).group(1))
    assert told >= 100 * np.abs(maps).max() / total * 0.95
    assert told <= 100 * np.abs(maps).max() / total * 12, "rounded up, over the iterations"


@pytest.mark.parametrize("factor", [1, 1.5, 2])
def test_words_beside_the_pictures_have_room_or_end_in_an_ellipsis(usual_text, view, factor):
    set_zoom(usual_text, factor)
    view.set_theme(view.theme)
    QApplication.processEvents()
    assert isinstance(view.board.mass_words, WholeLines), "no line is cut through"
    letters = QFontMetricsF(view.board.mass_words.font())
    for line in mass_name("≤ 0.0015").splitlines():
        assert letters.horizontalAdvance(line) <= view.board.mass_words.width()
    view.resize(300, 270)
    QApplication.processEvents()
    words = view.board.places_words
    picture = words.grab().toImage()
    edge = [picture.pixelColor(picture.width() - 1, y) for y in range(picture.height())]
    assert len({colour.rgb() for colour in edge}) == 1, "no letter is cut"
