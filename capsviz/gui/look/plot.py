"""A plot in the house's style: no box, no menu, fixed ranges, tooltips by place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyqtgraph as pg
from PySide6.QtCore import QCoreApplication, QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent

from capsviz.gui.look.theme import SMALL, Theme, font
from capsviz.gui.look.tips import renew_tip, shows_tip

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget


class Plot(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph ships no types
    """Axes without a frame; the owner adds items and sets ranges.

    Args:
        explain: (x, y) in data units → the tooltip there, "" for none.

    Signals:
        pressed(float, float): the left button went down at (x, y) in data units.
    """

    pressed = Signal(float, float)

    def __init__(
        self, explain: Callable[[float, float], str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._explain = explain
        self.setMenuEnabled(False)
        menu = self.getPlotItem().ctrlMenu  # made all the same, and left to the garbage collector
        menu.setParent(self, menu.windowFlags())
        self.setMouseEnabled(False, False)
        self.hideButtons()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for side in ("left", "bottom"):
            axis = self.getAxis(side)
            axis.setStyle(tickFont=font(SMALL), tickLength=0)
            axis.enableAutoSIPrefix(False)

    def set_range(self, x: tuple[float, float], y: tuple[float, float]) -> None:
        """Show this part of the plane, and stay there."""
        self.setRange(xRange=x, yRange=y, padding=0)

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self.setBackground(theme.card)
        for side in ("left", "bottom"):
            axis = self.getAxis(side)
            axis.setStyle(tickFont=font(SMALL))  # text may have been zoomed
            axis.setPen(QColor(theme.line))
            axis.setTextPen(QColor(theme.quiet))

    def paint_now(self) -> None:
        """Bring what has changed to the screen at once, before anything else that waits."""
        # items tell their scene by a queued call, in which the scene has its views painted
        QCoreApplication.sendPostedEvents(self.scene(), QEvent.Type.MetaCall.value)

    def renew_tip(self) -> None:
        """What a tooltip tells of the place pointed at has changed."""
        renew_tip(self, self._tip_at)

    def data_at(self, position: QPointF) -> tuple[float, float]:
        """Data units of a place in the widget."""
        place = self.getViewBox().mapSceneToView(self.mapToScene(position.toPoint()))
        return place.x(), place.y()

    def _tip_at(self, place: QPointF) -> str:
        return self._explain(*self.data_at(place))

    # Qt calls these

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.pressed.emit(*self.data_at(event.position()))
        super().mousePressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        handled: bool = shows_tip(self, event, self._tip_at) or super().viewportEvent(event)
        return handled
