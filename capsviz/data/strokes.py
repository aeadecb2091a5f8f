"""Stroke files: one drawing a line, as vectors with pen lifts.

    {"label": 3, "strokes": [[[x, y], ...], ...]}

x right, y down, any unit; one inner list per pen-down; the label may be left out. `"widths"`,
one per stroke in units of the standard pen, is written where pens differ; `"pressures"`, where
a pen's pressure changed its width: per stroke one factor of its width per point, or none.
Further keys are ignored.
"""

from __future__ import annotations

import codecs
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import msgspec
import numpy as np

from capsviz.data.drawing import Drawing, Framing, Mark, framing_of, rasterize
from capsviz.data.pen import PEN_WIDTH
from capsviz.files import CapsvizError, read_bytes, write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = [
    "Drawing",
    "Framing",
    "LabelledDrawing",
    "Mark",
    "framing_of",
    "parse_drawing",
    "rasterize",
    "read_strokes",
    "to_json",
    "write_strokes",
]

POINT_LIMIT = 100_000  # of one drawing; a hand makes some hundreds
_LINE_LIMIT = 2**23  # bytes; one drawing, read before its points can be counted
_FILE_LIMIT = 2**26  # bytes; some hundred thousand drawings
_FARTHEST = 1e9  # of a coordinate; beyond it the differences between points lose their digits
_WIDEST = 20.0  # pen, in units of the standard one: wider than the image
_CUT_STEP = 0.25  # canvas units; how finely strokes are cut at an eraser's rim
_EXAMPLE = '{"label": 3, "strokes": [[[x, y], ...], ...]}'


@dataclass(frozen=True, slots=True)
class LabelledDrawing:
    """A drawing and, where it is known, the digit it shows."""

    drawing: Drawing
    label: int | None = None


class _Line(msgspec.Struct):
    strokes: list[list[tuple[float, float]]]
    label: Annotated[int, msgspec.Meta(ge=0, le=9)] | None = None
    widths: list[float] | None = None
    pressures: list[list[float]] | None = None


def read_strokes(path: Path) -> list[LabelledDrawing]:
    """All drawings of a stroke file, in its order; blank lines are skipped.

    Raises:
        CapsvizError: the file cannot be read or holds no drawing, or a line is not one of at
            most `POINT_LIMIT` points; names the file and the line.
    """
    content = read_bytes(path, _FILE_LIMIT).removeprefix(codecs.BOM_UTF8)
    lines = enumerate(content.splitlines(), 1)
    drawings = [parse_drawing(line, f"{path}, line {n}") for n, line in lines if line.strip()]
    if not drawings:
        raise CapsvizError(f"{path} is empty: expected one drawing a line, such as {_EXAMPLE}.")
    return drawings


def parse_drawing(line: str | bytes, where: str = "The drawing") -> LabelledDrawing:
    """The drawing of one line of a stroke file.

    Args:
        line: JSON text in UTF-8.
        where: what to call the line in an error.

    Raises:
        CapsvizError: the line is not such a drawing.
    """
    record = _decoded(line, where)
    problem = _problem(record)
    if problem:
        raise _refusal(where, problem)
    widths = record.widths or [1.0] * len(record.strokes)
    pressures = record.pressures or [[]] * len(record.strokes)
    rows = zip(record.strokes, widths, pressures, strict=True)
    marks = tuple(
        Mark(tuple(points), width, widths=tuple(pressure))
        for points, width, pressure in rows
        if points
    )
    return LabelledDrawing(Drawing(marks), record.label)


def write_strokes(path: Path, drawings: Iterable[LabelledDrawing]) -> None:
    """Write a stroke file, all or nothing.

    Raises:
        CapsvizError: it cannot be written, or a drawing has no ink.
    """
    lines = [to_json(item.drawing, item.label) + "\n" for item in drawings]
    write_atomically(path, "".join(lines).encode())


def to_json(drawing: Drawing, label: int | None = None) -> str:
    """One line of a stroke file, without its line end.

    The format knows no eraser: strokes are cut where a later eraser passed over their middle,
    and what stays has its full width. Without erasers the drawing comes back the same to the
    last digit.

    Raises:
        CapsvizError: there is no ink.
    """
    marks = _left_by_erasers(drawing)
    if not marks:
        raise CapsvizError("The drawing has no ink to save; draw something first.")
    record: dict[str, object] = {} if label is None else {"label": label}
    record["strokes"] = [mark.points for mark in marks]
    if any(mark.width != 1.0 for mark in marks):
        record["widths"] = [mark.width for mark in marks]
    if any(mark.widths for mark in marks):
        record["pressures"] = [mark.widths for mark in marks]
    return json.dumps(record)


