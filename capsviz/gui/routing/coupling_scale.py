"""Which colours the numbers of one answer get, so that pictures can be compared."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QColor

from capsviz.explore.couplings import mass_maps, usual_extent
from capsviz.gui.look.colours import Scale, colours

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from capsviz.explore.answers import Explanation
    from capsviz.gui.look.theme import Theme
    from capsviz.gui.routing.coupling_options import Reading

_LADDER = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0)
_LEAST = 1e-3  # a range this small shows the rounding of float32 as nothing
_GROUND = 0.3  # how much of the drawing's ink stays below a map
_STRONGEST = 0.9  # opacity of a map where it is strongest


@dataclass(slots=True)
class CouplingScales:
    """The ranges of one answer, each measured when it is first asked for."""

    explanation: Explanation
    _known: dict[tuple[str, int, bool, bool], float] = field(default_factory=dict)

    def cells(self, iteration: int, reading: Reading) -> Scale:
        """Of single couplings and of their means."""
        return self._scale("cells", self._cell_extent, iteration, reading)

    def mass(self, iteration: int, reading: Reading) -> Scale:
        """Of the maps over the image, per pixel."""
        return self._scale("mass", self._mass_extent, iteration, reading)

    def _scale(
        self,
        name: str,
        measure: Callable[[int, bool, bool], float],
        iteration: int,
        reading: Reading,
    ) -> Scale:
        shown = range(1, self.explanation.iterations + 1) if reading.shared else (iteration,)
        end = rounded_up(max(self._extent(name, measure, at, reading) for at in shown))
        return Scale(-end if reading.difference else 0, end, is_signed=reading.difference)

    def _extent(
        self,
        name: str,
        measure: Callable[[int, bool, bool], float],
        iteration: int,
        reading: Reading,
    ) -> float:
        key = (name, iteration, reading.weighted, reading.difference)
        if key not in self._known:
            self._known[key] = measure(iteration, reading.weighted, reading.difference)
        return self._known[key]

    def _cell_extent(self, iteration: int, weighted: bool, difference: bool) -> float:
        extent = usual_extent(self.explanation, iteration, weighted, difference)
        if weighted or difference:
            return extent
        return max(extent, 2 / len(self.explanation.final_lengths))  # 1/J is never the top

    def _mass_extent(self, iteration: int, _weighted: bool, difference: bool) -> float:
        return float(np.abs(mass_maps(self.explanation, iteration, difference)).max())


def rounded_up(value: float) -> float:
    """The next of 1, 1.5, 2, 3, 5, 7 times a power of ten, at least 0.001.

    So ranges have short names, and stay the same from one stroke of the pen to the next.
    """
    value = max(value, _LEAST)
    power = 10.0 ** math.floor(math.log10(value))
    step = next(step for step in _LADDER if step * power >= value * (1 - 1e-9))
    return float(f"{step * power:.2g}")


def over_drawing(
    maps: NDArray[np.float32], image: NDArray[np.float32], scale: Scale, theme: Theme
) -> NDArray[np.uint8]:
    """(J, H, W) maps in colour over the (H, W) drawing in faint grey: (J, H, W, 3).

    A map is the more opaque the more it says, so that the drawing shows where it says nothing.
    """
    paper, ink = (
        np.array((colour.red(), colour.green(), colour.blue()), np.float32)
        for colour in (QColor(theme.paper), QColor(theme.ink))
    )
    ground = paper + _GROUND * image[..., None] * (ink - paper)
    opacity = _STRONGEST * np.clip(np.abs(maps) / scale.high, 0, 1)[..., None]
    mixed = ground + opacity * (colours(maps, scale, theme) - ground)
    pixels: NDArray[np.uint8] = mixed.round().astype(np.uint8)
    return pixels
