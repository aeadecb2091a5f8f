"""The rows of the pose, one slider for each of its D numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from capsviz.gui.look.viewport import use_own_viewport
from capsviz.gui.pose.groove import ROUNDING, Spread, spread_of
from capsviz.gui.pose.slider import PoseSlider
from capsviz.gui.pose_edit import PERTURBATION, fits

if TYPE_CHECKING:
    from capsviz.explore.answers import PoseStatistics
    from capsviz.explore.describe import Effect
    from capsviz.gui.look.theme import Theme
    from capsviz.gui.pose_edit import Pose

_USUAL_COUNT = 16  # until a pose says otherwise
_WIDE = 0.6  # to either side of 0, at least


@dataclass(frozen=True, slots=True, eq=False)
class Spreads:
    """The distributions of all numbers of one capsule, ready to paint.

    Attributes:
        statistics, digit: what they were made of.
        rows: D of them; none where nothing was measured, or for another network's capsules.
    """

    statistics: PoseStatistics | None = None
    digit: int = -1
    rows: tuple[Spread, ...] = ()

    def renewed(self, statistics: PoseStatistics | None, pose: Pose | None) -> Spreads:
        """Those of another pose; the same if it is of the same capsule."""
        digit = -1 if pose is None else pose.digit
        if (statistics, digit) == (self.statistics, self.digit):
            return self
        rows: tuple[Spread, ...] = ()
        if statistics is not None and pose is not None and fits(statistics, pose):
            rows = tuple(spread_of(quantiles) for quantiles in statistics.quantiles[digit])
        return Spreads(statistics, digit, rows)


def _beyond(offset: float) -> int:
    """1 above the reach of the paper's figure 4, -1 below it, else 0."""
    if abs(offset) <= PERTURBATION + ROUNDING:
        return 0
    return 1 if offset > 0 else -1


class Sliders(QScrollArea):
    """One row below the other; they scroll only where there is no room for all.

    Attributes:
        content: all rows.

    Signals:
        begun(): the person takes hold of a slider.
        moved(int, float): dimension 0 … D-1 and its new number.
        reset_asked(int): the dimension is to go back to what routing found.
    """

    begun = Signal()
    moved = Signal(int, float)
    reset_asked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        use_own_viewport(self)
        self.rows: list[PoseSlider] = []
        self.current = 0
        self.spreads = Spreads()
        self._reach = _WIDE
        self.content = content = QWidget()
        content.setStyleSheet("QSlider:horizontal { min-height: 0; border: 0; }")
        self._layout = QVBoxLayout(content)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for widget in (content, self.viewport()):
            widget.setAutoFillBackground(False)
        self.verticalScrollBar().rangeChanged.connect(self._share_wheel)
        self._set_count(_USUAL_COUNT)

    def show_pose(self, pose: Pose | None, statistics: PoseStatistics | None, wide: bool) -> None:
        """Stand at these numbers, in their distributions; None: no numbers."""
        self.spreads = self.spreads.renewed(statistics, pose)
        if pose is None:
            for row in self.rows:
                row.show_nothing()
            return
        self._set_count(len(pose.values))
        if wide:
            self._reach = self._wide_reach(pose)
        spreads = self.spreads.rows or (None,) * len(pose.values)
        for row, spread, (inferred, value) in zip(self.rows, spreads, pose.pairs, strict=False):
            row.show_spread(spread)
            beyond = 0 if wide else _beyond(value - inferred)
            row.show_number(value, inferred, *self._extent(value, inferred, wide), beyond)

    def show_effects(self, effects: tuple[Effect, ...] | None) -> None:
        """What each number does; None: it is not known."""
        known = effects or ()
        for index, row in enumerate(self.rows):
            row.show_effect(known[index] if index < len(known) else None)

    def show_colours(self, theme: Theme, colour: str) -> None:
        """Take these colours, and the digit's own."""
        for row in self.rows:
            row.show_colours(theme, colour)

    def _extent(self, value: float, inferred: float, wide: bool) -> tuple[float, float]:
        """Middle and reach of a groove: the paper's about what was inferred, or one for all."""
        if wide:
            return 0.0, self._reach
        return inferred, max(abs(value - inferred), PERTURBATION)

    def _wide_reach(self, pose: Pose) -> float:
        """To either side of 0: in tenths, so that grooves stand still while someone draws."""
        furthest = [np.abs(pose.values).max(), np.abs(pose.inferred).max(), _WIDE]
        if self.spreads.rows:
            furthest.append(max(np.abs(row.quantiles[[0, -1]]).max() for row in self.spreads.rows))
        return float(np.ceil(np.max(furthest) * 10) / 10)

    def _set_count(self, count: int) -> None:
        while len(self.rows) < count:
            row = PoseSlider(len(self.rows))
            row.begun.connect(self.begun)
            row.moved.connect(self.moved)
            row.reset_asked.connect(self.reset_asked)
            row.focused.connect(self._set_current)
            self._layout.addWidget(row, 1)
            self.rows.append(row)
        for index, row in enumerate(self.rows):
            row.setVisible(index < count)
        self.current = min(self.current, count - 1)

    @Slot(int)
    def _set_current(self, dimension: int) -> None:
        self.current = dimension

    @Slot(int, int)
    def _share_wheel(self, _low: int, high: int) -> None:
        for row in self.rows:
            row.wheel_needs_focus = high > 0
