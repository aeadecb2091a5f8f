"""A drawing's picture: MNIST's frame, the pen, the eraser, and drawings that are hardly any."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capsviz.data.drawing import (
    Drawing,
    Framing,
    Mark,
    framing_of,
    on_canvas,
    rasterize,
    touches_canvas,
)
from capsviz.data.strokes import read_strokes
from capsviz.places import resources_folder

SAMPLES = [e.drawing for e in read_strokes(resources_folder() / "sample-strokes.jsonl")]
LINE = Drawing((Mark(((4.0, 14.0), (24.0, 14.0))),))


def drawing(*strokes, width=1.0):
    return Drawing(tuple(Mark(tuple(map(tuple, stroke)), width) for stroke in strokes))


def centre_of_mass(image):
    index = np.arange(len(image))
    return image.sum(0) @ index / image.sum(), image.sum(1) @ index / image.sum()


def extent(image, level=0.5):
    """Width and height of the ink where it is darker than `level`."""
    spans = [np.flatnonzero((image > level).any(axis)) for axis in (0, 1)]
    return tuple(int(span[-1] - span[0] + 1) for span in spans)


coordinate = st.floats(-1e6, 1e6, allow_nan=False)
path = st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=12)
strokes = st.lists(path, min_size=1, max_size=4)


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("size", [28, 40])
def test_longest_side_is_twenty_pixels_and_the_mass_is_in_the_middle(sample, size):
    image = rasterize(sample, size)
    assert image.shape == (size, size)
    assert image.dtype == np.float32
    assert image.min() == 0
    assert image.max() == pytest.approx(1, abs=1e-3)
    assert max(extent(image)) == pytest.approx(20 * size / 28, abs=1)
    assert centre_of_mass(image) == pytest.approx((size / 2, size / 2), abs=0.05)


@given(strokes)
def test_any_drawing_gives_ink_within_zero_and_one(points):
    image = rasterize(drawing(*points))
    assert np.isfinite(image).all()
    assert image.min() >= 0
    assert image.max() <= 1
    assert image.sum() > 1
    assert max(extent(image, 0.05)) <= 23


@given(st.floats(0.01, 1000), st.floats(-1e4, 1e4), st.floats(-1e4, 1e4))
def test_the_unit_and_place_of_a_drawing_do_not_matter(scale, x, y):
    moved = [[(scale * a + x, scale * b + y) for a, b in mark.points] for mark in SAMPLES[5].marks]
    assert np.abs(rasterize(drawing(*moved)) - rasterize(SAMPLES[5])).max() < 1e-2


def test_the_aspect_is_kept():
    tall = rasterize(drawing([(0, 0), (0, 200)], [(50, 0), (50, 200)]))
    width, height = extent(tall)
    assert height == pytest.approx(20, abs=1)
    assert width == pytest.approx(2.4 + 17.6 / 4, abs=1)


@pytest.mark.parametrize("sample", SAMPLES)
def test_framing_places_the_points_where_the_ink_is(sample):
    framing = framing_of(sample)
    image = rasterize(sample)
    for mark in sample.marks:
        for x, y in mark.points:
            column = int(framing.scale * x + framing.offset_x)
            row = int(framing.scale * y + framing.offset_y)
            assert image[row, column] > 0.6


def test_the_canvas_lies_edge_to_edge_on_the_image():
    image = rasterize(LINE, centred=False)
    rows = image[:, 14]
    assert rows.sum() == pytest.approx(2.4, abs=0.15)
    assert rows[13] == rows[14] == 1
    assert centre_of_mass(image) == pytest.approx((13.5, 13.5), abs=1e-4)
    assert framing_of(Drawing()) == Framing(1.0, 0.0, 0.0)


@pytest.mark.parametrize("width", [0.5, 1.0, 2.0])
def test_the_pen_keeps_its_width_whatever_the_scale(width):
    for length in (0.3, 3, 3000):
        image = rasterize(drawing([(0, 0), (length, 0)], width=width))
        assert image[:, 14].sum() == pytest.approx(2.4 * width, abs=0.15)
        assert extent(image)[0] == pytest.approx(20, abs=1)


def test_thick_and_thin_strokes_fit_together():
    thick = Mark(((0.0, 0.0), (0.0, 10.0)), 3.0)
    image = rasterize(Drawing((thick, Mark(((10.0, 0.0), (10.0, 10.0)), 0.5))))
    assert max(extent(image)) == pytest.approx(20, abs=1)


@pytest.mark.parametrize(
    "points",
    [
        [(5, 5)],
        [(5, 5), (5, 5), (5, 5)],
        [(1e9, -1e9)],
        [(0.1 + 0.2, 1), (0.3, 1)],
        [(7, 7)] * 500,
    ],
    ids=["point", "repeated", "far", "rounding", "long rest"],
)
def test_a_dot_is_one_touch_of_the_pen(points):
    image = rasterize(drawing(points))
    assert image.sum() == pytest.approx(np.pi * 1.2**2, rel=0.15)
    assert centre_of_mass(image) == pytest.approx((14, 14), abs=0.01)


def test_one_pixel_of_movement_makes_a_whole_line():
    assert np.allclose(rasterize(drawing([(0, 0), (1, 0)])), rasterize(LINE), atol=1e-5)


@pytest.mark.parametrize("marks", [(), (Mark(()),), (Mark(((3.0, 3.0),), 2.0, erases=True),)])
def test_no_ink_no_picture(marks):
    empty = Drawing(marks)
    assert empty.is_empty
    for centred in (True, False):
        assert not rasterize(empty, centred=centred).any()


def test_order_decides_what_an_eraser_takes():
    eraser = Mark(((0.0, 14.0), (28.0, 14.0)), 2.0, erases=True)
    (pen,) = LINE.marks
    assert not rasterize(Drawing((pen, eraser))).any()
    assert not Drawing((pen, eraser)).is_empty
    assert np.array_equal(rasterize(Drawing((eraser, pen))), rasterize(LINE))
    assert np.allclose(rasterize(Drawing((pen, eraser, pen))), rasterize(LINE), atol=0.2)


@pytest.mark.parametrize("across", [18.0, 26.0])
def test_what_was_erased_does_not_count_for_the_frame(across):
    """The right half is rubbed out: the left half alone is framed, small or large."""
    left = Mark(((6.0, 4.0), (6.0, 24.0)))
    right = Mark(((across, 4.0), (across, 24.0)))
    eraser = Mark(right.points, 2.0, erases=True)
    erased = rasterize(Drawing((left, right, eraser)))
    assert np.abs(erased - rasterize(Drawing((left,)))).max() < 0.1


def test_a_drawing_that_shrinks_does_not_show_erased_strokes_again():
    border = Mark(((1.0, 1.0), (27.0, 1.0), (27.0, 27.0), (1.0, 27.0), (1.0, 1.0)))
    inner = Mark(((6.0, 14.0), (22.0, 14.0)))
    eraser = Mark(inner.points, 1.4, erases=True)  # as wide as the pen and its soft edge
    erased = rasterize(Drawing((border, inner, eraser)))
    assert erased[8:20, 8:20].max() < 0.1
    assert np.abs(erased - rasterize(Drawing((border,)))).max() < 0.25


def test_a_gap_is_as_wide_as_it_was_rubbed():
    eraser = Mark(((14.0, 0.0), (14.0, 28.0)), 2.5, erases=True)
    image = rasterize(LINE.with_mark(eraser))
    scale = framing_of(LINE.with_mark(eraser)).scale
    gap = 1 - image[14, 8:20]
    assert gap.sum() == pytest.approx(2.5 * 2.4 * scale, abs=1)


def test_a_crumb_left_by_the_eraser_is_still_seen():
    crumb = drawing([(10, 10), (10, 10.01)]).with_mark(Mark(((8.6, 10.0),), 1.0, erases=True))
    image = rasterize(crumb)
    assert image.any()
    assert centre_of_mass(image) == pytest.approx((14, 14), abs=0.1)


def test_strokes_beyond_the_canvas_are_cut_at_its_rim():
    far = drawing([(-1e9, 14), (1e9, 14)], [(14, 50), (20, 1e8)])
    inside = rasterize(drawing([(-9, 14), (40, 14)]), centred=False)
    assert np.allclose(rasterize(far, centred=False), inside, atol=1e-4)


def test_points_that_no_pixel_can_tell_apart_change_nothing():
    def spiral(count):
        turn = np.linspace(0, 12, count)
        return drawing(np.stack((turn * np.cos(turn), turn * np.sin(turn)), 1))

    assert np.abs(rasterize(spiral(1500)) - rasterize(spiral(150))).max() < 0.15


def test_a_drawing_is_never_changed():
    first = SAMPLES[4]
    second = first.with_mark(Mark(((1.0, 1.0),)))
    assert len(second.marks) == len(first.marks) + 1
    assert second.marks[:-1] == first.marks
    with pytest.raises(AttributeError):
        first.marks = ()


@pytest.mark.parametrize("sample", SAMPLES)
def test_on_the_canvas_a_drawing_keeps_its_picture(sample):
    assert np.abs(rasterize(on_canvas(sample), centred=False) - rasterize(sample)).max() < 1e-3


def test_a_scribble_of_thousands_of_long_strokes_is_drawn_in_pieces():
    scribble = drawing(np.random.default_rng(0).random((3000, 2)) * 28)
    assert rasterize(scribble).mean() > 0.3


def test_what_reaches_into_the_canvas():
    assert touches_canvas(Mark(((14.0, 14.0),)))
    assert touches_canvas(Mark(((-5.0, 14.0), (33.0, 14.0))))
    assert touches_canvas(Mark(((-1.0, 5.0),)))  # the pen is 2.4 wide
    assert not touches_canvas(Mark(((-1.3, 5.0),)))
    assert touches_canvas(Mark(((-1.3, 5.0),), width=2.0))
    assert not touches_canvas(Mark(((5.0, 29.5), (20.0, 40.0))))
