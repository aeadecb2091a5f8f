"""Which state of a run's network the explorer shows: the newest, an earlier one, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from capsviz.gui.film_work import FrameRequest, learning_model, load_frame
from capsviz.gui.jobs import Latest

if TYPE_CHECKING:
    from pathlib import Path

    from capsviz.explore.models import LoadedModel
    from capsviz.network import CapsNet
    from capsviz.training.progress import Progress


class Following(QObject):
    """Hands out networks that are nobody else's, so whoever takes one may keep it.

    Attributes:
        is_following: the explorer is to show this run.
        step: the earlier step that it shows, None for the newest.

    Signals:
        weights_changed(object): LoadedModel that is to answer from now on.
        let_go(): the network from before is to answer again.
        following_changed(bool): as the attribute.
        step_changed(object): as the attribute.
        failed(object): an exception; earlier weights cannot be read.
    """

    weights_changed = Signal(object)
    let_go = Signal()
    following_changed = Signal(bool)
    step_changed = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.is_following = False
        self.step: int | None = None
        self._name = ""
        self._folder: Path | None = None
        self._newest: CapsNet | None = None
        self._loader = Latest(load_frame, "frame", self)
        self._loader.done.connect(self._show_frame)
        self._loader.failed.connect(self.failed)

    @property
    def is_idle(self) -> bool:
        """No earlier weights are being read."""
        return self._loader.is_idle

    def show_run(self, name: str, folder: Path) -> None:
        """Another run; whoever followed the one before follows this one."""
        self._name, self._folder, self._newest = name, folder, None
        self._loader.forget()
        self._set_step(None)
        if self.is_following:
            self._show_newest()

    def take(self, news: tuple[Progress, ...]) -> None:
        """What the run has told; the newest of its weights is shown."""
        snapshots = [one.snapshot for one in news if one.snapshot is not None]
        if not snapshots:
            return
        self._newest = snapshots[-1]
        if self.is_following and self.step is None:
            self._loader.forget()
            self._show_newest()

    @Slot(bool)
    def follow(self, wanted: bool) -> None:
        """Show the learning network from now on, or the one from before."""
        if wanted == self.is_following:
            return
        self.is_following = wanted
        self.following_changed.emit(wanted)
        self._loader.forget()
        if wanted:
            self._show_newest()
        else:
            self._set_step(None)
            self.let_go.emit()

    @Slot(object)
    def scrub(self, step: int | None) -> None:
        """Show the weights kept after this step; None: the newest."""
        self._loader.forget()
        if not self.is_following:
            self.is_following = True
            self.following_changed.emit(True)
        self._set_step(step)
        if step is None:
            self._show_newest()
        elif self._folder is not None:
            self._loader.submit(FrameRequest(self._name, self._folder, step))

    def drop(self) -> None:
        """Another network was chosen: follow no more, and do not bring the one before back."""
        if self.is_following:
            self.is_following = False
            self._loader.forget()
            self._set_step(None)
            self.following_changed.emit(False)

    def close(self) -> None:
        """End all work and join the thread."""
        self._loader.close()

    def _show_newest(self) -> None:
        """What the run has told last, or else what is kept of it last."""
        if self._folder is None:
            return
        if self._newest is None:
            self._loader.submit(FrameRequest(self._name, self._folder, None))
        else:
            self.weights_changed.emit(learning_model(self._name, self._folder, self._newest))

    @Slot(object)
    def _show_frame(self, model: LoadedModel | None) -> None:
        if model is not None:  # else the run has only begun, and will tell
            self.weights_changed.emit(model)

    def _set_step(self, step: int | None) -> None:
        if step != self.step:
            self.step = step
            self.step_changed.emit(step)
