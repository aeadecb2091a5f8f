"""Picture files of every kind come to the same ink; what is no picture is said so."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, features

from capsviz.data import images
from capsviz.data.drawing import rasterize
from capsviz.data.framing import frame_image
from capsviz.data.images import image_to_input
from capsviz.data.ink import ink_from_image
from capsviz.data.samples import sample_digits
from capsviz.data.strokes import read_strokes
from capsviz.files import CapsvizError
from capsviz.places import resources_folder

DRAWINGS = [e.drawing for e in read_strokes(resources_folder() / "sample-strokes.jsonl")]
FIVE = rasterize(DRAWINGS[5], 140)  # large and soft-edged, 0 = ground … 1 = ink
PAPER = Image.fromarray(np.uint8(255 - 225 * FIVE))  # dark grey on white
DIGIT = sample_digits().images[0]


def colour(image):
    return Image.merge("RGB", (image, image, image.point(lambda value: value // 2 + 120)))


def on_nothing(ink):
    """The digit as opacity alone, of one brightness."""
    return Image.merge(
        "LA", (Image.new("L", PAPER.size, ink), Image.fromarray(np.uint8(255 * FIVE)))
    )


def wide(image):
    return Image.fromarray(np.asarray(image).astype(np.uint16) * 200)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "picture"


def save(image, file, kind="PNG", **options):
    image.save(file, kind, **options)
    return file


def alike(framed, expected=FIVE):
    """Whether two pictures show the same digit in the same place, to the pixel of rounding."""
    wanted = frame_image(expected)
    places = [(row, column) for row in (-1, 0, 1) for column in (-1, 0, 1)]
    return min(np.abs(np.roll(framed, place, (0, 1)) - wanted).mean() for place in places) < 0.055


def refusal(file):
    with pytest.raises(CapsvizError) as caught:
        image_to_input(file)
    message = str(caught.value)
    assert str(file) in message
    assert message.endswith(".")
    assert len(message.splitlines()) == 1
    assert len(message) < 500
    return message


@pytest.mark.parametrize(
    ("kind", "image"),
    [
        ("PNG", PAPER),
        ("PNG", PAPER.point(lambda value: 255 - value)),
        ("PNG", colour(PAPER)),
        ("PNG", PAPER.convert("1")),
        ("PNG", PAPER.convert("P")),
        ("PNG", wide(PAPER)),
        ("PNG", on_nothing(0)),
        ("PNG", on_nothing(255)),
        ("PNG", on_nothing(40).convert("RGBA")),
        ("JPEG", PAPER),
        ("JPEG", colour(PAPER)),
        ("JPEG", colour(PAPER).convert("CMYK")),
        ("GIF", PAPER),
        ("BMP", colour(PAPER)),
        ("TIFF", PAPER),
        ("TIFF", wide(PAPER)),
        ("TIFF", Image.fromarray(np.float32(PAPER) / 255)),
        ("TIFF", Image.fromarray(np.int32(PAPER) * 60_000)),
        ("TIFF", colour(PAPER).convert("CMYK")),
        ("PPM", PAPER),
        pytest.param(
            "WEBP",
            colour(PAPER),
            marks=pytest.mark.skipif(not features.check("webp"), reason="Pillow without WebP"),
        ),
    ],
    ids=lambda value: getattr(value, "mode", value),
)
def test_every_format_and_mode_gives_the_same_digit(file, kind, image):
    framed = image_to_input(save(image, file, kind))
    assert framed.shape == (28, 28)
    assert framed.dtype == np.float32
    assert alike(framed)


def test_what_shows_through_is_ground(file):
    palette = PAPER.point(lambda value: 0 if value < 128 else 1).convert("P")
    palette.putpalette([0, 0, 0, 10, 10, 10])
    assert alike(image_to_input(save(palette, file, transparency=1)))


def test_the_first_picture_of_an_animation(file):
    blank = Image.new("L", PAPER.size, 255)
    save(PAPER, file, "GIF", save_all=True, append_images=[blank, blank])
    assert alike(image_to_input(file))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_cameras_orientation_is_honoured(file, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    turned = {3: 180, 6: 90, 8: 270}.get(orientation)
    if turned is None:
        mirror = {
            2: Image.Transpose.FLIP_LEFT_RIGHT,
            4: Image.Transpose.FLIP_TOP_BOTTOM,
            5: Image.Transpose.TRANSPOSE,
            7: Image.Transpose.TRANSVERSE,
        }
        stored = PAPER.transpose(mirror[orientation]) if orientation in mirror else PAPER
    else:
        stored = PAPER.rotate(turned, expand=True)
    assert alike(image_to_input(save(stored, file, "JPEG", exif=exif)))


def test_a_digit_like_mnists_is_taken_as_it_is(file):
    path = save(Image.fromarray(DIGIT), file)
    assert np.array_equal(image_to_input(path), np.float32(DIGIT) / np.float32(255))


def test_of_another_size_or_ground_it_is_framed(file):
    assert image_to_input(save(Image.fromarray(DIGIT), file), 40).shape == (40, 40)
    dark_on_light = image_to_input(save(Image.fromarray(255 - DIGIT), file))
    assert np.abs(dark_on_light - DIGIT / 255).mean() < 0.03


@pytest.mark.parametrize("light_ink", [False, True])
@pytest.mark.parametrize("drawing", DRAWINGS)
def test_paper_in_uneven_light_with_noise(drawing, light_ink):
    rng = np.random.default_rng(3)
    ink = np.pad(rasterize(drawing, 140), ((20, 90), (70, 30)))
    y, x = np.mgrid[-1 : 1 : ink.shape[0] * 1j, -1 : 1 : ink.shape[1] * 1j]
    light = 0.75 + 0.15 * x - 0.1 * y - 0.08 * x * x
    grey = light * (0.35 + 0.6 * ink) if light_ink else light * (1 - 0.6 * ink)
    photo = np.clip(grey + rng.normal(0, 0.02, ink.shape), 0, 1).astype(np.float32)
    found = ink_from_image(photo)
    assert found.shape == ink.shape
    assert (found[ink == 0] > 0.1).mean() < 0.002
    assert alike(frame_image(found), rasterize(drawing, 140))


def test_a_bold_digit_cropped_to_its_box():
    rows, columns = np.flatnonzero(FIVE.any(1)), np.flatnonzero(FIVE.any(0))
    box = FIVE[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    for grey in (box, 1 - box):
        assert alike(frame_image(ink_from_image(grey)))


def test_dust_is_no_ink():
    ink = np.pad(FIVE, 130)
    ink[::97, ::89] = 1
    assert alike(frame_image(ink_from_image(1 - ink)))


@pytest.mark.parametrize("level", [0, 40, 128, 255])
@pytest.mark.parametrize("side", [1, 2, 28, 300])
def test_a_blank_picture_has_no_ink(file, level, side):
    save(Image.new("L", (side, side), level), file)
    assert "No ink" in refusal(file)


def test_noise_and_a_slope_of_light_are_no_ink(file):
    noise = np.random.default_rng(0).normal(0, 8, (400, 300))
    slope = np.linspace(90, 220, 300) + noise
    assert "No ink" in refusal(save(Image.fromarray(np.uint8(slope)), file))


def test_ink_is_of_the_pictures_size_up_to_a_limit(file):
    assert ink_of(save(PAPER, file)).shape == (140, 140)
    assert ink_of(save(PAPER.resize((3000, 1500)), file)).shape == (512, 1024)


def ink_of(file):
    return images._ink_of(images._read_grey(file.read_bytes(), file.name), file.name)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "GIF"])
def test_more_pixels_than_the_limit_are_not_decoded(file, kind, monkeypatch):
    monkeypatch.setattr(images, "PIXEL_LIMIT", 10_000)
    assert "140 × 140" in refusal(save(PAPER, file, kind))


@pytest.mark.parametrize("limit", [8_000, 15_000])  # Pillow raises above twice its limit
def test_pillows_own_alarm_becomes_our_error(file, limit, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
    assert "bomb" in refusal(save(PAPER, file))


@pytest.mark.parametrize(
    "content",
    [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"three", bytes(1000), b"%!PS-Adobe-3.0 EPSF-3.0\n"],
)
def test_what_is_no_picture(file, content):
    file.write_bytes(content)
    assert "PNG, JPEG" in refusal(file)


def test_no_file_a_folder_and_a_file_too_large(tmp_path, monkeypatch):
    assert "no such file" in refusal(tmp_path / "missing.png")
    refusal(tmp_path)
    monkeypatch.setattr(images, "_FILE_LIMIT", 100)
    assert "larger than" in refusal(save(PAPER, tmp_path / "large.png"))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "TIFF"])
def test_a_truncated_file_is_refused(file, kind):
    content = save(PAPER, file, kind).read_bytes()
    file.write_bytes(content[: len(content) // 3])
    refusal(file)


def encoded(kind):
    buffer = io.BytesIO()
    colour(PAPER).resize((48, 48)).save(buffer, kind)
    return buffer.getvalue()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from([encoded(kind) for kind in ("PNG", "JPEG", "GIF", "BMP", "TIFF", "PPM")]),
    st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=10),
)
def test_a_damaged_file_is_refused_or_seen(file, content, changes):
    damaged = bytearray(content)
    for place, value in changes:
        damaged[int(place * len(damaged))] = value
    file.write_bytes(damaged)
    try:
        image = image_to_input(file)
    except CapsvizError as error:
        told = str(error)
        assert str(file) in told
        return
    assert np.isfinite(image).all()
    assert image.shape == (28, 28)
