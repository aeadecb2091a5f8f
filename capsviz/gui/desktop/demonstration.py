"""Draws a sample digit stroke by stroke, prints the answer, saves the window's picture."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot

from capsviz.data.drawing import Mark
from capsviz.data.strokes import read_strokes
from capsviz.files import CapsvizError
from capsviz.gui.input.smoothing import smooth_line
from capsviz.places import resources_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from capsviz.explore.answers import Explanation
    from capsviz.gui.window import Window

_DIGIT = 3
_POINTS_PER_MOVE = 6
_PATIENCE_MS = 120_000  # a cold disk may take a minute to give torch
_SETTLING_MS = 10_000  # for what is worked out beside the answer, such as each number's effect
_LOOK_MS = 20


class Demonstration(QObject):
    """Runs once the network is there, then closes the window.

    Attributes:
        code: exit code: 1 if it could not do its work.
    """

    def __init__(self, window: Window, opened: Path | None, screenshot: Path) -> None:
        super().__init__(window)
        self._window, self._session = window, window.session
        self._opened, self._screenshot = opened, screenshot
        self._moves: Iterator[None] = iter(())
        self._finished = False
        self.code = 0
        self._patience = QTimer(self, singleShot=True, interval=_PATIENCE_MS)

    def start(self) -> None:
        """Wait for the network, then draw or open."""
        self._session.model_changed.connect(self._begin_soon)
        self._session.noticed.connect(self._give_up)
        self._patience.timeout.connect(self._run_out)
        self._patience.start()

    @Slot()
    def _begin_soon(self) -> None:
        """The session first asks the new network about the empty canvas, and drops all else."""
        QTimer.singleShot(0, self, self._begin)

    @Slot()
    def _begin(self) -> None:
        self._session.model_changed.disconnect(self._begin_soon)  # a session may bring another
        self._session.explanation_changed.connect(self._go_on)
        if self._opened is not None:
            self._window.actions_.files.open_by_kind(self._opened)
            return
        self._moves = self._strokes()
        next(self._moves)

    def _strokes(self) -> Iterator[None]:
        """One move of the pen per step; the next follows when the network has answered."""
        drawings = read_strokes(resources_folder() / "sample-strokes.jsonl")
        drawing = next(entry.drawing for entry in drawings if entry.label == _DIGIT)
        for mark in drawing.marks:
            points = tuple(smooth_line(list(mark.points)))
            for end in range(1, len(points), _POINTS_PER_MOVE):
                self._session.preview_mark(Mark(points[:end]))
                yield
            self._session.add_mark(Mark(points))
            yield

    @Slot(object)
    def _go_on(self, explanation: Explanation | None) -> None:
        if explanation is None or self._finished:
            return
        self._patience.start()  # it answers, so it may take its time
        if next(self._moves, self) is self:
            self._finished = True
            QTimer.singleShot(0, self, self._finish)  # after every view has drawn the answer

    @Slot()
    def _finish(self) -> None:
        waited = _PATIENCE_MS - self._patience.remainingTime()
        if not self._session.is_settled and waited < _SETTLING_MS:
            QTimer.singleShot(_LOOK_MS, self, self._finish)
            return
        explanation = self._session.explanation
        assert explanation is not None
        lengths = " ".join(f"{length:.3f}" for length in explanation.final_lengths)
        last = len(explanation.final_lengths) - 1
        seen = str(explanation.digit) if explanation.is_seen else "no digit seen"
        print(f"answer: {seen}\nlengths 0–{last}: {lengths}")  # noqa: T201  this is its result
        try:
            self._window.save_picture(self._screenshot)
        except CapsvizError as error:
            self._give_up(str(error))
            return
        print(f"picture: {self._screenshot}")  # noqa: T201
        self._window.close()

    @Slot(str)
    def _give_up(self, sentence: str) -> None:
        print(f"capsviz: {sentence}", file=sys.stderr)  # noqa: T201
        self.code = 1
        self._window.close()

    @Slot()
    def _run_out(self) -> None:
        self._give_up(f"The network gave no answer within {_PATIENCE_MS // 1000} seconds.")
