"""Sliding one digit over the other: the handle, what was tried, and trying everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from capsviz.gui.labs import words
from capsviz.gui.labs.pad import SlidePad
from capsviz.gui.labs.tries import Tries
from capsviz.gui.look.card import quiet_label
from capsviz.gui.look.theme import GRID, SMALL, Theme, font
from capsviz.gui.look.view import Table, View

if TYPE_CHECKING:
    from capsviz.data.overlay import Overlay

_ONE = "One drawing holds both digits: there is nothing to slide."


class Slide(View):
    """The pad and a sentence on how far the split holds.

    Attributes:
        pad: the handle.
        try_all: a button that tries every place; it stands where the owner puts it.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Where the split breaks", parent)
        self.pad, self.try_all = SlidePad(), QToolButton()
        self._words = quiet_label()
        self._words.setWordWrap(True)
        self._words.setObjectName("two-digits-tried")
        self._tries = Tries()
        self._is_one = self._is_pair = self._is_busy = False
        self.try_all.setObjectName("two-digits-try-all")
        self.try_all.setText("Try every place")
        self.try_all.setFont(font(SMALL))
        self._lay_out()
        self._tell()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(self.pad, 1)
        layout.addWidget(self._words)

    def show_overlay(self, overlay: Overlay, active: int) -> None:
        """Where both digits are; `active` is the one that is moved."""
        self._is_one, self._is_pair = overlay.is_one, overlay.is_pair
        places = [
            None if overlay.is_one or layer.is_empty else layer.stands()
            for layer in overlay.layers
        ]
        self.pad.show_places(places[active], places[1 - active])
        self._tell()

    @Slot(object)
    def show_tries(self, tries: Tries) -> None:
        """What was read where."""
        self._tries = tries
        self.pad.show_tries(tries)
        self._tell()
        self.refresh()

    @Slot(bool)
    def show_busy(self, is_busy: bool) -> None:
        """Every place is being tried, or no longer."""
        self._is_busy = is_busy
        self._tell()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self.pad.set_theme(theme)
        for part in (self._words, self.try_all):
            part.setFont(font(SMALL))
        super().set_theme(theme)

    def draw(self) -> None:
        """The pad paints itself."""
        self.pad.update()

    def summary(self) -> str:
        """How far the split holds."""
        return self._words.text()

    def table(self) -> Table | None:
        """Each place that was tried, what was read, and whether that is what is expected."""
        if not self._tries.read:
            return None
        rows = [
            (*place, *sorted(read), int(bool(self._tries.holds(place))))
            for place, read in sorted(self._tries.read.items())
        ]
        return Table(("x", "y", "one digit", "other digit", "as expected"), tuple(rows))

    def _tell(self) -> None:
        self._words.setText(_ONE if self._is_one else words.tried(self._tries))
        can_try = self._is_pair and not self._is_busy and not self._tries.is_whole
        self.try_all.setEnabled(can_try)
