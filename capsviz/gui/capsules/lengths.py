"""The lengths of the digit capsules: bars between the margins, with a tick per iteration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QColor

from capsviz.gui.capsules.chart import MARGINS_MEAN
from capsviz.gui.capsules.chooser import Chooser
from capsviz.gui.capsules.items import Word
from capsviz.gui.look.articles import a_digit
from capsviz.gui.look.contrast import mixed
from capsviz.gui.look.theme import DARK, GRID, Theme
from capsviz.gui.look.view import Table

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtWidgets import QWidget

    Floats = NDArray[np.float32]

_BAR = 0.62  # of the distance between two bars, at most
_WIDEST = 8 * GRID
_BEYOND = GRID // 2  # pixels that a tick is longer than its bar is wide, on either side
_GAP = 2  # pixels between a bar and its figures
_FAINT = 110  # of 255: the bars that did not win
_FORMULA = "v = squash(s) = ‖s‖² / (1 + ‖s‖²) · s / ‖s‖"


class Lengths(Chooser):
    """One bar per digit capsule, from 0 to 1, in the digit's colour.

    A bar shows ‖v_j‖ after the iteration on show; ticks the lengths before it; an outline, if the
    routing goes on, what it comes to.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Lengths of the digit capsules", parent)
        self.setObjectName("length-bars")
        self._iteration: int | None = None
        self._bars = pg.BarGraphItem(x=[0], height=[0], width=_BAR, pen=None)
        self._outline = pg.BarGraphItem(x=[0], height=[0], width=_BAR, brush=None)
        self._ticks = pg.PlotCurveItem(connect="pairs")
        for item in (self._bars, self._outline, self._ticks):
            self.plot.addItem(item, ignoreBounds=True)
        self.set_theme(DARK)

    def show_iteration(self, iteration: int) -> None:
        """Let the bars show the lengths after this routing iteration, 1 … R."""
        self._iteration = iteration
        self.refresh()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._ticks.setPen(pg.mkPen(mixed(theme.text, theme.quiet), width=1))
        super().set_theme(theme)

    def draw(self) -> None:
        """Draw what is shown now."""
        super().draw()
        after = self._after()
        bar = min(_BAR, _WIDEST / self.unit[0])
        x = np.arange(self.count)
        colours = [QColor(self.theme.digits[digit % 10]) for digit in range(self.count)]
        self._outline.setVisible(len(after) > self._shown)
        self._outline.setOpts(x=x, height=after[-1], width=bar, pens=colours)
        self._bars.setOpts(
            x=x, height=after[self._shown - 1], width=bar, brushes=self._faded(colours)
        )
        self._draw_ticks(after[: self._shown - 1], bar / 2 + _BEYOND / self.unit[0])
        self.say(self._values(after) if self.explanation is not None else [])

    def summary(self) -> str:
        """The length of every capsule, and where the keyboard is."""
        at = "" if self.selected is None else f"digit {self.selected} is selected; "
        if self.explanation is None:
            return _sentence(f"{at}nothing is drawn, so no digit capsule has a length")
        named = ", ".join(
            f"{digit}: {x:.2f}" for digit, x in enumerate(self._after()[self._shown - 1])
        )
        pinned = "" if self.pinned is None else f"; capsule {self.pinned} is decoded"
        moment = f"after routing iteration {self._shown} of {self.explanation.iterations}"
        return _sentence(f"{at}lengths {moment}: {named}{pinned}")

    def table(self) -> Table | None:
        """Each digit, then its length after each iteration."""
        if self.explanation is None:
            return None
        steps = range(1, self.explanation.iterations + 1)
        lengths = self.explanation.lengths.T.tolist()
        return Table(
            ("digit", *(f"length after iteration {i}" for i in steps)),
            tuple((digit, *row) for digit, row in enumerate(lengths)),
        )

    def explain(self, x: float, _y: float) -> str:
        """What a capsule's length was after every iteration, or what the margins are."""
        if x < -0.5:
            return MARGINS_MEAN
        digit = round(x)
        if digit >= self.count:
            return ""
        steps = self._after()[:, digit] if self.explanation is not None else ()
        known = [f"after iteration {i}: ‖v‖ = {length:.4f}" for i, length in enumerate(steps, 1)]
        what = (
            f"Digit capsule {digit}: its length is the probability that {a_digit(digit)} is there"
        )
        return "\n".join((what, *known, _FORMULA, f"Click to {self.click_means(digit)}"))

    def click_means(self, digit: int) -> str:
        """What a click on a digit would do, in words."""
        return "follow the longest capsule again" if digit == self.pinned else "decode this one"

    @property
    def _shown(self) -> int:
        """The iteration on show: the last unless another one is asked for."""
        last = len(self._after())
        return last if self._iteration is None else min(max(self._iteration, 1), last)

    def _after(self) -> Floats:
        """(R, J) lengths after each iteration; none without an answer."""
        if self.explanation is None:
            return np.zeros((1, self.count), np.float32)
        return self.explanation.lengths

    def _faded(self, colours: list[QColor]) -> list[QColor]:
        """The same, all but those of what is claimed faint."""
        faded = [QColor(colour) for colour in colours]
        for digit, colour in enumerate(faded):
            if digit not in self.claimed:
                colour.setAlpha(_FAINT)
        return faded

    def _draw_ticks(self, earlier: Floats, half: float) -> None:
        """A short line at the length after each earlier iteration."""
        digits = np.tile(np.arange(self.count), len(earlier))
        x = np.column_stack((digits - half, digits + half)).ravel()
        self._ticks.setData(x, np.repeat(earlier.ravel(), 2))

    def _tops(self, after: Floats) -> Floats:
        """(J,) the highest that is drawn of each capsule."""
        drawn = np.vstack((after[: self._shown], after[-1:]))
        tops: Floats = drawn.max(axis=0)
        return tops

    def _values(self, after: Floats) -> list[Word]:
        """Each length in figures, above all that is drawn of it; few where there is no room."""
        fits = 4 * self.letter + GRID // 2 < self.unit[0] and 5 * self.line < self.unit[1]
        shown = after[self._shown - 1].tolist()
        tops = (self._tops(after) + _GAP / self.unit[1]).tolist()
        return [
            Word(
                f"{shown[digit]:.2f}",
                digit,
                tops[digit],
                self.theme.text if digit in self.claimed else self.theme.quiet,
                (0.5, 1),
                self._ground(digit),  # so that no line runs through the figures
            )
            for digit in range(self.count)
            if fits or digit in self.claimed or digit in self.marked
        ]


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
