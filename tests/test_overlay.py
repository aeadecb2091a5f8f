"""Two layers as an image of two digits: framing, places, and what erasers leave."""

from random import Random

import numpy as np
import pytest

from capsviz.data.drawing import Drawing, Mark, rasterize
from capsviz.data.layer import PEN, SIDE, Layer, laid
from capsviz.data.mnist import Digits
from capsviz.data.overlay import Overlay, sampled
from capsviz.data.samples import sample_digits
from capsviz.files import CapsvizError

HOOK = ((8.0, 8.0), (18.0, 8.0), (13.0, 20.0))
UNIT = SIDE / 28


def drawn(points=HOOK, shift=(0.0, 0.0), scale=1.0):
    """A stroke of the lab's pen, shifted by pixels of the image."""
    moved = tuple(
        (14 + scale * (x - 14) + shift[0] / UNIT, 14 + scale * (y - 14) + shift[1] / UNIT)
        for x, y in points
    )
    return Layer(Drawing((Mark(moved, PEN),)))


def test_a_layer_is_framed_as_a_single_digit_whatever_its_size():
    plain = rasterize(Drawing((Mark(HOOK),)))
    for scale in (0.5, 1.0, 1.4):
        assert np.allclose(drawn(scale=scale).framed(), plain, atol=0.02), "and its pen too"


def test_it_stands_where_it_was_drawn_by_whole_pixels_up_to_four():
    middle = ((8.0, 14.0), (20.0, 14.0))
    for x, y in ((3, -2), (-4, 4), (0.4, -0.4), (7, -9)):
        layer = drawn(middle, (x, y))
        assert layer.stands() == (max(-4, min(4, round(x))), max(-4, min(4, round(y))))
        shifted = laid(layer.framed(), layer.stands())
        assert np.array_equal(layer.part(), shifted)


def test_moving_a_drawing_moves_its_lines_and_leaves_its_shape():
    layer = drawn()
    there = layer.moved((4, -3))
    assert there.stands() == (4, -3)
    assert np.array_equal(there.framed(), layer.framed())
    back = there.moved(layer.stands())
    assert back.stands() == layer.stands()
    assert back.shown == layer.shown
    ways = np.array(there.shown.marks[0].points) - layer.shown.marks[0].points
    assert np.allclose(ways, (np.subtract((4, -3), layer.stands())) / UNIT)


BIG_2 = Mark(((5.0, 4.0), (14.0, 1.5), (22.0, 6.0), (4.0, 26.0), (25.0, 26.0)), PEN)
SLIP = Mark(((23.0, 26.0), (27.0, 26.0)), PEN, erases=True)


def test_a_digit_with_erased_ink_is_the_same_partly_off_the_canvas_and_back():
    layer = Layer(Drawing((BIG_2, SLIP)))
    places = [(0, 4), (4, 4), (-4, -4), layer.stands()]
    for place in places:
        moved = layer.moved(place)
        assert np.array_equal(moved.part(), laid(layer.framed(), place))
        layer = moved
    assert layer.shown == Drawing((BIG_2, SLIP))


def test_a_mark_on_a_slid_digit_lies_where_it_was_made():
    there = Layer(Drawing((BIG_2, SLIP))).moved((4, 4)).moved((-4, -4))
    top = Mark(((2.0, 2.0), (8.0, 2.0)), PEN)
    after = there.with_mark(top)
    assert np.allclose(after.shown.marks[-1].points, top.points)
    assert np.allclose(after.shown.marks[0].points, there.shown.marks[0].points)
    foot = Mark(((4.0, 26.5), (24.0, 26.5)), PEN)
    below = there.with_mark(foot)  # in the drawing's own measure below its canvas
    shifted = Layer(Drawing((*there.shown.marks, foot)))
    rows = np.flatnonzero(below.framed().sum(1) > 0.5)
    assert 19 <= np.ptp(rows) + 1 <= 21, "all of it is in the frame"
    assert below.stands()[1] == shifted.stands()[1]


