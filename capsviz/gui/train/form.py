"""The form of a run's settings, made from the table of fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from capsviz.files import CapsvizError
from capsviz.gui.look.theme import BODY, GRID, font
from capsviz.gui.train.fields import FIELDS, Field, all_fields
from capsviz.network.config import CapsNetConfig
from capsviz.training.choices import check_margins
from capsviz.training.settings import TrainingSettings
from capsviz.training.starting import split_like

if TYPE_CHECKING:
    from PySide6.QtGui import QWheelEvent

    from capsviz.network.config import Provenance

_WIDTH = 34 * GRID  # of a field
_LABEL = 22 * GRID
_OF_EXPONENTIAL = ("decay_rate", "decay_steps")
_ROUTING = "routing_iterations"  # the one of a network's sizes that its weights do not depend on


class _Count(QSpinBox):
    """A whole number; the wheel scrolls the form instead of changing it."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class _Choice(QComboBox):
    """One of a few; the wheel scrolls the form."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class SettingsForm(QWidget):
    """Shows settings and takes other ones.

    Signals:
        changed(): a person has changed a setting.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings, self._config = TrainingSettings(), CapsNetConfig()
        self.fields = {field.name: self._made(field) for field in all_fields()}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 2 * GRID, 0)
        layout.setSpacing(GRID)
        for group, fields in FIELDS.items():
            layout.addWidget(heading(group))
            layout.addLayout(self._rows(fields))
            layout.addSpacing(GRID)
        layout.addStretch()
        self.changed.connect(self._offer_decay)
        self.show_settings(self._settings, self._config)

    def _rows(self, fields: tuple[Field, ...]) -> QFormLayout:
        form = QFormLayout()
        form.setHorizontalSpacing(2 * GRID)
        form.setVerticalSpacing(GRID // 2)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.FieldsStayAtSizeHint)
        for field in fields:
            label = QLabel(field.label)
            label.setToolTip(field.tip)
            label.setMinimumWidth(_LABEL)
            label.setBuddy(self.fields[field.name])
            form.addRow(label, self.fields[field.name])
        return form

    def _made(self, field: Field) -> QWidget:
        made = self._control(field)
        made.setObjectName(f"setting-{field.name}")
        made.setAccessibleName(field.label)
        made.setToolTip(field.tip)
        if field.kind != "tick":
            made.setFixedWidth(_WIDTH)
        return made

    def _control(self, field: Field) -> QWidget:
        if field.kind == "count":
            count = _Count()
            count.setRange(field.least, field.most)
            count.setGroupSeparatorShown(True)
            count.valueChanged.connect(self.changed)
            return count
        if field.kind == "choice":
            choice = _Choice()
            for value, words in field.choices:
                choice.addItem(words, value)
            choice.currentIndexChanged.connect(self.changed)
            return choice
        if field.kind == "tick":
            tick = QCheckBox()
            tick.toggled.connect(self.changed)
            return tick
        number = QLineEdit()
        number.setAlignment(Qt.AlignmentFlag.AlignLeft)
        number.textChanged.connect(self.changed)
        return number

    def show_settings(self, settings: TrainingSettings, config: CapsNetConfig) -> None:
        """Put these in; what the form has no field for stays as it is in them."""
        self._settings, self._config = settings, config
        self.blockSignals(True)
        for field in all_fields():
            value = getattr(config if field.of_network else settings, field.name)
            _put(self.fields[field.name], value)
        self.blockSignals(False)
        self.changed.emit()

    @Slot()
    def _offer_decay(self) -> None:
        """Only where the schedule asks for it."""
        schedule = self.fields["schedule"]
        assert isinstance(schedule, QComboBox)
        for name in _OF_EXPONENTIAL:
            self.fields[name].setEnabled(schedule.currentData() == "exponential")

    @Slot(int)
    def set_classes(self, classes: int) -> None:
        """The images are of so many classes."""
        self._config = msgspec.structs.replace(self._config, classes=classes)

    def show_network(self, config: CapsNetConfig, is_fixed: bool) -> None:
        """Put a network's sizes in; fixed ones, but for the routing, cannot be changed."""
        self._config = config
        self.blockSignals(True)
        for field in all_fields():
            if field.of_network:
                self.fields[field.name].setEnabled(not is_fixed or field.name == _ROUTING)
                _put(self.fields[field.name], getattr(config, field.name))
        self.blockSignals(False)
        self.changed.emit()

    def hold_out_like(self, start: Provenance, images: int) -> None:
        """Hold out what a network has not been trained on, if it is known and of MNIST too."""
        try:
            settings = self.settings()
        except CapsvizError:  # the person is told of it already
            return
        _put(self.fields["seed"], split_like(start, f"mnist {images}", settings).seed)

    def settings(self) -> TrainingSettings:
        """How to train.

        Raises:
            CapsvizError: a field holds what it cannot; says which, and what it can.
        """
        given = {f.name: self._value(f) for f in all_fields() if not f.of_network}
        whole = msgspec.to_builtins(self._settings) | given
        try:
            made = msgspec.convert(whole, TrainingSettings)
        except msgspec.ValidationError as error:
            raise CapsvizError(_sentence(error)) from error
        check_margins(made)
        return made

    def config(self) -> CapsNetConfig:
        """The network's sizes.

        Raises:
            CapsvizError: a field holds what it cannot.
        """
        given = {f.name: self._value(f) for f in all_fields() if f.of_network}
        try:
            return msgspec.convert(msgspec.to_builtins(self._config) | given, CapsNetConfig)
        except msgspec.ValidationError as error:
            raise CapsvizError(_sentence(error)) from error

    def _value(self, field: Field) -> object:
        made = self.fields[field.name]
        if isinstance(made, QSpinBox):
            return made.value()
        if isinstance(made, QComboBox):
            return made.currentData()
        if isinstance(made, QCheckBox):
            return made.isChecked()
        assert isinstance(made, QLineEdit)
        try:
            return float(made.text().replace(",", "."))
        except ValueError as error:
            raise CapsvizError(
                f"{field.label}: expected a number, found {made.text()!r:.40}; "
                "write one such as 0.001."
            ) from error


def _put(made: QWidget, value: object) -> None:
    if isinstance(made, QSpinBox):
        made.setValue(int(str(value)))
    elif isinstance(made, QComboBox):
        made.setCurrentIndex(made.findData(value))
    elif isinstance(made, QCheckBox):
        made.setChecked(bool(value))
    elif isinstance(made, QLineEdit):
        made.setText(f"{value:g}")


def heading(text: str) -> QLabel:
    """The name of a group of settings."""
    made = QLabel(text)
    made.setFont(font(BODY, bold=True))
    return made


def _sentence(error: msgspec.ValidationError) -> str:
    """The library's words with the field's own label: "Expected `float` > 0.0 - at `$.x`"."""
    what, _, place = str(error).partition(" - at ")
    labels = {field.name: field.label for field in all_fields()}
    label = labels.get(place.strip("`").removeprefix("$."), "The network")
    return f"{label}: {what[0].lower()}{what[1:].replace('`', '')}."
