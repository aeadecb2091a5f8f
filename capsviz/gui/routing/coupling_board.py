"""Where the pictures of the couplings stand, and how large each may grow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from capsviz.gui.look.card import make_quiet, quiet_label
from capsviz.gui.look.elided import Elided, WholeLines
from capsviz.gui.look.theme import GRID, Theme
from capsviz.gui.routing.coupling_legend import CouplingLegend
from capsviz.gui.routing.coupling_mass import CouplingMass
from capsviz.gui.routing.coupling_options import CouplingOptions
from capsviz.gui.routing.coupling_places import CouplingPlaces
from capsviz.gui.routing.coupling_types import CouplingTypes
from capsviz.gui.routing.coupling_words import mass_name

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from capsviz.gui.routing.coupling_words import Explainer

_LEFT = 0.64  # of the width at most for the picture by place
_LOWER = 0.22  # of the height at most for the tiles, unless the pictures above leave more
_BETWEEN = GRID + GRID // 2  # the pictures by place and by type
_ENDS = "≤ 0.0015"  # of the mass of one pixel, at their longest
_CLOSE = GRID // 4  # words to their picture


class CouplingBoard(QWidget):
    """Options above; places on the left, types and legend on the right; tiles below.

    Args:
        explainer: gives the tooltips.
    """

    def __init__(self, explainer: Explainer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.options = CouplingOptions()
        self.places = CouplingPlaces(explainer.capsule)
        self.types = CouplingTypes(explainer.type)
        self.mass = CouplingMass(explainer.mass)
        self.legend = CouplingLegend()
        self.places_words, self.types_words = Elided(""), Elided("Mean by type")
        self.legend_words, self.mass_words = quiet_label(), WholeLines()
        for title in (self.places_words, self.types_words, self.mass_words):
            make_quiet(title)
        for words in (self.places_words, self.types_words, self.legend_words):
            words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.pictures, self._upper = QWidget(), QWidget()
        self._lay_out()

    def _lay_out(self) -> None:
        layout = _plain_column(self)
        layout.addWidget(self.options)
        layout.addWidget(self.pictures, 1)
        upper = QHBoxLayout(self._upper)
        upper.setContentsMargins(0, 0, 0, 0)
        upper.setSpacing(_BETWEEN)
        upper.addLayout(_column(self.places_words, self.places), 16)
        legend = (self.legend_words, self.legend)
        upper.addLayout(_column(self.types_words, self.types, *legend), 9)
        pictures = _plain_column(self.pictures)
        pictures.addWidget(self._upper, 7)
        pictures.addLayout(self._lower(), 2)
        pictures.addStretch()

    def _lower(self) -> QHBoxLayout:
        lower = QHBoxLayout()
        lower.setSpacing(GRID)
        self.mass_words.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Ignored)
        self.mass_words.setAlignment(Qt.AlignmentFlag.AlignTop)
        lower.addWidget(self.mass_words)
        lower.addWidget(self.mass)
        return lower

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        for part in (self.places, self.types, self.mass, self.legend):
            part.set_theme(theme)

    def limit_sizes(self) -> None:
        """No picture gets more room than it can use, so that no gaps open between them."""
        letters = self.mass_words.fontMetrics()
        widest = max(map(letters.horizontalAdvance, mass_name(_ENDS).splitlines()))
        self.mass_words.setFixedWidth(widest + 1)  # whatever it says, so that tiles stay
        words = self.places_words.sizeHint().height() + _CLOSE
        above = self.options.sizeHint().height() + words + 2 * GRID
        mass = self.mass.needed_height(self.width() - self.mass_words.width() - GRID)
        rest = max(1, self.height() - above)
        most = round(_LEFT * (self.width() - _BETWEEN))
        height = self.places.needed_height(most, rest - min(mass, round(_LOWER * rest)))
        width = self.places.needed_width(most, height)
        self.places.setMaximumSize(width, height)
        self.mass.setMaximumHeight(max(1, min(mass, rest - height)))
        least = self._upper.minimumSizeHint().height()  # the legend never lies on the matrix
        self._upper.setMaximumHeight(max(words + height, least))
        self._limit_types(self.width() - width - _BETWEEN, height)

    def _limit_types(self, width: int, height: int) -> None:
        """The legend stands right below the matrix."""
        legend = self.legend_words.sizeHint().height() + self.legend.sizeHint().height()
        most = height - legend - 2 * _CLOSE
        self.types.setMaximumHeight(max(1, self.types.needed_height(width, most)))

    # Qt calls this

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.limit_sizes()


def _plain_column(owner: QWidget) -> QVBoxLayout:
    layout = QVBoxLayout(owner)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(GRID)
    return layout


def _column(words: QWidget, *parts: QWidget) -> QVBoxLayout:
    """A picture below its words, as high as it may be; whatever is left over stays below."""
    column = QVBoxLayout()
    column.setSpacing(_CLOSE)
    for part in (words, *parts):
        column.addWidget(part, part is parts[0])
    column.addStretch()
    return column
