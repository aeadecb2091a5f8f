"""The answer in words: the digit, how long its capsule is, what else it might be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from capsviz.data.apart import is_side_by_side
from capsviz.explore.answers import SEEN
from capsviz.gui.look.theme import BODY, DARK, GRID, LARGE, SMALL, Theme, font

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from capsviz.explore.answers import Explanation

_NO_DIGIT = "–"
_SEVERAL = "several digits? It reads one"
_RULE = f"The longest digit capsule is the answer if its length ‖v‖ is at least {SEEN}."


class Prediction(QWidget):
    """The digit, large and in its colour, and a sentence."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.digit = Line(LARGE)
        self.digit.setObjectName("prediction")
        self.digit.setAccessibleName("Prediction")
        self.digit.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self._sentence, self._detail = Line(BODY), Line(SMALL)
        self.digits = 1
        """How many the network reads in one image."""
        self._theme = DARK
        self._seen: int | None = None
        self._lay_out()
        self.show_waiting("Draw a digit", "")

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(GRID // 4)
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

    def show_explanation(self, explanation: Explanation, iteration: int | None = None) -> None:
        """The longest capsule, if it is long enough to claim anything; and the next one.

        Args:
            explanation: the answer.
            iteration: the one on show, 1 … R; if it is not the last, its length is told instead.
        """
        first = explanation.digit
        length, detail = explanation.final_lengths[first], self._detail_of(explanation, iteration)
        if explanation.is_seen:
            self._show(first, f"capsule {first} is {length:.2f} long", detail)
        else:
            detail = detail or f"the longest capsule, {first}, has {length:.2f}"
            self._show(None, "no digit seen", detail)

    def _detail_of(self, explanation: Explanation, iteration: int | None) -> str:
        """What is said below the answer; nothing, if there is nothing but the answer to say."""
        if self.digits == 1 and is_side_by_side(explanation.image):
            return _SEVERAL
        if not explanation.is_seen:
            return ""
        if iteration is not None and iteration < explanation.iterations:
            length = explanation.lengths[iteration - 1, explanation.digit]
            return f"after iteration {iteration}: {length:.2f}"
        lengths = explanation.final_lengths
        _, *others = (int(digit) for digit in (-lengths).argsort(kind="stable"))
        if not others:
            return ""
        length = lengths[others[0]]
        word = "and" if self.digits > 1 and length >= SEEN else "next is"
        return f"{word} {others[0]}, {length:.2f} long"

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme = theme
        self._colour()

    def _show(self, digit: int | None, sentence: str, detail: str = "") -> None:
        self._seen = digit
        self.digit.setText(_NO_DIGIT if digit is None else str(digit))
        words = [each for each in (sentence, detail) if each]
        self.digit.setAccessibleDescription("; ".join(words))
        self.setToolTip("\n".join([*words, _RULE]))
        self._sentence.setText(sentence)
        self._detail.setText(detail)
        self._colour()

    def _colour(self) -> None:
        theme = self._theme
        digits = theme.digits
        colour = theme.quiet if self._seen is None else digits[self._seen % len(digits)]
        self.digit.set_colour(colour)
        self._sentence.set_colour(theme.text)
        self._detail.set_colour(theme.quiet)


class Line(QLabel):
    """One line in one colour; what does not fit ends in an ellipsis, so it asks for no width."""

    def __init__(self, size: float) -> None:
        super().__init__()
        self.setFont(font(size, bold=size == LARGE))
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._colour = QColor()

    def set_colour(self, colour: str) -> None:
        """Take this colour; a style sheet would cost more than the whole picture below."""
        self._colour = QColor(colour)
        self.update()

    # Qt calls these

    def sizeHint(self) -> QSize:
        one_letter = QSize(self.fontMetrics().horizontalAdvance("0") + GRID // 2, 0)
        return super().sizeHint().expandedTo(one_letter)

    def minimumSizeHint(self) -> QSize:
        return QSize(4 * GRID, super().minimumSizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self._colour)
        whole, mode = self.text(), Qt.TextElideMode.ElideRight
        short = self.fontMetrics().elidedText(whole, mode, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, short)
