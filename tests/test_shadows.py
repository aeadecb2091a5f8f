"""A cast shadow and a table are ground; digits that fill their picture stay whole."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from capsviz.data.framing import frame_image
from capsviz.data.ink import ink_from_image
from capsviz.data.samples import sample_digits
from capsviz.data.shadows import without_shadow
from capsviz.data.strokes import read_strokes
from capsviz.places import resources_folder

WIDTH, HEIGHT = 640, 480
DRAWINGS = [e.drawing for e in read_strokes(resources_folder() / "sample-strokes.jsonl")]
Y, X = np.mgrid[:HEIGHT, :WIDTH]
PENS = (6, 10, 18, 32)  # pixels wide


def pen_ink(digit, pen, tall=210):
    """The digit in the middle of a sheet, 0 … 1."""
    strokes = [np.array(mark.points) for mark in DRAWINGS[digit].marks]
    low, high = (end(np.concatenate(strokes), 0) for end in (np.min, np.max))
    picture = Image.new("L", (WIDTH, HEIGHT))
    draw = ImageDraw.Draw(picture)
    for stroke in strokes:
        places = (stroke - (low + high) / 2) * tall / max(high - low) + (WIDTH / 2, HEIGHT / 2)
        draw.line([tuple(place) for place in places], 255, pen, joint="curve")
    return np.float32(picture.filter(ImageFilter.GaussianBlur(1))) / 255


def photo(ink, light=1.0, table=0.0, lines=1.0):
    """Paper under a light of 200 of 255 with noise; `table` is how much of it covers the paper."""
    paper = (210 - 30 * X / WIDTH) * light * lines * (1 - 0.65 * ink)
    noise = np.random.default_rng(0).normal(0, 3, ink.shape)
    return np.float32(np.clip(np.round(paper * (1 - table) + 55 * table + noise), 0, 255) / 255)


def edge_at(distance, softness):
    """0 … 1 across an edge, where a signed distance to it is 0."""
    return 1 / (1 + np.exp(-np.clip(distance / softness, -50, 50)))


def shadow(step, angle, offset, softness):
    """The light left of a straight shadow that begins `offset` pixels from the middle."""
    along = (X - WIDTH / 2) * np.cos(angle) + (Y - HEIGHT / 2) * np.sin(angle)
    return 1 - step / 200 * edge_at(along - offset, softness)


def is_as_on_even_paper(ink, grey):
    expected, framed = frame_image(ink), frame_image(ink_from_image(grey))
    places = [(row, column) for row in (-1, 0, 1) for column in (-1, 0, 1)]
    return min(np.abs(np.roll(framed, at, (0, 1)) - expected).mean() for at in places) < 0.055


@pytest.mark.parametrize("softness", [1, 20])
@pytest.mark.parametrize("step", [40, 65, 90])
def test_a_shadow_is_no_ink(step, softness):
    rng = np.random.default_rng(step + softness)
    for digit in range(step % 2, 10, 2):
        ink = pen_ink(digit, PENS[digit % 4])
        light = shadow(step, rng.uniform(0, 2 * np.pi), rng.uniform(-200, 200), softness)
        assert is_as_on_even_paper(ink, photo(ink, light)), digit


def test_chalk_on_a_board_in_shadow():
    for digit in range(0, 10, 2):
        ink = pen_ink(digit, 10)
        board = (0.3 + 0.5 * ink) * shadow(60, digit, 40, 5)
        noise = np.random.default_rng(digit).normal(0, 0.012, ink.shape)
        assert is_as_on_even_paper(ink, np.float32(np.clip(board + noise, 0, 1))), digit


@pytest.mark.parametrize("sides", ["l", "r", "t", "b", "lb", "lrtb"])
def test_a_table_is_no_ink(sides):
    from_side = {"l": X, "r": WIDTH - 1 - X, "t": Y, "b": HEIGHT - 1 - Y}
    for digit in range(len(sides) % 2, 10, 2):
        ink = pen_ink(digit, PENS[digit // 2 % 4])
        tilted = 0.02 * ((X if sides in "tb" else Y) - 240)
        width = (8, 25, 50, 80)[digit // 3]
        distance = np.min([from_side[side] for side in sides], axis=0) + tilted - width
        assert is_as_on_even_paper(ink, photo(ink, table=edge_at(-distance, 1))), digit


def test_squared_paper_in_shadow():
    lines = np.where((X % 25 < 2) | (Y % 25 < 2), 0.88, 1)
    for digit in range(1, 10, 2):
        ink = pen_ink(digit, 10)
        assert is_as_on_even_paper(ink, photo(ink, shadow(60, digit, 50, 5), lines=lines)), digit


@pytest.mark.parametrize("light_ink", [False, True])
def test_a_digit_that_fills_its_picture_is_left_whole(light_ink):
    for image in sample_digits().images[:20]:
        rows, columns = np.flatnonzero(image.any(1)), np.flatnonzero(image.any(0))
        box = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        large = Image.fromarray(box).resize((box.shape[1] * 9, box.shape[0] * 9))
        ink = np.float32(large) / 255
        noise = np.random.default_rng(0).normal(0, 0.01, ink.shape)
        grey = 0.1 + 0.8 * ink if light_ink else 0.95 - 0.75 * ink
        assert is_as_on_even_paper(ink, np.float32(np.clip(grey + noise, 0, 1)))


def test_ink_that_stands_out_all_round_is_handed_back():
    ink = pen_ink(3, 10)
    assert without_shadow(photo(ink), ink) is ink


def test_a_speck_or_nothing_is_handed_back():
    ink = np.zeros((HEIGHT, WIDTH), np.float32)
    sheet = photo(ink)
    assert without_shadow(sheet, ink) is ink
    ink[0, 0] = 0.3
    assert without_shadow(sheet, ink) is ink
