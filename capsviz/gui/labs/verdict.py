"""The answer of the lab in words: both digits in their colours, and a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from capsviz.gui.capsules.prediction import Line
from capsviz.gui.labs import words
from capsviz.gui.look.theme import BODY, DARK, GRID, LARGE, SMALL, Theme

if TYPE_CHECKING:
    from capsviz.explore.separation import Separation

_NO_DIGIT = "–"


class Verdict(QWidget):
    """Two large figures, what is read, and how long the capsules are."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._digits = (Line(LARGE), Line(LARGE))
        self.sentence, self._detail = Line(BODY), Line(SMALL)
        self.sentence.setObjectName("two-digits-verdict")
        self.sentence.setAccessibleName("Answer")
        self._seen: tuple[int | None, int | None] = (None, None)
        self._theme = DARK
        self._lay_out()
        self.show_waiting("Draw two digits over one another", "")

    def _lay_out(self) -> None:
        told = QVBoxLayout()
        told.setSpacing(GRID // 4)
        told.addStretch()
        told.addWidget(self.sentence)
        told.addWidget(self._detail)
        told.addStretch()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        for digit in self._digits:
            digit.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
            layout.addWidget(digit)
        layout.addLayout(told, 1)

    def show_waiting(self, sentence: str, detail: str) -> None:
        """No answer, and why."""
        self._say((None, None), sentence, detail)

    def show_separation(self, answer: Separation) -> None:
        """What is read, and whether it is right where that is known."""
        seen = answer.seen
        first, second = (digit if digit in seen else None for digit in answer.longest)
        self._say((first, second), words.verdict(answer), words.detail(answer))

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme = theme
        self._colour()

    def _say(self, seen: tuple[int | None, int | None], sentence: str, detail: str) -> None:
        self._seen = seen
        for line, digit in zip(self._digits, seen, strict=True):
            line.setText(_NO_DIGIT if digit is None else str(digit))
        self.sentence.setText(sentence)
        self.sentence.setAccessibleDescription(f"{sentence}; {detail}" if detail else sentence)
        self._detail.setText(detail)
        self.setToolTip(f"{sentence}\n{detail}\n{words.RULE}")
        self._colour()

    def _colour(self) -> None:
        theme = self._theme
        for line, digit in zip(self._digits, self._seen, strict=True):
            line.set_colour(theme.quiet if digit is None else theme.digits[digit % 10])
        self.sentence.set_colour(theme.text)
        self._detail.set_colour(theme.quiet)
