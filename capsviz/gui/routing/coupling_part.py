"""What the pictures of the couplings do alike: tooltips by place, focus, choosing a digit."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QWidget

from capsviz.gui.look.keys import CHOOSE
from capsviz.gui.look.theme import DARK, Theme
from capsviz.gui.look.tips import shows_tip

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QMouseEvent


class CouplingPart(QWidget):
    """A picture that explains itself where it is pointed at, and shows that it has the focus."""

    def __init__(self, name: str, accessible: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(accessible)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.theme = DARK
        self.is_empty = True

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self.theme = theme
        self.update()

    def tip_at(self, place: QPointF) -> str:
        """The tooltip there; "" for none."""
        raise NotImplementedError

    def _tip_at(self, place: QPointF) -> str:
        return "" if self.is_empty else self.tip_at(place)

    # Qt calls these

    def event(self, event: QEvent) -> bool:
        return shows_tip(self, event, self._tip_at) or super().event(event)


class DigitPart(CouplingPart):
    """A picture with a part for each digit; a click, or arrow keys and Enter, choose one.

    Signals:
        chosen(int): the digit chosen, 0 … J-1.
    """

    chosen = Signal(int)
    steps: ClassVar[dict[Qt.Key, int]] = {}

    def __init__(self, name: str, accessible: str, parent: QWidget | None = None) -> None:
        super().__init__(name, accessible, parent)
        self.digits = 10  # of the paper, until an answer says otherwise
        self.digit: int | None = None
        self.cursor_digit = 0

    def mark_digit(self, digit: int | None) -> None:
        """Mark the digit that is chosen; the keyboard's cursor goes with it."""
        if digit is not None and digit != self.digit:
            self.cursor_digit = digit
        self.digit = digit
        self._put_cursor(self.cursor_digit)

    def digit_at(self, place: QPointF) -> int | None:
        """The digit whose part is there."""
        raise NotImplementedError

    def _put_cursor(self, digit: int) -> None:
        self.cursor_digit = min(max(digit, 0), self.digits - 1)
        self.setAccessibleDescription(f"Digit {self.cursor_digit}")
        self.update()

    def _choose(self, digit: int) -> None:
        self._put_cursor(digit)
        self.chosen.emit(digit)

    # Qt calls these

    def mousePressEvent(self, event: QMouseEvent) -> None:
        digit = None if self.is_empty else self.digit_at(event.position())
        if digit is not None and event.button() == Qt.MouseButton.LeftButton:
            self._choose(digit)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if not self.is_empty and key in self.steps:
            self._put_cursor(self.cursor_digit + self.steps[key])
        elif not self.is_empty and key in CHOOSE:
            self._choose(self.cursor_digit)
        else:
            super().keyPressEvent(event)
