"""The order in which Tab goes through a window: card by card, as one reads."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Slot
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QAbstractSpinBox,
    QComboBox,
    QDockWidget,
    QTabBar,
    QWidget,
)

from capsviz.gui.look.card import Header

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QMainWindow

_DIRECT = Qt.FindChildOption.FindDirectChildrenOnly


class TabOrder(QObject):
    """Goes through cards in turn: what stands in a header from left to right, then the rest in
    the order in which it was made. The tabs of docks that share a place are left out while but
    one dock is there, as Qt keeps them then, out of sight.
    """

    def __init__(self, window: QMainWindow, cards: Sequence[QWidget]) -> None:
        super().__init__(window)
        self._window, self._cards = window, cards
        self._docks = [card for card in cards if isinstance(card, QDockWidget)]
        for dock in self._docks:
            for changed in (dock.visibilityChanged, dock.topLevelChanged):
                changed.connect(self._look_soon)
            dock.toggleViewAction().toggled.connect(self._look_soon)

    @Slot()
    def arrange(self) -> None:
        """Once all cards hold what they are to hold."""
        groups = [group for card in self._cards for group in (*_of_header(card), card)]
        ordered = dict.fromkeys(
            widget
            for group in groups
            for widget in (group, *group.findChildren(QWidget))
            if widget.window() is self._window and _takes_focus(widget)  # menus are their own
        )
        for first, second in pairwise(ordered):
            QWidget.setTabOrder(first, second)
        self._leave_out_lone_tabs()

    @Slot(bool)
    def _look_soon(self, _changed: bool) -> None:
        QTimer.singleShot(0, self, self._leave_out_lone_tabs)  # when Qt has moved its docks

    @Slot()
    def _leave_out_lone_tabs(self) -> None:
        can_choose = any(self._shares_its_place(dock) for dock in self._docks)
        policy = Qt.FocusPolicy.TabFocus if can_choose else Qt.FocusPolicy.NoFocus
        for bar in self._window.findChildren(QTabBar, options=_DIRECT):
            bar.setAccessibleName("Cards in this place")
            bar.setFocusPolicy(policy)

    def _shares_its_place(self, dock: QDockWidget) -> bool:
        others = self._window.tabifiedDockWidgets(dock)
        return not dock.isHidden() and any(not other.isHidden() for other in others)


def _takes_focus(widget: QWidget) -> bool:
    """By Tab, and not for a control that it is part of."""
    by_tab = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    return bool(by_tab) and widget.focusProxy() is None and not _is_part(widget)


def _is_part(widget: QWidget) -> bool:
    whole = widget.parentWidget()
    return isinstance(whole, QAbstractSpinBox | QComboBox | QAbstractScrollArea)


def _of_header(card: QWidget) -> list[QWidget]:
    header = card.findChild(Header)
    layout = None if header is None else header.layout()
    if layout is None:
        return []
    items = [layout.itemAt(index) for index in range(layout.count())]
    widgets = [item.widget() for item in items if item is not None]
    return [widget for widget in widgets if widget is not None]
