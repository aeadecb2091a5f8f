"""Words that give way where there is no room for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QLabel

from capsviz.gui.look.theme import BODY, GRID, font

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

_FEWEST = 3  # letters and their "…": less of them says nothing
_SHORT = 8  # letters


class Elided(QLabel):
    """Plain words that end in … where there is no room for all; none where not even for some."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)

    # Qt calls these

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        words = self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, self.width()
        )
        if words == self.text() or len(words) > _FEWEST:
            QPainter(self).drawText(self.rect(), self.alignment(), words)


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
