"""Saved sessions: all comes back as it was, and no damage is more than one sentence."""

from __future__ import annotations

import base64
import json
import random
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from capsviz.data.drawing import Drawing, Mark
from capsviz.data.sessions import (
    SavedEdit,
    SavedSession,
    is_session_file,
    read_session,
    session_file,
    write_session,
)
from capsviz.data.strokes import POINT_LIMIT
from capsviz.files import CapsvizError

PEN = Mark(((3.25, 4.1), (1 / 3, 9.0), (27.9, -0.5)), 1.3)
DOT = Mark(((14.0, 14.0),))
ERASER = Mark(((0.0, 0.0), (28.0, 28.0)), 2.5, erases=True)
PRESSED = Mark(((1.0, 1.0), (2.0, 5.0)), 0.8, widths=(0.25, 1.75))
GROUND = np.random.default_rng(4).random((28, 28), np.float32)
SESSION = SavedSession(
    Drawing((PEN, DOT, ERASER, PRESSED)),
    ground=GROUND,
    framed=False,
    model="digits",
    iterations=7,
    iteration=2,
    pinned=4,
    edit=SavedEdit(4, np.linspace(-0.3, 0.7, 16, dtype=np.float32)),
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "three.capsviz.json"


@pytest.fixture
def saved(path):
    """The whole session as the JSON object of its file."""
    write_session(path, SESSION)
    return json.loads(path.read_bytes())


def same(first, second):
    """Whether two sessions are equal to the last bit."""
    plain = ("drawing", "framed", "model", "iterations", "iteration", "pinned")
    return (
        all(getattr(first, name) == getattr(second, name) for name in plain)
        and np.array_equal(first.ground, second.ground)
        and (first.edit is None) == (second.edit is None)
        and (first.edit is None or np.array_equal(first.edit.offsets, second.edit.offsets))
        and (first.edit is None or first.edit.digit == second.edit.digit)
    )


def refusal(path, assert_clear):
    with pytest.raises(CapsvizError) as caught:
        read_session(path)
    assert_clear(caught.value, path)
    return str(caught.value)


@pytest.mark.parametrize("session", [SESSION, SavedSession()], ids=["whole", "empty"])
def test_it_comes_back_as_it_was(path, session):
    write_session(path, session)
    back = read_session(path)
    assert same(back, session)
    if back.ground is not None:
        assert back.ground.dtype == np.float32
        back.ground[0, 0] = 1  # not the memory of the file


def marks():
    numbers = st.floats(-1e4, 1e4)
    points = st.lists(st.tuples(numbers, numbers), min_size=1, max_size=5).map(tuple)
    width = st.floats(0.01, 20)

    def pressed(mark):
        count = len(mark.points)
        widths = st.just(()) | st.lists(width, min_size=count, max_size=count).map(tuple)
        return widths.map(lambda chosen: Mark(mark.points, mark.width, mark.erases, chosen))

    return st.builds(Mark, points, width, st.booleans()).flatmap(pressed)


def sessions():
    side = st.integers(1, 40)
    unit = st.floats(0, 1, width=32)
    ground = side.flatmap(lambda n: arrays(np.float32, (n, n), elements=unit))
    offsets = arrays(np.float32, st.integers(1, 20), elements=st.floats(-2, 2, width=32))
    digit = st.integers(0, 99)
    return st.builds(
        SavedSession,
        st.lists(marks(), max_size=4).map(lambda made: Drawing(tuple(made))),
        st.none() | ground,
        st.booleans(),
        st.none() | st.sampled_from(["digits", "/home/me/my nets/größer.safetensors"]),
        st.just(10),
        st.integers(1, 10),
        st.none() | digit,
        st.none() | st.builds(SavedEdit, digit, offsets),
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sessions())
def test_any_session_comes_back(path, session):
    write_session(path, session)
    assert same(read_session(path), session)


def test_other_number_types_are_written_as_numbers(path):
    points = tuple(map(tuple, np.array([[1, 2], [3, 4]], np.float32)))
    write_session(path, SavedSession(Drawing((Mark(points, np.float64(2)), Mark(())))))
    assert read_session(path).drawing == Drawing((Mark(((1.0, 2.0), (3.0, 4.0)), 2.0),))


def test_the_file_is_plain_and_says_what_it_is(saved):
    assert saved["format"] == "capsviz session"
    assert saved["version"] == 1
    assert saved["marks"][0] == {
        "points": [list(point) for point in PEN.points],
        "width": 1.3,
        "erases": False,
    }
    assert saved["marks"][3]["widths"] == [0.25, 1.75]
    unpacked = zlib.decompress(base64.b64decode(saved["ground"]["pixels"]))
    assert np.array_equal(np.frombuffer(unpacked, "<f4").reshape(28, 28), GROUND)


def test_the_suffix_is_added_where_it_is_missing(tmp_path):
    assert session_file(tmp_path / "a.b").name == "a.b.capsviz.json"
    assert session_file(tmp_path / "A.CAPSVIZ.JSON").name == "A.CAPSVIZ.JSON"
    assert is_session_file(tmp_path / "A.Capsviz.json")
    assert not is_session_file(tmp_path / "a.json")


@pytest.mark.parametrize(
    ("session", "told"),
    [
        (SavedSession(Drawing((Mark(((float("nan"), 0.0),)),))), "float"),
        (SavedSession(Drawing((Mark(((2e4, 0.0),)),))), "10000"),
        (SavedSession(Drawing((Mark(((0.0, 0.0),) * (POINT_LIMIT + 1)),))), "points"),
        (SavedSession(ground=np.full((28, 28), np.nan, np.float32)), "grey values"),
        (SavedSession(ground=np.full((28, 28), 1.01, np.float32)), "grey values"),
        (SavedSession(ground=np.zeros((200, 200), np.float32)), "side"),
        (SavedSession(iterations=2), "iteration 3 of 2"),
        (SavedSession(edit=SavedEdit(3, np.full(16, np.inf, np.float32))), "float"),
    ],
)
def test_what_could_not_be_read_again_is_not_written(path, session, told, assert_clear):
    write_session(path, SESSION)
    with pytest.raises(CapsvizError, match=told) as caught:
        write_session(path, session)
    assert_clear(caught.value, path)
    assert same(read_session(path), SESSION)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"format": "else"}, "format"),
        ({"version": 2}, "newer capsviz"),
        ({"version": 2, "news": 1}, "newer capsviz"),
        ({"version": 0}, "version"),
        ({"surprise": 1}, "surprise"),
        ({"two\nlines": 1}, "unknown field"),
        ({"framed": 1}, "framed"),
        ({"model": ""}, "model"),
        ({"model": "a\x00b"}, "model"),
        ({"model": "a\n"}, "model"),
        ({"model": "a" * 5000}, "model"),
        ({"iterations": 11}, "iterations"),
        ({"iteration": 8}, "iteration 8 of 7"),
        ({"pinned": -1}, "pinned"),
        ({"pinned": 10**30}, "pinned"),
        ({"edit": {"digit": 3, "offsets": []}}, "offsets"),
        ({"edit": {"digit": 3, "offsets": [1e4]}}, "offsets"),
        ({"edit": {"digit": 3}}, "offsets"),
        ({"marks": None}, "marks"),
        ({"marks": [{"points": [], "width": 1, "erases": False}]}, "points"),
        ({"marks": [{"points": [[1]], "width": 1, "erases": False}]}, "points"),
        ({"marks": [{"points": [[1, 1e9]], "width": 1, "erases": False}]}, "points"),
        ({"marks": [{"points": [[1, 1]], "width": 0, "erases": False}]}, "width"),
        ({"marks": [{"points": [[1, 1]], "width": 1, "erases": False, "widths": [1, 2]}]}, "2 wi"),
        ({"marks": [{"points": [[1, 1]], "width": 1, "erases": False, "ink": 1}]}, "ink"),
        ({"marks": [{"points": [[0, 0]] * 100_001, "width": 1, "erases": True}]}, "100001"),
        ({"ground": {"side": 28, "pixels": "!"}}, "pixels"),
        ({"ground": {"side": 28, "pixels": ""}}, "28×28"),
        ({"ground": {"side": 0, "pixels": ""}}, "side"),
        ({"ground": {"side": 10**6, "pixels": ""}}, "side"),
    ],
)
def test_a_wrong_value_is_named(path, saved, change, told, assert_clear):
    path.write_text(json.dumps(saved | change), encoding="utf-8")
    assert told in refusal(path, assert_clear)


