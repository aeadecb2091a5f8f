"""A tile tells the number of the pixel pointed at, up to its very edge."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip

from capsviz.gui.look.tile import Tile

VALUES = np.arange(9, dtype=np.float32).reshape(3, 3) / 10


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ((0, 0), "x 0, y 0: 0.000"),
        ((130, 40), "x 2, y 0: 0.200"),
        ((90, 150), "x 1, y 2: 0.700"),
        ((90, 151), ""),
    ],
)
def test_every_pixel_tells_its_number_at_the_edge_too(qtbot, monkeypatch, place, told):
    tile = Tile("numbers")
    qtbot.addWidget(tile)
    tile.resize(150, 190)  # taller than wide: the edge of the picture lies inside the widget
    tile.show_values(VALUES)
    shown = []
    monkeypatch.setattr(QToolTip, "showText", lambda _place, text, _widget: shown.append(text))
    at = QPoint(*place)
    QApplication.sendEvent(tile, QHelpEvent(QEvent.Type.ToolTip, at, tile.mapToGlobal(at)))
    assert shown == [told]
