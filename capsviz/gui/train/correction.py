"""A row of digits: one click says what a drawing was that the network got wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from capsviz.gui.look.articles import a_digit
from capsviz.gui.look.card import make_quiet
from capsviz.gui.look.theme import GRID, SMALL, font, is_enlarged

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from capsviz.gui.scene import Scene

DIGITS = 10
"""Networks of other classes are not corrected: a person's own set is of digits."""

_OWN = (
    "Wrong answer? Say what it was: the drawing joins your own set,\n"
    "from which the network can learn your hand (Train ▸ Fine-tune on my drawings)"
)
_SAMPLE = "One of MNIST's test digits: networks are measured on it, so none may learn it"
_WORDS = "No, it's a ", "No: "


class Correction(QWidget):
    """A row of digits in the header of the drawing.

    Signals:
        corrected(int): the drawing is of this digit.
    """

    corrected = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("correction")
        self._answer: tuple[bool, int | None] = False, None
        self._is_own = True
        self._buttons = QButtonGroup(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(_Words())
        for digit in range(DIGITS):
            layout.addWidget(self._button(digit))
        self._buttons.idClicked.connect(self._tell)
        self._follow()

    def _button(self, digit: int) -> QToolButton:
        made = _Digit()
        made.setText(str(digit))
        made.setObjectName(f"correct-{digit}")
        made.setAccessibleName(f"This is {a_digit(digit)}")
        made.setProperty("quiet", True)
        made.setFont(font(SMALL))
        made.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        made.setStyleSheet("padding: 0;")
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._buttons.addButton(made, digit)
        return made

    def show_answer(self, has_answer: bool, digit: int | None) -> None:
        """The network answers this digit, or claims none; or there is nothing to correct."""
        self._answer = has_answer, digit
        self._follow()

    @Slot(object)
    def show_scene(self, scene: Scene) -> None:
        """What is answered; a sample of MNIST's test set is not the person's to correct."""
        self._is_own = scene.sample is None
        self._follow()

    def _follow(self) -> None:
        has_answer, digit = self._answer
        self.setToolTip(_OWN if self._is_own else _SAMPLE)
        for other in range(DIGITS):
            button = self._buttons.button(other)
            assert isinstance(button, QToolButton)
            button.setEnabled(has_answer and self._is_own and other != digit)

    @Slot(int)
    def _tell(self, digit: int) -> None:
        self.corrected.emit(digit)


class _Words(QLabel):
    """As many of them as there is room for, whole; with large text, in a narrow card, the fewest.

    Without any, nothing would tell these digits from those that choose samples.
    """

    def __init__(self) -> None:
        super().__init__(_WORDS[0])
        make_quiet(self)

    @property
    def shown(self) -> str:
        """What there is room for."""
        letters = self.fontMetrics()
        fitting = (each for each in _WORDS if letters.horizontalAdvance(each) <= self.width())
        return next(fitting, "")

    # Qt calls these

    def minimumSizeHint(self) -> QSize:
        least = self.fontMetrics().horizontalAdvance(_WORDS[-1]) if is_enlarged() else 0
        return QSize(least, super().minimumSizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        QPainter(self).drawText(self.rect(), self.alignment(), self.shown)


class _Digit(QToolButton):
    """As narrow as can be hit; a little less where large words need room beside it."""

    # Qt calls this

    def sizeHint(self) -> QSize:
        letters = self.fontMetrics()
        least = 2 * GRID - (2 if is_enlarged() else 0)
        return QSize(
            max(least, letters.horizontalAdvance("0") + GRID // 4),
            max(3 * GRID, letters.height()),
        )
