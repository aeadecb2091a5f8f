"""Every digit capsule redrawn, in a ring round the input: which of them redraws it best?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QFontMetrics, QPainter

from capsviz.explore.sweep import squared_error
from capsviz.gui.look.articles import a_digit
from capsviz.gui.look.pictures import grey_image
from capsviz.gui.look.theme import GRID, SMALL, font
from capsviz.gui.look.view import Table
from capsviz.gui.pose.choosing import Choosing
from capsviz.gui.pose.ring import Ring, ring
from capsviz.gui.pose.wheel_picture import Marks, Shown, WheelPicture

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtCore import QPointF
    from PySide6.QtGui import QHideEvent, QPaintEvent, QShowEvent
    from PySide6.QtWidgets import QWidget

    from capsviz.explore.answers import Explanation

_USUAL_COUNT = 10  # digit capsules, until an answer says otherwise
_STAR = "\n★ the least squared error of all capsules"
_EMPTY = "Draw a digit, and every capsule redraws it"
_WAITING = "Every capsule is about to redraw the digit"
_NO_DECODER = "This network was trained without a decoder, so it cannot redraw"
_TIP = (
    "squared error {error:.2f} = Σ (redrawn − input)² over all pixels{star}\n"
    "length ‖v‖ {length:.4f}, the arc: the probability that {named} is there\n"
    "Click to {choose}."
)


class Wheel(Choosing[int]):
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
        self._explanation: Explanation | None = None
        self._count = _USUAL_COUNT
        self._pinned: int | None = None
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
            self._shown = Shown(words=self.reason or _EMPTY)
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
        if self._explanation is None:
            return f"{self.reason or _EMPTY}{self._said_cursor()}"
        if shown.best is None or shown.longest is None:
            return f"{shown.words or _WAITING}{self._said_cursor()}"
        return (
            f"Of {self._count} digit capsules {shown.best} redraws the input with the least "
            f"squared error (★), {shown.errors[shown.best]:.1f}; {shown.longest} is longest, "
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
        return "" if self.cursor_at is None else f"; on digit capsule {self.cursor_at}"

    def part_at(self, place: QPointF) -> int | None:
        """The capsule whose picture is there."""
        return self.ring.at(place.x(), place.y())

    def explain(self, part: int) -> str:
        """Its numbers, and what a click does."""
        if not self._shown.images:
            return ""
        error, length = self._shown.errors[part], self._shown.lengths[part]
        choose = "follow the winner again" if part == self._pinned else "decode this capsule"
        star = _STAR if part == self._shown.best else ""
        named = a_digit(part)
        about = _TIP.format(error=error, star=star, length=length, named=named, choose=choose)
        return f"Digit capsule {part} decoded, all others masked\n{about}"

    def choose(self, part: int) -> None:
        """Ask for this capsule, or for none in particular if it is pinned already."""
        if part < self._count:
            self.digit_chosen.emit(None if part == self._pinned else part)

    def begin(self) -> int:
        """The capsule that is decoded."""
        decoded = self._pinned if self._pinned is not None else self._shown.longest
        return decoded if decoded is not None and decoded < self._count else 0

    def neighbour(self, here: int, way: tuple[int, int]) -> int:
        """The one beside it on the ring that lies more that way on screen, if one does."""
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
        marks = Marks(self._pinned, self.lit, self.cursor_at)
        WheelPicture(painter, self.ring, self._shown, marks, self.theme).paint()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.redrawn_wanted.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.redrawn_wanted.emit(False)
