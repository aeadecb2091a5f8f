"""A pen that is led by the arrow keys, for who draws without a mouse."""

from __future__ import annotations

from PySide6.QtCore import Qt

from capsviz.data.drawing import CANVAS

_STEP, _FAST_STEP = 0.5, 2.0  # canvas units a key press
_WAYS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class KeyPen:
    """Where it is and whether it is down; two arrows held together lead it aslant.

    Attributes:
        place: x, y in canvas units, 0 … 28.
        is_down: whether it draws.
        is_shown: whether keys were used last, so that its cursor is to be seen.
    """

    def __init__(self) -> None:
        self.place = (CANVAS / 2, CANVAS / 2)
        self.is_down = self.is_shown = False
        self._held: set[int] = set()

    @staticmethod
    def leads(key: int) -> bool:
        """Whether this is one of its keys."""
        return key in _WAYS

    def press(self, key: int, is_fast: bool) -> None:
        """An arrow key went down, or repeats itself."""
        self.is_shown = True
        self._held.add(key)
        step = _FAST_STEP if is_fast else _STEP
        x, y = (sum(_WAYS[Qt.Key(held)][axis] for held in self._held) for axis in (0, 1))
        self.place = _inside(self.place[0] + step * x), _inside(self.place[1] + step * y)

    def release(self, key: int) -> None:
        """An arrow key came up."""
        self._held.discard(key)

    def rest(self) -> None:
        """Lift it and let go of all keys."""
        self.is_down = False
        self._held.clear()

    @property
    def words(self) -> str:
        """Where it is, for who cannot see it."""
        x, y = self.place
        return f"Pen {'down' if self.is_down else 'up'} at {x:.1f} across, {y:.1f} down of 28."


def _inside(value: float) -> float:
    return min(max(value, 0.0), CANVAS)
