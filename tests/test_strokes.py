"""Stroke files: what is written comes back, and whatever is wrong is said in one line."""

from __future__ import annotations

import json
import os
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capsviz.data import strokes
from capsviz.data.strokes import (
    Drawing,
    LabelledDrawing,
    Mark,
    parse_drawing,
    read_strokes,
    to_json,
    write_strokes,
)
from capsviz.files import CapsvizError
from capsviz.places import resources_folder

GOOD = '{"label": 3, "strokes": [[[0, 0], [10, 5.5]], [[4, 4]]]}'
SAMPLE = resources_folder() / "sample-strokes.jsonl"

number = st.floats(-1e9, 1e9, allow_nan=False)
points = st.lists(st.tuples(number, number), min_size=1, max_size=6).map(tuple)
marks = st.builds(Mark, points, st.sampled_from([0.5, 1.0, 1.7, 20.0]))
drawings = st.builds(Drawing, st.lists(marks, min_size=1, max_size=4).map(tuple))
labelled = st.builds(LabelledDrawing, drawings, st.none() | st.integers(0, 9))


@pytest.fixture
def file(tmp_path):
    return tmp_path / "drawings.jsonl"


def refusal(file):
    """The message of a refused file, checked to be one readable line that names it."""
    with pytest.raises(CapsvizError) as caught:
        read_strokes(file)
    message = str(caught.value)
    assert str(file) in message
    assert message.endswith(".")
    assert len(message.splitlines()) == 1
    assert len(message) < 500
    return message


def test_a_line_is_marks_and_label():
    drawing = Drawing((Mark(((0.0, 0.0), (10.0, 5.5))), Mark(((4.0, 4.0),))))
    assert parse_drawing(GOOD) == LabelledDrawing(drawing, 3)
    assert parse_drawing(GOOD.encode()) == LabelledDrawing(drawing, 3)


@given(labelled)
def test_any_drawing_comes_back_to_the_last_digit(item):
    line = to_json(item.drawing, item.label)
    assert "\n" not in line
    assert parse_drawing(line) == item


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(labelled, min_size=1, max_size=5))
def test_any_file_comes_back(file, items):
    write_strokes(file, items)
    assert read_strokes(file) == items
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_only_the_plain_format_is_written_for_plain_drawings():
    assert set(json.loads(to_json(parse_drawing(GOOD).drawing))) == {"strokes"}


@pytest.mark.parametrize(
    ("before", "after"),
    [(b"", b""), (b"\n \n", b"\n\n\n"), (b"\xef\xbb\xbf", b""), (b"", b"\r\n\r\n")],
    ids=["no line end", "blank lines", "byte order mark", "carriage returns"],
)
def test_harmless_bytes_around_a_line(file, before, after):
    file.write_bytes(before + GOOD.encode() + after)
    assert read_strokes(file) == [parse_drawing(GOOD)]


def test_further_keys_and_empty_strokes_are_ignored():
    plain = parse_drawing('{"strokes": [[[1, 2]]]}')
    full = '{"writer": {"x": [1]}, "label": null, "strokes": [[], [[1, 2]], []], "é": "û"}'
    assert parse_drawing(full) == plain
    assert plain.label is None


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("draw a three", "malformed"),
        ('{"strokes": [[[0, 0], [1', "truncated"),
        ("[]", "got `array`"),
        ("{}", "`strokes`"),
        ('{"strokes": 3}', "got `int`"),
        ('{"strokes": [[1, 2], [3, 4]]}', "$.strokes[0][0]"),
        ('{"strokes": [[[1, 2, 3]]]}', "length 2"),
        ('{"strokes": [[["1", 2]]]}', "got `str`"),
        ('{"strokes": [[[1, null]]]}', "got `null`"),
        ('{"strokes": [[[1, NaN]]]}', "malformed"),
        ('{"strokes": [[[1, Infinity]]]}', "malformed"),
        ('{"strokes": [[[1, 1e999]]]}', "out of range"),
        ('{"strokes": [[[1, 2e9]]]}', "2e+09"),
        ('{"strokes": [[[1, -' + 400 * "9" + "]]]}", "out of range"),
        ('{"strokes": []}', "0 points"),
        ('{"strokes": [[]]}', "0 points"),
        ('{"strokes": [[[1, 2]]], "label": 10}', "`int` <= 9"),
        ('{"strokes": [[[1, 2]]], "label": -1}', "`int` >= 0"),
        ('{"strokes": [[[1, 2]]], "label": 1' + 9000 * "0" + "}", "label"),
        ('{"strokes": [[[1, 2]]], "label": "3"}', "got `str`"),
        ('{"strokes": [[[1, 2]]], "label": 3.5}', "got `float`"),
        ('{"strokes": [[[1, 2]]], "label": true}', "got `bool`"),
        ('{"strokes": [[[1, 2]]], "widths": [1, 1]}', "2 widths for 1 strokes"),
        ('{"strokes": [[[1, 2]]], "widths": [0]}', "widths 0"),
        (GOOD + GOOD, "trailing"),
        ('{"strokes": ' + 5000 * "[", "got `array`"),
        ('{"strokes": [[[1, 2]]], "x": ' + 100_000 * "[", "nested"),
    ],
    ids=lambda text: text[:45],
)
def test_a_wrong_line_is_refused_by_its_number(file, line, told):
    file.write_text(f"{GOOD}\n\n{line}\n{GOOD}\n")
    message = refusal(file)
    assert "line 3:" in message
    assert '{"label": 3, "strokes": [[[x, y], ...], ...]}' in message
    assert told in message


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"\xff\xfe{", "UTF-8"),
        (b'{"strokes": [[[1, 2]]], "writer": "\xe9"}', "UTF-8"),
        (GOOD.encode("utf-16"), "UTF-8"),
        (b"\x00" * 100, "line 1"),
        (b"\x89PNG\r\n\x1a\n", "line 1"),
    ],
)
def test_a_file_of_something_else(file, content, told):
    file.write_bytes(content)
    assert told in refusal(file)


