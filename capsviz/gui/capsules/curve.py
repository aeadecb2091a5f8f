"""How the lengths of the digit capsules develop from one routing iteration to the next."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtGui import QColor

from capsviz.gui.capsules.chart import MARGINS_MEAN, Chart
from capsviz.gui.capsules.ends import names_at_ends
from capsviz.gui.capsules.items import Line, Lines, Word
from capsviz.gui.capsules.labels import Row
from capsviz.gui.capsules.moments import Moments, words_of_moments
from capsviz.gui.look.theme import DARK, GRID, Theme
from capsviz.gui.look.view import Table

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtCore import QRectF
    from PySide6.QtGui import QHideEvent, QShowEvent
    from PySide6.QtWidgets import QWidget

    Floats = NDArray[np.float32]

LAST = 10  # iterations that a curve goes to
_FIRST = 0.7  # room for the 1
_NAMES = 5  # beside each other at the end of lines
_FAINT = 150  # of 255: the lines that did not win
_NOTHING = "Draw a digit to see its capsules find their length"
_BEFORE = (
    "Before it no capsule has a length: every b_ij is 0, so all couplings\n"
    "c_ij = softmax(b_ij) begin at 1/{count}, and the first v_j is found from them."
)


class LengthCurve(Chart):
    """One line per digit capsule over iterations 1 … 10; before the first, there are no lengths.

    While an answer has no curve, the lines end with its own last iteration.

    Signals:
        wanted(bool): it came on screen and waits for answers with a curve, or it left.
    """

    wanted = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Lengths over routing iterations", "iteration", parent)
        self.setObjectName("length-curve")
        self._trained = 3
        self._iteration: int | None = None
        self._moments = Moments(self.plot, LAST)
        self.lines = Lines()
        self.plot.addItem(self.lines, ignoreBounds=True)
        self.set_theme(DARK)

    def show_iteration(self, iteration: int) -> None:
        """Mark this routing iteration, 1 … R."""
        self._iteration = iteration
        self.refresh()

    def set_trained(self, iterations: int) -> None:
        """Mark how many iterations the network was trained with."""
        self._trained = iterations
        self.refresh()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._moments.set_theme(theme)
        super().set_theme(theme)
        self.set_span(_FIRST, LAST, self._room())

    def draw(self) -> None:
        """Draw what is shown now."""
        asked = None if self.explanation is None else self.explanation.iterations
        strong = () if self._shown is None else (self._shown,)
        self.labels.show_row(Row(LAST + 1, strong, first=1))
        self._moments.draw(self._trained, asked)
        lengths = self._known()
        self.lines.show_lines(self._lines(lengths))
        self.say(
            [
                *words_of_moments(self._trained, asked, LAST, self.unit[0], self.theme),
                *self._names(lengths),
                *self._missing(lengths),
            ]
        )

    def summary(self) -> str:
        """How the longest capsule gets there, and what it was trained with."""
        lengths = self._known()
        if self.explanation is None:
            missing = self.reason or "Nothing is drawn"
            return f"{missing.rstrip('.')}; the network was trained with r = {self._trained}"
        digit = int(self.explanation.digit)
        steps = ", ".join(f"{length:.2f}" for length in lengths[:, digit])
        return (
            f"Length of digit capsule {digit}, the longest, after 1 to {len(lengths)} routing "
            f"iterations: {steps}; trained with r = {self._trained}, asked for r = "
            f"{self.explanation.iterations}, shown is iteration {self._shown}"
        )

    def table(self) -> Table | None:
        """The iterations, then the length of each capsule after them."""
        lengths = self._known()
        if not len(lengths):
            return None
        digits = (f"length of capsule {digit}" for digit in range(lengths.shape[1]))
        rows = tuple((i, *row) for i, row in enumerate(lengths.tolist(), 1))
        return Table(("iterations", *digits), rows)

    def explain(self, x: float, _y: float) -> str:
        """All lengths after the nearest iteration, the longest first."""
        lengths = self._known()
        if x < _FIRST or self.explanation is None:
            return MARGINS_MEAN if x < _FIRST else ""
        at = min(max(round(x), 1), LAST)
        if at > len(lengths):
            return ""
        row = lengths[at - 1]
        ranked = [f"{digit}:  {row[digit]:.4f}" for digit in (-row).argsort()]
        beyond = ", further than asked for" if at > self.explanation.iterations else ""
        before = (_BEFORE.format(count=lengths.shape[1]),) if at == 1 else ()
        return "\n".join((f"‖v‖ after {at} routing iterations{beyond}", *ranked, *before))

    def set_bounds(self, bounds: QRectF) -> None:
        """The part of the plane on show."""
        super().set_bounds(bounds)
        self.lines.set_bounds(bounds)

    @property
    def _shown(self) -> int | None:
        """The iteration on show: the answer's last unless another one is asked for."""
        if self.explanation is None:
            return None
        last = self.explanation.iterations
        return last if self._iteration is None else min(max(self._iteration, 1), last)

    def _known(self) -> Floats:
        """(≤ 10, J) lengths after 1, 2 … iterations."""
        answer = self.explanation
        if answer is None:
            return np.zeros((0, 0), np.float32)
        return answer.lengths if answer.curve is None else answer.curve

    def _winner(self) -> int | None:
        answer = self.explanation
        return answer.digit if answer is not None and answer.is_seen else None

    def _room(self) -> int:
        """Pixels for the names at the ends of the lines."""
        return GRID + _NAMES * (self.letter + GRID // 2)

    def _names(self, lengths: Floats) -> list[Word]:
        """The digits at the ends of whole lines."""
        if len(lengths) < LAST:
            return []
        size = (self._room(), self.letter, self.line)
        return names_at_ends(lengths[-1], LAST, self.unit, size, self.theme)

    def _missing(self, lengths: Floats) -> list[Word]:
        """What stands where there are no lines."""
        if len(lengths) >= LAST:
            return []
        known = len(lengths)
        text = f"routing on from {known} to {LAST} …" if known else self.reason or _NOTHING
        ground = self.theme.ground if known else self.theme.card
        return [Word(text, (known + LAST) / 2, 0.7, self.theme.quiet, ground=ground)]

    def _lines(self, lengths: Floats) -> list[Line]:
        """One per digit, the winner's last, with a dot at the iteration on show."""
        winner, shown = self._winner(), self._shown
        dot = None if shown is None else shown - 1
        made = []
        for digit, row in enumerate(lengths.T.tolist()):
            wins = digit == winner
            points = tuple(enumerate(row, 1))
            made.append(Line(points, self._colour(digit, wins), 2 if wins else 1, dot))
        return sorted(made, key=attrgetter("width"))

    def _colour(self, digit: int, is_strong: bool) -> QColor:
        colour = QColor(self.theme.digits[digit % 10])
        if not is_strong:
            colour.setAlpha(_FAINT)
        return colour

    # Qt calls these

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.wanted.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.wanted.emit(False)
