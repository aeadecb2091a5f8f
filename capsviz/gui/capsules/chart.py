"""What both pictures of the lengths share: 0 to 1 with the margins, and a row of labels below."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Slot
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QVBoxLayout, QWidget

from capsviz.explore.answers import SEEN
from capsviz.gui.capsules.items import Word, Words
from capsviz.gui.capsules.labels import Labels
from capsviz.gui.look.plot import Plot
from capsviz.gui.look.theme import GRID, SMALL, Theme, font
from capsviz.gui.look.view import View

if TYPE_CHECKING:
    from capsviz.explore.answers import Explanation

_MARGINS = (("m⁻ 0.1", 0.1), (f"{SEEN}", SEEN), ("m⁺ 0.9", 0.9))
_WIDEST = "iteration"  # of all words in the column on the left
MARGINS_MEAN = (
    "m⁺ = 0.9: training lengthens the capsule of a digit that is there up to this.\n"
    "m⁻ = 0.1: training shortens the capsule of a digit that is not there down to this.\n"
    f"{SEEN}: from here on, nearer to m⁺ than to m⁻, a digit is claimed."
)


class Chart(View):
    """Lengths upwards from 0 to 1, something in whole numbers to the right.

    Attributes:
        plot, labels: the picture, and the row of numbers below it.
        letter, line: pixels, width of a figure and height of a line of small text.

    A subclass says where its first and last place on the x axis are (`_span`) and how many pixels
    stay free beyond the last (`_right`).
    """

    def __init__(self, name: str, caption: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self._span = (0.0, 1.0)
        self._right = 0
        self.explanation: Explanation | None = None
        self.plot = Plot(self.explain, self)
        self.labels = Labels(caption, self.explain, self)
        self._dashes = pg.PlotCurveItem(connect="pairs")
        self._floor = pg.PlotCurveItem()
        self.words = Words()
        self._measure()
        self._lay_out()

    def _measure(self) -> None:
        """Text may have become larger."""
        measure = QFontMetrics(font(SMALL))
        self._left = measure.horizontalAdvance(_WIDEST) + GRID
        self.letter, self.line = measure.horizontalAdvance("0"), measure.height()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.plot, 1)
        layout.addWidget(self.labels)
        self.plot.setMinimumHeight(10 * GRID)
        self.plot.getPlotItem().layout.setContentsMargins(0, 0, 0, 0)
        for side in ("left", "bottom"):
            self.plot.hideAxis(side)
        for item in (self._dashes, self._floor, self.words):
            self.plot.addItem(item, ignoreBounds=True)
        self.plot.getViewBox().sigResized.connect(self._fit)

    def show_explanation(self, explanation: Explanation | None) -> None:
        """Show an answer's lengths, or an empty chart."""
        self.explanation = explanation
        self.refresh()
        for part in (self.plot, self.labels):
            part.renew_tip()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self.plot.set_theme(theme)
        self.labels.set_theme(theme)
        self._dashes.setPen(pg.mkPen(theme.line, width=1, style=Qt.PenStyle.DashLine))
        self._floor.setPen(pg.mkPen(theme.line, width=1))
        self._measure()
        super().set_theme(theme)
        self._fit()

    def say(self, words: list[Word]) -> None:
        """Show these words, and the margins' names."""
        x, colour = self._span[0] - GRID / self.unit[0], self.theme.quiet
        shown = _MARGINS if 0.4 * self.unit[1] > self.line else _MARGINS[::2]
        lowest = self.line / 2 / max(self.unit[1], 1)  # or half of its letters would be cut off
        margins = (Word(name, x, max(level, lowest), colour, (1, 0.5)) for name, level in shown)
        self.words.show_words((*margins, *words))

    def explain(self, x: float, y: float) -> str:
        """The tooltip at this place."""
        raise NotImplementedError

    def set_span(self, first: float, last: float, right: int = 0) -> None:
        """From where to where the x axis goes, and the pixels free on its right."""
        if (first, last, right) != (*self._span, self._right):
            self._span, self._right = (first, last), right
            self._fit()

    @property
    def unit(self) -> tuple[float, float]:
        """Pixels from one place to the next, and from 0 to 1."""
        place = self.plot.getViewBox().rect()
        width, height = place.width(), place.height()
        first, last = self._span
        return (width - self._left - self._right) / (last - first), height - self.line - 3

    def set_bounds(self, bounds: QRectF) -> None:
        """The part of the plane on show; a subclass tells its own items too."""
        self.words.set_bounds(bounds)

    @Slot()
    def _fit(self) -> None:
        """Keep words and gaps their size in pixels, whatever the size of the whole."""
        across, up = self.unit
        if across <= 0 or up <= 0:
            return  # far too small, as every widget is before it gets its place
        first, last = self._span
        x = (first - self._left / across, last + self._right / across)
        y = (-1 / up, 1 + (self.line + 2) / up)
        self.plot.set_range(x, y)
        self.set_bounds(QRectF(QPointF(x[0], y[0]), QPointF(x[1], y[1])))
        self.labels.set_range(x, self._left - GRID)
        levels = [level for _, level in _MARGINS]
        self._dashes.setData(np.tile((first, last), len(levels)), np.repeat(levels, 2))
        self._floor.setData([first, last], [0, 0])
        self.refresh()
