"""The dialog of a new run: a preset, every setting, and what it will cost, before it is begun."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from capsviz.files import CapsvizError
from capsviz.gui.look.card import quiet_label
from capsviz.gui.look.theme import GRID, Theme
from capsviz.gui.preparing import Asked, CostRequest
from capsviz.gui.train.cost_line import CostLine
from capsviz.gui.train.data_choice import DataChoice
from capsviz.gui.train.form import SettingsForm, heading
from capsviz.gui.train.preset_list import PresetList
from capsviz.training.runs import check_name, new_run_folder

if TYPE_CHECKING:
    from PySide6.QtGui import QShowEvent

    from capsviz.gui.preparing import Found
    from capsviz.training.cost import Cost
    from capsviz.training.presets import Preset

_PAUSE_MS = 400  # of whoever types, before the cost is measured anew
_DEVICES = (("auto", "The fastest there is"), ("cpu", "CPU"), ("cuda", "CUDA"), ("mps", "MPS"))


class NewRun(QDialog):
    """Presets on the left, every setting on the right, name, cost and Start below.

    Signals:
        start_asked(object): Asked; it closes itself.
        cost_asked(object): CostRequest to measure, None: no more.
    """

    start_asked = Signal(object)
    cost_asked = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("new-run")
        self.setWindowTitle("New run")
        self.setModal(False)
        self.resize(116 * GRID, 80 * GRID)
        self.presets, self.form, self.data = PresetList(), SettingsForm(), DataChoice()
        self.name, self.device = QLineEdit(), QComboBox()
        self.start, self._close = QPushButton("Start"), QPushButton("Close")
        self.follow = QCheckBox("Follow it in the explorer")
        self._cost, self._problem = CostLine(), QLabel()
        self._is_busy = False
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._name_parts()
        self._lay_out()
        self._connect()
        self.use_preset(self.presets.preset)

    def _name_parts(self) -> None:
        self.name.setObjectName("run-name")
        self.name.setAccessibleName("Name of the run")
        self.device.setObjectName("run-device")
        self.device.setAccessibleName("Device")
        for value, words in _DEVICES:
            self.device.addItem(words, value)
        self.follow.setObjectName("run-follow")
        self.follow.setChecked(True)
        self.follow.setToolTip("What you draw is answered by the learning network")
        self.start.setObjectName("run-start")
        self.start.setDefault(True)
        self._problem.setObjectName("run-problem")
        self._problem.setWordWrap(True)
        self._problem.setTextFormat(Qt.TextFormat.PlainText)

    def _lay_out(self) -> None:
        middle = QHBoxLayout()
        middle.setSpacing(GRID)
        middle.addWidget(self.presets)
        middle.addWidget(self._sheet(), 1)
        self.presets.setFixedWidth(36 * GRID)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        layout.setSpacing(GRID)
        layout.addLayout(middle, 1)
        layout.addWidget(self._problem)
        layout.addWidget(self._cost)
        layout.addLayout(self._last_row())

    def _sheet(self) -> QFrame:
        """The surface that every setting stands on."""
        sheet = QFrame()
        sheet.setObjectName("sheet")
        layout = QVBoxLayout(sheet)
        layout.setContentsMargins(2 * GRID, 2 * GRID, GRID, GRID)
        layout.addWidget(self._scrolled())
        return sheet

    def _scrolled(self) -> QScrollArea:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(heading("Data"))
        column.addWidget(self.data)
        column.addSpacing(GRID)
        column.addWidget(self.form, 1)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setWidget(inner)
        for part in (area, area.viewport(), inner):
            part.setAutoFillBackground(False)
        return area

    def _last_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(GRID)
        self.name.setFixedWidth(24 * GRID)
        self.device.setFixedWidth(24 * GRID)
        for words, field in (("Name", self.name), ("on", self.device)):
            row.addWidget(quiet_label(words))
            row.addWidget(field)
        row.addSpacing(GRID)
        row.addWidget(self.follow)
        row.addStretch()
        row.addWidget(self._close)
        row.addWidget(self.start)
        return row

    def _connect(self) -> None:
        self.presets.preset_chosen.connect(self.use_preset)
        self.form.changed.connect(self._check)
        self.name.textChanged.connect(self._check)
        self.device.currentIndexChanged.connect(self._check)
        self.start.clicked.connect(self._ask_to_start)
        self._close.clicked.connect(self.close)
        self._pause.timeout.connect(self._ask_for_cost)

    @Slot(object)
    def use_preset(self, preset: Preset) -> None:
        """Put a preset into the form, under a name that is free."""
        self.form.show_settings(preset.settings, preset.config)
        if self.data.found is not None and self.data.found.classes:
            self.form.set_classes(self.data.found.classes)
        self.name.setText(_preset_name(preset))

    @Slot(object)
    def show_found(self, found: Found) -> None:
        """What the chosen source holds."""
        self.data.show_found(found)
        if found.classes:
            self.form.set_classes(found.classes)
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
            self._pause.start()

    def _find_problem(self) -> str:
        try:
            settings, _ = self.form.settings(), self.form.config()
            check_name(self.name.text())
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

    @Slot()
    def _ask_for_cost(self) -> None:
        request = None
        if not self._problem.text() and self.data.found is not None:
            request = CostRequest(
                self.form.settings(),
                self.form.config(),
                self.data.found.images,
                self.device.currentData(),
            )
        self.cost_asked.emit(request)

    @Slot()
    def _ask_to_start(self) -> None:
        if self._find_problem():
            return
        asked = Asked(
            self.name.text().strip(),
            self.data.source,
            self.device.currentData(),
            self.form.settings(),
            self.form.config(),
            self.follow.isChecked(),
        )
        self.close()
        self.start_asked.emit(asked)

    # Qt calls these

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        try:
            self.name.setText(new_run_folder(self.name.text()).name)
        except CapsvizError:  # no run can have the name that was left there
            self.name.setText(_preset_name(self.presets.preset))
        self.data.look()

    def hideEvent(self, event: object) -> None:
        super().hideEvent(event)  # type: ignore[arg-type]
        self._pause.stop()
        self.cost_asked.emit(None)


def _preset_name(preset: Preset) -> str:
    return new_run_folder(preset.title.partition(":")[0]).name
