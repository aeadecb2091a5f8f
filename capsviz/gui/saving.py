"""A session to a file and back: what stands on the canvas, and how it is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Slot

from capsviz.data.samples import sample_digits
from capsviz.data.sessions import (
    SavedEdit,
    SavedSession,
    is_session_file,
    read_session,
    session_file,
    write_session,
)
from capsviz.files import CapsvizError
from capsviz.gui.failure import Failure
from capsviz.gui.pose_edit import Edit
from capsviz.gui.scene import Scene
from capsviz.gui.steps import Step
from capsviz.places import SESSION_SUFFIX

if TYPE_CHECKING:
    from pathlib import Path

    from capsviz.gui.session import Session


_OPEN = "open session"


class Saving(QObject):
    """Writes a session's state, and brings it back; its network may have to be loaded first."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.name = "drawing"  # as it was saved or opened last
        self._what = _OPEN
        self._awaited: SavedSession | None = None
        self._failure = Failure(self)
        self._failure.told.connect(session.noticed)
        self._failure.mended.connect(session.outdated)
        session.loading.loading_changed.connect(self._go_on)

    def save(self, path: Path) -> None:
        """Write it, with the usual suffix if it is missing; a notice tells what fails."""
        target = session_file(path)
        try:
            write_session(target, state_of(self._session))
        except CapsvizError as error:
            self._session.noticed.emit(str(error))
        else:
            self._session.undo_stack.setClean()
            self.name = _bare(target)
            self._session.noticed.emit(f"Saved as {target}.")

    def open(self, path: Path, what: str = _OPEN) -> None:
        """Bring a saved session back as one step that can be undone; a notice tells what fails.

        Args:
            path: of the session.
            what: name of the step; any other than the usual leaves it unsaved.
        """
        try:
            saved = read_session(path)
        except CapsvizError as error:
            self._failure.tell(error)
            return
        self._failure.mend()
        self.name, self._what = _bare(path), what
        is_coming = self._session.loading.is_loading  # and would change how it is looked at
        if not is_coming and saved.model in (None, _name(self._session)):
            self._show(saved)
            return
        self._awaited = saved
        if saved.model is not None:
            self._session.load_model(saved.model)

    @Slot(bool)
    def _go_on(self, loading: bool) -> None:
        """Its network has come, or has failed with a notice: then the present one answers."""
        saved = self._awaited
        if saved is not None and not loading:
            self._awaited = None
            self._show(saved)

    def _show(self, saved: SavedSession) -> None:
        session = self._session
        session.undo_stack.push(_OpenStep(session, _looked_of(saved, session), self._what))
        if self._what == _OPEN:
            session.undo_stack.setClean()


@dataclass(frozen=True, slots=True, eq=False)
class _Looked:
    """What is looked at, and how; of one network."""

    scene: Scene
    iterations: int
    iteration: int
    pinned: int | None
    edit: Edit | None


class _OpenStep(Step):
    """From what is looked at now to what was saved."""

    def __init__(self, session: Session, after: _Looked, what: str) -> None:
        super().__init__(what)
        self._session, self._after = session, after
        self._before = _Looked(
            scene=session.scene,
            iterations=session.iterations,
            iteration=session.playhead.iteration,
            pinned=session.posing.pinned,
            edit=session.posing.edit,
        )

    def take_back(self) -> None:
        self._show(self._before)

    def take(self) -> None:
        self._show(self._after)

    def _show(self, looked: _Looked) -> None:
        session = self._session
        session.put_scene(looked.scene, looked.edit)
        session.set_iterations(looked.iterations)
        session.playhead.scrub(looked.iteration)
        session.posing.pin(looked.pinned)


def _looked_of(saved: SavedSession, session: Session) -> _Looked:
    edit = saved.edit
    is_its_network = saved.model in (None, _name(session))
    kept = edit is not None and is_its_network and _fits(edit, session)
    return _Looked(
        scene=Scene(saved.drawing, saved.ground, saved.framed, _sample_in(saved)),
        iterations=saved.iterations,
        iteration=saved.iteration,
        pinned=saved.pinned,
        edit=Edit(edit.digit, edit.offsets, session.posing.source) if edit and kept else None,
    )


def _sample_in(saved: SavedSession) -> int | None:
    """Which of the program's sample digits it is, untouched; a file does not tell."""
    if saved.ground is None or saved.drawing.marks:
        return None
    images = sample_digits().images
    if saved.ground.shape != images.shape[1:]:
        return None
    same = (images == np.rint(saved.ground * 255)).all(axis=(1, 2))
    return int(same.argmax()) if same.any() else None


def state_of(session: Session) -> SavedSession:
    """What is written of it."""
    edit = session.posing.edit
    return SavedSession(
        drawing=session.scene.drawing,
        ground=session.scene.ground,
        framed=session.scene.framed,
        model=_name(session),
        iterations=session.iterations,
        iteration=session.playhead.iteration,
        pinned=session.posing.pinned,
        edit=None if edit is None else SavedEdit(edit.digit, edit.offsets),
    )


def _bare(path: Path) -> str:
    return path.name[: -len(SESSION_SUFFIX)] if is_session_file(path) else path.stem


def _name(session: Session) -> str | None:
    """A name where the network goes by one, so that the file can go to another machine."""
    if session.model is None:
        return None
    known = session.model.name in session.loading.names()
    return session.model.name if known else str(session.model.path)


def _fits(edit: SavedEdit, session: Session) -> bool:
    if session.model is None:
        return False
    config = session.model.network.config
    return edit.digit < config.classes and len(edit.offsets) == config.digit_dim
