"""The dialog of a new run: a preset, every setting, and what it will cost, before it is begun."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from capsviz.files import CapsvizError
from capsviz.gui.look.theme import GRID, Theme
from capsviz.gui.preparing import Asked, CostRequest
from capsviz.gui.train.cost_line import CostLine
from capsviz.gui.train.preset_list import PresetList
from capsviz.gui.train.run_foot import RunFoot
from capsviz.gui.train.run_sheet import RunSheet
from capsviz.training.runs import check_name, new_run_folder

if TYPE_CHECKING:
    from PySide6.QtGui import QHideEvent, QShowEvent
    from PySide6.QtWidgets import QWidget

    from capsviz.gui.preparing import Found, Start
    from capsviz.training.cost import Cost
    from capsviz.training.presets import Preset

_PAUSE_MS = 400  # of whoever types, before the cost is measured anew


class NewRun(QDialog):
    """Presets on the left, every setting on the right, name, cost and Start below.

    Signals:
        start_asked(object): Asked; it closes itself.
        cost_asked(object): CostRequest to measure, None: no more.
        networks_asked(): those that a run can begin with are to be listed.
    """

    start_asked = Signal(object)
    cost_asked = Signal(object)

    networks_asked = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("new-run")
        self.setWindowTitle("New run")
        self.setModal(False)
        self.resize(116 * GRID, 80 * GRID)
        self.presets, self._sheet, self.foot = PresetList(), RunSheet(), RunFoot()
        self.data, self.begin_with = self._sheet.data, self._sheet.begin_with
        self.form, self.start = self._sheet.form, self.foot.start
        self._cost, self._problem = CostLine(), QLabel()
        self._is_busy = False
        self._wanted: CostRequest | None = None  # whose cost is to be shown
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._lay_out()
        self._connect()
        self.use_preset(self.presets.preset)

    def _lay_out(self) -> None:
        self._problem.setObjectName("run-problem")
        self._problem.setWordWrap(True)
        self._problem.setTextFormat(Qt.TextFormat.PlainText)
        middle = QHBoxLayout()
        middle.setSpacing(GRID)
        middle.addWidget(self.presets)
        middle.addWidget(self._sheet, 1)
        self.presets.setFixedWidth(36 * GRID)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        layout.setSpacing(GRID)
        layout.addLayout(middle, 1)
        layout.addWidget(self._problem)
        layout.addWidget(self._cost)
        layout.addWidget(self.foot)
        self.start.setDefault(True)  # from outside the dialog it would not know

    def _connect(self) -> None:
        self.presets.preset_chosen.connect(self.use_preset)
        self.begin_with.start_changed.connect(self._take_start)
        self.form.changed.connect(self._check)
        self.foot.changed.connect(self._check)
        self.start.clicked.connect(self._ask_to_start)
        self.foot.close_it.clicked.connect(self.close)
        self._pause.timeout.connect(self._ask_for_cost)

    @Slot(object)
    def use_preset(self, preset: Preset) -> None:
        """Put a preset into the form, under a name that is free; it begins with random weights."""
        self.begin_with.clear()
        self.form.show_settings(preset.settings, preset.config)
        self._take_classes()
        self.foot.name.setText(_preset_name(preset))

    @Slot(object)
    def _take_start(self, start: Start | None) -> None:
        """Its sizes are the run's, and so is the seed by which it held out the same images."""
        config = self.presets.preset.config if start is None else start.config
        self.form.show_network(config, is_fixed=start is not None)
        self._take_classes()
        if start is not None and self.data.found is not None:
            self.form.hold_out_like(start.about, self.data.found.images)

    def _take_classes(self) -> None:
        if self.data.found is not None and self.data.found.classes:
            self.form.set_classes(self.data.found.classes)

    @Slot(object)
    def show_found(self, found: Found) -> None:
        """What the chosen source holds."""
        self.data.show_found(found)
        self._take_classes()
        self.begin_with.show_found(found)
        self._check()

    @Slot(object)
    def show_cost(self, cost: Cost | None) -> None:
        """What it will cost, as far as it is known."""
        if cost is None:
            self._cost.show_waiting(self.start.isEnabled())
        else:
            self._cost.show_cost(cost)

    @Slot()
    def drop_cost(self) -> None:
        """It could not be measured."""
        self._cost.show_waiting(False)

    @Slot(str)
    def show_state(self, state: str) -> None:
        """While a run is under way, no other can begin."""
        self._is_busy = state != "idle"
        self._check()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self.presets.set_theme(theme)
        self._problem.setStyleSheet(f"color: {theme.warning};")

    @Slot()
    def _check(self) -> None:
        """What keeps the run from being begun, in one sentence; else measure it."""
        problem = self._find_problem()
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))
        self.start.setEnabled(not problem)
        if self.isVisible():
            self._measure_soon()

    def _measure_soon(self) -> None:
        """Nothing is said of what these settings cost until it was measured."""
        request = None if self._problem.text() else self._cost_request()
        if request != self._wanted:
            self._wanted = request
            self.cost_asked.emit(None)
            self._pause.start()

    def _find_problem(self) -> str:
        try:
            settings, _ = self.form.settings(), self.form.config()
            check_name(self.foot.name.text())
        except CapsvizError as error:
            return str(error)
        found = self.data.found
        if self._is_busy:
            return "A run is under way; stop it before another one begins."
        if found is None or found.problem:
            return found.problem if found is not None else "Looking for the images …"
        if found.images <= settings.validation_images:
            return (
                f"Expected fewer held-out images than the {found.images} that there are, found "
                f"{settings.validation_images}; lower “Held out”."
            )
        return ""

    def _cost_request(self) -> CostRequest | None:
        if self.data.found is None:
            return None
        settings, config = self.form.settings(), self.form.config()
        return CostRequest(settings, config, self.data.found.images, self.foot.device)

    @Slot()
    def _ask_for_cost(self) -> None:
        self.cost_asked.emit(self._wanted)

    @Slot()
    def _ask_to_start(self) -> None:
        if self._find_problem():
            return
        start = self.begin_with.start
        asked = Asked(
            self.foot.name.text().strip(),
            self.data.source,
            self.foot.device,
            self.form.settings(),
            self.form.config(),
            self.foot.follow.isChecked(),
            None if start is None else start.name,
        )
        self.close()
        self.start_asked.emit(asked)

    # Qt calls these

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        try:
            self.foot.name.setText(new_run_folder(self.foot.name.text()).name)
        except CapsvizError:  # no run can have the name that was left there
            self.foot.name.setText(_preset_name(self.presets.preset))
        self.data.look()
        self.networks_asked.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._pause.stop()
        self._wanted = None
        self.cost_asked.emit(None)


def _preset_name(preset: Preset) -> str:
    return new_run_folder(preset.title.partition(":")[0]).name
