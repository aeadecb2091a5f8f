"""Words that give way where there is no room for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QComboBox, QLabel

from capsviz.gui.look.theme import BODY, GRID, font

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

_FEWEST = 3  # letters and their "…": less of them says nothing
_SHORT = 8  # letters
_AROUND = 5 * GRID + 2  # pixels: edges, padding and arrow of a list, as the style sheet has them


class Elided(QLabel):
    """Plain words that end in … where there is no room for all; none where not even for some."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._told = ""  # as a tooltip

    # Qt calls these

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        words = self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, self.width()
        )
        if words == self.text() or len(words) > _FEWEST:
            QPainter(self).drawText(self.rect(), self.alignment(), words)
        self._tell("" if words == self.text() else self.text())

    def _tell(self, whole: str) -> None:
        """All the words to whoever points at some, unless there is something else to say."""
        if whole != self._told and self.toolTip() in ("", self._told):
            self._told = whole
            self.setToolTip(whole)


class WholeLines(QLabel):
    """Lines of plain words, of which only those are shown that there is room for as a whole."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)

    @property
    def shown(self) -> str:
        """As many of the lines as there is room for; at least the first."""
        count = max(1, self.height() // self.fontMetrics().lineSpacing())
        return "\n".join(self.text().splitlines()[:count])

    # Qt calls this

    def paintEvent(self, _event: QPaintEvent) -> None:
        QPainter(self).drawText(self.rect(), self.alignment(), self.shown)


class Choice(QComboBox):
    """A list whose words end in their middle in … where there is no room for all; Qt cuts them."""

    @property
    def shown(self) -> str:
        """As many of its words as there is room for."""
        mode = Qt.TextElideMode.ElideMiddle
        return self.fontMetrics().elidedText(self.currentText(), mode, self.width() - _AROUND)

    # Qt calls this

    def paintEvent(self, event: QPaintEvent) -> None:
        words = self.shown
        if words == self.currentText():
            super().paintEvent(event)
        else:
            self._paint(words)

    def _paint(self, words: str) -> None:
        # only now: PySide makes all the names of a QStyle at its first use, in 8 ms
        from PySide6.QtWidgets import QStyle, QStyleOptionComboBox, QStylePainter

        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        option.currentText = words
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)


class Title(Elided):
    """The name of a card: as high as a button, so that all are level; a short one in full."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setFont(font(BODY, bold=True))

    # Qt calls this

    def minimumSizeHint(self) -> QSize:
        whole = self.sizeHint()
        wide = whole.width() if len(self.text()) <= _SHORT else 0
        return QSize(wide, max(3 * GRID, whole.height()))
