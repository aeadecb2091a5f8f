"""Which commands can be used now, and which are ticked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from capsviz.gui.desktop.commands import WINNER
from capsviz.network import MAX_ITERATIONS

if TYPE_CHECKING:
    from PySide6.QtGui import QAction, QUndoStack

    from capsviz.explore.models import LoadedModel
    from capsviz.gui.session import Session

_OF_RUNS = ("pause-training", "step-training", "stop-training", "follow-training")


class Availability(QObject):
    """Keeps actions in step with the session, however it came to its state."""

    def __init__(self, named: dict[str, QAction], session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._named, self._session = named, session
        self._connect(session)
        self._named["next-mistake"].setEnabled(False)
        for name in _OF_RUNS:
            self._named[name].setEnabled(False)
        for follow in (self._follow_scene, self._follow_playhead, self._follow_posing):
            follow()

    def _connect(self, session: Session) -> None:
        session.scene_changed.connect(self._follow_scene)
        session.iterations_changed.connect(self._follow_playhead)
        session.model_changed.connect(self._follow_model)
        self._follow_history(session.undo_stack)
        playhead, posing = session.playhead, session.posing
        for news in (playhead.moved, playhead.count_changed, playhead.playing_changed):
            news.connect(self._follow_playhead)
        for told in (
            posing.pinned_changed,
            posing.pose_changed,
            posing.animated_changed,
            posing.locked_changed,
            session.studies.statistics_changed,
        ):
            told.connect(self._follow_posing)

    def watch_training(self) -> None:
        """Keep in step with what learns, too."""
        learning = self._session.learning
        learning.training.state_changed.connect(self._follow_training)
        learning.following.following_changed.connect(self._follow_training)
        self._follow_training()

    @Slot()
    def _follow_scene(self) -> None:
        self._named["clear"].setEnabled(not self._session.scene.is_empty)
        self._named["framed"].setChecked(self._session.scene.framed)

    def _follow_history(self, stack: QUndoStack) -> None:
        """By values alone: a stack tells of its end, when it can no longer be asked."""
        for name, can, said in (
            ("undo", stack.canUndoChanged, stack.undoTextChanged),
            ("redo", stack.canRedoChanged, stack.redoTextChanged),
        ):
            self._named[name].setEnabled(False)
            can.connect(self._named[name].setEnabled)
            said.connect(self._name_undo if name == "undo" else self._name_redo)

    @Slot(str)
    def _name_undo(self, step: str) -> None:
        """The menu names the step; the tool bar does not, or it would jump."""
        self._named["undo"].setText(f"Undo {step}".strip())

    @Slot(str)
    def _name_redo(self, step: str) -> None:
        self._named["redo"].setText(f"Redo {step}".strip())

    @Slot()
    def _follow_playhead(self) -> None:
        playhead, count = self._session.playhead, self._session.iterations
        self._named["play"].setChecked(playhead.is_playing)
        self._named["play"].setEnabled(playhead.count > 1)
        self._named["step-back"].setEnabled(playhead.iteration > 1)
        self._named["step-on"].setEnabled(playhead.iteration < playhead.count)
        self._named["more-iterations"].setEnabled(count < MAX_ITERATIONS)
        self._named["fewer-iterations"].setEnabled(count > 1)

    @Slot()
    def _follow_posing(self) -> None:
        posing, pose = self._session.posing, self._session.posing.pose
        self._named["reset-pose"].setEnabled(pose is not None and pose.is_edited)
        self._named["random-pose"].setEnabled(posing.can_randomise)
        self._named["animate"].setEnabled(pose is not None)
        self._named["animate"].setChecked(posing.is_animated)
        self._named["lock-pose"].setChecked(posing.is_locked)
        pinned = WINNER if posing.pinned is None else f"digit-{posing.pinned}"
        ticked = self._named.get("follow-winner" if pinned == WINNER else pinned)
        if ticked is not None:  # the table has commands for ten digits; a network may have more
            ticked.setChecked(True)

    @Slot()
    def _follow_training(self) -> None:
        state, named = self._session.learning.training.state, self._named
        named["pause-training"].setEnabled(state in ("running", "paused"))
        named["pause-training"].setChecked(state == "paused")
        named["step-training"].setEnabled(state in ("running", "paused"))
        named["stop-training"].setEnabled(state in ("running", "paused"))
        follows = self._session.learning.following.is_following
        named["follow-training"].setChecked(follows)
        named["follow-training"].setEnabled(self._session.learning.training.request is not None)

    @Slot(object)
    def _follow_model(self, model: LoadedModel) -> None:
        self._named["next-mistake"].setEnabled(True)
        classes = model.network.config.classes
        for digit in range(10):
            self._named[f"digit-{digit}"].setEnabled(digit < classes)
