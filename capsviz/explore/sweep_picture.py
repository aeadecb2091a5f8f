"""A sweep as a picture for papers and slides."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from capsviz.explore.sweep import Sweep

_SCALE = 4  # pixels of the picture per pixel of the network's
_GAP, _MARGIN, _LABEL, _HEADER = 12, 56, 80, 172  # pixels of the picture
_GROUND, _PAPER, _INK, _TEXT, _QUIET, _MARK = (
    (238, 240, 243),
    (255, 255, 255),
    (20, 23, 28),
    (26, 30, 36),
    (91, 101, 114),
    (29, 99, 209),
)


def sweep_png(sweep: Sweep) -> bytes:
    """The table as a picture for papers: dark on light, a row per dimension, labelled."""
    rows, columns, height, width = sweep.images.shape
    down, along = height * _SCALE + _GAP, width * _SCALE + _GAP
    size = (2 * _MARGIN + _LABEL + columns * along - _GAP, _HEADER + _MARGIN + rows * down - _GAP)
    page = Image.new("RGB", size, _GROUND)
    for row, column in np.ndindex(rows, columns):
        cell = _cell(sweep.images[row, column])
        page.paste(cell, (_MARGIN + _LABEL + column * along, _HEADER + row * down))
    _label(ImageDraw.Draw(page), sweep, along, down)
    buffer = io.BytesIO()
    page.save(buffer, "PNG")
    return buffer.getvalue()


def _cell(image: NDArray[np.float32]) -> Image.Image:
    mixed = np.array(_PAPER) + image[..., None] * (np.array(_INK) - np.array(_PAPER))
    small = Image.fromarray(mixed.round().astype(np.uint8))
    return small.resize((small.width * _SCALE, small.height * _SCALE), Image.Resampling.NEAREST)


def _label(draw: ImageDraw.ImageDraw, sweep: Sweep, along: int, down: int) -> None:
    """Title, offsets above the columns, dimensions before the rows, a mark at the middle."""
    left, small = _MARGIN + _LABEL, ImageFont.load_default(30)
    title = f"Digit capsule {sweep.digit}: each dimension moved, the others left"
    draw.text((left, 40), title, _TEXT, ImageFont.load_default(40))
    half = (along - _GAP) // 2
    for column, offset in enumerate(sweep.offsets):
        colour = _MARK if column == sweep.middle else _QUIET
        place = (left + column * along + half, _HEADER - 22)
        draw.text(place, _signed(float(offset)), colour, small, "ms")
    for row in range(len(sweep.pose)):
        place = (left - 26, _HEADER + row * down + (down - _GAP) // 2)
        draw.text(place, str(row + 1), _QUIET, small, "rm")
    x, bottom = left + sweep.middle * along, _HEADER + len(sweep.pose) * down
    box = (x - _GAP // 2 - 1, _HEADER - _GAP // 2 - 1, x + along - _GAP // 2, bottom - _GAP // 2)
    draw.rectangle(box, outline=_MARK, width=3)


def _signed(offset: float) -> str:
    return "0" if abs(offset) < 0.005 else f"{offset:+.2f}"
