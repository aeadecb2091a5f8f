"""What the pressure of a tablet's pen makes of the width of its line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QInputDevice

if TYPE_CHECKING:
    from PySide6.QtGui import QTabletEvent

_THINNEST, _THICKEST = 0.5, 1.6  # of the chosen width
_BEND = 0.8  # of the curve between: at the third of full pressure usual in writing it gives 1
_FOLLOWS = 0.5  # how much of a change one event brings; the sensor's noise stays out


def width_factor(pressure: float) -> float:
    """Pressure 0 … 1 → factor of the pen's width, 0.5 … 1.6."""
    part: float = min(max(pressure, 0.0), 1.0) ** _BEND
    return _THINNEST + (_THICKEST - _THINNEST) * part


def feels_pressure(event: QTabletEvent) -> bool:
    """Whether the device measures pressure at all."""
    return bool(event.device().capabilities() & QInputDevice.Capability.Pressure)


class Pressure:
    """Follows the pressure of one stroke, a little behind.

    Attributes:
        last: the factor of the pen's width now.
    """

    def __init__(self) -> None:
        self.last = 1.0

    def begin(self, pressure: float) -> float:
        """The factor where the pen comes down."""
        self.last = width_factor(pressure)
        return self.last

    def go_on(self, pressure: float) -> float:
        """The factor at the next place."""
        self.last += _FOLLOWS * (width_factor(pressure) - self.last)
        return self.last
