"""Tooltips that tell of the place pointed at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF
from PySide6.QtGui import QCursor, QHelpEvent
from PySide6.QtWidgets import QToolTip, QWidget

if TYPE_CHECKING:
    from collections.abc import Callable


def shows_tip(widget: QWidget, event: QEvent, tip_at: Callable[[QPointF], str]) -> bool:
    """Whether a tooltip was asked for; what the widget says of that place is shown then.

    Args:
        widget: that got the event.
        event: any that it got.
        tip_at: the words for a place of the widget, "" for none.
    """
    if not isinstance(event, QHelpEvent) or event.type() != QEvent.Type.ToolTip:
        return False
    QToolTip.showText(event.globalPos(), tip_at(QPointF(event.pos())), widget)
    return True


def renew_tip(widget: QWidget, tip_at: Callable[[QPointF], str]) -> None:
    """Let an open tooltip of this widget tell what holds by now; none is opened.

    Args:
        widget: whose tooltips `shows_tip` opens.
        tip_at: the words for a place of the widget, "" for none.
    """
    if QToolTip.isVisible() and widget.underMouse():
        place = QCursor.pos()
        QToolTip.showText(place, tip_at(QPointF(widget.mapFromGlobal(place))), widget)
