"""The answer in words: the digit, how long its capsule is, what else it might be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from capsviz.gui.look.card import quiet_label
from capsviz.gui.look.theme import BODY, DARK, GRID, LARGE, Theme, font

if TYPE_CHECKING:
    from capsviz.explore.answers import Explanation

_NO_DIGIT = "–"


class Prediction(QWidget):
    """The digit, large and in its colour, and a sentence."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.digit = QLabel(_NO_DIGIT)
        self.digit.setObjectName("prediction")
        self.digit.setAccessibleName("Prediction")
        self.digit.setFont(font(LARGE, bold=True))
        self.digit.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.digit.setMinimumWidth(8 * GRID)
        self._sentence = QLabel()
        self._sentence.setFont(font(BODY))
        self._detail = quiet_label()
        self._theme = DARK
        self._seen: int | None = None
        self._lay_out()

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(GRID // 2)
        words.addStretch()
        words.addWidget(self._sentence)
        words.addWidget(self._detail)
        words.addStretch()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(self.digit)
        layout.addLayout(words, 1)

    def show_waiting(self, sentence: str, detail: str) -> None:
        """No answer, and why."""
        self._show(None, sentence, detail)

    def show_explanation(self, explanation: Explanation) -> None:
        """The longest capsule, if it is long enough to claim anything."""
        lengths = explanation.final_lengths
        first, second = (int(digit) for digit in (-lengths).argsort()[:2])
        runner_up = f"next is {second}, {lengths[second]:.2f} long"
        if explanation.is_seen:
            self._show(first, f"capsule {first} is {lengths[first]:.2f} long", runner_up)
        else:
            longest = f"the longest capsule, {first}, has {lengths[first]:.2f}"
            self._show(None, "no digit seen", longest)

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme = theme
        self._colour()

    def _show(self, digit: int | None, sentence: str, detail: str) -> None:
        self._seen = digit
        self.digit.setText(_NO_DIGIT if digit is None else str(digit))
        self.digit.setAccessibleDescription(f"{sentence}; {detail}")
        self._sentence.setText(sentence)
        self._detail.setText(detail)
        self._colour()

    def _colour(self) -> None:
        known = self._seen is not None and self._seen < len(self._theme.digits)
        colour = self._theme.digits[self._seen] if known and self._seen is not None else ""
        self.digit.setStyleSheet(f"color: {colour or self._theme.quiet};")