def test_a_digit_drawn_far_off_the_middle_moves_by_single_pixels():
    layer = drawn(shift=(-14, -14), scale=0.3)
    assert layer.stands() == (-4, -4)
    right = layer.moved((-3, -4))
    assert right.stands() == (-3, -4)
    ways = np.array(right.shown.marks[0].points) - layer.shown.marks[0].points
    assert np.allclose(ways * UNIT, (1, 0))
    assert right.moved((-4, -4)).shown == layer.shown


def test_a_real_digit_moves_by_whole_pixels_and_is_drawn_and_erased_upon():
    digit = sample_digits().images[7].astype(np.float32) / 255
    layer = Layer(digit=digit, label=3, place=(1, 1)).moved((-4, 2))
    assert np.array_equal(layer.part()[6:34, 0:28], digit)
    assert layer.label == 3
    dot = (14 - 4 / UNIT, 14 + 2 / UNIT)  # in its middle
    after = layer.with_mark(Mark((dot,), 3 * PEN))
    assert after.label is None, "it may be another one now"
    assert after.framed()[13:15, 13:15].min() == 1
    changed = np.argwhere(after.framed() != digit)
    assert 10 <= changed.min(), "nothing but what the pen touched"
    assert changed.max() <= 17
    gone = layer.with_mark(Mark((dot,), 20 * PEN, erases=True))
    assert not gone.framed().any()


def test_an_image_is_both_parts_cut_off_at_black():
    overlay = Overlay((drawn(), drawn(shift=(3, 2))))
    parts = overlay.parts()
    assert np.array_equal(overlay.image(), np.minimum(parts.sum(0), 1))
    assert overlay.is_pair
    assert not Overlay((drawn(), Layer())).is_pair
    assert Overlay((drawn(), Layer())).parts() is None
    assert overlay.labels() is None


def test_what_an_eraser_hides_on_the_canvas_is_gone_from_the_image():
    line = Mark(((8.0, 14.0), (20.0, 14.0)), PEN)
    post = Mark(((14.0, 6.0), (14.0, 22.0)), PEN)
    eraser = Mark(((6.0, 14.0), (22.0, 14.0)), PEN, erases=True)
    left = Layer(Drawing((line, post, eraser))).framed()
    whole = Layer(Drawing((line, post))).framed()
    assert whole[14].sum() > 2 * left[14].sum()
    rows = left.sum(1) > 0.5
    assert rows[4:12].any()
    wide = Mark(eraser.points, 2 * PEN, erases=True)
    assert not Layer(Drawing((line, wide))).framed().any()


@pytest.mark.parametrize(("scale", "least", "most"), [(0.4, 19, 21), (1.0, 19, 29), (3.0, 27, 29)])
def test_one_drawing_of_both_keeps_its_size_as_far_as_multimnist_knows_such(scale, least, most):
    marks = (*drawn(scale=scale).drawing.marks, *drawn(shift=(3, 3), scale=scale).drawing.marks)
    image = Overlay((Layer(Drawing(marks)), Layer()), is_one=True).image()
    ink = np.argwhere(image > 0.3)
    assert least <= np.ptp(ink, axis=0).max() + 1 <= most
    centre = (image.sum(0) @ np.arange(SIDE)) / image.sum()
    assert abs(centre - 18) < 5


def test_samples_are_two_classes_with_labels_and_the_same_for_the_same_seed():
    digits = sample_digits()[:60]
    for seed in range(30):
        overlay = sampled(digits, Random(seed))
        first, second = overlay.labels()
        assert first != second
        assert np.array_equal(overlay.image(), sampled(digits, Random(seed)).image())
        assert all(-4 <= at <= 4 for layer in overlay.layers for at in layer.stands())
    with pytest.raises(CapsvizError, match="one class"):
        sampled(Digits(digits.images[:3], np.zeros(3, np.uint8)), Random(0))
