"""What every view has in common: it draws only while it can be seen, in the theme's colours, says
itself in a sentence, and gives its numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from capsviz.gui.look.theme import DARK, Theme

if TYPE_CHECKING:
    from PySide6.QtGui import QHideEvent, QShowEvent


@dataclass(frozen=True, slots=True)
class Table:
    """The numbers of a view, as they go into a CSV file: names of columns, then rows."""

    columns: tuple[str, ...]
    rows: tuple[tuple[float | int | str, ...], ...]

    def of(self, **about: int) -> Table:
        """The same with what all rows are of in front of each: a file of it tells by itself."""
        names = (name.replace("_", " ") for name in about)
        return Table((*names, *self.columns), tuple((*about.values(), *row) for row in self.rows))


class View(QWidget):
    """A picture of part of an answer.

    Signals:
        described(str): its sentence has been said anew.

    A subclass keeps what it is shown, calls `refresh`, and draws in `draw`: at once if it is on
    screen, else when it comes on screen. So a hidden view costs nothing.
    """

    described = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.theme = DARK
        self.reason = ""
        self._is_stale = True
        self._is_on_screen = False  # neither hidden nor in a minimized window

    def refresh(self) -> None:
        """What is shown has changed."""
        self._is_stale = not self._is_on_screen
        if not self._is_stale:
            self._draw_now()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self.theme = theme
        self.refresh()

    def show_reason(self, reason: str) -> None:
        """Why what was drawn has no answer, to be said in an empty view; "" if none was drawn."""
        if reason != self.reason:
            self.reason = reason
            self.refresh()

    def draw(self) -> None:
        """Draw what is shown now, in `self.theme`; called only while on screen."""
        raise NotImplementedError

    def summary(self) -> str:
        """One sentence for who cannot see the picture."""
        raise NotImplementedError

    def table(self) -> Table | None:
        """The numbers on show; None while there are none."""
        return None

    @property
    def page_name(self) -> str:
        """Of several pages, what the one on show is called; "" if there is one alone."""
        return ""

    @property
    def caption(self) -> str:
        """What stands above its picture, if the window around it tells what it is of."""
        return ""

    @property
    def pictured(self) -> QWidget:
        """What its picture shows: all of it, or the part without what is pressed."""
        return self

    def _draw_now(self) -> None:
        self.draw()
        self.setAccessibleDescription(self.summary())
        self.described.emit(self.accessibleDescription())

    # Qt calls these, for a window that is minimized or restored too

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._is_on_screen = False

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._is_on_screen = True
        if self._is_stale:
            self._is_stale = False
            self._draw_now()
