"""What people do to a pose, and which one they look at, as steps that can be undone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from capsviz.gui.steps import Step

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QUndoCommand, QUndoStack

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


class ChoiceStep(Step):
    """From one choice to another; choices of one kind in a row are one step, or none at all.

    Args:
        put: makes a choice.
        before: the present one.
        after: the new one.
        what: what the step is called.
        kind: of steps that merge, above 1.
    """

    def __init__(
        self, put: Callable[[Any], None], before: object, after: object, what: str, kind: int
    ) -> None:
        super().__init__(what)
        self._put, self._before, self._after, self._kind = put, before, after, kind

    def join(self, stack: QUndoStack) -> None:
        """Take it; who has gone back to look at something else can still go forward again."""
        if stack.canRedo():
            self.take()
        else:
            stack.push(self)

    def take_back(self) -> None:
        self._put(self._before)

    def take(self) -> None:
        self._put(self._after)

    # Qt calls these

    def id(self) -> int:
        return self._kind

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, ChoiceStep):
            return False
        self._after = other._after
        self.setText(other.text())
        self.setObsolete(self._after == self._before)  # there and back is nothing to undo
        return True
