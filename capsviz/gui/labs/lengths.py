"""The lengths of the digit capsules where two are decoded, any two of which can be chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capsviz.gui.capsules.lengths import Lengths

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from capsviz.explore.separation import Separation


class PairLengths(Lengths):
    """Bars as in the main window; the two that are decoded have a line below their number.

    Signals:
        digit_chosen(object): int, the digit whose capsule is to be decoded with the other one.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        self._separation: Separation | None = None
        super().__init__(parent)
        self.setObjectName("two-digits-lengths")

    def show_separation(self, separation: Separation | None) -> None:
        """Show an answer's lengths, or empty columns."""
        self._separation = separation
        self.show_explanation(None if separation is None else separation.explanation)

    @property
    def claimed(self) -> tuple[int, ...]:
        """Those of the two longest that are long enough."""
        return () if self._separation is None else self._separation.seen

    @property
    def marked(self) -> tuple[int, ...]:
        """The two that are decoded."""
        return () if self._separation is None else self._separation.digits

    def choose(self, digit: int) -> None:
        """Ask for this digit beside the one chosen last."""
        if 0 <= digit < self.count:
            self.digit_chosen.emit(digit)

    def click_means(self, digit: int) -> str:
        """What a click on a digit would do, in words."""
        return "keep this one" if digit in self.marked else "decode this one, and the last chosen"

    def summary(self) -> str:
        """The length of every capsule, and which two are decoded."""
        if self._separation is None:
            return super().summary()
        first, second = self._separation.digits
        return f"{super().summary()}; capsules {first} and {second} are decoded"
