"""An edit of the pose, as a step that can be undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capsviz.gui.steps import Step

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QUndoCommand

    from capsviz.gui.pose_edit import Edit

    Put = Callable[[int | None, Edit | None], None]


class PoseStep(Step):
    """From one edit to another; one gesture is one step.

    Args:
        put: decodes a pinned capsule, or the winner, with an edit of its pose.
        pinned: the capsule that is decoded now.
        edits: before and after.
        what: what the step is called.
        gesture: steps of one merge.
    """

    def __init__(
        self,
        put: Put,
        pinned: int | None,
        edits: tuple[Edit | None, Edit | None],
        what: str,
        gesture: int,
    ) -> None:
        super().__init__(what)
        self._put, self._pinned, self._gesture = put, pinned, gesture
        self._before, self._after = edits

    def take_back(self) -> None:
        self._put(self._pinned, self._before)

    def take(self) -> None:
        self._put(self._pinned, self._after)

    # Qt calls these

    def id(self) -> int:
        return 1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, PoseStep) or other._gesture != self._gesture:
            return False
        self._after = other._after
        return True
