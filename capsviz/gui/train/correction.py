"""A row of digits: one click says what a drawing was that the network got wrong."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QWidget

from capsviz.gui.look.card import quiet_label
from capsviz.gui.look.theme import GRID, SMALL, font

_DIGITS = 10


class Correction(QWidget):
    """A row of digits in the header of the drawing.

    Signals:
        corrected(int): the drawing is of this digit.
    """

    corrected = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("correction")
        self.setToolTip(
            "Wrong answer? Say what it was: the drawing joins your own set,\n"
            "from which the network can learn your hand (Train ▸ Fine-tune on my drawings)"
        )
        self._buttons = QButtonGroup(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(quiet_label("No, it's a "))
        for digit in range(_DIGITS):
            layout.addWidget(self._button(digit))
        self._buttons.idClicked.connect(self._tell)
        self.show_answer(False, None)

    def _button(self, digit: int) -> QToolButton:
        made = QToolButton()
        made.setText(str(digit))
        made.setObjectName(f"correct-{digit}")
        made.setAccessibleName(f"This is a {digit}")
        made.setProperty("quiet", True)
        made.setFont(font(SMALL))
        made.setFixedSize(2 * GRID, 3 * GRID)
        made.setStyleSheet("padding: 0;")
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._buttons.addButton(made, digit)
        return made

    def show_answer(self, has_answer: bool, digit: int | None) -> None:
        """The network answers this digit, or claims none; or there is nothing to correct."""
        for other in range(_DIGITS):
            button = self._buttons.button(other)
            assert isinstance(button, QToolButton)
            button.setEnabled(has_answer and other != digit)

    @Slot(int)
    def _tell(self, digit: int) -> None:
        self.corrected.emit(digit)
