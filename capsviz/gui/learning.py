"""All that has to do with learning, as one part of the session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from capsviz.gui.filming import Filming
from capsviz.gui.following import Following
from capsviz.gui.training import Training

if TYPE_CHECKING:
    from capsviz.gui.training_work import RunRequest
    from capsviz.training.progress import Progress


class Learning(QObject):
    """The run under way, what the explorer shows of it, and the film of pinned drawings.

    Signals:
        failed(object): an exception of one of them.
    """

    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.training = Training(self)
        self.following = Following(self)
        self.filming = Filming(self)
        self.training.begun.connect(self._begin)
        self.training.progressed.connect(self._go_on)
        self.training.ended.connect(self.filming.look)
        for part in (self.training, self.following, self.filming):
            part.failed.connect(self.failed)

    @property
    def is_settled(self) -> bool:
        """Nothing but a run is under way."""
        return self.following.is_idle and self.filming.is_idle

    def close(self) -> None:
        """End all work and join the threads."""
        for part in (self.training, self.following, self.filming):
            part.close()

    @Slot(object)
    def _begin(self, request: RunRequest) -> None:
        self.following.show_run(request.name, request.folder)
        self.filming.show_run(request.folder)

    @Slot(object)
    def _go_on(self, news: tuple[Progress, ...]) -> None:
        self.following.take(news)
        if any(one.snapshot is not None for one in news):
            self.filming.look()
