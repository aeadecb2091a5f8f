"""The list of runs: name, state, result, size, age; its names can be edited in place."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem

from capsviz.gui.look.theme import DARK, GRID, Theme
from capsviz.gui.train.words import spoken_share
from capsviz.training.runnames import shown_name

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from capsviz.training.runs import RunSummary

_COLUMNS = ("Run", "State", "Held out wrong", "Epochs", "Last changed")
_RUN = Qt.ItemDataRole.UserRole


class RunTable(QTreeWidget):
    """One line per run; a name is edited by F2.

    Signals:
        selected(): other runs are selected.
        rename_asked(object, str): the run in this folder is to have this name.
    """

    selected = Signal()
    rename_asked = Signal(object, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("run-table")
        self.setAccessibleName("Runs")
        self.setHeaderLabels(list(_COLUMNS))
        self.setRootIsDecorated(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.header().setStretchLastSection(False)
        for column in range(1, len(_COLUMNS)):
            self.header().setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self._theme = DARK
        self.itemSelectionChanged.connect(self._show_colours)
        self.itemSelectionChanged.connect(self.selected)
        self.itemChanged.connect(self._take_name)

    def show_runs(self, runs: tuple[RunSummary, ...]) -> None:
        """List these; what was selected stays so."""
        chosen = {run.folder for run in self.chosen()}
        with QSignalBlocker(self):
            self.clear()
            for run in runs:
                item = QTreeWidgetItem(self, _texts(run))
                item.setData(0, _RUN, run)
                if run.name == shown_name(run.folder):  # else it is in the trash
                    item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
                item.setToolTip(0, run.problem or str(run.folder))
                item.setSelected(run.folder in chosen)
        self._show_colours()
        self.selected.emit()

    def choose_first(self) -> bool:
        """Select the newest; False if there is none."""
        first = self.topLevelItem(0)
        if first is not None:
            self.setCurrentItem(first)
        return first is not None

    def chosen(self) -> list[RunSummary]:
        """The runs selected, from top to bottom."""
        items = (self.topLevelItem(row) for row in range(self.topLevelItemCount()))
        return [item.data(0, _RUN) for item in items if item is not None and item.isSelected()]

    def colour_of(self, folder: Path) -> str:
        """The colour that a selected run is drawn in."""
        folders = [run.folder for run in self.chosen()]
        return self._theme.digits[folders.index(folder) % 10] if folder in folders else "#000000"

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme = theme
        self._show_colours()

    @Slot()
    def _show_colours(self) -> None:
        """A dot in the run's colour, beside those that are compared."""
        with QSignalBlocker(self):
            for row in range(self.topLevelItemCount()):
                item = self.topLevelItem(row)
                if item is not None:
                    dot = QPixmap(GRID, GRID)
                    dot.fill(Qt.GlobalColor.transparent)
                    if item.isSelected():
                        dot.fill(QColor(self.colour_of(item.data(0, _RUN).folder)))
                    item.setData(0, Qt.ItemDataRole.DecorationRole, dot)

    @Slot(QTreeWidgetItem, int)
    def _take_name(self, item: QTreeWidgetItem, column: int) -> None:
        run: RunSummary = item.data(0, _RUN)
        if column == 0 and item.text(0) != shown_name(run.folder):
            self.rename_asked.emit(run.folder, item.text(0))
            with QSignalBlocker(self):
                item.setText(0, run.name)  # until it has it


def _texts(run: RunSummary) -> list[str]:
    best, last = run.best_error, run.last
    date = datetime.fromtimestamp(run.date).strftime("%d %b %Y %H:%M")
    planned = "" if run.plan is None else f" of {run.plan.settings.epochs}"
    epochs = f"{last.epoch:.1f}".removesuffix(".0") + planned if last is not None else ""
    return [
        shown_name(run.folder),
        run.state,
        "" if best is None else spoken_share(best),
        epochs,
        date,
    ]