@pytest.mark.parametrize("name", ["format", "version", "marks", "ground", "framed", "iteration"])
def test_a_missing_value_is_named(path, saved, name, assert_clear):
    del saved[name]
    path.write_text(json.dumps(saved))
    assert name in refusal(path, assert_clear)


@pytest.mark.parametrize(
    "pixels",
    [
        zlib.compress(bytes(2**24)),
        zlib.compress(GROUND.tobytes())[:-1],
        zlib.compress(GROUND.tobytes()) + b"more",
        zlib.compress(GROUND.tobytes()[:-1]),
        zlib.compress((GROUND * 9).tobytes()),
        zlib.compress(np.full((28, 28), np.nan, np.float32).tobytes()),
        GROUND.tobytes(),
    ],
    ids=["bomb", "cut", "and more", "too few", "too bright", "not numbers", "not packed"],
)
def test_a_wrong_image_is_refused(path, saved, pixels, assert_clear):
    saved["ground"]["pixels"] = base64.b64encode(pixels).decode()
    path.write_text(json.dumps(saved))
    refusal(path, assert_clear)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b'"capsviz session"',
        b"\xff\xfe{}",
        b"\x89PNG\r\n\x1a\n",
        b'{"strokes": [[[1, 2]]]}',
        b'{"x": ' + b"[" * 100_000,
        b'{"format": "capsviz session", "version": 1e99}',
        b"{}" * 10,
        bytes(50),
    ],
    ids=lambda content: repr(content[:12]),
)
def test_a_file_of_something_else_is_told(path, content, assert_clear):
    path.write_bytes(content)
    assert "saved session" in refusal(path, assert_clear)


