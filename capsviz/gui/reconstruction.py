"""The winner redrawn by the decoder, beside what was shown and what differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from capsviz.gui.card import quiet_label
from capsviz.gui.theme import GRID, Theme
from capsviz.gui.tile import Tile

if TYPE_CHECKING:
    from capsviz.explore.answers import Explanation

_NAMES = ("shown", "decoded", "difference")


class Reconstruction(QWidget):
    """Three tiles: shown, decoded, difference."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("reconstruction")
        self.setAccessibleName("Reconstruction")
        self.tiles = [Tile(name, signed=name == "difference") for name in _NAMES]
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(GRID)
        layout.setVerticalSpacing(GRID // 2)
        for column, (tile, name) in enumerate(zip(self.tiles, _NAMES, strict=True)):
            layout.addWidget(tile, 0, column)
            layout.addWidget(quiet_label(name), 1, column, Qt.AlignmentFlag.AlignHCenter)
        self.words = quiet_label()
        self.words.setWordWrap(True)
        layout.addWidget(self.words, 2, 0, 1, len(_NAMES))
        layout.setRowStretch(3, 1)
        self.show_explanation(None)

    def show_explanation(self, explanation: Explanation | None) -> None:
        """Show an answer's decoded image, or nothing."""
        decoded = None if explanation is None else explanation.reconstruction
        shown = None if explanation is None else explanation.image
        difference = None if decoded is None or shown is None else decoded - shown
        for tile, values in zip(self.tiles, (shown, decoded, difference), strict=True):
            tile.show_values(values)
        self.words.setText(_words(explanation))

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        for tile in self.tiles:
            tile.set_theme(theme)


def _words(explanation: Explanation | None) -> str:
    if explanation is None:
        return "The sixteen numbers of the longest capsule, drawn by the decoder."
    if explanation.reconstruction is None:
        return "This network was trained without a decoder."
    error = float(((explanation.reconstruction - explanation.image) ** 2).sum())
    return (
        f"Capsule {explanation.digit} redraws this from its {explanation.poses.shape[-1]} "
        f"numbers; squared error {error:.1f}."
    )
