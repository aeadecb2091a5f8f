"""Saved sessions: what stands on the canvas, and how it is looked at, as one JSON file.

A file called `….capsviz.json`, UTF-8, one object; unknown keys are refused. `[…]` may be null:

    format      "capsviz session"
    version     1
    marks       list of {points, width, erases, widths} in the order they were made
                  points   [[x, y], ...] in canvas units, 0 … 28; a mark may leave the canvas
                  width    of the pen or eraser, 1.0 is the usual pen
                  erases   true for the eraser
                  widths   one factor of `width` per point; may be left out
    [ground]    the image under the marks, {side, pixels}: side² little-endian float32 in 0 … 1,
                  row by row, packed by zlib, in base64, so that every number comes back the same
    framed      whether the drawing is brought to MNIST's frame
    [model]     the network's name or path
    iterations  routing iterations, 1 … 10
    iteration   the one shown, 1 … iterations
    [pinned]    the digit capsule that is decoded; null: whichever is longest
    [edit]      {digit, offsets}: what was added to the inferred pose of that capsule

The file knows nothing of the network but its name: whether the pinned capsule and the edit fit it
is for the reader to see.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
import numpy as np
from msgspec import Meta

from capsviz.data.drawing import Drawing, Mark
from capsviz.data.strokes import POINT_LIMIT
from capsviz.files import CapsvizError, one_line, read_bytes, write_atomically
from capsviz.network.limits import MAX_ITERATIONS
from capsviz.places import SESSION_SUFFIX

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

_VERSION = 1
_FILE_LIMIT = 2**24  # bytes; the most points and the largest ground need half of it
_GREATEST_SIDE = 128  # pixels, of the largest network
_FAULTS = (msgspec.DecodeError, ValueError, RecursionError, zlib.error)  # of a file's content

_Coordinate = Annotated[float, Meta(ge=-1e4, le=1e4)]  # 350 canvases away: no screen is so large
_Width = Annotated[float, Meta(gt=0, le=20)]  # as wide as the image
_Digit = Annotated[int, Meta(ge=0, le=999)]
_Iteration = Annotated[int, Meta(ge=1, le=MAX_ITERATIONS)]
_Offset = Annotated[float, Meta(ge=-1e3, le=1e3)]  # of numbers whose length is below 1


@dataclass(frozen=True, slots=True, eq=False)
class SavedEdit:
    """(D,) float32 offsets from the inferred pose of one digit capsule."""

    digit: int
    offsets: Floats


@dataclass(frozen=True, slots=True, eq=False)
class SavedSession:
    """What a person finds again.

    Attributes:
        drawing: marks in canvas units, 0 … 28; marks without points are not kept.
        ground: (S, S) float32 in 0 … 1, the image under the marks, or None.
        framed: whether the drawing is brought to MNIST's frame.
        model: name or path of the network; None if there was none yet.
        iterations: routing iterations, 1 … 10.
        iteration: the one that is shown, 1 … iterations.
        pinned: the digit capsule that is decoded; None while the longest is.
        edit: what was done to a pose, if anything.
    """

    drawing: Drawing = field(default_factory=Drawing)
    ground: Floats | None = None
    framed: bool = True
    model: str | None = None
    iterations: int = 3
    iteration: int = 3
    pinned: int | None = None
    edit: SavedEdit | None = None


class _Part(msgspec.Struct, forbid_unknown_fields=True): ...


class _Mark(_Part, omit_defaults=True):
    points: Annotated[tuple[tuple[_Coordinate, _Coordinate], ...], Meta(min_length=1)]
    width: _Width
    erases: bool
    widths: tuple[_Width, ...] = ()


class _Ground(_Part):
    side: Annotated[int, Meta(ge=1, le=_GREATEST_SIDE)]
    pixels: bytes


class _Edit(_Part):
    digit: _Digit
    offsets: Annotated[tuple[_Offset, ...], Meta(min_length=1, max_length=128)]


class _File(_Part):
    format: Literal["capsviz session"]
    version: Annotated[int, Meta(ge=1, le=_VERSION)]
    marks: tuple[_Mark, ...]
    ground: _Ground | None
    framed: bool
    model: (
        Annotated[str, Meta(min_length=1, max_length=4096, pattern=r"^[^\x00-\x1f\x7f]*\Z")] | None
    )
    iterations: _Iteration
    iteration: _Iteration
    pinned: _Digit | None
    edit: _Edit | None


class _Head(msgspec.Struct):
    """As much of a file as tells which it is."""

    format: str = ""
    version: int = 0


def is_session_file(path: Path) -> bool:
    """Whether a file is called as saved sessions are."""
    return path.name.lower().endswith(SESSION_SUFFIX)


def session_file(path: Path) -> Path:
    """The same path, with the suffix of saved sessions if it is missing."""
    return path if is_session_file(path) else path.with_name(path.name + SESSION_SUFFIX)


def write_session(path: Path, session: SavedSession) -> None:
    """Save a session, all or nothing.

    Raises:
        CapsvizError: it cannot be written, or is of such a size that it could not be read again.
    """
    content = msgspec.json.encode(_to_file(session))
    try:
        _parsed(content)  # what cannot be read again must not take the place of what can
    except _FAULTS as error:
        raise CapsvizError(
            f"The session was not saved to {path}, because it could not be opened again: "
            f"{_told(error)}."
        ) from error
    write_atomically(path, content + b"\n")


def read_session(path: Path) -> SavedSession:
    """A session as it was saved.

    Raises:
        CapsvizError: the file cannot be read, is no session, is damaged, or was saved by a newer
            version of the program; names it.
    """
    content = read_bytes(path, _FILE_LIMIT)
    try:
        return _parsed(content)
    except _FAULTS as error:
        raise CapsvizError(
            f"{path} could not be opened as a saved session: {_told(error)}; "
            f"expected a {SESSION_SUFFIX} file as File → Save session writes it."
        ) from error


def _told(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested without end"
    return one_line(error).rstrip(".")


def _to_file(session: SavedSession) -> _File:
    edit, ground = session.edit, session.ground
    return _File(
        format="capsviz session",
        version=_VERSION,
        marks=tuple(_to_mark(mark) for mark in session.drawing.marks if mark.points),
        ground=None if ground is None else _Ground(len(ground), _packed(ground)),
        framed=session.framed,
        model=session.model,
        iterations=session.iterations,
        iteration=session.iteration,
        pinned=session.pinned,
        edit=None if edit is None else _Edit(edit.digit, tuple(map(float, edit.offsets))),
    )


def _to_mark(mark: Mark) -> _Mark:
    points = tuple((float(x), float(y)) for x, y in mark.points)
    return _Mark(points, float(mark.width), mark.erases, tuple(map(float, mark.widths)))


def _parsed(content: bytes) -> SavedSession:
    """Raises one of `_FAULTS`."""
    head = msgspec.json.decode(content, type=_Head)
    if head.format == "capsviz session" and head.version > _VERSION:
        raise ValueError(
            f"a newer capsviz saved it (version {head.version} of the format, "
            f"this one knows {_VERSION})"
        )
    file = msgspec.json.decode(content, type=_File)
    points = sum(len(mark.points) for mark in file.marks)
    if points > POINT_LIMIT:
        raise ValueError(f"its drawing has {points} points, more than {POINT_LIMIT}")
    if file.iteration > file.iterations:
        raise ValueError(f"it shows iteration {file.iteration} of {file.iterations}")
    edit = file.edit
    return SavedSession(
        drawing=Drawing(tuple(Mark(m.points, m.width, m.erases, m.widths) for m in file.marks)),
        ground=None if file.ground is None else _unpacked(file.ground),
        framed=file.framed,
        model=file.model,
        iterations=file.iterations,
        iteration=file.iteration,
        pinned=file.pinned,
        edit=None if edit is None else SavedEdit(edit.digit, np.array(edit.offsets, np.float32)),
    )


def _packed(ground: Floats) -> bytes:
    return zlib.compress(np.ascontiguousarray(ground, "<f4").tobytes(), 9)


def _unpacked(ground: _Ground) -> Floats:
    size = 4 * ground.side**2
    unpacker = zlib.decompressobj()
    content = unpacker.decompress(ground.pixels, size + 1)  # no more, whatever is promised
    if len(content) != size or not unpacker.eof or unpacker.unused_data:
        raise ValueError(f"its image does not have {ground.side}×{ground.side} pixels")
    pixels = np.frombuffer(content, "<f4").astype(np.float32).reshape(ground.side, ground.side)
    if not ((pixels >= 0) & (pixels <= 1)).all():  # not a number is neither
        raise ValueError("its image has grey values outside 0 … 1")
    return pixels
