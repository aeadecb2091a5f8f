"""A notice: one sentence at the foot of a window; its views stay. Gone by a click or by itself."""

from __future__ import annotations

import re
from textwrap import wrap
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from capsviz.gui.look.theme import GRID

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QHideEvent, QShowEvent

_EDGE = GRID // 2
_SHOWN_MS = 12_000  # time to read two sentences twice
_OFFERED_MS = 60_000  # and to make up one's mind
_LONGEST = 24  # letters in a row with no place to break them
_LONG = re.compile(rf"\S{{{_LONGEST + 1},}}")
_BREAK = "\N{ZERO WIDTH SPACE}"


class Notice(QFrame):
    """Shows one sentence, perhaps with one thing to do about it; hidden while there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self.setAccessibleName("Notice")
        self._sentence = ""
        self._label = QLabel()
        self._label.setWordWrap(True)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._act = QToolButton()
        self._act.setObjectName("notice-act")
        self._act.clicked.connect(self._take)
        self._taken: Callable[[], None] | None = None
        dismiss = QToolButton()
        dismiss.setText("Dismiss")
        dismiss.clicked.connect(self.hide)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2 * GRID, _EDGE, GRID, _EDGE)
        layout.addWidget(self._label, 1)
        layout.addWidget(self._act)
        layout.addWidget(dismiss)
        self._timer = QTimer(self, singleShot=True, interval=_SHOWN_MS)
        self._timer.timeout.connect(self.hide)
        self.hide()

    def lie_over(self, place: QWidget) -> None:
        """Be shown along the lower edge of this widget, over whatever stands there."""
        self.setParent(place)
        self.hide()

    @property
    def text(self) -> str:
        """The sentence."""
        return self._sentence

    @Slot(str)
    def show_sentence(self, sentence: str) -> None:
        """Say this, in place of what was said before."""
        self._act.hide()
        self._taken = None
        self._say(sentence, _SHOWN_MS)

    @Slot(str)
    def withdraw(self, sentence: str) -> None:
        """Hide it, if it still says this."""
        if sentence == self._sentence:
            self.hide()

    def show_offer(self, sentence: str, words: str, take: Callable[[], None]) -> None:
        """Say this, and call `take` if the button with these words is pressed."""
        self._act.setText(words)
        self._act.show()
        self._taken = take
        self._say(sentence, _OFFERED_MS)

    @Slot()
    def _take(self) -> None:
        take, self._taken = self._taken, None
        self.hide()
        if take is not None:
            take()

    def _say(self, sentence: str, milliseconds: int) -> None:
        self._sentence = sentence
        self._label.setText(_LONG.sub(_can_break, sentence))
        self._label.setAccessibleDescription(sentence)
        self._take_place()
        self.show()
        self.raise_()
        self._timer.start(milliseconds)

    def _take_place(self) -> None:
        """All of the width, and as high as the sentence needs."""
        place = self.parentWidget()
        if place is not None:
            wide = place.width() - 2 * GRID
            high = min(self.heightForWidth(wide), place.height())
            self.setGeometry(GRID, place.height() - high, wide, high)

    def _watch(self, is_wanted: bool) -> None:
        """The window's size, while it matters: whoever watches a window slows all it does."""
        place = self.parentWidget()
        if place is not None:
            place.removeEventFilter(self)
            if is_wanted:
                place.installEventFilter(self)

    # Qt calls these

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:  # other words, or larger ones
            self._take_place()
        return super().event(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._watch(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._watch(False)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self.parentWidget():
            self._take_place()
        return False


def _can_break(word: re.Match[str]) -> str:
    """With places to break it that cannot be seen, as a label breaks lines between words only."""
    return _BREAK.join(wrap(word[0], _LONGEST, break_on_hyphens=False))
