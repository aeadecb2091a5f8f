"""Steps of the lab's undo history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capsviz.gui.steps import Step

if TYPE_CHECKING:
    from PySide6.QtGui import QUndoCommand

    from capsviz.data.overlay import Overlay
    from capsviz.gui.labs.composing import Composing


class OverlayStep(Step):
    """From what was there to something else; slides of one gesture are one step.

    Args:
        composing: whose.
        after: what is there then.
        what: the step's name.
        active: the layer that is drawn on then, where layers are joined or parted.
        gesture: slides of one merge; None where the digits change.
    """

    def __init__(
        self,
        composing: Composing,
        after: Overlay,
        what: str,
        active: int | None = None,
        gesture: int | None = None,
    ) -> None:
        super().__init__(what)
        self._composing, self._before, self._after = composing, composing.overlay, after
        self._active = (None if active is None else composing.active, active)
        self._gesture = gesture

    def take_back(self) -> None:
        self._composing.put_overlay(self._before, self._active[0])

    def take(self) -> None:
        self._composing.put_overlay(self._after, self._active[1])

    # Qt calls these

    def id(self) -> int:
        return 1 if self._gesture is not None else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, OverlayStep) or other._gesture != self._gesture:
            return False
        self._after = other._after
        return True
