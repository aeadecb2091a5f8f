"""What the views of votes, agreement and calculation have in common: answer, iteration, digit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot

from capsviz.explore.couplings import place_of
from capsviz.gui.look.view import View

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from capsviz.explore.answers import Explanation


class RoutedView(View):
    """Shows one routing iteration of an answer, for one digit capsule.

    Signals:
        pointed(object): the primary capsule pointed at, None when it is left.
    """

    pointed = Signal(object)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.explanation: Explanation | None = None
        self._iteration: int | None = None
        self._digit: int | None = None

    @Slot(object)
    def show_explanation(self, explanation: Explanation | None) -> None:
        """Show an answer, or that there is none."""
        self.explanation = explanation
        self.refresh()

    @Slot(int)
    def show_iteration(self, iteration: int) -> None:
        """Show this iteration, clipped to 1 … R; until told, the last."""
        if iteration != self._iteration:
            self._iteration = iteration
            self.refresh()

    @Slot(object)
    def show_digit(self, digit: int | None) -> None:
        """Show this digit capsule; None follows the longest."""
        if digit != self._digit:
            self._digit = digit
            self.refresh()

    def iteration_of(self, explanation: Explanation) -> int:
        """The iteration shown, 1 … R."""
        count = explanation.iterations
        return count if self._iteration is None else min(max(self._iteration, 1), count)

    def digit_of(self, explanation: Explanation) -> int:
        """The digit capsule shown, 0 … J-1: the longest, too, where the network has no such."""
        wanted, count = self._digit, len(explanation.final_lengths)
        return explanation.digit if wanted is None or wanted >= count else wanted


def place_in_words(explanation: Explanation, capsule: int) -> str:
    """Where a primary capsule 0 … I-1 stands, counted from 1."""
    kind, row, column = (index + 1 for index in place_of(explanation, capsule))
    return f"type {kind}, row {row}, column {column}"
