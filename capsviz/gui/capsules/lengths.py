"""The lengths of the digit capsules: bars between the margins, with a tick per iteration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QColor, QHelpEvent
from PySide6.QtWidgets import QToolTip, QWidget

from capsviz.gui.look.theme import BODY, DARK, SMALL, Theme, font

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from capsviz.explore.answers import Explanation

_BAR = 0.62  # of the distance between two bars
_MARGINS = (("m⁻ 0.1", 0.1), ("m⁺ 0.9", 0.9))
_LABEL = {"position": 0.0, "anchors": [(0, 1), (0, 1)]}
_FAINT = 110  # of 255: the bars that did not win


class Lengths(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph ships no types
    """One bar per digit capsule, from 0 to 1, in the digit's colour."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("lengths")
        self.setAccessibleName("Lengths of the digit capsules")
        self._theme = DARK
        self._explanation: Explanation | None = None
        self._bars = pg.BarGraphItem(x=np.arange(10), height=np.zeros(10), width=_BAR, pen=None)
        self._ticks = pg.PlotCurveItem(connect="pairs")
        self._lines = [
            pg.InfiniteLine(at, 0, label=name, labelOpts=_LABEL) for name, at in _MARGINS
        ]
        for item in (*self._lines, self._bars, self._ticks):
            self.addItem(item)
        self._values = [pg.TextItem(anchor=(0.5, 1)) for _ in range(10)]
        for value in self._values:
            value.setFont(font(SMALL))
            self.addItem(value, ignoreBounds=True)
        self._fix_view()
        self.set_theme(DARK)

    def _fix_view(self) -> None:
        self.setMenuEnabled(False)
        menu = self.getPlotItem().ctrlMenu  # made all the same, and left to the garbage collector
        menu.setParent(self, menu.windowFlags())
        self.setMouseEnabled(False, False)
        self.hideButtons()
        self.setRange(xRange=(-1.5, 9.6), yRange=(0, 1.06), padding=0)
        self.hideAxis("left")
        axis = self.getAxis("bottom")
        axis.setStyle(tickLength=0, tickFont=font(BODY, bold=True))
        axis.setHeight(32)

    def show_explanation(self, explanation: Explanation | None) -> None:
        """Show an answer's lengths, or empty bars."""
        self._explanation = explanation
        self._draw()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme = theme
        self.setBackground(theme.card)
        for line in self._lines:
            line.setPen(pg.mkPen(theme.line, width=1, style=Qt.PenStyle.DashLine))
            line.label.setColor(theme.quiet)
        axis = self.getAxis("bottom")
        axis.setPen(pg.mkPen(theme.line))
        axis.setTextPen(pg.mkPen(theme.text))
        self._ticks.setPen(pg.mkPen(theme.text, width=1))
        self._draw()

    def _draw(self) -> None:
        answer = self._explanation
        lengths = np.zeros(10, np.float32) if answer is None else answer.final_lengths
        x = np.arange(len(lengths))
        self._bars.setOpts(x=x, height=lengths, brushes=self._brushes(lengths))
        self.getAxis("bottom").setTicks([[(digit, str(digit)) for digit in x]])
        self._draw_ticks(None if answer is None else answer.lengths[:-1])
        for digit, value in enumerate(self._values):
            value.setVisible(digit < len(lengths) and answer is not None)
            if answer is not None and value.isVisible():
                value.setText(f"{lengths[digit]:.2f}", self._theme.quiet)
                value.setPos(digit, float(answer.lengths[:, digit].max()))  # above every tick
        self.setAccessibleDescription(self._summary())

    def _brushes(self, lengths: NDArray[np.float32]) -> list[QColor]:
        colours = [QColor(self._theme.digits[digit % 10]) for digit in range(len(lengths))]
        for digit, colour in enumerate(colours):
            if digit != int(lengths.argmax()):
                colour.setAlpha(_FAINT)
        return colours

    def _draw_ticks(self, earlier: NDArray[np.float32] | None) -> None:
        """A short line at the length after each earlier iteration."""
        if earlier is None or not earlier.size:
            self._ticks.setData([], [])
            return
        digits = np.tile(np.arange(earlier.shape[1]), len(earlier))
        x = np.column_stack((digits - 0.38, digits + 0.38)).ravel()
        self._ticks.setData(x, np.repeat(earlier.ravel(), 2))

    def _summary(self) -> str:
        if self._explanation is None:
            return "No digit is drawn"
        lengths = self._explanation.final_lengths
        named = ", ".join(f"{digit}: {length:.2f}" for digit, length in enumerate(lengths))
        return f"Lengths of the digit capsules. {named}"

    def _explained(self, position: QPointF) -> str:
        digit = round(self.getViewBox().mapSceneToView(position).x())
        if self._explanation is None or not 0 <= digit < len(self._explanation.final_lengths):
            return ""
        after = self._explanation.lengths[:, digit]
        steps = "\n".join(f"after iteration {i}: {x:.4f}" for i, x in enumerate(after, 1))
        return f"‖v‖ of digit capsule {digit}\n{steps}"

    # Qt calls this

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            text = self._explained(QPointF(self.mapToScene(event.pos())))
            QToolTip.showText(event.globalPos(), text, self)
            return True
        handled: bool = super().viewportEvent(event)
        return handled
