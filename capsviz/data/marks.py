"""Drawings kept as vectors with pen lifts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Mark:
    """One pen-down, or one stroke of the eraser.

    Attributes:
        points: x right, y down, finite, any unit; a single point is a dot.
        width: of the pen or eraser; 1.0 is 2.4 pixels of a 28×28 image.
        widths: one factor of `width` per point, above 0, as a pen's pressure makes them; linear
            between points. Empty: the same all along.
        erases: takes the ink of earlier marks away. The eraser is as wide as it was on the
            canvas, so drawings with erasers are in canvas units, 0 … 28.
    """

    points: tuple[tuple[float, float], ...]
    width: float = 1.0
    erases: bool = False
    widths: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        """Refuse widths that are not one per point.

        Raises:
            ValueError: there are some, but not as many as points.
        """
        if self.widths and len(self.widths) != len(self.points):
            raise ValueError(f"{len(self.widths)} widths for {len(self.points)} points")

    @property
    def path(self) -> NDArray[np.float64]:
        """(n, 3) float64: x, y and the width there, in units of the standard pen."""
        factors = np.array(self.widths or (1.0,), np.float64) * self.width
        points = np.array(self.points, np.float64).reshape(-1, 2)
        return np.column_stack((points, np.broadcast_to(factors, len(points))))


@dataclass(frozen=True, slots=True)
class Drawing:
    """Marks in the order they were made."""

    marks: tuple[Mark, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether no pen ever touched it; a drawing erased to nothing is not empty."""
        return not any(mark.points and not mark.erases for mark in self.marks)

    def with_mark(self, mark: Mark) -> Drawing:
        """This drawing and one mark more."""
        return replace(self, marks=(*self.marks, mark))
