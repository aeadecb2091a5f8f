"""Every digit capsule redrawn, in a ring round the input: which of them redraws it best?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QHelpEvent, QKeyEvent, QPainter
from PySide6.QtWidgets import QToolTip, QWidget

from capsviz.explore.sweep import squared_error
from capsviz.gui.look.pictures import grey_image
from capsviz.gui.look.theme import GRID, SMALL, font
from capsviz.gui.look.view import Table, View
from capsviz.gui.pose.ring import Ring, ring
from capsviz.gui.pose.wheel_picture import Marks, Shown, WheelPicture

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtGui import QFocusEvent, QHideEvent, QMouseEvent, QPaintEvent, QShowEvent

    from capsviz.explore.answers import Explanation

_USUAL_COUNT = 10  # digit capsules, until an answer says otherwise
_EMPTY = "Draw a digit, and every capsule redraws it"
_WAITING = "Every capsule is about to redraw the digit"
_NO_DECODER = "This network was trained without a decoder, so it cannot redraw"
_TIP = (
    "squared error {error:.2f} = Σ (redrawn − input)² over all pixels\n"
    "length ‖v‖ {length:.4f}, the arc: the probability that a {digit} is there\n"
    "Click to {choose}."
)
_CHOOSE = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
_WAYS = {
    Qt.Key.Key_Left: (-1.0, 0.0),
    Qt.Key.Key_Right: (1.0, 0.0),
    Qt.Key.Key_Up: (0.0, -1.0),
    Qt.Key.Key_Down: (0.0, 1.0),
}
_UNMODIFIED = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
_BY_KEYBOARD = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


class Wheel(View):
    """Round pictures of all capsules decoded; the arc round each is its length.

    Signals:
        digit_chosen(object): int, the capsule to decode from now on; None when the pinned one is
            chosen again, so that the winner is followed.
        redrawn_wanted(bool): answers should bring every capsule decoded, or need not.
    """

    digit_chosen = Signal(object)
    redrawn_wanted = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Reconstruct as", parent)
        self.setObjectName("wheel")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self._explanation: Explanation | None = None
        self._count = _USUAL_COUNT
        self._pinned: int | None = None
        self._lit: int | None = None
        self._cursor: int | None = None  # only while the keyboard is in use
        self._shown = Shown(words=_EMPTY)

    def show_explanation(self, explanation: Explanation | None) -> None:
        """Show an answer's redrawn capsules, or none."""
        self._explanation = explanation
        if explanation is not None:
            self._count = len(explanation.final_lengths)
        self.refresh()

    def show_pinned(self, digit: int | None) -> None:
        """Mark the capsule that is decoded whatever wins; None: there is none."""
        self._pinned = digit
        self.refresh()

    @property
    def ring(self) -> Ring:
        """Where things stand now."""
        line = QFontMetrics(font(SMALL)).height()
        return ring(self.width(), self.height(), self._count, line)

    def draw(self) -> None:
        """Turn what is shown into pictures; painting places them."""
        answer = self._explanation
        if answer is None:
            self._shown = Shown(words=_EMPTY)
        elif answer.reconstruction is None:
            self._shown = Shown(words=_NO_DECODER)
        elif answer.redrawn is None:
            self._shown = Shown(middle=grey_image(answer.image, self.theme))
        else:
            self._shown = self._pictures(answer, answer.redrawn)
        self.update()

    def summary(self) -> str:
        """Which capsule redraws the input best, which is longest, and where the keyboard is."""
        shown = self._shown
        if shown.best is None or shown.longest is None:
            return f"{shown.words or _WAITING}{self._said_cursor()}"
        return (
            f"Of {self._count} digit capsules {shown.best} redraws the input with the least "
            f"squared error, {shown.errors[shown.best]:.1f}; {shown.longest} is longest, "
            f"{shown.lengths[shown.longest]:.2f}{self._said_cursor()}"
        )

    def table(self) -> Table | None:
        """Digit, length and squared error of each capsule."""
        if not self._shown.images:
            return None
        pairs = zip(self._shown.lengths, self._shown.errors, strict=True)
        rows = tuple((digit, *pair) for digit, pair in enumerate(pairs))
        return Table(("digit", "length", "squared error"), rows)

    def _pictures(self, answer: Explanation, redrawn: NDArray[np.float32]) -> Shown:
        count, height, width = redrawn.shape
        all_in_one = grey_image(redrawn.reshape(count * height, width), self.theme)
        errors = squared_error(redrawn, answer.image)
        return Shown(
            tuple(all_in_one.copy(0, at * height, width, height) for at in range(count)),
            grey_image(answer.image, self.theme),
            tuple(answer.final_lengths.tolist()),
            tuple(errors.tolist()),
            answer.digit,
            int(errors.argmin()),
        )

    def _said_cursor(self) -> str:
        return "" if self._cursor is None else f"; on digit capsule {self._cursor}"

    def _explain(self, at: int | None) -> str:
        if at is None or not self._shown.images:
            return ""
        error, length = self._shown.errors[at], self._shown.lengths[at]
        choose = "follow the winner again" if at == self._pinned else "decode this capsule"
        about = _TIP.format(error=error, length=length, digit=at, choose=choose)
        return f"Digit capsule {at} decoded, all others masked\n{about}"

    def _choose(self, at: int | None) -> None:
        """Ask for this capsule, or for none in particular if it is pinned already."""
        if at is not None and at < self._count:
            self.digit_chosen.emit(None if at == self._pinned else at)

    def _light(self, at: int | None) -> None:
        if at != self._lit:
            self._lit = at
            shape = Qt.CursorShape.ArrowCursor if at is None else Qt.CursorShape.PointingHandCursor
            self.setCursor(shape)
            self.update()

    def _put_cursor(self, at: int | None) -> None:
        self._cursor = at
        self.refresh()

    def _begin(self) -> int:
        """Where the keyboard begins: at the capsule that is decoded."""
        decoded = self._pinned if self._pinned is not None else self._shown.longest
        return decoded if decoded is not None and decoded < self._count else 0

    def _moved(self, way: tuple[float, float]) -> int:
        """The neighbour that lies that way on screen, if one does."""
        here = self._begin() if self._cursor is None else self._cursor
        cells = self.ring.cells
        ways = {}
        for at in ((here - 1) % self._count, (here + 1) % self._count):
            step = cells[at].center() - cells[here].center()
            ways[at] = step.x() * way[0] + step.y() * way[1]
        best = max(ways, key=ways.__getitem__)
        return best if ways[best] > 0 else here

    # Qt calls these

    def sizeHint(self) -> QSize:
        return QSize(42 * GRID, 30 * GRID)

    def minimumSizeHint(self) -> QSize:
        return QSize(28 * GRID, 19 * GRID)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        marks = Marks(self._pinned, self._lit, self._cursor)
        WheelPicture(painter, self.ring, self._shown, marks, self.theme).paint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = _key(event)
        if key in _WAYS:
            self._put_cursor(self._moved(_WAYS[key]))
        elif key is not None:
            self._choose(self._begin() if self._cursor is None else self._cursor)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._choose(self.ring.at(event.position().x(), event.position().y()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._light(self.ring.at(event.position().x(), event.position().y()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._light(None)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in _BY_KEYBOARD:
            self._put_cursor(self._begin())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._put_cursor(None)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            text = self._explain(self.ring.at(event.x(), event.y()))
            QToolTip.showText(event.globalPos(), text, self)
            return True
        is_shortcut = event.type() == QEvent.Type.ShortcutOverride
        if is_shortcut and isinstance(event, QKeyEvent) and _key(event) is not None:
            event.accept()  # while this has the focus, no menu takes these keys
            return True
        return super().event(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.redrawn_wanted.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.redrawn_wanted.emit(False)


def _key(event: QKeyEvent) -> Qt.Key | None:
    """An arrow or a key that chooses, pressed alone; else None."""
    key, alone = Qt.Key(event.key()), event.modifiers() in _UNMODIFIED
    return key if alone and (key in _WAYS or key in _CHOOSE) else None
