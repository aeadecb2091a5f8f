"""The status bar: which network, where, how fast, and whether the couplings add up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QLabel, QStatusBar, QWhatsThis, QWidget

from capsviz.gui.look.keys import CHOOSE
from capsviz.gui.look.theme import DARK, GRID, Theme

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent

    from capsviz.explore.answers import Explanation
    from capsviz.explore.models import LoadedModel

_TOLERANCE = 1e-5  # fp32 sums of ten couplings stay within 1e-6 of 1


class Status(QStatusBar):
    """Network and its test error · device · latency · the lamp of Σ_j c_ij = 1."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self.setAccessibleName("Status")
        self._model, self._device, self._latency = (QLabel() for _ in range(3))
        self._lamp = Lamp()
        self._training = QLabel()
        self._training.setObjectName("training-status")
        self.addPermanentWidget(self._training)
        for label in (self._model, self._device, self._latency, self._lamp):
            self.addWidget(label)
        self._model.setTextFormat(Qt.TextFormat.PlainText)
        self._device.setToolTip("Where the network computes")
        self._latency.setToolTip("How long the network took for this answer, all routing included")
        self._has_model = False
        self.show_loading(True)

    def show_loading(self, loading: bool) -> None:
        """Before the first network: whether one is on its way."""
        if not self._has_model:
            words = "getting the network ready …" if loading else "no network"
            _say(self._model, words, "Network: not ready yet" if loading else "Network: none")

    def show_model(self, model: LoadedModel) -> None:
        """Name the network, its error and its device."""
        self._has_model = True
        error = model.provenance.test_error
        data = model.network.config.test_set
        known = "" if error is None else f" · {data} test error {error:.2%}"
        _say(self._model, f"{model.name}{known}", f"Network: {model.name}{known}")
        self._model.setToolTip(str(model.path))
        _say(self._device, model.device.upper(), f"Device: {model.device.upper()}")

    def show_explanation(self, explanation: Explanation | None) -> None:
        """Tell the network's time, and whether every Σ_j c_ij is 1."""
        if explanation is None:
            _say(self._latency, "", "No answer yet")
            self._lamp.show_deviation(None)
            return
        took = f"{explanation.seconds * 1e3:.1f} ms"
        _say(self._latency, took, f"Answered in {took}")
        sums = explanation.couplings.sum(axis=-1)
        self._lamp.show_deviation(float(np.abs(sums - 1).max()))

    def show_training(self, words: str) -> None:
        """How far a run is and how long it will take; "" without one."""
        _say(self._training, words, words)

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._lamp.set_theme(theme)


class Lamp(QLabel):
    """Says whether all couplings add up to 1; pressed, it says what that means."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sum-lamp")
        self.setContentsMargins(GRID + GRID // 2, 0, 0, 0)  # for the lamp itself
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._theme = DARK
        self._deviation: float | None = None
        self.show_deviation(None)

    def show_deviation(self, deviation: float | None) -> None:
        """How far the worst Σ_j c_ij is from 1; None while there is no answer."""
        self._deviation = deviation
        self.setVisible(deviation is not None)
        self.setText("Σc = 1" if self._holds else "Σc ≠ 1")
        words = self.explanation.replace("c_ij", "c<sub>ij</sub>")
        self.setToolTip(f"<p>{words}</p>")  # rich text is broken into lines
        self.setAccessibleName(f"Couplings: {self.text()}")
        self.setAccessibleDescription(self.explanation)

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme = theme
        self.update()

    @property
    def explanation(self) -> str:
        """What the lamp means, with the number it stands for."""
        measured = "" if self._deviation is None else f" Here by {self._deviation:.1e} at most."
        return (
            "Every primary capsule i divides itself among the digit capsules j: in every "
            "routing iteration its coupling coefficients c_ij add up to 1, but for rounding. "
            f"Measured in each answer, not assumed.{measured}"
        )

    @property
    def _holds(self) -> bool:
        return self._deviation is not None and self._deviation < _TOLERANCE

    def _explain(self) -> None:
        QWhatsThis.showText(self.mapToGlobal(self.rect().topLeft()), self.explanation, self)

    # Qt calls these

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._explain()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in CHOOSE:
            self._explain()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        lit = self._theme.digits[2] if self._holds else self._theme.warning
        painter.setBrush(QColor(lit))
        painter.drawEllipse(QPointF(1.5 * GRID, self.height() / 2), GRID / 2, GRID / 2)


def _say(label: QLabel, text: str, spoken: str) -> None:
    """To who sees it, and to who hears it."""
    label.setText(text)
    label.setAccessibleName(spoken)
