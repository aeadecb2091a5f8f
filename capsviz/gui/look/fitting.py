"""A row whose parts give way where there is no room for all of them, and come back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent


class Fitting(QWidget):
    """Calls `fit` whenever its own size or that of its words is another.

    What `fit` decides must follow from the width alone, never from what it decided before: else
    the row would change for ever.
    """

    def fit(self) -> None:
        """Show what there is room for."""
        raise NotImplementedError

    # Qt calls these

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self.fit()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()
