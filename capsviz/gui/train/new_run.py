"""The dialog of a new run: a preset, every setting, and what it will cost, before it is begun."""

from __future__ import annotations

from dataclasses import dataclass
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
from capsviz.gui.look.theme import BODY, DARK, GRID, SMALL, Theme, font
from capsviz.gui.preparing import CostRequest
from capsviz.gui.train.data_choice import DataChoice
from capsviz.gui.train.form import SettingsForm
from capsviz.gui.train.preset_list import PresetList
from capsviz.gui.train.words import spoken_size, spoken_time
from capsviz.training.runs import check_name, new_run_folder

if TYPE_CHECKING:
    from PySide6.QtGui import QShowEvent

    from capsviz.gui.preparing import Found
    from capsviz.gui.training_source import Source
    from capsviz.network import CapsNetConfig
    from capsviz.training.cost import Cost
    from capsviz.training.presets import Preset
    from capsviz.training.settings import TrainingSettings

_PAUSE_MS = 400  # of whoever types, before the cost is measured anew
_DEVICES = (("auto", "The fastest there is"), ("cpu", "CPU"), ("cuda", "CUDA"), ("mps", "MPS"))


@dataclass(frozen=True, slots=True)
class Asked:
    """The run that is to begin."""

    name: str
    source: Source
    device: str
    settings: TrainingSettings
    config: CapsNetConfig
    is_followed: bool


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
        self._cost, self._problem = QLabel(), QLabel()
        self._theme = DARK
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
        self._cost.setObjectName("run-cost")
        self._problem.setObjectName("run-problem")
        for label in (self._cost, self._problem):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._cost.setFont(font(SMALL))

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
        column.addWidget(_heading("Data"))
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
        self.name.setText(new_run_folder(preset.title.partition(":")[0]).name)

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
            self._cost.setText("" if self._problem.isVisible() else "Measuring what it costs …")
            return
        self._cost.setText(
            f"about {spoken_time(cost.seconds_total)} · {cost.images_per_second:.0f} images/s · "
            f"{spoken_size(cost.peak_bytes)} of memory · {spoken_size(cost.disk_bytes)} on disk"
        )
        self._cost.setToolTip(
            f"Measured here just now: {cost.seconds_per_step * 1e3:.0f} ms a step.\n"
            "Memory comes on top of the program's own."
        )

    @Slot(str)
    def show_state(self, state: str) -> None:
        """While a run is under way, no other can begin."""
        self._is_busy = state != "idle"
        self._check()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme = theme
        self.presets.set_theme(theme)
        self._problem.setStyleSheet(f"color: {theme.warning};")
        self._cost.setStyleSheet(f"color: {theme.quiet};")

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
        self.name.setText(new_run_folder(self.name.text()).name)
        self.data.look()

    def hideEvent(self, event: object) -> None:
        super().hideEvent(event)  # type: ignore[arg-type]
        self._pause.stop()
        self.cost_asked.emit(None)


def _heading(text: str) -> QLabel:
    made = QLabel(text)
    made.setFont(font(BODY, bold=True))
    return made
