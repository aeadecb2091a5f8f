"""The personal set: drawings a person corrected, to learn their hand from.

One file of the person's own folder, `my-drawings.jsonl`, UTF-8, one drawing a line, oldest
first. It is a stroke file as `data/strokes.py` describes it, so `evaluate --data` and other
programs read it too, with further keys:

    {"label": 3, "strokes": [[[x, y], ...], ...], "answer": 8, "model": "digits",
     "date": "2025-03-01T10:00:00+00:00", "image": {"side": 28, "pixels": "…"}}

    label    what the person says it is, 0 … 9
    strokes  in canvas units, 0 … 28; where the drawing was made upon a picture, only a trace
    answer   what the network had answered; may be left out
    model    which network that was; may be left out
    date     when it was corrected, ISO 8601
    image    what the network saw, where strokes cannot tell it (a picture, a drawing as it lay
             on the canvas): side² bytes, 0 = ground, row by row, packed by zlib, in base64
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import msgspec
import numpy as np
from msgspec import Meta

from capsviz.data.drawing import Drawing, rasterize
from capsviz.data.mnist import Digits
from capsviz.data.strokes import parse_drawing, to_json
from capsviz.files import CapsvizError, one_line, read_bytes, write_atomically
from capsviz.places import user_folder

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

_LIMIT = 2**26  # bytes; some ten thousand drawings
_LARGEST = 128  # pixels, side of the largest network's images
_DOT = "[[[14.0, 14.0]]]"  # the stroke of a line whose image tells all


@dataclass(frozen=True, slots=True, eq=False)
class OwnDrawing:
    """A drawing and what the person says it is.

    Attributes:
        label: 0 … 9.
        drawing: its strokes, if it has any.
        image: (S, S) float32 in 0 … 1, what the network saw, where strokes cannot tell it.
        answer: what the network had answered.
        model: the network's name.
        date: ISO 8601.
    """

    label: int
    drawing: Drawing | None = None
    image: Floats | None = None
    answer: int | None = None
    model: str = ""
    date: str = ""


class _Image(msgspec.Struct, forbid_unknown_fields=True):
    side: Annotated[int, Meta(ge=1, le=_LARGEST)]
    pixels: bytes


class _Line(msgspec.Struct):
    label: Annotated[int, Meta(ge=0, le=9)]
    answer: Annotated[int, Meta(ge=0, le=999)] | None = None
    model: Annotated[str, Meta(max_length=200)] = ""
    date: Annotated[str, Meta(max_length=40)] = ""
    image: _Image | None = None


def personal_file() -> Path:
    """Where the person's drawings lie."""
    return user_folder() / "my-drawings.jsonl"


def add_drawing(
    entry: OwnDrawing, path: Path | None = None, instead_of: OwnDrawing | None = None
) -> int:
    """Add a drawing at the end, or in the place of another; how many there are then.

    Args:
        entry: with a drawing that has ink, an image, or both; without a date it gets today's.
        path: of the file, the person's own if None.
        instead_of: one that was added earlier, with its date, whose place it takes if that is
            still there: the order tells which drawings a fine-tuning holds out.

    Raises:
        CapsvizError: there is neither ink nor image, the file holds something else, or it
            cannot be written.
    """
    path = path or personal_file()
    before = _lines(path)
    for number, line in enumerate(before, 1):  # never add to what a later reading would refuse
        _parsed(line, f"{path}, line {number}")
    added = [_line_of(entry).encode()]
    replaced = None if instead_of is None else _with(added, _line_of(instead_of), before)
    lines = replaced or before + added
    write_atomically(path, b"\n".join([*lines, b""]))
    return len(lines)


def remove_last(path: Path | None = None) -> int:
    """Take the last drawing away again; how many are left. Does nothing where there is none.

    Raises:
        CapsvizError: the file cannot be read or written.
    """
    path = path or personal_file()
    kept = _lines(path)[:-1]
    if path.exists():
        write_atomically(path, b"".join(line + b"\n" for line in kept))
    return len(kept)


