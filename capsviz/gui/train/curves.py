"""How a run goes: both losses apart, and the error on training and on held-out digits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from capsviz.gui.look.card import quiet_label
from capsviz.gui.look.theme import GRID, SMALL, font
from capsviz.gui.look.view import Table, View
from capsviz.gui.train.plot import Curve, CurvePlot
from capsviz.gui.train.series import Series, smooth

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtGui import QResizeEvent

    from capsviz.gui.look.theme import Theme
    from capsviz.training.progress import Progress

_PLOTS = {
    "margin": (
        "Margin loss",
        "L = Σ_k T_k max(0, m⁺ − ‖v_k‖)² + λ (1 − T_k) max(0, ‖v_k‖ − m⁻)², the mean of a batch",
    ),
    "reconstruction": (
        "Reconstruction",
        "Summed squared difference between a digit and what the decoder makes of its capsule,\n"
        "the mean of a batch, before its weight",
    ),
    "error": (
        "Error",
        "Share of digits answered wrongly: of each augmented training batch, and of the held-out\n"
        "digits after each epoch",
    ),
}
_SMOOTHED = 20  # a line is the mean of such a part of its points, and of so many at most
_WIDE, _HIGH = 700, 400  # pixels, from where all plots stand in one row, or in one column


class Curves(View):
    """Three plots over the same steps, whose pointers move together."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Training curves", parent)
        self.setObjectName("training-curves")
        self.plots = {name: CurvePlot(title) for name, (title, _) in _PLOTS.items()}
        self._values: dict[str, QLabel] = {}
        self._step: float | None = None
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(GRID)
        self._parts = [self._titled(name, plot) for name, plot in self.plots.items()]
        self._arrange()
        for plot in self.plots.values():
            plot.pointed.connect(self._point_at)
        self.clear()

    def _titled(self, name: str, plot: CurvePlot) -> QWidget:
        title, meaning = _PLOTS[name]
        words = QLabel(title)
        words.setFont(font(SMALL))
        words.setToolTip(meaning)
        self._values[name] = quiet_label()
        row = QHBoxLayout()
        row.addWidget(words)
        row.addStretch()
        row.addWidget(self._values[name])
        part = QWidget()
        layout = QVBoxLayout(part)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(row)
        layout.addWidget(plot, 1)
        return part

    def clear(self) -> None:
        """Another run begins."""
        self._total, self._steps = 1, 0
        self._told = -1  # the step whose losses came last
        self._held_out = Series()
        self._series = {name: Series() for name in ("margin", "reconstruction", "training")}
        self._validations: list[tuple[float, float]] = []
        self.refresh()

    def add(self, news: Iterable[Progress]) -> None:
        """Go on with what a run has told since the last time."""
        for one in news:
            self._total, self._steps = one.total_steps, one.step
            if one.validation_error is not None:
                self._validations.append((one.step, one.validation_error))
                self._held_out.add(one.step, one.validation_error)
            if one.step != self._told:  # a validation may tell of its step for the first time
                self._told = one.step
                self._add_step(one)
        self.refresh()

    def _add_step(self, one: Progress) -> None:
        self._series["margin"].add(one.step, one.margin_loss)
        self._series["reconstruction"].add(one.step, one.reconstruction_loss)
        self._series["training"].add(one.step, one.training_error)

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        for plot in self.plots.values():
            plot.set_theme(theme)
        super().set_theme(theme)

    def draw(self) -> None:
        """The plots paint themselves."""
        last = max(self._steps, 1)
        self.plots["margin"].show_curves(self._lines("margin", self.theme.digits[3]), last)
        self.plots["reconstruction"].show_curves(
            self._lines("reconstruction", self.theme.digits[0]), last
        )
        self.plots["error"].show_curves(self._errors(), last, is_share=True)
        self._say_values()

    def summary(self) -> str:
        """The latest numbers."""
        if not self._steps:
            return "No step has been trained yet"
        told = (f"{_PLOTS[name][0]}: {plot.words(None)}" for name, plot in self.plots.items())
        return f"After step {self._steps} of {self._total}: {'; '.join(told)}"

    def table(self) -> Table | None:
        """Steps with both losses and the training error; validations stand at their steps."""
        if not self._steps:
            return None
        points = [self._series[n].points for n in ("margin", "reconstruction", "training")]
        steps = zip(points[0][:, 0].tolist(), *(p[:, 1].tolist() for p in points), strict=True)
        trained = [(*row, "") for row in steps]
        held_out = [(step, "", "", "", error) for step, error in self._validations]
        rows = sorted((*trained, *held_out), key=lambda row: float(row[0]))
        columns = ("step", "margin loss", "reconstruction loss", "training error")
        return Table((*columns, "validation error"), tuple(rows))

    def _lines(self, name: str, colour: str, words: str = "") -> list[Curve]:
        points = self._series[name].points
        reach = min(len(points) // _SMOOTHED, _SMOOTHED)
        return [
            Curve(words, colour, points, is_faint=True),
            Curve(words, colour, smooth(points, reach)),
        ]

    def _errors(self) -> list[Curve]:
        return [
            *self._lines("training", self.theme.quiet, "training"),
            Curve("held out", self.theme.accent, self._held_out.points, has_dots=True),
        ]

    def _say_values(self) -> None:
        for name, plot in self.plots.items():
            plot.show_pointed(self._step)
            self._values[name].setText(plot.words(self._step))

    @Slot(object)
    def _point_at(self, step: float | None) -> None:
        self._step = step
        self._say_values()

    def _arrange(self) -> None:
        """In a row, in a column, or the losses above the error, as there is room."""
        is_wide, is_high = self.width() >= _WIDE, self.height() >= _HIGH
        first, second, third = self._parts
        places = [(0, 0, 1), (0, 1, 1), (1, 0, 2)]
        if is_wide:
            places = [(0, 0, 1), (0, 1, 1), (0, 2, 1)]
        elif is_high:
            places = [(0, 0, 1), (1, 0, 1), (2, 0, 1)]
        for part, (row, column, columns) in zip((first, second, third), places, strict=True):
            self._grid.addWidget(part, row, column, 1, columns)

    # Qt calls these

    def minimumSizeHint(self) -> QSize:
        return QSize(30 * GRID, 24 * GRID)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()
