"""The status bar: which network, where, how fast, and whether the couplings add up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtWidgets import QLabel, QStatusBar, QWidget

from capsviz.gui.look.theme import DARK, Theme

if TYPE_CHECKING:
    from capsviz.explore.answers import Explanation
    from capsviz.explore.models import LoadedModel

_TOLERANCE = 1e-5  # fp32 sums of ten couplings stay within 1e-6 of 1


class Status(QStatusBar):
    """Network and its test error · device · latency · the lamp of Σ_j c_ij = 1."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self._theme = DARK
        self._sum_holds: bool | None = None
        self._model, self._device, self._latency, self._lamp = (QLabel() for _ in range(4))
        for label in (self._model, self._device, self._latency, self._lamp):
            self.addWidget(label)
        self._model.setText("getting the network ready …")
        self._lamp.setToolTip(
            "Every primary capsule divides itself among the digit capsules: for each capsule i\n"
            "and in every routing iteration the couplings c_ij add up to 1. Measured, not assumed."
        )

    def show_model(self, model: LoadedModel) -> None:
        """Name the network, its error and its device."""
        error = model.provenance.test_error
        known = "" if error is None else f" · MNIST test error {error:.2%}"
        self._model.setText(f"{model.name}{known}")
        self._device.setText(model.device.upper())

    def show_explanation(self, explanation: Explanation | None) -> None:
        """Tell the network's time, and whether every Σ_j c_ij is 1."""
        if explanation is None:
            self._sum_holds = None
            self._latency.clear()
        else:
            sums = explanation.couplings.sum(axis=-1)
            self._sum_holds = bool(np.abs(sums - 1).max() < _TOLERANCE)
            self._latency.setText(f"{explanation.seconds * 1e3:.1f} ms")
        self._light()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme = theme
        self._light()

    def _light(self) -> None:
        if self._sum_holds is None:
            self._lamp.clear()
            return
        colour = self._theme.digits[2] if self._sum_holds else self._theme.warning
        words = "Σc = 1" if self._sum_holds else "Σc ≠ 1"
        self._lamp.setText(f"<span style='color: {colour}'>●</span> {words}")