def _decoded(line: str | bytes, where: str) -> _Line:
    if len(line) > _LINE_LIMIT:
        raise _refusal(where, f"found {len(line) / 2**20:.0f} MiB, more than {_LINE_LIMIT >> 20}")
    try:
        text = line.decode() if isinstance(line, bytes) else line
        return msgspec.json.decode(text, type=_Line)
    except UnicodeError as error:
        raise _refusal(where, "found text that is not UTF-8") from error
    except RecursionError as error:
        raise _refusal(where, "found lists nested without end") from error
    except msgspec.DecodeError as error:
        raise _refusal(where, f"found a fault: {error}") from error


def _problem(record: _Line) -> str | None:
    """What is wrong with a line of the right form, in words."""
    count = sum(map(len, record.strokes))
    if not 0 < count <= POINT_LIMIT:
        return f"found {count} points; expected 1 to {POINT_LIMIT}"
    farthest = max(max(abs(x), abs(y)) for stroke in record.strokes for x, y in stroke)
    if farthest > _FARTHEST:
        return f"found a coordinate of {farthest:.3g}; expected none beyond ±{_FARTHEST:.0e}"
    return _width_problem(record) or _pressure_problem(record)


def _width_problem(record: _Line) -> str | None:
    widths = record.widths
    if widths is not None and len(widths) != len(record.strokes):
        return f"found {len(widths)} widths for {len(record.strokes)} strokes; expected as many"
    if widths and not all(0 < width <= _WIDEST for width in widths):
        return f"found widths {min(widths):.3g} … {max(widths):.3g}; expected 0 … {_WIDEST:.0f}"
    return None


def _pressure_problem(record: _Line) -> str | None:
    pressures, strokes = record.pressures, record.strokes
    if pressures is None:
        return None
    if len(pressures) != len(strokes):
        return f"found {len(pressures)} pressures for {len(strokes)} strokes; expected as many"
    widths = record.widths or [1.0] * len(strokes)
    for pressure, stroke, width in zip(pressures, strokes, widths, strict=True):
        if pressure and len(pressure) != len(stroke):
            return f"found {len(pressure)} pressures for {len(stroke)} points; expected as many"
        if not all(0 < factor <= _WIDEST / width for factor in pressure):
            low, high = min(pressure), max(pressure)
            most = f"{_WIDEST / width:.3g}"
            return f"found pressures {low:.3g} … {high:.3g}; expected 0 … {most}"
    return None


def _refusal(where: str, problem: str) -> CapsvizError:
    return CapsvizError(
        f"{where}: expected a drawing such as {_EXAMPLE}, {problem}; mend or remove it."
    )


def _left_by_erasers(drawing: Drawing) -> list[Mark]:
    marks = [mark for mark in drawing.marks if mark.points]
    left: list[Mark] = []
    for place, mark in enumerate(marks):
        if not mark.erases:
            left += _cut(mark, [later for later in marks[place:] if later.erases])
    return left


def _cut(mark: Mark, erasers: list[Mark]) -> list[Mark]:
    if not erasers:
        return [mark]
    path = _resampled(mark.path)
    alive = np.all([~_under(path[:, :2], eraser) for eraser in erasers], axis=0)
    runs = np.split(np.arange(len(path)), np.flatnonzero(np.diff(alive)) + 1)
    return [_mark_along(path[run], mark) for run in runs if alive[run[0]]]


def _mark_along(path: NDArray[np.float64], mark: Mark) -> Mark:
    """The part of a mark that follows this path (n, 3)."""
    points = tuple((float(x), float(y)) for x, y in path[:, :2])
    widths = tuple(float(width) / mark.width for width in path[:, 2]) if mark.widths else ()
    return Mark(points, mark.width, widths=widths)


def _resampled(path: NDArray[np.float64]) -> NDArray[np.float64]:
    """The path (n, 3) with points at most `_CUT_STEP` apart, its own among them."""
    counts = (
        np.ceil(np.abs(np.diff(path[:, :2], axis=0)).max(1) / _CUT_STEP).clip(1, 1000).astype(int)
    )
    own = np.concatenate(([0], np.cumsum(counts)))
    places = np.arange(own[-1] + 1)
    return np.stack([np.interp(places, own, path[:, axis]) for axis in range(3)], axis=1)


def _under(points: NDArray[np.float64], eraser: Mark) -> NDArray[np.bool_]:
    """Which of the points (n, 2) the eraser passed over: (n,)."""
    path = eraser.path
    move = np.diff(path, axis=0, append=path[-1:])  # the last a dot, which a lone point needs
    away = points[:, None] - path[:, :2]  # n m 2
    length = (move[:, :2] ** 2).sum(1)
    along = ((away * move[:, :2]).sum(2) / np.maximum(length, 1e-12)).clip(0, 1)
    gap = away - along[:, :, None] * move[:, :2]
    radii = (path[:, 2] + along * move[:, 2]) * PEN_WIDTH / 2
    return np.asarray(((gap**2).sum(2) < radii**2).any(1))
