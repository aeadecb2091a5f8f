"""With which weights a run begins: random ones, or those of a network that fits its images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from capsviz.gui.look.card import quiet_label
from capsviz.gui.look.theme import GRID

if TYPE_CHECKING:
    from capsviz.gui.preparing import Found, Start

_RANDOM = "Random weights"
_MNIST_SIZE = 28  # of its images, which are taken as they are; others are brought to any size


class StartChoice(QWidget):
    """A list of the networks whose classes and image size are those of the images.

    Signals:
        start_changed(object): Start to begin with from now on, None: random weights.
    """

    start_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._networks: tuple[Start, ...] = ()
        self._found: Found | None = None
        self.names = QComboBox()
        self.names.setObjectName("run-start-from")
        self.names.setAccessibleName("Begin with")
        self.names.setToolTip(
            "A network to go on from: its sizes are taken, and how it routes can be chosen"
        )
        self.names.addItem(_RANDOM)
        self.names.setFixedWidth(34 * GRID)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        row.addWidget(quiet_label("Begin with"))
        row.addWidget(self.names)
        row.addStretch()
        self.names.currentIndexChanged.connect(self._tell)

    @property
    def start(self) -> Start | None:
        """What is chosen; None: random weights."""
        start: Start | None = self.names.currentData()
        return start

    @Slot()
    def clear(self) -> None:
        """Random weights again."""
        self.names.setCurrentIndex(0)

    @Slot(object)
    def show_networks(self, networks: tuple[Start, ...]) -> None:
        """These are there."""
        self._networks = networks
        self._fill()

    def show_found(self, found: Found) -> None:
        """The run learns from these images."""
        self._found = found
        self._fill()

    def _fill(self) -> None:
        """List what fits; what was chosen stays so, if it is among it."""
        chosen = self.start
        fitting = [one for one in self._networks if self._fits(one)]
        with QSignalBlocker(self.names):
            self.names.clear()
            self.names.addItem(_RANDOM)
            for one in fitting:
                self.names.addItem(one.name, one)
            self.names.setCurrentIndex(1 + fitting.index(chosen) if chosen in fitting else 0)
        if self.start != chosen:
            self._tell()

    def _fits(self, one: Start) -> bool:
        found = self._found
        if found is None or found.classes != one.config.classes:
            return False
        return found.source.kind != "mnist" or one.config.digit_size == _MNIST_SIZE

    @Slot()
    def _tell(self) -> None:
        self.start_changed.emit(self.start)
