"""The winner redrawn by the decoder, beside what was shown and what differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from capsviz.gui.look.card import quiet_label
from capsviz.gui.look.theme import GRID, Theme
from capsviz.gui.look.tile import Tile

if TYPE_CHECKING:
    from capsviz.explore.answers import Explanation

_NAMES = ("decoded", "shown", "difference")


class Reconstruction(QWidget):
    """Three tiles: decoded, shown, difference."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("reconstruction")
        self.setAccessibleName("Reconstruction")
        self.tiles = [Tile(name, signed=name == "difference") for name in _NAMES]
        self.words = quiet_label()
        self.words.setWordWrap(True)
        self._lay_out()
        self.show_explanation(None)

    def _lay_out(self) -> None:
        """The decoded image large; below it what it should be like, and what differs."""
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(GRID)
        layout.setVerticalSpacing(GRID // 2)
        decoded, shown, difference = self.tiles
        layout.addWidget(decoded, 0, 0, 1, 2)
        layout.addWidget(self.words, 1, 0, 1, 2)
        layout.setRowMinimumHeight(2, GRID)
        for column, tile in enumerate((shown, difference)):
            layout.addWidget(tile, 3, column)
            name = quiet_label(tile.accessibleName())
            layout.addWidget(name, 4, column, Qt.AlignmentFlag.AlignHCenter)
        layout.setRowStretch(5, 1)

    def show_explanation(self, explanation: Explanation | None) -> None:
        """Show an answer's decoded image, or nothing."""
        decoded = None if explanation is None else explanation.reconstruction
        shown = None if explanation is None else explanation.image
        difference = None if decoded is None or shown is None else decoded - shown
        for tile, values in zip(self.tiles, (decoded, shown, difference), strict=True):
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
