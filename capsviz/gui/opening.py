"""What comes onto the canvas without being drawn: files, pictures, sample digits, mistakes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from capsviz.data.samples import random_sample, sample_digits
from capsviz.gui.jobs import Latest
from capsviz.gui.offer import Offer
from capsviz.gui.remark import Remark
from capsviz.gui.scene import Scene
from capsviz.gui.work import OpenRequest, open_file

if TYPE_CHECKING:
    from pathlib import Path

    from capsviz.explore.mistakes import Mistake
    from capsviz.gui.answering import Answering
    from capsviz.gui.studies import Studies
    from capsviz.gui.work import Opened


class Opening(QObject):
    """Finds what is asked for, in a thread of its own where it has to be read.

    Signals:
        opened(Scene, str): what the canvas is to hold, and what that step is called.
        noticed(str): one sentence for the person.
        offered(object): Offer to show the next drawing of a file.
        outdated(str): what this sentence told is no longer so.
        failed(object): the exception that kept a file from being shown.
    """

    opened = Signal(Scene, str)
    noticed = Signal(str)
    offered = Signal(object)
    outdated = Signal(str)
    failed = Signal(object)

    def __init__(self, answering: Answering, studies: Studies, parent: QObject) -> None:
        super().__init__(parent)
        self._answering, self._studies = answering, studies
        self._scene = Scene()
        self._following: OpenRequest | None = None
        self._opener = Latest(open_file, "open", self)
        self._opener.done.connect(self._show_opened)
        self._opener.failed.connect(self.failed)
        studies.mistake_found.connect(self._show_mistake)
        self._of_file, self._of_mistake = Remark(self), Remark(self)
        self._connect_remarks()

    def _connect_remarks(self) -> None:
        for remark in (self._of_file, self._of_mistake):
            remark.told.connect(self.noticed)
            remark.outdated.connect(self.outdated)
        self._of_file.offered.connect(self.offered)
        for news in (self._answering.model_changed, self._answering.iterations_changed):
            news.connect(self._of_mistake.withdraw)  # it may be read otherwise from now on

    @property
    def is_idle(self) -> bool:
        """Nothing is being read."""
        return self._opener.is_idle

    def open_file(self, path: Path) -> None:
        """Show an image or a strokes file's first drawing, and offer the next; a notice tells what
        fails.
        """
        self._read(OpenRequest(path, path.name, self._digit_size))

    def open_picture(self, content: bytes, name: str) -> None:
        """The same for the bytes of an image file, such as a pasted one."""
        self._read(OpenRequest(content, name, self._digit_size))

    @Slot()
    def open_next(self) -> None:
        """Show the next drawing of the strokes file that was opened last; then the first again."""
        if self._following is None:
            self.noticed.emit("Open a file with several drawings first (.jsonl); then step on.")
        elif self.is_idle:  # which one follows is known when this one has come
            self._read(self._following)

    @Slot()
    def show_random_sample(self, label: int | None = None) -> None:
        """Show one of the real MNIST digits that ship with the program, perhaps of one class."""
        self.show_sample(random_sample(label))

    @Slot(int)
    def show_sample(self, index: int) -> None:
        """Show this one of the digits that ship with the program."""
        ground = sample_digits().images[index].astype("float32") / 255
        scene = Scene(ground=ground, framed=self._scene.framed, sample=index)
        self.opened.emit(scene, "sample digit")

    @Slot()
    def show_next_mistake(self) -> None:
        """Show the next of these digits that the network gets wrong."""
        if self._answering.is_learning:
            self.noticed.emit("The learning network changes; stop following it to see mistakes.")
            return
        self._opener.forget()
        after = -1 if self._scene.sample is None else self._scene.sample
        self._studies.search(after, self._answering.iterations)

    @Slot(Scene)
    def follow_scene(self, scene: Scene) -> None:
        """The canvas holds this: what comes is framed alike, mistakes are sought after it; what
        was asked for before does not take its place.
        """
        before, self._scene = self._scene, scene
        if not scene.holds_the_same_as(before):
            self._of_file.withdraw()
            self._of_mistake.withdraw()
            self._forget_asked()

    def close(self) -> None:
        """End all work and join the thread."""
        self._opener.close()

    @property
    def _digit_size(self) -> int:
        """Side of a single digit's image, pixels."""
        return self._answering.image_size - 2 * self._answering.border

    def _read(self, request: OpenRequest) -> None:
        self._forget_asked()
        self._opener.submit(request)

    def _forget_asked(self) -> None:
        self._opener.forget()
        self._studies.forget_search()

    @Slot(object)
    def _show_opened(self, opened: Opened) -> None:
        self.opened.emit(replace(opened.scene, framed=self._scene.framed), opened.what)
        self._following = opened.following
        if opened.following is not None:
            self._of_file.offer(Offer(opened.note, "Next", self.open_next))
        elif opened.note:
            self._of_file.tell(opened.note)

    @Slot(object)
    def _show_mistake(self, mistake: Mistake | None) -> None:
        if mistake is None:
            self.noticed.emit("This network reads every one of the sample digits as labelled.")
            return
        self.show_sample(mistake.index)
        self._of_mistake.tell(
            f"MNIST labels this digit {mistake.label}; the network reads {mistake.answer}."
        )
