"""The upper part of the training card: how far the run is, and what can be done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from capsviz.gui.look.card import quiet_label
from capsviz.gui.look.theme import GRID, SMALL, font
from capsviz.gui.train.words import spoken_share, spoken_time

if TYPE_CHECKING:
    from capsviz.training.progress import Progress

PERMILLE = 1000  # of the progress bar

_BUTTONS = {
    "pause": ("Pause", "Hold after this step; nothing is lost"),
    "step": ("Step", "Train on one batch, then hold"),
    "stop": ("Stop and keep", "End here; the network is measured once more, and the best is kept"),
    "use": ("Use it", "Let the network of this run answer from now on"),
    "new": ("New run…", "Train another network"),
}
_WHILE_IT_RUNS = ("pause", "step", "stop")


class Controls(QWidget):
    """Progress and buttons of the run under way or just ended.

    Signals:
        pause_asked(bool): hold, or go on.
        step_asked(), stop_asked(), use_asked(), new_asked(): as the buttons say.
        follow_asked(bool): the explorer shows the learning network, or no longer.
    """

    pause_asked = Signal(bool)
    step_asked = Signal()
    stop_asked = Signal()
    use_asked = Signal()
    new_asked = Signal()
    follow_asked = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bar = QProgressBar()
        self._words = quiet_label()
        self.follow = QCheckBox("Follow")
        self.buttons = {name: self._button(name) for name in _BUTTONS}
        self._dress()
        self._lay_out()
        self._connect()
        self.show_state("idle")

    def _dress(self) -> None:
        self._words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._words.setWordWrap(True)
        self.bar.setObjectName("training-progress")
        self.bar.setAccessibleName("Training progress")
        self.bar.setRange(0, PERMILLE)
        self.bar.setTextVisible(False)
        self.follow.setObjectName("follow-training")
        self.follow.setToolTip(
            "Let the learning network answer, so that what you draw changes as it learns;\n"
            "off: back to the network before"
        )

    def _button(self, name: str) -> QPushButton:
        text, tip = _BUTTONS[name]
        made = QPushButton(text)
        made.setObjectName(f"training-{name}")
        made.setToolTip(tip)
        made.setFont(font(SMALL))
        made.setProperty("compact", True)
        return made

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(GRID // 2)
        for button in self.buttons.values():
            row.addWidget(button)
        row.addStretch()
        row.addWidget(self.follow)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID // 2)
        layout.addWidget(self.bar)
        layout.addWidget(self._words)
        layout.addLayout(row)

    def _connect(self) -> None:
        self.buttons["pause"].clicked.connect(self._ask_to_pause)
        for name, asked in (
            ("step", self.step_asked),
            ("stop", self.stop_asked),
            ("use", self.use_asked),
            ("new", self.new_asked),
        ):
            self.buttons[name].clicked.connect(asked)
        self.follow.clicked.connect(self.follow_asked)

    @Slot()
    def _ask_to_pause(self) -> None:
        self.pause_asked.emit(self._state == "running")

    def show_run(self) -> None:
        """Another run begins."""
        self.bar.setValue(0)
        self._words.setText("Reading the digits …\n")

    def show_state(self, state: str) -> None:
        """It is "running", "paused", "stopping", or "idle": there is none."""
        self._state = state
        is_under_way = state != "idle"
        for is_shown in (False, True):  # never both rows at once: the card would stay as wide
            for name, button in self.buttons.items():
                if ((name in _WHILE_IT_RUNS) == is_under_way) == is_shown:
                    button.setVisible(is_shown)
        for button in self.buttons.values():
            button.setEnabled(state != "stopping")
        self.buttons["pause"].setText("Resume" if state == "paused" else "Pause")
        if state == "stopping":
            self._words.setText("Stopping: the network is being kept …")

    def show_progress(self, progress: Progress) -> None:
        """How far it is, and how long it will take."""
        self.bar.setValue(round(PERMILLE * progress.step / max(progress.total_steps, 1)))
        if self._state == "stopping":
            return
        best, epochs = progress.best_validation_error, progress.total_steps / progress.step
        told = [
            f"epoch {progress.epoch:.2f} of {epochs * progress.epoch:.0f}",
            f"paused at step {progress.step}"
            if self._state == "paused"
            else f"{spoken_time(progress.seconds_left)} left",
            f"{progress.images_per_second:.0f} images/s",
        ]
        # a line of its own from the beginning, so that the buttons stay where they are
        error = "not measured yet" if best is None else f"{spoken_share(best)} wrong"
        self._words.setText(f"{' · '.join(told)}\nheld-out digits: {error}")
        self.bar.setAccessibleDescription(self._words.text())

    def show_end(self, sentence: str, has_network: bool) -> None:
        """It has ended; the network it leaves can be used, if there is one."""
        self._words.setText(sentence)
        self.buttons["use"].setEnabled(has_network)

    @Slot(bool)
    def show_following(self, follows: bool) -> None:
        """Whether the explorer shows the learning network."""
        self.follow.setChecked(follows)
