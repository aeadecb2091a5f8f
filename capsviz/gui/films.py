"""The last drawings that people made by moving numbers of a pose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from capsviz.explore.answers import Redrawing

_MOST = 12


class Films:
    """One for each gesture: what it ended with."""

    def __init__(self) -> None:
        self._kept: list[tuple[int, Redrawing]] = []

    @property
    def shown(self) -> tuple[Redrawing, ...]:
        """The last of them, oldest first."""
        return tuple(film for _, film in self._kept)

    def add(self, gesture: int, redrawing: Redrawing) -> None:
        """In place of the same gesture's; not if it is kept already, as when one goes back."""
        kept = [film for film in self._kept if film[0] != gesture]
        if not any(_is_alike(film, redrawing) for _, film in kept):
            kept.append((gesture, redrawing))
        self._kept = kept[-_MOST:]


def _is_alike(first: Redrawing, second: Redrawing) -> bool:
    """Whether both are of one pose of one capsule, but for rounding."""
    return first.digit == second.digit and np.allclose(first.pose, second.pose, atol=1e-6)
