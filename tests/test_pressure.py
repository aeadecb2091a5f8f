"""Marks whose width changes along the way: their picture, their file, and a pen's pressure."""

import json

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
    rasterize_at,
)
from capsviz.data.strokes import parse_drawing, to_json
from capsviz.files import CapsvizError
from capsviz.gui.input.pressure import Pressure, width_factor

LINE = ((4.0, 14.0), (24.0, 14.0))


def drawing(points, *widths, width=1.0):
    return Drawing((Mark(tuple(points), width, widths=widths),))


def thickness(image):
    return image.sum(0)


def test_widths_are_one_per_point():
    with pytest.raises(ValueError, match="2 widths for 3 points"):
        Mark(((0.0, 0.0), (1.0, 1.0), (2.0, 2.0)), widths=(1.0, 1.0))


@pytest.mark.parametrize("centred", [True, False])
def test_the_same_width_everywhere_is_the_plain_pen(centred):
    for factor in (0.5, 1.0, 1.6):
        even = rasterize(drawing(LINE, factor, factor), centred=centred)
        plain = rasterize(drawing(LINE, width=factor), centred=centred)
        assert np.abs(even - plain).max() < 1e-3


def test_a_line_grows_evenly_between_two_widths():
    across = thickness(rasterize(drawing(LINE, 0.5, 2.5), 112, centred=False))[24:88] / 4
    x = (np.arange(24, 88) + 0.5) / 4
    assert across == pytest.approx(2.4 * (0.5 + 2 * (x - 4) / 20), abs=0.05)
    assert np.abs(np.diff(across)).max() < 0.1, "no steps"


def test_where_a_line_is_cut_into_points_does_not_show():
    x = np.linspace(4, 24, 60)
    fine = drawing([(a, 14.0) for a in x], *(0.5 + 2 * (x - 4) / 20))
    whole = drawing(LINE, 0.5, 2.5)
    difference = rasterize(fine, centred=False) - rasterize(whole, centred=False)
    assert np.abs(difference).max() < 0.02


def test_a_pen_pressed_where_it_stands_makes_a_thicker_dot():
    pressed = rasterize(drawing([(14.0, 14.0)] * 3, 0.5, 1.0, 1.5))
    assert np.abs(pressed - rasterize(drawing([(14.0, 14.0)], width=1.5))).max() < 1e-6


def test_the_rim_does_not_change_the_taper():
    far = drawing([(-72.0, 14.0), (100.0, 14.0)], 0.1, 3.0)
    near = drawing([(-10.0, 14.0), (38.0, 14.0)], 0.1 + 2.9 * 62 / 172, 0.1 + 2.9 * 110 / 172)
    difference = rasterize(far, centred=False) - rasterize(near, centred=False)
    assert np.abs(difference).max() < 1e-3


@given(st.lists(st.floats(0.3, 2.0), min_size=4, max_size=4))
def test_the_ink_s_longest_side_is_twenty_pixels_whatever_the_widths(widths):
    points = [(3.0, 2.0), (9.0, 8.0), (4.0, 15.0), (8.0, 20.0)]
    image = rasterize(drawing(points, *widths))
    rows = np.flatnonzero((image > 0.5).any(1))
    assert rows[-1] - rows[0] + 1 == pytest.approx(20, abs=1)


def test_an_eraser_takes_as_much_as_it_was_pressed():
    eraser = Mark(((14.0, 4.0), (14.0, 24.0)), 1.0, erases=True, widths=(0.5, 3.0))
    block = Drawing((Mark(LINE, 8.0), eraser))
    gap = (1 - rasterize(block, centred=False)[:, 8:20]).sum(1)
    assert gap[18] > gap[10] + 1


def test_at_any_framing_the_pen_keeps_its_width():
    line = drawing(LINE)
    canvas, framed = Framing(1.0, 0.0, 0.0), framing_of(line)
    assert np.array_equal(rasterize_at(line, canvas, 28), rasterize(line, centred=False))
    assert np.array_equal(rasterize_at(line, framed, 28), rasterize(line))
    half = rasterize_at(line, Framing(0.5, 7.0, 7.0), 28)
    assert thickness(half)[14] == pytest.approx(2.4, abs=0.15)
    assert (half[13:15].max(0) > 0.5).sum() == pytest.approx(12, abs=1)


def test_a_file_keeps_pressure_to_the_last_digit():
    item = Drawing((*drawing(LINE, 0.7, 1.3, width=1.5).marks, Mark(LINE)))
    line = to_json(item)
    assert parse_drawing(line).drawing == item
    assert json.loads(line)["pressures"] == [[0.7, 1.3], []]
    assert "pressures" not in json.loads(to_json(Drawing((Mark(LINE),))))


def test_a_cut_by_the_eraser_keeps_the_widths():
    eraser = Mark(((14.0, 0.0), (14.0, 28.0)), 2.5, erases=True)
    left, right = parse_drawing(to_json(drawing(LINE, 0.5, 1.5).with_mark(eraser))).drawing.marks
    assert left.widths[0] == 0.5
    assert left.widths[-1] == pytest.approx(0.5 + (left.points[-1][0] - 4) / 20)
    assert right.widths[-1] == 1.5


@pytest.mark.parametrize(
    ("pressures", "told"),
    [
        ("[]", "0 pressures for 1 strokes"),
        ("[[1]]", "1 pressures for 2 points"),
        ("[[1, 0]]", "pressures 0 … 1"),
        ("[[1, 11]]", "expected 0 … 10"),
        ("[[1, -1]]", "pressures -1"),
        ("[1, 1]", "array"),
    ],
)
def test_wrong_pressures_are_refused(pressures, told):
    line = f'{{"strokes": [[[1, 2], [3, 4]]], "widths": [2], "pressures": {pressures}}}'
    with pytest.raises(CapsvizError) as caught:
        parse_drawing(line)
    assert told in str(caught.value)


def test_moved_to_the_canvas_a_drawing_keeps_its_widths():
    item = drawing([(400.0, 100.0), (300.0, 900.0)], 0.6, 1.4)
    moved = on_canvas(item)
    assert moved.marks[0].widths == (0.6, 1.4)
    assert np.abs(rasterize(moved, centred=False) - rasterize(item)).max() < 1e-3


def test_pressure_is_a_gentle_curve():
    factors = [width_factor(pressure) for pressure in np.linspace(0, 1, 11)]
    assert factors[0] == 0.5
    assert factors[-1] == pytest.approx(1.6)
    assert (np.diff(factors) > 0).all()
    assert width_factor(1 / 3) == pytest.approx(1, abs=0.05)
    assert width_factor(-3) == 0.5
    assert width_factor(7) == pytest.approx(1.6)


def test_a_jump_of_pressure_is_followed_softly():
    pressure = Pressure()
    steps = [pressure.begin(0.1), *(pressure.go_on(1.0) for _ in range(8))]
    assert max(np.diff(steps)) < 0.6
    assert steps[-1] == pytest.approx(1.6, abs=0.02)