def test_no_file_a_folder_and_a_file_too_large(path, tmp_path, assert_clear):
    assert "no such file" in refusal(path, assert_clear)
    refusal(tmp_path, assert_clear)
    with path.open("wb") as file:
        file.truncate(2**24 + 1)
    assert "larger than" in refusal(path, assert_clear)


def damaged(content, rng):
    """One of the ways in which files go wrong: bytes changed, lost, doubled, cut off."""
    first, last = sorted(rng.randrange(len(content) + 1) for _ in range(2))
    last = min(last, first + rng.choice([1, 2, 8, 64]))
    rubbish = rng.choice([b"", rng.randbytes(last - first), b"null", b"-1", b"1e999", b"[", b'"'])
    kept = content[first:last] if rng.random() < 0.2 else b""
    ending = content[last:] if rng.random() < 0.9 else b""
    return content[:first] + kept + rubbish + ending


def nasty(value, rng):
    """The same value with one part of it replaced by what does not belong there."""
    if isinstance(value, dict | list) and value and rng.random() < 0.9:
        copy = dict(value) if isinstance(value, dict) else list(value)
        key = rng.choice(list(copy)) if isinstance(copy, dict) else rng.randrange(len(copy))
        copy[key] = nasty(copy[key], rng)
        return copy
    return rng.choice([None, True, -1, 0, 2**63, 1e308, -0.5, "", "\n" * 500, [], {}, [[]], [0]])


@pytest.mark.parametrize("kind", [damaged, nasty])
def test_damage_is_told_or_harmless(path, saved, assert_clear, kind):
    rng, content = random.Random(8), path.read_bytes()
    for _ in range(300):
        changed = kind(content if kind is damaged else saved, rng)
        path.write_bytes(changed if kind is damaged else json.dumps(changed).encode())
        try:
            session = read_session(path)
        except CapsvizError as error:
            assert_clear(error, path)
            continue
        write_session(path, session)  # what was read is sound
        assert same(read_session(path), session)