def test_too_many_points_are_counted(file):
    file.write_text('{"strokes": [[' + ",".join(["[1,2]"] * 1_000_000) + "]]}")
    message = refusal(file)
    assert "1000000 points" in message
    assert str(strokes.POINT_LIMIT) in message


def test_an_endless_line_is_not_even_parsed(file, monkeypatch):
    monkeypatch.setattr(strokes, "_LINE_LIMIT", 2**20)
    file.write_text('{"strokes": [[' + "[1,2]," * 200_000)
    assert "MiB" in refusal(file)


def test_a_file_too_large_is_not_read_whole(file, monkeypatch):
    monkeypatch.setattr(strokes, "_FILE_LIMIT", 100)
    file.write_text(GOOD * 3)
    assert "larger than" in refusal(file)


def test_no_file_and_a_folder(tmp_path):
    assert "no such file" in refusal(tmp_path / "missing.jsonl")
    refusal(tmp_path)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root reads all")
def test_an_unreadable_file(file):
    file.write_text(GOOD)
    file.chmod(0)
    assert "permission" in refusal(file)


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode), st.integers(0, 56))
def test_damage_anywhere_is_refused_or_harmless(rubbish, place):
    damaged = GOOD.encode()[:place] + rubbish + GOOD.encode()[place + len(rubbish) :]
    try:
        item = parse_drawing(damaged)
    except CapsvizError as error:
        told = str(error)
        assert told.startswith("The drawing: ")
        return
    assert item.label in (None, *range(10))
    assert not item.drawing.is_empty


@pytest.mark.parametrize("items", [(), (Mark(()),), (Mark(((1.0, 1.0),), erases=True),)])
def test_nothing_drawn_is_not_written(file, items):
    with pytest.raises(CapsvizError, match="no ink"):
        write_strokes(file, [LabelledDrawing(Drawing(items))])
    assert not file.exists()


def test_erased_parts_are_cut_out_of_what_is_written():
    pen = Mark(((2.0, 14.0), (26.0, 14.0)))
    eraser = Mark(((14.0, 0.0), (14.0, 28.0)), 2.5, erases=True)  # 6 units across
    later = Mark(((14.0, 2.0), (14.0, 9.0)), 2.0)
    left, right, kept = parse_drawing(to_json(Drawing((pen, eraser, later)))).drawing.marks
    assert kept == later
    assert left.points[0] == (2.0, 14.0)
    assert left.points[-1] == pytest.approx((11, 14), abs=0.3)
    assert right.points[0] == pytest.approx((17, 14), abs=0.3)
    assert right.points[-1] == (26.0, 14.0)


@pytest.mark.parametrize("dab", [((14.0, 14.0),), ((14.0, 14.0), (14.0, 14.0))])
def test_one_dab_of_the_eraser_takes_a_dot_and_no_more(dab):
    dot, far = Mark(((14.5, 14.0),)), Mark(((20.0, 14.0),))
    drawing = Drawing((dot, far, Mark(dab, 1.0, erases=True)))
    assert parse_drawing(to_json(drawing)).drawing == Drawing((far,))


def test_the_samples_are_the_ten_digits():
    items = read_strokes(SAMPLE)
    assert [item.label for item in items] == list(range(10))
    for mark in (mark for item in items for mark in item.drawing.marks):
        assert all(0 < value < 28 for point in mark.points for value in point)
