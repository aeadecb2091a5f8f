"""The curves of several runs over each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QStackedLayout, QVBoxLayout, QWidget

from capsviz.gui.look.card import quiet_label
from capsviz.gui.look.theme import GRID
from capsviz.gui.train.plot import Curve, CurvePlot
from capsviz.gui.train.series import smooth, thinned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from capsviz.gui.look.theme import Theme
    from capsviz.training.runs import Curves

_TITLES = {"error": "Held-out error", "loss": "Margin loss"}
_SMOOTHED = 10  # lines of the metrics


class RunPlots(QFrame):
    """Held-out error and margin loss; both are pointed at together."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sheet")
        self.plots = {name: CurvePlot(title) for name, title in _TITLES.items()}
        self._pages, curves = QStackedLayout(self), QWidget()
        nothing = quiet_label("The curves of what is selected stand here.")
        nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._pages.addWidget(nothing)
        self._pages.addWidget(curves)
        column = QVBoxLayout(curves)
        column.setContentsMargins(2 * GRID, GRID, GRID, GRID)
        for name, plot in self.plots.items():
            column.addWidget(quiet_label(f"{_TITLES[name]}, by training step"))
            column.addWidget(plot, 1)
            plot.pointed.connect(self._point_at)

    def show_runs(self, runs: Sequence[tuple[str, str, Curves]]) -> None:
        """Show these by name and colour."""
        errors, losses, last = [], [], 1.0
        for name, colour, curves in runs:
            held_out = np.stack((curves.validation_step, curves.validation_error), 1)
            trained = np.stack((curves.step, curves.margin_loss), 1)
            errors.append(Curve(name, colour, thinned(held_out), has_dots=True))
            losses.append(Curve(name, colour, thinned(smooth(trained, _SMOOTHED))))
            last = max([last, *curves.step[-1:], *curves.validation_step[-1:]])
        self._pages.setCurrentIndex(1 if runs else 0)
        self.plots["error"].show_curves(errors, last, is_share=True)
        self.plots["loss"].show_curves(losses, last)

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        for plot in self.plots.values():
            plot.set_theme(theme)

    @Slot(object)
    def _point_at(self, step: float | None) -> None:
        for plot in self.plots.values():
            plot.show_pointed(step)
