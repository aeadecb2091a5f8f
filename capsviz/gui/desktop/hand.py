"""Commands about the person's own drawings: saying what one is, and learning from them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction

from capsviz.data.mnist import has_mnist
from capsviz.data.samples import is_sample
from capsviz.files import CapsvizError
from capsviz.gui.offer import Offer
from capsviz.gui.training_source import Source
from capsviz.gui.training_work import RunRequest
from capsviz.places import data_folder

if TYPE_CHECKING:
    from pathlib import Path

    from capsviz.explore.answers import Explanation
    from capsviz.explore.models import LoadedModel
    from capsviz.gui.session import Session

_NO_DRAWING = (
    "There is no drawing of yours to learn from yet: draw a digit, say above it what it is "
    "(“No, it's a …”), and then fine-tune."
)
_NOT_YOURS = (
    "This is one of MNIST's test digits, or drawn upon one. Networks are measured on them, so "
    "none may learn it; correct your own drawings."
)
_MOST_LETTERS = 60  # of a network's name in a run's


class HandCommands(QObject):
    """Keeps corrected drawings, and lets the chosen network learn them.

    Signals:
        mnist_wanted(): it cannot learn them before MNIST is on this machine.
    """

    mnist_wanted = Signal()

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        session.learning.hand.learn_asked.connect(self.fine_tune)

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
        elif not session.model.network.config.reads_digits:
            session.noticed.emit(_no_digits(session.model))
        elif session.scene.ground is not None and is_sample(session.scene.ground):
            session.noticed.emit(_NOT_YOURS)
        else:
            self._correct_as(label, session.explanation, session.model)

    def _correct_as(self, label: int, answer: Explanation, model: LoadedModel) -> None:
        session = self._session
        hand = session.learning.hand
        hand.correct(session.scene, answer, model.name, label, session.answering.border)

    @Slot()
    def forget_last(self) -> None:
        """Take the last corrected drawing out of the person's own set."""
        self._session.learning.hand.forget_last()

    @Slot()
    def fine_tune(self) -> None:
        """Let the chosen network learn the person's own drawings; a notice tells why it cannot."""
        session, folder = self._session, data_folder()
        model = session.answering.chosen_model
        if not has_mnist(folder):
            sentence = "MNIST is mixed with your drawings, but is not on this machine yet."
            session.offered.emit(Offer(sentence, "Get it …", self.mnist_wanted.emit))
        elif model is None:
            session.noticed.emit("No network is loaded yet; choose one, then let it learn.")
        elif not session.learning.training.is_idle:
            session.noticed.emit("A run is under way; stop it before another one begins.")
        elif not model.network.config.reads_digits:
            session.noticed.emit(_no_digits(model))
        elif model.network.config.digits_per_image == 2:
            session.noticed.emit(
                f"“{model.name}” reads two digits in one image, and your drawings "
                "show one each; choose a network that reads one."
            )
        else:
            self._fine_tune_if_drawn(model, folder)

    def _fine_tune_if_drawn(self, model: LoadedModel, data: Path) -> None:
        try:
            count = self._session.learning.hand.count()
        except CapsvizError as error:
            self._session.noticed.emit(str(error))
            return
        if count:
            self._fine_tune(model, data)
        else:
            self._session.noticed.emit(_NO_DRAWING)

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


def _run_name(network: str) -> str:
    """As much of a network's name as a run's can hold; a file may be called anything."""
    from capsviz.training.runs import check_name

    name = f"{network} for my hand"
    try:
        return check_name(name)
    except CapsvizError:
        kept = re.sub(r"\W+", " ", network)[:_MOST_LETTERS].strip() or "network"
        return f"{kept} for my hand"


def _no_digits(model: LoadedModel) -> str:
    return (
        f"“{model.name}” reads {model.network.config.classes} classes, and your own set is of "
        "the ten digits; choose a network that reads those."
    )