def take_back(
    entry: OwnDrawing, before: OwnDrawing | None = None, path: Path | None = None
) -> int | None:
    """Take a drawing away again, or put the one before in its place.

    Args:
        entry: one that was added earlier, with its date.
        before: what stood in its place, if anything did.
        path: of the file, the person's own if None.

    Returns:
        how many are left; None if it is no longer there, and nothing was changed.

    Raises:
        CapsvizError: the file cannot be read or written.
    """
    path = path or personal_file()
    earlier = [] if before is None else [_line_of(before).encode()]
    kept = _with(earlier, _line_of(entry), _lines(path))
    if kept is None:
        return None
    write_atomically(path, b"".join(line + b"\n" for line in kept))
    return len(kept)


def load_personal(path: Path | None = None) -> tuple[OwnDrawing, ...]:
    """All drawings, oldest first; none if there is no file.

    Raises:
        CapsvizError: the file cannot be read, or a line is not such a drawing; names the line.
    """
    path = path or personal_file()
    numbered = enumerate(_lines(path), 1)
    return tuple(_parsed(line, f"{path}, line {number}") for number, line in numbered)


def personal_digits(drawings: tuple[OwnDrawing, ...], size: int = 28) -> Digits:
    """What a network of that image size sees of the drawings: (n, size, size) uint8."""
    images = np.zeros((len(drawings), size, size), np.uint8)
    for place, entry in enumerate(drawings):
        images[place] = np.rint(_seen(entry, size) * 255)
    return Digits(images, np.array([entry.label for entry in drawings], np.uint8))


def _seen(entry: OwnDrawing, size: int) -> Floats:
    if entry.image is None:
        return rasterize(entry.drawing or Drawing(), size)
    if entry.image.shape == (size, size):
        return entry.image
    from capsviz.data.framing import frame_images  # imports Pillow

    framed: Floats = frame_images(entry.image[None], size)[0]
    return framed


def _lines(path: Path) -> list[bytes]:
    if not path.exists():
        return []
    return [line for line in read_bytes(path, _LIMIT).splitlines() if line.strip()]


def _with(new: list[bytes], replaced: str, lines: list[bytes]) -> list[bytes] | None:
    """New lines in the place of the last that is as `replaced`; None if there is none."""
    places = [place for place, line in enumerate(lines) if line == replaced.encode()]
    if not places:
        return None
    return lines[: places[-1]] + new + lines[places[-1] + 1 :]


def _line_of(entry: OwnDrawing) -> str:
    has_ink = entry.drawing is not None and not entry.drawing.is_empty
    if entry.image is None and not has_ink:
        raise CapsvizError("The drawing has no ink to learn from; draw something first.")
    record = _strokes_of(entry)
    if entry.answer is not None:
        record["answer"] = entry.answer
    if entry.model:
        record["model"] = entry.model
    record["date"] = entry.date or datetime.now(UTC).isoformat(timespec="seconds")
    if entry.image is not None:
        pixels = zlib.compress(np.rint(entry.image * 255).astype(np.uint8).tobytes())
        record["image"] = msgspec.to_builtins(_Image(len(entry.image), pixels))
    return json.dumps(record)


def _strokes_of(entry: OwnDrawing) -> dict[str, object]:
    text = f'{{"label": {entry.label}, "strokes": {_DOT}}}'
    if entry.drawing is not None:
        try:
            text = to_json(entry.drawing, entry.label)
        except CapsvizError:  # all of it was erased; the image tells what is left
            if entry.image is None:
                raise
    record: dict[str, object] = json.loads(text)
    return record


def _parsed(line: bytes, where: str) -> OwnDrawing:
    strokes = parse_drawing(line, where)
    try:
        more = msgspec.json.decode(line, type=_Line)
        image = None if more.image is None else _unpacked(more.image)
    except (msgspec.DecodeError, ValueError, zlib.error) as error:
        raise CapsvizError(
            f"{where}: expected a drawing with a label 0 to 9, found a fault "
            f"({one_line(error)}); mend or remove the line."
        ) from error
    return OwnDrawing(more.label, strokes.drawing, image, more.answer, more.model, more.date)


def _unpacked(image: _Image) -> Floats:
    count = image.side**2
    pixels = zlib.decompressobj().decompress(image.pixels, count + 1)
    if len(pixels) != count:
        raise ValueError(f"its image should have {count} pixels, but has {len(pixels)}")
    bytes_ = np.frombuffer(pixels, np.uint8).reshape(image.side, image.side)
    return bytes_.astype(np.float32) / np.float32(255)
