"""Every view of the real window, reached the way a person reaches it."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLabel, QSlider, QToolButton, QToolTip

from capsviz.data.samples import sample_digits
from capsviz.explore.couplings import receptive_field
from capsviz.gui.look.more import More
from capsviz.gui.look.view import View
from capsviz.network import CapsNet, Provenance, save_checkpoint
from tests.qt import SEVEN, draw, draw_and_settle, held, settle


@pytest.fixture
def drawn(qtbot, window):
    draw_and_settle(qtbot, window)
    return window


def control(window, name, kind=QSlider):
    found = window.findChild(kind, name)
    assert found is not None, name
    return found


def test_the_iteration_slider_drives_every_routing_view(drawn):
    control(drawn, "routing-iteration").setValue(1)
    views = drawn.views
    assert drawn.session.playhead.iteration == 1
    assert views.coupling.iteration == 1
    answer = drawn.session.explanation
    assert {view.iteration_of(answer) for view in (views.votes, views.agreement)} == {1}
    bars = views.capsules.lengths._bars.opts["height"]
    assert np.allclose(bars, answer.lengths[0])


def test_the_second_digit_is_named_where_the_network_reads_two(qtbot, drawn, pair_file):
    assert drawn.views.capsules.prediction.digits == 1
    drawn.session.load_model(str(pair_file))
    settle(qtbot, drawn.session)
    assert drawn.views.capsules.prediction.digits == 2


def test_what_a_card_says_is_what_its_page_says_now(qtbot, drawn):
    views = drawn.views
    cards = [views.routing.pages, views.decoded, views.posed]
    for pages in cards:
        pages.tabs.setCurrentIndex(1)
    session = drawn.session
    for change in (lambda: draw_and_settle(qtbot, drawn, SEVEN), session.clear):
        change()
        settle(qtbot, session)
        for pages in cards:
            assert pages.accessibleDescription() == pages.page.summary(), pages.accessibleName()


def test_captions_tell_what_a_picture_is_of(qtbot, drawn):
    answer, pages = drawn.session.explanation, drawn.views.routing.pages
    drawn.session.posing.pin(4)
    drawn.session.playhead.scrub(2)
    settle(qtbot, drawn.session)
    for title in ("Votes", "Agreement", "Calculation"):
        assert "iteration 2" in pages.view(title).caption, title
    assert "to digit 4" in pages.view("Calculation").caption
    sliders = drawn.views.posed.view("Sliders")
    assert sliders.caption.startswith("Digit capsule 4.")
    assert "±0.25" in sliders.caption
    sliders.controls.wide.click()
    assert "one scale about 0" in sliders.caption
    assert len(answer.lengths) == 3


def test_a_page_s_picture_is_suggested_the_page_s_name(drawn):
    drawn.views.routing.pages.tabs.setCurrentIndex(1)
    control(drawn, "show-curve", QToolButton).click()
    for title, name in (("Routing by agreement", "votes"), ("Digit capsules", "over-iterations")):
        more = next(m for m in drawn.findChildren(More) if m.accessibleName().startswith(title))
        more.menu().actions()[1].trigger()
        dialog = more.findChild(QFileDialog)
        assert Path(dialog.selectedFiles()[0]).name == f"{name}.png"
        dialog.reject()


def test_a_minimized_window_draws_nothing_until_it_is_back(qtbot, drawn, monkeypatch):
    drew, draw_now = [], View._draw_now
    monkeypatch.setattr(View, "_draw_now", lambda view: (drew.append(view), draw_now(view)))
    drawn.showMinimized()
    control(drawn, "routing-iteration").setValue(1)
    settle(qtbot, drawn.session)
    assert not drew
    drawn.showNormal()
    qtbot.waitUntil(lambda: drawn.views.capsules.lengths in drew)
    told = drawn.views.capsules.lengths.accessibleDescription()
    assert "iteration 1" in told


def test_a_pose_slider_redraws_and_undo_brings_it_back(qtbot, drawn):
    before = drawn.views.reconstruction.tiles[1].values
    slider = control(drawn, "pose-slider-0")
    start = slider.value()
    QTest.keyClick(slider, Qt.Key.Key_PageUp)
    settle(qtbot, drawn.session)
    assert drawn.session.posing.pose.is_edited
    assert not np.array_equal(drawn.views.reconstruction.tiles[1].values, before)
    drawn.session.undo_stack.undo()
    settle(qtbot, drawn.session)
    assert slider.value() == start
    assert np.allclose(drawn.views.reconstruction.tiles[1].values, before, atol=1e-6)


def test_pointing_lights_up_the_receptive_field_and_leaving_ends_it(drawn):
    drawn.session.point_at(40)
    field = receptive_field(drawn.session.explanation, 40)
    assert drawn.views.network_input.tile._field == field
    assert drawn.views.canvas._field[:3] == field
    drawn.session.point_at(None)
    assert drawn.views.canvas._field is None


def test_a_pinned_digit_reaches_every_view(qtbot, drawn):
    other = (drawn.session.explanation.digit + 1) % 10
    drawn.views.capsules.lengths.digit_chosen.emit(other)
    settle(qtbot, drawn.session)
    assert drawn.views.coupling.digit == other
    assert drawn.session.posing.pose.digit == other
    assert f"capsule {other}" in drawn.views.reconstruction.summary()


def test_the_ring_and_the_sweep_ask_for_what_they_show_and_no_longer_than_shown(qtbot, drawn):
    assert drawn.session.explanation.redrawn is None
    drawn.views.decoded.show_page(drawn.views.wheel)
    settle(qtbot, drawn.session)
    assert drawn.session.explanation.redrawn is not None
    drawn.views.posed.show_page(drawn.views.sweep)
    settle(qtbot, drawn.session)
    assert "with each of its 4 dimensions moved" in drawn.views.sweep.summary()
    drawn.views.decoded.show_page(drawn.views.reconstruction)
    drawn.session.set_iterations(2)
    settle(qtbot, drawn.session)
    assert drawn.session.explanation.redrawn is None


def test_a_sweep_stays_about_what_routing_found(qtbot, drawn):
    posing, sweep = drawn.session.posing, drawn.views.sweep
    drawn.views.posed.show_page(sweep)
    settle(qtbot, drawn.session)
    before = sweep.table()
    for _ in range(2):  # the second time it is there already
        QTest.mouseClick(
            sweep, Qt.MouseButton.LeftButton, pos=sweep.grid.cell(1, 9).center().toPoint()
        )
        settle(qtbot, drawn.session)
        assert posing.pose.values[1] - posing.pose.inferred[1] == pytest.approx(0.2)
        assert sweep.table() == before
    assert "you moved dimension 2 by +0.20" in sweep.summary()
    posing.reset()
    settle(qtbot, drawn.session)
    assert "you moved" not in sweep.summary()


def test_a_network_without_a_decoder_is_told_on_every_page(
    qtbot, bare_window, own_home, tiny_config
):
    config = msgspec.structs.replace(tiny_config, reconstruction=False)
    path = own_home / "models" / "bare.safetensors"
    save_checkpoint(path, CapsNet(config), Provenance())
    with qtbot.waitSignal(bare_window.session.model_changed, timeout=20_000):
        bare_window.session.load_model("bare", "cpu")
    draw_and_settle(qtbot, bare_window)
    views = bare_window.views
    views.decoded.show_page(views.wheel)
    views.posed.show_page(views.sweep)
    for view in (views.reconstruction, views.wheel, views.sweep):
        assert "trained without a decoder" in view.summary()


def test_the_curve_is_routed_to_ten_iterations_only_while_it_is_shown(qtbot, drawn):
    assert drawn.session.explanation.curve is None
    control(drawn, "show-curve", QToolButton).click()
    settle(qtbot, drawn.session)
    assert drawn.session.explanation.curve.shape == (10, 10)
    assert np.allclose(drawn.session.explanation.curve[:3], drawn.session.explanation.lengths)


def test_a_random_sample_keeps_to_the_gallery_s_filter(qtbot, window):
    window.views.samples.show_label(4)
    for _ in range(5):
        window.views.samples.random_asked.emit()
        assert sample_digits().labels[window.session.scene.sample] == 4
    settle(qtbot, window.session)


def test_the_next_mistake_is_shown_and_told(qtbot, window):
    with qtbot.waitSignal(window.session.studies.mistake_found, timeout=20_000) as found:
        window.views.samples.mistake_asked.emit()
    mistake = found.args[0]
    settle(qtbot, window.session)
    assert window.session.scene.sample == mistake.index
    assert window.session.explanation.digit == mistake.answer != mistake.label
    assert str(mistake.label) in window.notice.text


@pytest.mark.parametrize(
    "leave",
    [
        lambda window: window.session.undo_stack.undo(),
        lambda window: window.session.opening.show_sample(window.session.scene.sample + 1),
        lambda window: draw(window.canvas, [(2, 2), (26, 26)]),
        lambda window: window.session.set_iterations(1),
    ],
    ids=["undo", "another sample", "a stroke", "otherwise routed"],
)
def test_a_mistake_is_told_only_while_it_is_shown(qtbot, window, leave):
    with qtbot.waitSignal(window.session.studies.mistake_found, timeout=20_000):
        window.views.samples.mistake_asked.emit()
    window.session.set_framed(False)
    window.session.undo_stack.undo()
    assert window.notice.isVisible(), "a sample is not framed: it is the same image"
    leave(window)
    assert not window.notice.isVisible()
    settle(qtbot, window.session)


def test_a_mistake_that_comes_back_is_not_told_again(qtbot, window):
    with qtbot.waitSignal(window.session.studies.mistake_found, timeout=20_000):
        window.views.samples.mistake_asked.emit()
    window.session.undo_stack.undo()
    window.session.undo_stack.redo()
    assert not window.notice.isVisible()
    settle(qtbot, window.session)


@pytest.mark.parametrize(
    "leave",
    [
        lambda session: session.answering.use(session.model),
        lambda session: session.answering.follow(session.model),
        lambda session: session.set_iterations(9),
    ],
    ids=["a network comes", "one learns", "otherwise routed"],
)
def test_a_mistake_is_sought_no_longer_when_it_may_be_none(qtbot, window, leave):
    session, searching, found = window.session, [], []
    session.studies.searching_changed.connect(searching.append)
    session.studies.mistake_found.connect(found.append)
    with held(session.studies._searcher):
        session.opening.show_next_mistake()
        leave(session)
        assert searching == [True, False]
    settle(qtbot, session)
    assert found == []
    assert searching == [True, False]


def test_off_centre_drawings_stay_where_they_are_made(qtbot, drawn):
    centred = drawn.session.explanation.image
    drawn.views.network_input.findChild(QToolButton, "framed").click()
    settle(qtbot, drawn.session)
    assert not np.array_equal(drawn.session.explanation.image, centred)
    drawn.session.undo_stack.undo()
    settle(qtbot, drawn.session)
    assert np.array_equal(drawn.session.explanation.image, centred)
    assert drawn.views.network_input.findChild(QToolButton, "framed").isChecked()


def test_a_digit_is_chosen_iterated_and_morphed_without_a_mouse(qtbot, window):
    QTest.keyClick(window, Qt.Key.Key_N)
    settle(qtbot, window.session)
    QTest.keyClick(window, Qt.Key.Key_7)
    QTest.keyClick(window, Qt.Key.Key_Comma)
    slider = control(window, "pose-slider-1")
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_Right)
    settle(qtbot, window.session)
    assert window.session.posing.pose.digit == 7
    assert window.session.posing.pose.is_edited
    assert window.session.playhead.iteration == 2


def test_first_steps_are_ticked_by_doing_them_alone(qtbot, window):
    def done():
        labels = window.views.hints.findChildren(QLabel)
        return [label.accessibleName().endswith("done") for label in labels]

    window.session.set_iterations(5)
    window.session.set_framed(False)
    settle(qtbot, window.session)
    assert done() == [False, False, False]
    draw_and_settle(qtbot, window)
    assert done() == [True, False, False]
    window.session.playhead.step_back()
    assert done() == [True, True, False]


def test_clearing_empties_every_view(qtbot, drawn):
    drawn.session.point_at(3)
    drawn.session.clear()
    settle(qtbot, drawn.session)
    assert drawn.session.pointed is None
    assert drawn.views.coupling.table() is None
    assert drawn.views.votes.table() is None
    assert drawn.views.reconstruction.tiles[1].values is None
    assert not control(drawn, "pose-slider-0").isEnabled()
    assert drawn.views.canvas.childAt(QPoint(1, 1)) is None


def test_a_click_in_the_grid_takes_over_from_a_typed_capsule_and_hovering_not(drawn, monkeypatch):
    monkeypatch.setattr(QToolTip, "showText", lambda *_: None)  # no offscreen platform raises it
    places, calculation = drawn.views.coupling.places, drawn.views.calculation
    calculation.picker.setValue(3)
    for capsule in (9, 10):
        QTest.mouseMove(places, centre_of(places, capsule))
    assert drawn.session.pointed == 10
    drawn.session.point_at(None)
    answer = drawn.session.explanation
    assert calculation.capsule_of(answer) == 3
    QTest.mouseClick(places, Qt.MouseButton.LeftButton, pos=centre_of(places, 10))
    drawn.session.point_at(12)
    drawn.session.point_at(None)
    assert calculation.capsule_of(answer) == 10
    places.setFocus()
    QTest.keyClick(places, Qt.Key.Key_Home)
    strongest = drawn.session.pointed
    QTest.keyClick(places, Qt.Key.Key_Return)
    QTest.keyClick(places, Qt.Key.Key_Escape)
    assert calculation.capsule_of(answer) == strongest


def centre_of(places, capsule):
    return places.blocks.cell_of(capsule).center().toPoint()
