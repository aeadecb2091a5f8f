"""Three first steps, ticked off as a newcomer takes them; then never seen again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEasingCurve, QPointF, QPropertyAnimation, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from capsviz.gui.look.theme import DARK, GRID, Theme

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent, QResizeEvent

STEPS = {
    "draw": ("Draw a digit", "The capsules answer while the pen moves"),
    "route": ("Step through the routing", "Press . or , or play, and see the capsules agree"),
    "pose": ("Drag a pose slider", "Change one dimension of a capsule and see it redrawn"),
}
"""What to do, in the order that teaches best, and more about it."""

_EASE_MS = 260
_DOT = 2 * GRID
_TICK = ((0.28, 0.52), (0.44, 0.68), (0.73, 0.36))  # of a dot's side


class Hints(QFrame):
    """A slim strip with the steps; leaves by itself after the last.

    Signals:
        dismissed(): it was closed, or the last step was taken; it need not come again.
    """

    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("hints")
        self.setAccessibleName("First steps")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._steps = {name: _Step(*words) for name, words in STEPS.items()}
        self._lay_out()
        self._leaving = QPropertyAnimation(self, b"maximumHeight", self)
        self._leaving.setDuration(_EASE_MS)
        self._leaving.setEasingCurve(QEasingCurve.Type.InOutCubic)
        self._leaving.finished.connect(self._go)
        self._mark_next()

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2 * GRID, 0, GRID, 0)
        layout.setSpacing(2 * GRID)
        for step in self._steps.values():
            layout.addWidget(step)
        layout.addStretch()
        self._close = close = QToolButton()
        close.setText("×")
        close.setAccessibleName("Close the first steps")
        close.setToolTip("Close, for good")
        close.setProperty("quiet", True)
        close.clicked.connect(self._leave)
        layout.addWidget(close)

    def done(self, step: str) -> None:
        """The person has taken a step, "draw", "route" or "pose", in whatever order."""
        if self._steps[step].is_done:
            return
        self._steps[step].tick()
        self._mark_next()
        if all(each.is_done for each in self._steps.values()):
            self._leave()

    @Slot()
    def drawn(self) -> None:
        """A mark was made."""
        self.done("draw")

    @Slot()
    def routed(self) -> None:
        """Another routing iteration was looked at."""
        self.done("route")

    @Slot()
    def posed(self) -> None:
        """A dimension was changed."""
        self.done("pose")

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        for step in self._steps.values():
            step.set_theme(theme)

    def _mark_next(self) -> None:
        to_do = [step for step in self._steps.values() if not step.is_done]
        for step in self._steps.values():
            step.set_next(step in to_do[:1])
        self._fit()
        count = len(self._steps) - len(to_do)
        self.setAccessibleDescription(f"{count} of {len(self._steps)} steps taken")

    def _fit(self) -> None:
        """Where there is no room for all words, those of the next step alone."""
        layout = self.layout()
        assert layout is not None
        margins = layout.contentsMargins()
        around = margins.left() + margins.right() + self._close.sizeHint().width()
        needed = [step.full_width() + layout.spacing() for step in self._steps.values()]
        is_roomy = around + sum(needed) <= self.width()
        for step in self._steps.values():
            step.show_words(is_roomy)

    @Slot()
    def _leave(self) -> None:
        """With a short ease, so that what stands below does not jump."""
        if self.isVisible():
            self._leaving.setStartValue(self.height())
            self._leaving.setEndValue(0)
            self._leaving.start()
        else:
            self._go()

    @Slot()
    def _go(self) -> None:
        self.hide()
        self.dismissed.emit()

    # Qt calls this

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()


class _Step(QWidget):
    """A dot, then what to do; ticked when it has been done."""

    def __init__(self, text: str, more: str) -> None:
        super().__init__()
        self.is_done = self._is_next = False
        self._text = text
        self._dot = _Dot()
        self._words = QLabel(text)
        self.setToolTip(more)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, GRID // 2, 0, GRID // 2)
        layout.setSpacing(GRID)
        layout.addWidget(self._dot)
        layout.addWidget(self._words)
        self._say()

    def tick(self) -> None:
        """It has been done."""
        self.is_done = True
        self._say()

    def set_next(self, is_next: bool) -> None:
        """It is the one to take next, or not."""
        self._is_next = is_next
        self._say()

    def full_width(self) -> int:
        """Of the dot and all words, pixels."""
        return _DOT + GRID + self._words.sizeHint().width()

    def show_words(self, has_room: bool) -> None:
        """Words beside the dot, where there is room or it is the next to take."""
        self._words.setVisible(has_room or self._is_next)

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._dot.theme = theme
        self._colour()

    def _say(self) -> None:
        self._words.setAccessibleName(f"{self._text}: {'done' if self.is_done else 'to do'}")
        self._dot.is_filled, self._dot.is_next = self.is_done, self._is_next
        self._colour()

    def _colour(self) -> None:
        theme = self._dot.theme
        self._words.setStyleSheet(f"color: {theme.text if self._is_next else theme.quiet};")
        self._dot.update()


class _Dot(QWidget):
    """A ring: quiet, in the accent if it is next, filled and ticked when done."""

    def __init__(self) -> None:
        super().__init__()
        self.theme = DARK
        self.is_filled = self.is_next = False
        self.setFixedSize(QSize(_DOT, _DOT))

    # Qt calls this

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, painter = self.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        lively = self.is_filled or self.is_next
        painter.setPen(QPen(QColor(theme.accent if lively else theme.faint), 1.5))
        if self.is_filled:
            painter.setBrush(QColor(theme.accent))
        painter.drawEllipse(QPointF(_DOT / 2, _DOT / 2), _DOT / 2 - 1, _DOT / 2 - 1)
        if self.is_filled:
            pen = QPen(QColor(theme.card), 1.8, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.drawPolyline(QPolygonF([QPointF(x * _DOT, y * _DOT) for x, y in _TICK]))
