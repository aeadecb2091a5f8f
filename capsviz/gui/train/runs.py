"""The dialog of all runs: compared by their curves, opened again, gone on with, kept, deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QSplitter,
    QVBoxLayout,
)

from capsviz.gui.archive import Change
from capsviz.gui.look.theme import GRID, SMALL, Theme, font
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
_MORE_EPOCHS = 5


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
        self.resize(124 * GRID, 70 * GRID)
        self.table = RunTable()
        self.compared = RunPlots()
        self._curves: Mapping[Path, Curves] = {}
        self._is_busy = False
        self._words, self.network, self.epochs = QLabel(), QLineEdit(), QSpinBox()
        self.buttons = {
            name: QPushButton(text)
            for name, text in (
                ("reopen", "Show"),
                ("continue", "Continue"),
                ("publish", "Keep as network"),
                ("trash", "Delete"),
            )
        }
        self._dress()
        self._lay_out()
        self._connect()
        self._follow_selection()

    def _dress(self) -> None:
        for name, button in self.buttons.items():
            button.setObjectName(f"run-{name}")
        self.buttons["reopen"].setToolTip("Show its curves, its report and its film again")
        self.buttons["publish"].setToolTip("Copy its network among your own, under this name")
        self.buttons["trash"].setToolTip("Move it to the trash; it can be brought back")
        self.network.setObjectName("run-network-name")
        self.network.setAccessibleName("Name of the network")
        self.network.setPlaceholderText("name of the network")
        self.network.setFixedWidth(20 * GRID)
        self.epochs.setObjectName("run-more-epochs")
        self.epochs.setAccessibleName("More epochs")
        self.epochs.setRange(1, 1000)
        self.epochs.setValue(_MORE_EPOCHS)
        self.epochs.setPrefix("+")
        self.epochs.setSuffix(" epochs")
        self._words.setWordWrap(True)
        self._words.setFont(font(SMALL))
        self._words.setProperty("quiet", True)
        self._words.setTextFormat(Qt.TextFormat.PlainText)

    def _lay_out(self) -> None:
        split = QSplitter()
        split.addWidget(self.table)
        split.addWidget(self.compared)
        split.setSizes([66 * GRID, 54 * GRID])
        split.setChildrenCollapsible(False)
        split.setHandleWidth(GRID)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        layout.setSpacing(GRID)
        layout.addWidget(split, 1)
        layout.addWidget(self._words)
        layout.addLayout(self._row())

    def _row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(self.buttons["reopen"])
        row.addWidget(self.buttons["continue"])
        row.addWidget(self.epochs)
        row.addSpacing(2 * GRID)
        row.addWidget(self.network)
        row.addWidget(self.buttons["publish"])
        row.addStretch()
        row.addWidget(self.buttons["trash"])
        return row

    def _connect(self) -> None:
        self.table.selected.connect(self._follow_selection)
        self.table.rename_asked.connect(self._rename)
        self.table.itemDoubleClicked.connect(self._reopen)
        self.network.textChanged.connect(self._enable)
        for name, done in (
            ("reopen", self._reopen),
            ("continue", self._continue),
            ("publish", self._publish),
            ("trash", self._trash),
        ):
            self.buttons[name].clicked.connect(done)

    @Slot(object)
    def show_runs(self, runs: tuple[RunSummary, ...]) -> None:
        """List these."""
        self.table.show_runs(runs)

    @Slot(object)
    def show_curves(self, curves: Mapping[Path, Curves]) -> None:
        """Lay the curves of these runs over each other."""
        self._curves = curves
        self._draw()

    @Slot(str)
    def show_state(self, state: str) -> None:
        """While a run is under way, no other can go on."""
        self._is_busy = state != "idle"
        self._enable()

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
        self._words.setText(told(chosen[0]) if len(chosen) == 1 else _NOTHING)
        if len(chosen) == 1:
            self.network.setText(chosen[0].name)
        self.curves_asked.emit(tuple(run.folder for run in chosen if run.plan is not None))
        self._enable()

    @Slot()
    def _enable(self) -> None:
        run = self._only()
        can_go_on = run is not None and (run.can_resume or run.can_extend) and not self._is_busy
        self.buttons["continue"].setEnabled(can_go_on)
        self.epochs.setVisible(run is not None and not run.can_resume and run.can_extend)
        self.buttons["reopen"].setEnabled(
            run is not None and run.state not in ("damaged", "running") and not self._is_busy
        )
        has_network = run is not None and run.has_model
        self.buttons["publish"].setEnabled(has_network and bool(self.network.text().strip()))
        self.network.setEnabled(has_network)
        self.buttons["trash"].setEnabled(run is not None and run.state != "running")

    def _only(self) -> RunSummary | None:
        chosen = self.table.chosen()
        return chosen[0] if len(chosen) == 1 else None

    @Slot()
    def _reopen(self) -> None:
        run = self._only()
        if run is not None and self.buttons["reopen"].isEnabled():
            self.reopen_asked.emit(run)

    @Slot()
    def _continue(self) -> None:
        run = self._only()
        if run is None or run.plan is None:
            return
        if not run.can_resume:
            epochs = run.plan.settings.epochs + self.epochs.value()
            self.change_asked.emit(Change("extend", run.folder, epochs=epochs))
        else:
            self.continue_asked.emit(run)

    @Slot()
    def _publish(self) -> None:
        run = self._only()
        if run is not None:
            self.change_asked.emit(Change("publish", run.folder, self.network.text().strip()))

    @Slot()
    def _trash(self) -> None:
        run = self._only()
        if run is not None:
            self.change_asked.emit(Change("trash", run.folder))

    @Slot(object, str)
    def _rename(self, folder: Path, name: str) -> None:
        self.change_asked.emit(Change("rename", folder, name))

    # Qt calls this

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.look_asked.emit()
