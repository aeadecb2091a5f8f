"""The last row of a new run: its name, its device, whether it is followed, and Start."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLineEdit, QPushButton, QWidget

from capsviz.gui.look.card import quiet_label
from capsviz.gui.look.theme import GRID

_DEVICES = (("auto", "The fastest there is"), ("cpu", "CPU"), ("cuda", "CUDA"), ("mps", "MPS"))


class RunFoot(QWidget):
    """Name, device, and two buttons.

    Signals:
        changed(): another name or device.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name, self._devices = QLineEdit(), QComboBox()
        self.start, self.close_it = QPushButton("Start"), QPushButton("Close")
        self.follow = QCheckBox("Follow it in the explorer")
        self._dress()
        self._lay_out()
        self.name.textChanged.connect(self.changed)
        self._devices.currentIndexChanged.connect(self.changed)

    @property
    def device(self) -> str:
        """Either "auto" or torch's name of the device that is chosen."""
        device: str = self._devices.currentData()
        return device

    def _dress(self) -> None:
        self.name.setObjectName("run-name")
        self.name.setAccessibleName("Name of the run")
        self._devices.setObjectName("run-device")
        self._devices.setAccessibleName("Device")
        for value, words in _DEVICES:
            self._devices.addItem(words, value)
        self.follow.setObjectName("run-follow")
        self.follow.setChecked(True)
        self.follow.setToolTip("What you draw is answered by the learning network")
        self.start.setObjectName("run-start")

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        for words, field in (("Name", self.name), ("on", self._devices)):
            field.setFixedWidth(24 * GRID)
            row.addWidget(quiet_label(words))
            row.addWidget(field)
        row.addSpacing(GRID)
        row.addWidget(self.follow)
        row.addStretch()
        row.addWidget(self.close_it)
        row.addWidget(self.start)
