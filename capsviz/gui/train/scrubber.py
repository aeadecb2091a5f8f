"""The film with what moves it: a slider over the steps kept of a run, and the pin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QSlider, QToolButton, QVBoxLayout

from capsviz.gui.film_work import MOST_PINNED
from capsviz.gui.look.card import quiet_label
from capsviz.gui.look.theme import GRID, SMALL, font
from capsviz.gui.look.view import View
from capsviz.gui.train.film import FilmBoard

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtWidgets import QWidget

    from capsviz.gui.film_work import Reading
    from capsviz.gui.look.theme import Theme
    from capsviz.gui.look.view import Table


class Film(View):
    """Pinned drawings over the steps of a run, and a slider that takes the explorer back to one.

    Signals:
        pin_asked(): the drawing on the canvas is to become a row.
        step_chosen(object): int, this kept step is to be shown; None: the present.
    """

    pin_asked = Signal()
    step_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Film", parent)
        self.board = FilmBoard()
        self._pin = self._button("Pin this drawing", "Watch how the network learns to read it")
        self._now = self._button("Now", "Back to the newest weights")
        self._pin.setObjectName("training-pin")
        self._now.setObjectName("training-now")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setObjectName("training-step")
        self.slider.setAccessibleName("Step of the run on show")
        self.slider.setToolTip("Take the explorer back to an earlier step of this run")
        self._words = quiet_label()
        self._steps: tuple[int, ...] = ()
        self._lay_out()
        self._pin.clicked.connect(self.pin_asked)
        self._now.clicked.connect(self._ask_for_now)
        self.slider.valueChanged.connect(self._choose)
        self.board.step_chosen.connect(self.step_chosen)
        self.show_step(None)

    def _button(self, text: str, tip: str) -> QToolButton:
        made = QToolButton()
        made.setText(text)
        made.setToolTip(tip)
        made.setFont(font(SMALL))
        made.setProperty("segment", True)
        made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return made

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(self._pin)
        row.addWidget(self.slider, 1)
        row.addWidget(self._words)
        row.addWidget(self._now)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addLayout(row)
        layout.addWidget(self.board, 1)

    def show_film(
        self,
        drawings: tuple[NDArray[np.float32], ...],
        steps: tuple[int, ...],
        readings: Mapping[tuple[int, int], Reading],
    ) -> None:
        """Show these; see `FilmBoard.show_film`."""
        self._pin.setEnabled(len(drawings) < MOST_PINNED)
        self.board.show_film(drawings, steps, readings)
        if steps != self._steps:
            self._steps = steps
            self._set_slider()
        self.refresh()

    @Slot(object)
    def show_step(self, step: int | None) -> None:
        """The explorer shows the weights after this step; None: the newest, or other ones."""
        self._step = step
        self.board.show_step(step)
        self._now.setEnabled(step is not None)
        self._words.setText("now" if step is None else f"step {step}")
        self._set_slider()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self.board.set_theme(theme)
        super().set_theme(theme)

    def draw(self) -> None:
        """Its parts draw themselves."""

    def summary(self) -> str:
        """The film's own."""
        return self.board.summary()

    def table(self) -> Table | None:
        """The film's own."""
        return self.board.table()

    def _set_slider(self) -> None:
        count = len(self._steps)
        at = self._steps.index(self._step) if self._step in self._steps else count - 1
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, max(count - 1, 0))
            self.slider.setValue(max(at, 0))
        self.slider.setEnabled(count > 1)

    @Slot()
    def _ask_for_now(self) -> None:
        self.step_chosen.emit(None)

    @Slot(int)
    def _choose(self, index: int) -> None:
        self.step_chosen.emit(self._steps[index])
