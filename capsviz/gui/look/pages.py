"""Several views in one place, one at a time; their tabs stand where the owner puts them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QStackedWidget, QTabBar, QVBoxLayout, QWidget

from capsviz.gui.look.theme import SMALL, font
from capsviz.gui.look.view import View

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from capsviz.gui.look.theme import Theme
    from capsviz.gui.look.view import Table


class Pages(View):
    """A stack of views; what it says and gives is its present page's.

    Args:
        name: what the tabs choose between, for assistive tools.
        pages: by the words on their tabs, the views or what makes them: such a page is made when
            it is first asked for, so that a start does not wait for what it does not show.

    Signals:
        made(str): the page of this tab has just been made.
    """

    made = Signal(str)

    def __init__(
        self,
        name: str,
        pages: Mapping[str, View | Callable[[], View]],
        parent: QWidget | None = None,
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
        self._titles = tuple(pages)
        self._makers: dict[str, Callable[[], View]] = {}
        for title, page in pages.items():
            self.tabs.addTab(title)
            self._stack.addWidget(page if isinstance(page, View) else QWidget())
            if isinstance(page, View):
                page.described.connect(self.setAccessibleDescription)
            else:
                self._makers[title] = page
        self.tabs.currentChanged.connect(self._show_page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)

    @property
    def page(self) -> View:
        """The view on show."""
        return self.view(self._titles[self._stack.currentIndex()])

    @property
    def unmade(self) -> tuple[str, ...]:
        """The tabs whose pages nobody has asked for yet."""
        return tuple(self._makers)

    @property
    def views(self) -> tuple[View, ...]:
        """The pages that there are by now."""
        return tuple(self.view(title) for title in self._titles if title not in self._makers)

    def view(self, title: str) -> View:
        """The page of this tab, made if it was not yet."""
        if title in self._makers:
            self._make(title)
        page = self._stack.widget(self._titles.index(title))
        assert isinstance(page, View)
        return page

    def _make(self, title: str) -> None:
        """In its place's stead; told to those who know what it has missed."""
        page, at = self._makers.pop(title)(), self._titles.index(title)
        page.set_theme(self.theme)
        page.show_reason(self.reason)
        page.described.connect(self.setAccessibleDescription)
        shown, place = self._stack.currentIndex(), self._stack.widget(at)
        assert place is not None
        self._stack.insertWidget(at, page)
        self._stack.removeWidget(place)
        place.deleteLater()
        self._stack.setCurrentIndex(shown)
        self.made.emit(title)

    def show_page(self, view: View) -> None:
        """Bring this view to the front."""
        self.tabs.setCurrentIndex(self._stack.indexOf(view))

    def set_theme(self, theme: Theme) -> None:
        """Give every page these colours."""
        super().set_theme(theme)
        for view in self.views:
            view.set_theme(theme)

    def show_reason(self, reason: str) -> None:
        """Let every page say this while it is empty."""
        super().show_reason(reason)
        for view in self.views:
            view.show_reason(reason)

    def draw(self) -> None:
        """The pages draw themselves."""

    def summary(self) -> str:
        """What the present page says."""
        return self.page.summary()

    def table(self) -> Table | None:
        """The numbers of the present page."""
        return self.page.table()

    @property
    def page_name(self) -> str:
        """The words on the present page's tab."""
        return self.tabs.tabText(self._stack.currentIndex())

    @property
    def caption(self) -> str:
        """What stands above the picture of the present page."""
        return self.page.caption

    @property
    def pictured(self) -> QWidget:
        """What the picture of the present page shows."""
        return self.page.pictured

    @Slot(int)
    def _show_page(self, index: int) -> None:
        self.view(self._titles[index])
        self._stack.setCurrentIndex(index)
        self.refresh()
