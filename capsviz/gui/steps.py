"""Steps of the undo history that fail without ending the program."""

from __future__ import annotations

import sys

from PySide6.QtGui import QUndoCommand


class Step(QUndoCommand):
    """A step to undo: `take_back` and `take` do the work, and may raise.

    Qt calls `undo` and `redo` through C++, where an exception would end the process; so it goes
    straight to the hook that tells of faults, and the window lives on.
    """

    def take_back(self) -> None:
        """Undo it."""
        raise NotImplementedError

    def take(self) -> None:
        """Do it, for the first time too."""
        raise NotImplementedError

    # Qt calls these

    def undo(self) -> None:
        try:
            self.take_back()
        except Exception:
            sys.excepthook(*sys.exc_info())

    def redo(self) -> None:
        try:
            self.take()
        except Exception:
            sys.excepthook(*sys.exc_info())
