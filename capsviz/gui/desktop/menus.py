"""The menu bar, made from the table of commands; and all it holds, for the palette."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from capsviz.gui.desktop.commands import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from PySide6.QtWidgets import QMenuBar

    from capsviz.gui.session import Session


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One line of the palette: an action and the menus it is found in, "View" or "Pose ▸ …"."""

    path: str
    action: QAction


def fill(bar: QMenuBar, named: dict[str, QAction]) -> dict[str, QMenu]:
    """Make every menu of the table; by name, as the table names them."""
    menus: dict[str, QMenu] = {}
    for name, rows in COMMANDS.items():
        above, _, own = name.rpartition("/")
        menus[name] = menus[above].addMenu(own) if above else bar.addMenu(f"&{own}")
        menus[name].setToolTipsVisible(True)
        for row in rows:
            if row is None:
                menus[name].addSeparator()
            else:
                menus[name].addAction(named[row.name])
    return menus


def entries(bar: QMenuBar) -> list[Entry]:
    """Every action that the menus hold now, those that come and go included."""
    return list(_below(bar.actions(), ()))


def _below(actions: Iterable[QAction], path: tuple[str, ...]) -> Iterator[Entry]:
    for action in actions:
        menu = cast("QMenu | None", QMenu.menuInAction(action))
        if menu is not None:
            yield from _below(menu.actions(), (*path, action.text().replace("&", "")))
        elif not action.isSeparator() and action.isVisible():
            yield Entry(" ▸ ".join(path), action)


class NetworkMenu(QObject):
    """The networks there are now, listed anew whenever the menu opens or another one answers.

    Signals:
        chosen(str): the name of a network.
    """

    chosen = Signal(str)

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._group = QActionGroup(self)
        self._group.triggered.connect(self._choose)

    def live_in(self, menu: QMenu) -> None:
        """List the networks above what stands in this menu."""
        self._menu = menu
        self._below = menu.insertSeparator(menu.actions()[0])
        menu.aboutToShow.connect(self._list)
        self._session.model_changed.connect(self._list)
        self._list()

    @Slot()
    def _list(self) -> None:
        names, answering = self._session.loading.names(), self._session.model
        if names != [action.data() for action in self._group.actions()]:
            self._make(names)
        for action in self._group.actions():
            action.setChecked(answering is not None and answering.name == action.data())

    def _make(self, names: list[str]) -> None:
        for action in self._group.actions():
            self._group.removeAction(action)
            self._menu.removeAction(action)
            action.deleteLater()
        for name in names:
            action = QAction(name.replace("&", "&&"), self._menu, checkable=True)
            action.setData(name)
            action.setToolTip(f"Let the network “{name}” answer")
            self._group.addAction(action)
            self._menu.insertAction(self._below, action)

    @Slot(QAction)
    def _choose(self, action: QAction) -> None:
        self.chosen.emit(action.data())
