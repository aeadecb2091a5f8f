"""The personal set: what is added comes back, undo, and a file that a person may edit or spoil."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capsviz.data.drawing import Drawing, Mark, rasterize
from capsviz.data.labelled import load_labelled
from capsviz.data.personal import (
    OwnDrawing,
    add_drawing,
    load_personal,
    personal_digits,
    personal_file,
    remove_last,
)
from capsviz.data.strokes import read_strokes
from capsviz.files import CapsvizError

LINE = Drawing((Mark(((4.0, 4.0), (20.0, 24.0))), Mark(((9.0, 3.0),), width=1.5)))
ERASED = Drawing((Mark(((4.0, 4.0), (9.0, 9.0))), Mark(((4.0, 4.0), (9.0, 9.0)), 9.0, True)))


def image(side: int = 28):
    pixels = np.random.default_rng(side).integers(0, 256, (side, side), np.uint8)
    return pixels.astype(np.float32) / np.float32(255)


def test_nothing_was_corrected_yet():
    assert load_personal() == ()
    assert remove_last() == 0
    assert not personal_file().exists()


def test_a_drawing_comes_back_whole():
    entry = OwnDrawing(3, LINE, image(), 8, "digits", "2025-01-01T10:00:00+00:00")
    assert add_drawing(entry) == 1
    (found,) = load_personal()
    assert (found.label, found.drawing, found.answer) == (3, LINE, 8)
    assert (found.model, found.date) == ("digits", "2025-01-01T10:00:00+00:00")
    np.testing.assert_array_equal(found.image, image())


def test_what_may_be_left_out_is_left_out():
    add_drawing(OwnDrawing(5, LINE))
    record = json.loads(personal_file().read_text())
    assert set(record) == {"label", "strokes", "widths", "date"}
    (found,) = load_personal()
    assert (found.image, found.answer, found.model) == (None, None, "")
    assert found.date.startswith("20")


def test_drawings_are_kept_in_order_and_the_last_can_be_taken_back():
    for label in (1, 2, 2, 9):
        add_drawing(OwnDrawing(label, LINE))
    assert [entry.label for entry in load_personal()] == [1, 2, 2, 9]
    before = personal_file().read_bytes()
    assert add_drawing(OwnDrawing(0, LINE)) == 5
    assert remove_last() == 4
    assert personal_file().read_bytes() == before
    for left in (3, 2, 1, 0, 0):
        assert remove_last() == left
    assert load_personal() == ()


def test_one_takes_the_place_of_another_and_of_no_other():
    same = [OwnDrawing(label, LINE, date="2025-03-01T10:00:00+00:00") for label in (3, 3, 4)]
    for entry in same:
        add_drawing(entry)
    second = OwnDrawing(5, LINE)
    assert add_drawing(second, instead_of=same[0]) == 3
    assert [entry.label for entry in load_personal()] == [3, 5, 4]
    assert add_drawing(second, instead_of=OwnDrawing(9, LINE, date="gone")) == 4


def test_the_file_is_a_stroke_file_for_others(tiny_model):
    add_drawing(OwnDrawing(4, LINE, image(), 9))
    add_drawing(OwnDrawing(7, LINE))
    assert [entry.label for entry in read_strokes(personal_file())] == [4, 7]
    assert list(load_labelled(str(personal_file())).labels) == [4, 7]


def test_networks_see_the_drawing_or_the_image_that_was_kept():
    add_drawing(OwnDrawing(4, LINE))
    add_drawing(OwnDrawing(6, LINE, image()))
    digits = personal_digits(load_personal())
    assert digits.images.dtype == digits.labels.dtype == np.uint8
    assert list(digits.labels) == [4, 6]
    np.testing.assert_allclose(digits.images[0] / 255, rasterize(LINE), atol=0.5 / 255 + 1e-6)
    np.testing.assert_allclose(digits.images[1] / 255, image(), atol=1e-6)
    assert personal_digits(load_personal(), 20).images.shape == (2, 20, 20)


@pytest.mark.parametrize("drawing", [None, ERASED, Drawing()])
def test_an_image_is_enough(drawing):
    add_drawing(OwnDrawing(2, drawing, image()))
    digits = personal_digits(load_personal())
    np.testing.assert_allclose(digits.images[0] / 255, image(), atol=1e-6)
    assert read_strokes(personal_file())[0].label == 2


@pytest.mark.parametrize("drawing", [None, ERASED, Drawing()])
def test_nothing_at_all_is_refused(drawing):
    with pytest.raises(CapsvizError, match="no ink"):
        add_drawing(OwnDrawing(2, drawing))
    assert not personal_file().exists()


GOOD = b'{"label": 3, "strokes": [[[1, 2], [3, 4]]]}'
SPOILT = [
    b"{",
    b'{"strokes": [[[1, 2]]]}',
    b'{"label": 10, "strokes": [[[1, 2]]]}',
    b'{"label": 3, "strokes": [[[1, 2]]], "image": {"side": 2, "pixels": "AAAA"}}',
    b'{"label": 3, "strokes": [[[1, 2]]], "image": {"side": 200, "pixels": ""}}',
    b'{"label": 3, "strokes": [[[1, 2]]], "image": 7}',
    b'{"label": 3, "strokes": [[[1, 2]]], "answer": -1}',
    b'{"label": 3, "strokes": [[[1, 2]]], "date": 7}',
    b"\xff\xfe",
]


@pytest.mark.parametrize("line", SPOILT)
def test_a_spoilt_line_is_named_and_nothing_is_added_to_it(line):
    personal_file().parent.mkdir(parents=True, exist_ok=True)
    personal_file().write_bytes(GOOD + b"\n" + line + b"\n")
    for action in (load_personal, lambda: add_drawing(OwnDrawing(1, LINE))):
        with pytest.raises(CapsvizError) as caught:
            action()
        assert f"{personal_file()}, line 2" in str(caught.value)
        assert len(str(caught.value).splitlines()) == 1
    assert personal_file().read_bytes() == GOOD + b"\n" + line + b"\n"


def test_blank_lines_and_a_missing_line_end_do_no_harm():
    personal_file().parent.mkdir(parents=True, exist_ok=True)
    personal_file().write_bytes(b"\n" + GOOD + b"\r\n\n" + GOOD)
    assert add_drawing(OwnDrawing(1, LINE)) == 3
    assert [entry.label for entry in load_personal()] == [3, 3, 1]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_any_bytes_are_drawings_or_one_sentence(tmp_path, content):
    path = tmp_path / "drawings.jsonl"
    path.write_bytes(content)
    message = f"{path} was read"
    try:
        load_personal(path)
    except CapsvizError as error:
        message = str(error)
    assert len(message.splitlines()) == 1
    assert str(path) in message
