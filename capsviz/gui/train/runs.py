"""The dialog of all runs: compared by their curves, opened again, gone on with, kept, deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QLabel, QSplitter, QVBoxLayout

from capsviz.gui.archive import Change
from capsviz.gui.look.theme import GRID, SMALL, Theme, font
from capsviz.gui.train.run_actions import RunActions
from capsviz.gui.train.run_details import told
from capsviz.gui.train.run_plots import RunPlots
from capsviz.gui.train.run_table import RunTable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from PySide6.QtGui import QShowEvent
    from PySide6.QtWidgets import QWidget

    from capsviz.training.runs import Curves, RunSummary

_NOTHING = "Select a run, or several to compare them."
_NO_RUNS = "There are no runs yet: Train → New run… begins one."
_NO_TRASH = "No run is in the trash."


class Runs(QDialog):
    """The list on the left, curves of what is selected on the right, what can be done below.

    Signals:
        look_asked(): the list is to be read anew.
        curves_asked(object): tuple of folders whose curves are to be shown.
        reopen_asked(object), continue_asked(object): RunSummary of the run.
        change_asked(object): Change.
    """

    look_asked = Signal()
    curves_asked = Signal(object)
    reopen_asked = Signal(object)
    continue_asked = Signal(object)
    change_asked = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("runs")
        self.setWindowTitle("Runs")
        self.setModal(False)
        self.resize(140 * GRID, 70 * GRID)
        self.table, self.compared = RunTable(), RunPlots()
        self.foot, self.deleted = RunActions(), QCheckBox()
        self._words = QLabel()
        self._curves: Mapping[Path, Curves] = {}
        self._is_fresh = True  # nobody has selected or deleted anything in this list
        self._listed: dict[bool, tuple[RunSummary, ...]] = {False: (), True: ()}  # in the trash?
        self._dress()
        self._lay_out()
        self._connect()
        self._list()

    def _dress(self) -> None:
        self.deleted.setObjectName("runs-deleted")
        self.deleted.setToolTip("List what is in the trash, to bring it back or to remove it")
        self._words.setWordWrap(True)
        self._words.setFont(font(SMALL))
        self._words.setProperty("quiet", True)
        self._words.setTextFormat(Qt.TextFormat.PlainText)

    def _lay_out(self) -> None:
        split = QSplitter()
        split.addWidget(self.table)
        split.addWidget(self.compared)
        split.setSizes([82 * GRID, 54 * GRID])
        split.setChildrenCollapsible(False)
        split.setHandleWidth(GRID)
        told = QHBoxLayout()
        told.setSpacing(2 * GRID)
        told.addWidget(self._words, 1)
        told.addWidget(self.deleted)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        layout.setSpacing(GRID)
        layout.addWidget(split, 1)
        layout.addLayout(told)
        layout.addWidget(self.foot)

    def _connect(self) -> None:
        self.table.selected.connect(self._follow_selection)
        self.table.rename_asked.connect(self._rename)
        self.table.itemDoubleClicked.connect(self.foot.reopen)
        self.deleted.toggled.connect(self._turn)
        self.foot.reopen_asked.connect(self.reopen_asked)
        self.foot.continue_asked.connect(self.continue_asked)
        self.foot.change_asked.connect(self.change_asked)

    @Slot(object)
    def show_runs(self, runs: tuple[RunSummary, ...]) -> None:
        """These are there."""
        self._listed[False] = runs
        self._list()

    @Slot(object)
    def show_trash(self, runs: tuple[RunSummary, ...]) -> None:
        """These are in the trash."""
        self._listed[True] = runs
        self._list()

    @Slot()
    def _list(self) -> None:
        self.deleted.setText(f"Show deleted runs ({len(self._listed[True])})")
        self.table.show_runs(self._listed[self.deleted.isChecked()])
        if self._is_fresh and not self.table.chosen():
            self._is_fresh = not self.table.choose_first()

    @Slot()
    def _turn(self) -> None:
        self._is_fresh = True
        self._list()

    @Slot(object)
    def show_curves(self, curves: Mapping[Path, Curves]) -> None:
        """Lay the curves of these runs over each other."""
        self._curves = curves
        self._draw()

    @Slot(str)
    def show_state(self, state: str) -> None:
        """While a run is under way, no other can go on."""
        self.foot.show_busy(state != "idle")

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self.table.set_theme(theme)
        self.compared.set_theme(theme)
        self._draw()

    def _draw(self) -> None:
        table, curves = self.table, self._curves
        shown = [run for run in table.chosen() if run.folder in curves]
        self.compared.show_runs(
            [(run.name, table.colour_of(run.folder), curves[run.folder]) for run in shown]
        )

    @Slot()
    def _follow_selection(self) -> None:
        chosen = self.table.chosen()
        only = chosen[0] if len(chosen) == 1 else None
        self._words.setText(self._missing() if only is None else told(only))
        self.foot.show_run(only, self.deleted.isChecked())
        self.curves_asked.emit(tuple(run.folder for run in chosen if run.plan is not None))

    def _missing(self) -> str:
        is_trash = self.deleted.isChecked()
        if self._listed[is_trash]:
            return _NOTHING
        return _NO_TRASH if is_trash else _NO_RUNS

    @Slot(object, str)
    def _rename(self, folder: Path, name: str) -> None:
        self.change_asked.emit(Change("rename", folder, name))

    # Qt calls this

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._is_fresh = True
        self.look_asked.emit()
