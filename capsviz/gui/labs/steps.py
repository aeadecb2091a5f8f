"""Steps of the lab's undo history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capsviz.gui.steps import Step

if TYPE_CHECKING:
    from PySide6.QtGui import QUndoCommand

    from capsviz.data.overlay import Overlay
    from capsviz.gui.labs.composing import Composing


class OverlayStep(Step):
    """From what was there to something else; slides of one digit in a row are one step.

    Args:
        composing: whose.
        after: what is there then.
        what: the step's name.
        slid: the layer that is moved, 0 or 1; None where the digits change.
    """

    def __init__(
        self, composing: Composing, after: Overlay, what: str, slid: int | None = None
    ) -> None:
        super().__init__(what)
        self._composing, self._before, self._after = composing, composing.overlay, after
        self._slid = slid

    def take_back(self) -> None:
        self._composing.put_overlay(self._before, self._is_move)

    def take(self) -> None:
        self._composing.put_overlay(self._after, self._is_move)

    @property
    def _is_move(self) -> bool:
        """What was tried stays true: the digit that is tried is the one that moves."""
        return self._slid == self._composing.active

    # Qt calls these

    def id(self) -> int:
        return 1 if self._slid is not None else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, OverlayStep) or other._slid != self._slid:
            return False
        self._after = other._after
        return True
