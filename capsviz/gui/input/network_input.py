"""What the network sees: the framed image, pixel by pixel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from capsviz.gui.look.card import quiet_label
from capsviz.gui.look.theme import GRID, Theme
from capsviz.gui.look.tile import Tile

if TYPE_CHECKING:
    from numpy.typing import NDArray


class NetworkInput(QWidget):
    """The image as the network gets it, with the facts of its framing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tile = Tile("What the network sees")
        self.tile.setObjectName("network-input")
        self._facts = [quiet_label() for _ in range(3)]
        words = QVBoxLayout()
        words.setSpacing(GRID // 2)
        for label in self._facts:
            words.addWidget(label)
        words.addStretch()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * GRID)
        self.tile.setFixedSize(14 * GRID, 14 * GRID)
        layout.addWidget(self.tile, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(words, 1)
        self.show_input(None)

    def show_input(self, image: NDArray[np.float32] | None) -> None:
        """Show an (S, S) image in 0 … 1, or none."""
        self.tile.show_values(image)
        facts = ("your digit, framed", "as MNIST's are", "") if image is None else _facts(image)
        for label, fact in zip(self._facts, facts, strict=True):
            label.setText(fact)

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self.tile.set_theme(theme)


def _facts(image: NDArray[np.float32]) -> tuple[str, str, str]:
    """Size, extent and centre of mass of the ink, in words."""
    side, ink = len(image), float(image.sum())
    if ink == 0:
        return f"{side} × {side} pixels", "no ink", ""
    rows, columns = (np.flatnonzero((image > 0.1).any(axis)) for axis in (1, 0))
    extent = f"ink {np.ptp(columns) + 1} × {np.ptp(rows) + 1}" if len(rows) else "faint ink"
    index = np.arange(side)
    x, y = float(image.sum(0) @ index) / ink, float(image.sum(1) @ index) / ink
    return f"{side} × {side} pixels", extent, f"centre {x:.1f}, {y:.1f}"
