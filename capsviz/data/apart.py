"""Whether the ink stands in pieces side by side, as several digits would."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

_INK = 0.15  # of a pixel, on average
# A piece so high beside another is a digit: hardly any single digit is torn so, and nearly every
# pair is told; `tests/test_apart.py` counts both.
_HIGH = 0.7


def is_side_by_side(image: Floats) -> bool:
    """Whether two pieces or more, nearly as high as all the ink, have a bare column between them.

    Args:
        image: (H, W), 0 = ground … 1 = ink, framed or not.
    """
    on = image > _INK
    tall = [piece for piece in _pieces(on) if _height(piece) >= _HIGH * _height(on)]
    return len(tall) > 1


def _pieces(on: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    """Runs of columns that hold ink: (H, w) each, left to right."""
    has_ink = np.pad(on.any(axis=0), 1)
    begins, ends = np.flatnonzero(np.diff(has_ink)).reshape(-1, 2).T
    return [on[:, begin:end] for begin, end in zip(begins, ends, strict=True)]


def _height(piece: NDArray[np.bool_]) -> int:
    rows = np.flatnonzero(piece.any(axis=1))
    return int(rows[-1] - rows[0]) + 1
