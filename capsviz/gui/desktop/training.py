"""Commands that have to do with training: their dialogs, and what each asks of the session."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction

from capsviz.data.mnist import has_mnist
from capsviz.files import CapsvizError
from capsviz.gui.look.dialogs import ask_whether
from capsviz.gui.look.theme import DARK
from capsviz.gui.offer import Offer
from capsviz.gui.training_source import Source
from capsviz.gui.training_work import RunRequest
from capsviz.places import data_folder

if TYPE_CHECKING:
    from PySide6.QtWidgets import QDialog, QMessageBox

    from capsviz.explore.models import LoadedModel
    from capsviz.gui.archive import Changed
    from capsviz.gui.look.theme import Theme
    from capsviz.gui.preparing import Asked
    from capsviz.gui.session import Session
    from capsviz.gui.train.new_run import NewRun
    from capsviz.gui.train.runs import Runs
    from capsviz.gui.window import Window
    from capsviz.training.runs import RunSummary

_MOST_LETTERS = 60  # of a network's name in a run's


class TrainingCommands(QObject):
    """Opens the dialogs of training, which are made when first asked for."""

    def __init__(self, window: Window, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._window, self._session = window, session
        self._theme = DARK
        self._new: NewRun | None = None
        self._runs: Runs | None = None
        self._question: QMessageBox | None = None
        session.learning.hand.learn_asked.connect(self.fine_tune)

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
        _bring_up(self._new)

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
        _bring_up(self._runs)

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

    @Slot(QAction)
    def correct(self, action: QAction) -> None:
        """The drawing is of this digit, whatever the network answers."""
        self.correct_as(int(action.data()))

    @Slot(int)
    def correct_as(self, label: int) -> None:
        """The same for a digit."""
        session = self._session
        if session.explanation is None or session.model is None or session.scene.is_empty:
            session.noticed.emit("Draw a digit first; then say what it is.")
            return
        hand = session.learning.hand
        name, border = session.model.name, session.answering.border
        hand.correct(session.scene, session.explanation, name, label, border)

    @Slot()
    def forget_last(self) -> None:
        """Take the last corrected drawing out of the person's own set."""
        self._session.learning.hand.forget_last()

    @Slot()
    def fine_tune(self) -> None:
        """Let the chosen network learn the person's own drawings."""
        session, folder = self._session, data_folder()
        if not has_mnist(folder):
            sentence = "MNIST is mixed with your drawings, but is not on this machine yet."
            session.offered.emit(Offer(sentence, "Get it …", self.new_run))
        elif session.chosen_model is None or not session.learning.training.is_idle:
            session.noticed.emit("A run is under way; stop it before another one begins.")
        elif session.chosen_model.network.config.digits_per_image == 2:
            session.noticed.emit(
                f"“{session.chosen_model.name}” reads two digits in one image, and your drawings "
                "show one each; choose a network that reads one."
            )
        else:
            self._fine_tune(session.chosen_model, folder)

    def _fine_tune(self, model: LoadedModel, data: Path) -> None:
        from capsviz.training.runs import new_run_folder

        learning = self._session.learning
        folder = new_run_folder(_run_name(model.name))
        learning.training.start(
            RunRequest(
                name=folder.name,
                folder=folder,
                source=Source("mnist", str(data)),
                device="auto",
                settings=None,
                config=None,
                start=str(model.path),
                is_wanted=learning.training.is_wanted,
                fine_tunes=True,
            )
        )

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


def _bring_up(dialog: QDialog) -> None:
    dialog.show()
    dialog.activateWindow()


def _run_name(network: str) -> str:
    """As much of a network's name as a run's can hold; a file may be called anything."""
    from capsviz.training.runs import check_name

    name = f"{network} for my hand"
    try:
        return check_name(name)
    except CapsvizError:
        kept = re.sub(r"\W+", " ", network)[:_MOST_LETTERS].strip() or "network"
        return f"{kept} for my hand"
