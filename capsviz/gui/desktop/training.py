"""Commands that have to do with training: their dialogs, and what each asks of the session."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from capsviz.gui.desktop.hand import HandCommands
from capsviz.gui.look.dialogs import ask_whether
from capsviz.gui.look.screens import bring_up
from capsviz.gui.look.theme import DARK
from capsviz.gui.offer import Offer
from capsviz.gui.training_work import RunRequest

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMessageBox

    from capsviz.gui.archive import Changed
    from capsviz.gui.look.theme import Theme
    from capsviz.gui.preparing import Asked
    from capsviz.gui.session import Session
    from capsviz.gui.train.new_run import NewRun
    from capsviz.gui.train.runs import Runs
    from capsviz.gui.window import Window
    from capsviz.training.runs import RunSummary


class TrainingCommands(QObject):
    """Opens the dialogs of training, which are made when first asked for. Its part: `hand`, what
    is done with the person's own drawings.
    """

    def __init__(self, window: Window, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._window, self._session = window, session
        self._theme = DARK
        self._new: NewRun | None = None
        self._runs: Runs | None = None
        self._question: QMessageBox | None = None
        self.hand = HandCommands(session, self)
        self.hand.mnist_wanted.connect(self.new_run)

    def set_theme(self, theme: Theme) -> None:
        """Give the dialogs these colours."""
        self._theme = theme
        for dialog in (self._new, self._runs):
            if dialog is not None:
                dialog.set_theme(theme)

    @Slot()
    def new_run(self) -> None:
        """Ask what to train."""
        if self._new is None:
            self._new = self._made_new_run()
        bring_up(self._new)

    @Slot()
    def new_two_digit_run(self) -> None:
        """The same, with the preset of two digits put into the form."""
        self.new_run()
        if self._new is not None:
            self._new.presets.choose("two-digits")

    @Slot()
    def show_runs(self) -> None:
        """All runs, to compare and to go on with."""
        if self._runs is None:
            self._runs = self._made_runs()
        bring_up(self._runs)

    @Slot()
    def ask_to_close(self) -> None:
        """The window is to close while a run is under way; asked once at a time."""
        if self._question is not None:
            return
        self._question = ask_whether(
            self._window,
            "A network is being trained.",
            "If you close now, its state is saved, and you can go on with it the next time.",
            "Close",
            "Go on training",
        )
        self._question.setObjectName("ask-to-close")
        self._question.accepted.connect(self._window.close_now)
        self._question.finished.connect(self._forget_question)
        self._question.open()

    @Slot()
    def _forget_question(self) -> None:
        self._question = None

    @Slot()
    def pin(self) -> None:
        """The drawing on the canvas becomes a row of the film."""
        session = self._session
        answering = session.answering
        session.learning.filming.pin(session.scene, answering.image_size, answering.border)

    def _made_new_run(self) -> NewRun:
        from capsviz.gui.train.new_run import NewRun

        made, learning = NewRun(self._window), self._session.learning
        preparing = learning.preparing
        made.set_theme(self._theme)
        made.start_asked.connect(self._begin)
        made.cost_asked.connect(preparing.measure)
        made.networks_asked.connect(preparing.list_networks)
        preparing.networks_found.connect(made.begin_with.show_networks)
        made.data.source_changed.connect(preparing.look)
        made.data.fetch_asked.connect(self._fetch)
        made.data.cancel_asked.connect(preparing.cancel_fetch)
        preparing.cost_changed.connect(made.show_cost)
        preparing.cost_failed.connect(made.drop_cost)
        preparing.found.connect(made.show_found)
        preparing.fetched.connect(made.data.show_fetched)
        preparing.fetch_ended.connect(made.data.show_fetch_ended)
        learning.training.state_changed.connect(made.show_state)
        made.show_state(learning.training.state)
        return made

    def _made_runs(self) -> Runs:
        from capsviz.gui.train.runs import Runs

        made, learning = Runs(self._window), self._session.learning
        archive = learning.archive
        made.set_theme(self._theme)
        made.look_asked.connect(archive.look)
        made.curves_asked.connect(archive.compare)
        made.change_asked.connect(archive.change)
        made.reopen_asked.connect(self._reopen)
        made.continue_asked.connect(self._continue)
        archive.listed.connect(made.show_runs)
        archive.trash_listed.connect(made.show_trash)
        archive.curves_changed.connect(made.show_curves)
        archive.changed.connect(self._tell_change)
        learning.training.state_changed.connect(made.show_state)
        made.show_state(learning.training.state)
        return made

    @Slot(object)
    def _reopen(self, run: RunSummary) -> None:
        self._session.learning.archive.reopen(run.folder)

    @Slot(object)
    def _continue(self, run: RunSummary) -> None:
        self._session.learning.resume(run.name, run.folder)

    @Slot(object)
    def _tell_change(self, changed: Changed) -> None:
        if changed.change.kind == "publish":
            self._published = changed.target
            sentence = f"The network {changed.target.stem} is among your own now."
            self._session.offered.emit(Offer(sentence, "Let it answer", self._use_published))

    @Slot()
    def _use_published(self) -> None:
        self._session.load_model(self._published.stem)

    @Slot(object)
    def _begin(self, asked: Asked) -> None:
        from capsviz.training.runs import new_run_folder

        learning = self._session.learning
        folder = new_run_folder(asked.name)
        learning.following.follow(asked.is_followed)
        learning.training.start(
            RunRequest(
                name=folder.name,
                folder=folder,
                source=asked.source,
                device=asked.device,
                settings=asked.settings,
                config=asked.config,
                start=asked.start,
                is_wanted=learning.training.is_wanted,
            )
        )

    @Slot(str)
    def _fetch(self, folder: str) -> None:
        self._session.learning.preparing.fetch(Path(folder))
