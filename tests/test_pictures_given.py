"""Pictures that are pasted or dragged as bytes, and odd ones: seen like files, or refused."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import numpy as np
import pytest
from PIL import Image, features

from capsviz.data import images
from capsviz.data.drawing import rasterize
from capsviz.data.framing import frame_image
from capsviz.data.images import count_pictures, image_to_input
from capsviz.data.samples import sample_digits
from capsviz.data.strokes import read_strokes
from capsviz.files import CapsvizError
from capsviz.places import resources_folder

FIVE = rasterize(read_strokes(resources_folder() / "sample-strokes.jsonl")[5].drawing, 140)
PAPER = Image.fromarray(np.uint8(255 - 225 * FIVE))  # dark grey on white
BLANK = Image.new("L", PAPER.size, 255)
WIDE = np.asarray(PAPER).astype(np.uint16)
needs_webp = pytest.mark.skipif(not features.check("webp"), reason="Pillow without WebP")


def packed(image, kind="PNG", **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def png(side, colour_type, depth, rows):
    """A PNG written by hand: Pillow does not write every kind that it reads."""
    header = struct.pack(">IIBBBBB", side, side, depth, colour_type, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in rows))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in ((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))
    )


def deep(colour_type, *channels):
    stacked = np.stack(channels, axis=-1).astype(">u2")
    return png(140, colour_type, 16, [row.tobytes() for row in stacked])


def is_the_five(framed):
    wanted = frame_image(FIVE)
    places = [(row, column) for row in (-1, 0, 1) for column in (-1, 0, 1)]
    return min(np.abs(np.roll(framed, place, (0, 1)) - wanted).mean() for place in places) < 0.055


def refusal(content):
    with pytest.raises(CapsvizError) as caught:
        image_to_input(content, name="the pasted picture")
    message = str(caught.value)
    assert "the pasted picture" in message
    assert message.endswith(".")
    assert "\n" not in message
    assert len(message) < 400
    return message


def two_colours(ink, ground):
    image = PAPER.point(lambda value: 0 if value < 128 else 1).convert("P")
    image.putpalette([*ink, *ground])
    return image


@pytest.mark.parametrize(
    "content",
    [
        packed(PAPER),
        packed(PAPER.point(lambda value: 255 - value)),
        packed(PAPER, "JPEG"),
        packed(PAPER, "BMP"),
        packed(PAPER, "ICO"),
        packed(Image.fromarray(np.pad(np.asarray(PAPER), 300, constant_values=255))),
    ],
    ids=["dark-on-light", "light-on-dark", "jpeg", "bmp", "ico", "in-a-screenshot"],
)
def test_bytes_are_seen_as_their_file_is(tmp_path, content):
    path = tmp_path / "picture"
    path.write_bytes(content)
    seen = image_to_input(content)
    assert is_the_five(seen)
    assert np.array_equal(seen, image_to_input(path))
    assert image_to_input(content, 40).shape == (40, 40)


def test_a_digit_of_mnist_is_pasted_as_it_is():
    digit = sample_digits().images[3]
    seen = image_to_input(packed(Image.fromarray(digit)))
    assert np.array_equal(seen, digit / np.float32(255))


@pytest.mark.parametrize("kind", ["GIF", "PNG", "TIFF", pytest.param("WEBP", marks=needs_webp)])
def test_of_an_animation_the_first_picture_is_seen(kind):
    first, later = PAPER.convert("RGB"), BLANK.convert("RGB")
    assert is_the_five(image_to_input(packed(first, kind, save_all=True, append_images=[later])))
    content = packed(later, kind, save_all=True, append_images=[first])
    assert "No ink" in refusal(content)


def test_the_pictures_of_a_file_are_counted():
    first, later = PAPER.convert("RGB"), BLANK.convert("RGB")
    assert count_pictures(packed(first, "GIF", save_all=True, append_images=[later])) == 2
    assert count_pictures(packed(first)) == 1
    assert count_pictures(b"no picture") == 1


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
def test_every_depth_of_grey(bits):
    deeper = WIDE.astype(int) * (2**bits - 1) // 255
    assert is_the_five(image_to_input(packed(Image.fromarray(deeper.astype(np.uint16)))))


@pytest.mark.parametrize(
    "content",
    [
        deep(2, *[WIDE * 257] * 3),
        deep(4, 0 * WIDE, 65535 - WIDE * 257),
        deep(6, *[0 * WIDE] * 3, 65535 - WIDE * 257),
        deep(6, *[0 * WIDE + 65535] * 3, 65535 - WIDE * 257),
    ],
    ids=["colour", "grey on nothing", "black on nothing", "white on nothing"],
)
def test_sixteen_bits_in_colour_and_with_opacity(content):
    assert is_the_five(image_to_input(content))


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_printers_colours(kind):
    assert is_the_five(image_to_input(packed(PAPER.convert("RGB").convert("CMYK"), kind)))


@pytest.mark.parametrize("kind", ["PNG", "GIF"])
@pytest.mark.parametrize(
    ("ink", "ground"), [((0, 0, 0), (9, 9, 9)), ((255,) * 3, (0,) * 3), ((0,) * 3, (255,) * 3)]
)
def test_a_palette_with_a_colour_that_is_nothing(kind, ink, ground):
    assert is_the_five(image_to_input(packed(two_colours(ink, ground), kind, transparency=1)))


@pytest.mark.parametrize(
    ("orientation", "stored"),
    [(3, PAPER.rotate(180)), (6, PAPER.rotate(90)), (8, PAPER.rotate(270))],
)
def test_a_turned_camera(orientation, stored):
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert is_the_five(image_to_input(packed(stored, "JPEG", exif=exif)))


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1), (2, 2)])
@pytest.mark.parametrize("level", [0, 255])
def test_too_narrow_for_ink(size, level):
    assert "No ink" in refusal(packed(Image.new("L", size, level)))


def test_a_dash_in_a_picture_of_one_column():
    column = np.full((5000, 1), 255, np.uint8)
    column[2000:2600] = 0
    assert "No ink" in refusal(packed(Image.fromarray(column)))


@pytest.mark.parametrize("kind", ["PNG", "GIF"])
def test_twenty_thousand_pixels_a_side_are_not_unpacked(kind):
    small = packed(Image.new("L", (8, 8), 255), kind)
    huge, place = bytearray(small), 16 if kind == "PNG" else 6
    packing = ">II" if kind == "PNG" else "<HH"
    huge[place : place + struct.calcsize(packing)] = struct.pack(packing, 20_000, 20_000)
    if kind == "PNG":
        huge[29:33] = struct.pack(">I", zlib.crc32(bytes(huge[12:29])))
    assert "pixels" in refusal(bytes(huge))


def test_more_pixels_than_allowed_are_named():
    width = images.PIXEL_LIMIT // 1000 + 1
    assert f"{width} × 1000 pixels" in refusal(packed(Image.new("1", (width, 1000))))


@pytest.mark.parametrize("part", [0.3, 0.6, 0.95])
@pytest.mark.parametrize(
    "kind", ["PNG", "JPEG", "GIF", "TIFF", "BMP", pytest.param("WEBP", marks=needs_webp)]
)
def test_a_part_of_a_picture(kind, part):
    content = packed(PAPER.convert("RGB"), kind)
    assert "Could not read the pasted picture" in refusal(content[: int(part * len(content))])


def zipped():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("digit.png", packed(PAPER))
    return buffer.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"some text, not a picture",
        b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h9"/></svg>',
        b"<html><img src='digit.png'></html>",
        zipped(),
        packed(PAPER, "PDF"),
        bytes(1000),
    ],
    ids=["empty", "text", "svg", "html", "zip", "pdf", "zeros"],
)
def test_what_is_no_picture_is_told(content):
    assert "PNG, JPEG or other image file" in refusal(content)
