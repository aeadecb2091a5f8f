"""A drawing that was not saved outlives its window: kept as it closes, to be brought back.

Offered only if it had been saved before it was changed: whoever just scribbles is not asked about
that at every start, and finds the last scribble in the menu.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from capsviz.files import CapsvizError
from capsviz.gui.offer import Offer
from capsviz.gui.remark import Remark
from capsviz.places import SESSION_SUFFIX, user_folder

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtCore import SignalInstance

    from capsviz.gui.session import Session


BROUGHT_BACK = "bring back the last drawing"
"""The name of that step."""


class LastDrawing(QObject):
    """A file in the program's own folder; nobody is asked anything as the window closes."""

    def __init__(self, session: Session, ready: SignalInstance, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._remark = Remark(self)
        self._remark.offered.connect(self._session.offered)
        self._remark.outdated.connect(self._session.outdated)
        self._session.scene_changed.connect(self._remark.withdraw)
        self._session.closing.connect(self._keep)
        ready.connect(self._offer)  # the window's first frame has been painted

    @Slot()
    def _offer(self) -> None:
        if self._session.scene.is_empty and changed_drawing_file().exists():
            sentence = "The last session was changed after it had been saved."
            self._remark.offer(Offer(sentence, "Bring it back", self._bring_back))

    @Slot()
    def _bring_back(self) -> None:
        bring_back(self._session)

    @Slot()
    def _keep(self) -> None:
        is_unsaved = _is_unsaved(self._session)
        if not is_unsaved and not self._is_brought_back:
            return  # what is kept may still be wanted
        with suppress(CapsvizError, OSError):  # nobody is there any more to be told
            written = _write(self._session) if is_unsaved else None
            for path in {changed_drawing_file(), last_drawing_file()} - {written}:
                path.unlink(missing_ok=True)  # after writing, as that may fail

    @property
    def _is_brought_back(self) -> bool:
        """What was kept was shown, and then saved."""
        stack = self._session.undo_stack
        names = [stack.text(step) for step in range(stack.index())]
        return BROUGHT_BACK in names and stack.isClean()


def bring_back(session: Session) -> None:
    """Show what was kept as one step that can be undone; a notice tells if there is nothing."""
    from capsviz.gui.saving import Saving

    kept = (changed_drawing_file(), last_drawing_file())
    path = next((path for path in kept if path.exists()), None)
    if path is None:
        session.noticed.emit("The last window closed without a drawing that was not saved.")
    else:
        Saving(session).open(path, BROUGHT_BACK)


def last_drawing_file() -> Path:
    """Where one lies that was never saved, if there is one."""
    return user_folder() / f"last-drawing{SESSION_SUFFIX}"


def changed_drawing_file() -> Path:
    """Where one lies that was changed after it had been saved, if there is one."""
    return user_folder() / f"changed-drawing{SESSION_SUFFIX}"


def _is_unsaved(session: Session) -> bool:
    """A sample can be had again."""
    is_own = not session.scene.is_empty and session.scene.sample is None
    return is_own and not session.undo_stack.isClean()


def _write(session: Session) -> Path:
    from capsviz.data.sessions import write_session
    from capsviz.gui.saving import state_of

    was_saved = session.undo_stack.cleanIndex() != 0
    path = changed_drawing_file() if was_saved else last_drawing_file()
    write_session(path, state_of(session))
    return path
