"""A chart whose columns are digits, any of which can be chosen by mouse or keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QKeyEvent

from capsviz.gui.capsules.chart import Chart
from capsviz.gui.capsules.labels import Row
from capsviz.gui.look.keys import BY_KEYBOARD, CHOOSE, NUMERALS, UNMODIFIED

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from capsviz.explore.answers import Explanation
    from capsviz.gui.look.theme import Theme

_USUAL_COUNT = 10  # digit capsules, until an answer says otherwise
_MOVE = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End)


class Chooser(Chart):
    """Knows which digit is pinned, which the pointer is on, and which the keyboard.

    Signals:
        digit_chosen(object): int, the digit whose capsule is to be decoded; None when the pinned
            one is chosen again, so that the winner is followed.
    """

    digit_chosen = Signal(object)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, "digit", parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.count = _USUAL_COUNT
        self.pinned: int | None = None
        self.selected: int | None = None  # only while the keyboard is in use
        self._lit: int | None = None
        self._column = pg.BarGraphItem(x=[0], height=[2], width=1, pen=None)
        self._column.setZValue(-1)
        self.plot.addItem(self._column, ignoreBounds=True)
        self._watch_pointer()
        self._span_digits()

    def _watch_pointer(self) -> None:
        self.plot.pressed.connect(self._press)
        self.labels.pressed.connect(self._press)
        self.plot.scene().sigMouseMoved.connect(self._point_in_plot)
        self.labels.pointed.connect(self._point)
        for part in (self.plot.viewport(), self.labels):
            part.setCursor(Qt.CursorShape.PointingHandCursor)

    def _span_digits(self) -> None:
        self.set_span(-0.5, self.count - 0.5)

    def show_explanation(self, explanation: Explanation | None) -> None:
        """Show an answer's lengths, or empty columns."""
        if explanation is not None and len(explanation.final_lengths) != self.count:
            self.explanation = explanation  # before anything is drawn for another count
            self.count = len(explanation.final_lengths)
            self._span_digits()
        super().show_explanation(explanation)

    def show_pinned(self, digit: int | None) -> None:
        """Mark the digit whose capsule is decoded whatever wins; None: there is none."""
        self.pinned = digit
        self.refresh()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._column.setOpts(brush=theme.raised)
        super().set_theme(theme)

    def draw(self) -> None:
        """The column below the pointer, and the digits."""
        self._column.setVisible(self._lit is not None)
        if self._lit is not None:
            self._column.setOpts(x=[self._lit])
        colours = tuple(self.theme.word(digit) for digit in self.marked)
        row = Row(self.count, self.claimed, self.marked, colours, self._lit, self.selected)
        self.labels.show_row(row)

    def _ground(self, digit: int) -> str:
        """The colour behind what stands in a digit's column."""
        return self.theme.raised if digit == self._lit else self.theme.card

    @property
    def winner(self) -> int | None:
        """The digit that is claimed, if any capsule is long enough."""
        answer = self.explanation
        return answer.digit if answer is not None and answer.is_seen else None

    @property
    def claimed(self) -> tuple[int, ...]:
        """The digits that stand out as those that are there."""
        return () if self.winner is None else (self.winner,)

    @property
    def marked(self) -> tuple[int, ...]:
        """The digits with a line below: those whose capsules are decoded whatever wins."""
        return () if self.pinned is None else (self.pinned,)

    def choose(self, digit: int) -> None:
        """Ask for this digit, or for no particular one if it is pinned already."""
        if 0 <= digit < self.count:
            self.digit_chosen.emit(None if digit == self.pinned else digit)

    @Slot(float, float)
    def _press(self, x: float, _y: float) -> None:
        self.choose(round(x))

    @Slot(QPointF)
    def _point_in_plot(self, place: QPointF) -> None:
        self._point(self.plot.getViewBox().mapSceneToView(place).x())

    @Slot(float)
    def _point(self, x: float) -> None:
        digit = round(x)
        self._light(digit if 0 <= digit < self.count else None)

    def _light(self, digit: int | None) -> None:
        if digit != self._lit:
            self._lit = digit
            self.refresh()

    def _select(self, digit: int | None) -> None:
        self.selected = digit
        self.refresh()

    def _begin(self) -> int:
        """Where the keyboard begins: at the capsule that is decoded."""
        decoded = self.pinned if self.pinned is not None else self.winner
        return decoded if decoded is not None and decoded < self.count else 0

    def _place_of(self, event: QKeyEvent) -> int | None:
        """The digit that a key means; None if it means none."""
        if event.modifiers() not in UNMODIFIED:
            return None
        here, last = self.selected if self.selected is not None else self._begin(), self.count - 1
        moves = {
            Qt.Key.Key_Left: max(here - 1, 0),
            Qt.Key.Key_Right: min(here + 1, last),
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        named = int(event.text()) if event.text() in NUMERALS else self.count
        chosen = here if event.key() in CHOOSE else named
        return moves.get(Qt.Key(event.key()), chosen if chosen <= last else None)

    # Qt calls these

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            event.setAccepted(self._place_of(event) is not None)  # before any menu's shortcut
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        place = self._place_of(event)
        if place is None:
            super().keyPressEvent(event)
            return
        self._select(place)
        if event.key() not in _MOVE:
            self.choose(place)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in BY_KEYBOARD:
            self._select(self._begin())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._select(None)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._light(None)
