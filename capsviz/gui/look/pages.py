"""Several views in one place, one at a time; their tabs stand where the owner puts them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QStackedWidget, QTabBar, QVBoxLayout, QWidget

from capsviz.gui.look.theme import SMALL, font
from capsviz.gui.look.view import View

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capsviz.gui.look.view import Table


class Pages(View):
    """A stack of views; what it says and gives is its present page's.

    Args:
        name: what the tabs choose between, for assistive tools.
        pages: the views by the words on their tabs.
    """

    def __init__(
        self, name: str, pages: Mapping[str, View], parent: QWidget | None = None
    ) -> None:
        super().__init__(name, parent)
        self.tabs = QTabBar()
        self.tabs.setAccessibleName(name)
        self.tabs.setProperty("compact", True)
        self.tabs.setFont(font(SMALL))
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(False)
        self._stack = QStackedWidget()
        for title, view in pages.items():
            self.tabs.addTab(title)
            self._stack.addWidget(view)
        self.tabs.currentChanged.connect(self._show_page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)

    @property
    def page(self) -> View:
        """The view on show."""
        page = self._stack.currentWidget()
        assert isinstance(page, View)
        return page

    def show_page(self, view: View) -> None:
        """Bring this view to the front."""
        self.tabs.setCurrentIndex(self._stack.indexOf(view))

    def draw(self) -> None:
        """The pages draw themselves."""

    def summary(self) -> str:
        """What the present page says."""
        return self.page.summary()

    def table(self) -> Table | None:
        """The numbers of the present page."""
        return self.page.table()

    @Slot(int)
    def _show_page(self, index: int) -> None:
        self._stack.setCurrentIndex(index)
        self.refresh()
