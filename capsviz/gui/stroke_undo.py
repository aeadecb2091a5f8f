"""Undo, which takes back the stroke under way before any step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

if TYPE_CHECKING:
    from PySide6.QtGui import QAction, QUndoStack

    from capsviz.gui.input.canvas import Canvas


class StrokeUndo(QObject):
    """For one canvas and the steps that are made on it."""

    def __init__(self, canvas: Canvas, stack: QUndoStack, parent: QObject) -> None:
        super().__init__(parent)
        self._canvas, self._stack = canvas, stack
        self._action: QAction | None = None

    def enable(self, action: QAction) -> None:
        """Let it be asked for during a stroke too; of its steps the stack tells by itself."""
        self._action = action
        self._canvas.mark_moved.connect(self._let)
        for ended in (self._canvas.mark_made, self._canvas.mark_dropped):
            ended.connect(self._follow_stack)

    @Slot()
    def undo(self) -> None:
        """Take back the stroke under way, or else the last step."""
        if not self._canvas.drop_stroke():
            self._stack.undo()

    @Slot()
    def _let(self) -> None:
        if self._action is not None:
            self._action.setEnabled(True)

    @Slot()
    def _follow_stack(self) -> None:
        if self._action is not None:
            self._action.setEnabled(self._stack.canUndo())
