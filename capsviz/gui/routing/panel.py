"""The routing card: pages that show one iteration, and the control that moves them all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from capsviz.gui.look.fitting import Fitting
from capsviz.gui.look.pages import Pages
from capsviz.gui.look.theme import GRID
from capsviz.gui.routing.control import IterationControl

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from capsviz.gui.look.view import View


class RoutingPanel(Fitting):
    """Tabs over the routing views, all at the same iteration."""

    def __init__(
        self, pages: Mapping[str, View | Callable[[], View]], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.control = IterationControl()
        self.pages = Pages("Routing views", pages)
        self.pages.tabs.setObjectName("routing-tabs")
        self.pages.tabs.setElideMode(Qt.TextElideMode.ElideRight)  # rather than widen the card
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(0)
        head.addWidget(self.pages.tabs)
        head.addStretch()
        head.addWidget(self.control)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addLayout(head)
        layout.addWidget(self.pages, 1)

    def fit(self) -> None:
        """Without the slider where there is no room for it: the buttons beside it do the same."""
        slider = self.control.slider
        needed = self.pages.tabs.sizeHint().width() + self.control.full_width()
        slider.setVisible(needed <= self.width())
