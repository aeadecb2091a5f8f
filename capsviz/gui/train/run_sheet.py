"""The surface that every setting of a new run stands on."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from capsviz.gui.look.theme import GRID
from capsviz.gui.train.data_choice import DataChoice
from capsviz.gui.train.form import SettingsForm, heading
from capsviz.gui.train.start_choice import StartChoice


class RunSheet(QFrame):
    """Images, the network to begin with, and the form of settings, one below the other."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sheet")
        self.data, self.begin_with, self.form = DataChoice(), StartChoice(), SettingsForm()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * GRID, 2 * GRID, GRID, GRID)
        layout.addWidget(self._scrolled())

    def _scrolled(self) -> QScrollArea:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(heading("Data"))
        column.addWidget(self.data)
        column.addWidget(self.begin_with)
        column.addSpacing(GRID)
        column.addWidget(self.form, 1)
        area = QScrollArea()
        area.setAccessibleName("Data and settings")
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setWidget(inner)
        for part in (area, area.viewport(), inner):
            part.setAutoFillBackground(False)
        return area
