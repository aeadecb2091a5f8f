"""Viewports that PySide knows already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from PySide6.QtWidgets import QAbstractScrollArea


def use_own_viewport(area: QAbstractScrollArea) -> None:
    """Give a new area a viewport made here, in place of the one that Qt made.

    To find out what a widget of Qt's own making is, PySide builds every kind of widget that it
    has, with all their enumerations, and does so at the first `area.viewport()`: the window's
    start would wait for it.
    """
    area.setViewport(QWidget())


def cover(widget: QWidget) -> None:
    """Let a widget that often changes fill its ground in the card's colour, so that the six that
    it lies in are not painted anew each time.
    """
    widget.setBackgroundRole(QPalette.ColorRole.Base)
    widget.setAutoFillBackground(True)
