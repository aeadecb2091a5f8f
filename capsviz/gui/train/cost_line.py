"""What a run will cost on this machine, in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from capsviz.gui.look.theme import SMALL, font
from capsviz.gui.train.words import spoken_size, spoken_time

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from capsviz.training.cost import Cost


class CostLine(QLabel):
    """Time, speed, memory and disk, as far as they are measured."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("run-cost")
        self.setProperty("quiet", True)
        self.setFont(font(SMALL))
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)

    def show_waiting(self, is_measured: bool) -> None:
        """Nothing is known yet, but it may be on its way."""
        self.setText("Measuring what it costs here …" if is_measured else "")
        self.setToolTip("")

    def show_cost(self, cost: Cost) -> None:
        """This was measured."""
        self.setText(
            f"about {spoken_time(cost.seconds_total)} · {cost.images_per_second:.0f} images/s · "
            f"{spoken_size(cost.peak_bytes)} of memory · {spoken_size(cost.disk_bytes)} on disk"
        )
        self.setToolTip(
            f"Measured here just now: {cost.seconds_per_step * 1e3:.0f} ms a step.\n"
            "Memory comes on top of the program's own."
        )
