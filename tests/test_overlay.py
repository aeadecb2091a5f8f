"""Two layers as an image of two digits: framing, places, and what erasers leave."""

from random import Random

import numpy as np
import pytest

from capsviz.data.drawing import Drawing, Mark, rasterize
from capsviz.data.mnist import Digits
from capsviz.data.overlay import PEN, SIDE, Layer, Overlay, laid, sampled
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
    middle = drawn().moved((0, 0))
    x0, y0 = middle.stands()
    assert (x0, y0) == (0, 0)
    points = middle.drawing.marks[0].points
    for x, y in ((3, -2), (-4, 4), (0.4, -0.4), (7, -9)):
        layer = drawn(points, (x, y))
        assert layer.stands() == (max(-4, min(4, round(x))), max(-4, min(4, round(y))))
        shifted = laid(layer.framed(), layer.stands())
        assert np.array_equal(layer.part(), shifted)


def test_moving_a_drawing_moves_its_lines_and_leaves_its_shape():
    layer = drawn()
    there = layer.moved((4, -3))
    assert there.stands() == (4, -3)
    assert np.allclose(there.framed(), layer.framed(), atol=1e-5)
    back = there.moved(layer.stands())
    assert back.stands() == layer.stands()
    ways = np.array(there.drawing.marks[0].points) - layer.drawing.marks[0].points
    assert np.allclose(ways, ways[0])


def test_a_real_digit_moves_by_whole_pixels_and_a_stroke_takes_its_place():
    digit = sample_digits().images[7].astype(np.float32) / 255
    layer = Layer(digit=digit, label=3, place=(1, 1)).moved((-4, 2))
    assert np.array_equal(layer.part()[6:34, 0:28], digit)
    assert layer.label == 3
    after = layer.with_mark(Mark(HOOK, PEN))
    assert after.digit is None
    assert after.label is None


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
