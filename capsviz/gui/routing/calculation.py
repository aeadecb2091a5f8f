"""Routing written out: one iteration for one primary capsule, with its actual numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSignalBlocker, Qt, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from capsviz.explore.agreement import Step, step_of
from capsviz.explore.couplings import activity
from capsviz.gui.look.card import make_quiet
from capsviz.gui.look.elided import Elided
from capsviz.gui.look.number_box import NumberBox
from capsviz.gui.look.theme import BODY, GRID, SMALL, Theme, font
from capsviz.gui.look.view import Table
from capsviz.gui.routing.calculation_lines import (
    LAST,
    LAST_TIP,
    LINES,
    Line,
    results,
    sum_in_words,
)
from capsviz.gui.routing.calculation_strip import Strip
from capsviz.gui.routing.routed import RoutedView, place_in_words
from capsviz.gui.routing.votes_picture import level_colours

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from capsviz.explore.answers import Explanation

    Floats = NDArray[np.float32]

_EMPTY = "Draw a digit to follow one primary capsule through routing, number by number."
_NUMBERED = (
    "Number of the primary capsule, from 0 on, as in the code; by type, row, then column,\n"
    "which count from 1."
)
_FAINT = 110  # of 255: the digit capsules that are not shown
_WIDEST = f"û·v = −0.000, {LAST}"  # result


class Calculation(RoutedView):
    """A sheet of eight lines from u_i to the next b_ij."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Calculation of one primary capsule", parent)
        self.setObjectName("calculation")
        self._pointed: int | None = None
        self._held: int | None = None
        self._step: Step | None = None
        self._name = QLabel("Primary capsule")
        self.picker = NumberBox()
        self.picker.setObjectName("calculation-capsule")
        self.most_active = QToolButton()
        self.where = Elided("")
        make_quiet(self.where)
        self.formulas = [_formula(line) for line in LINES]
        self.strips = [_strip(line) for line in LINES]
        self.results = [_result(line) for line in LINES]
        self._fit_controls()
        self._fit_text()
        self._lay_out()

    def _fit_controls(self) -> None:
        self._name.setBuddy(self.picker)
        self.picker.setAccessibleName("Primary capsule")
        self.picker.setToolTip(_NUMBERED)
        self.picker.setKeyboardTracking(False)
        self.picker.valueChanged.connect(self._pick)
        self.most_active.setText("Most active")
        self.most_active.setToolTip("Follow the primary capsule with the largest ‖u‖")
        self.most_active.clicked.connect(self._pick_most_active)
        self.where.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(GRID)
        for part in (self._name, self.picker, self.where, self.most_active):
            head.addWidget(part, 1 if part is self.where else 0)
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(2 * GRID)
        layout.setVerticalSpacing(0)
        head.setContentsMargins(0, 0, 0, GRID // 2)
        layout.addLayout(head, 0, 0, 1, 3)
        for row, parts in enumerate(zip(self.formulas, self.strips, self.results, strict=True), 1):
            for column, widget in enumerate(parts):
                layout.addWidget(widget, row, column)
            layout.setRowStretch(row, 1)
        layout.setColumnStretch(1, 1)

    @Slot(object)
    def show_pointed(self, capsule: int | None) -> None:
        """Follow this primary capsule while it is pointed at.

        None goes back to the one that was chosen; else it keeps to the last, at first the most
        active.
        """
        shown = self._held if capsule is None else capsule
        if shown is not None and shown != self._pointed:
            self._pointed = shown
            self.refresh()

    @Slot(int)
    def hold(self, capsule: int) -> None:
        """Follow this primary capsule from now on; pointing at others only looks at them."""
        self._held = capsule
        self.show_pointed(capsule)

    def set_theme(self, theme: Theme) -> None:
        for strip in self.strips:
            strip.set_theme(theme)
        self._fit_text()
        super().set_theme(theme)

    def _fit_text(self) -> None:
        """Results as wide as the longest ever, so that the sheet holds still; text can zoom."""
        for result in self.results:
            result.setFont(font(SMALL))
            result.setFixedWidth(result.fontMetrics().horizontalAdvance(_WIDEST))
        self.picker.setFixedWidth(self.picker.fontMetrics().horizontalAdvance("00000") + 5 * GRID)

    def capsule_of(self, explanation: Explanation) -> int:
        """The primary capsule shown, 0 … I-1."""
        wanted = self._pointed
        if wanted is None or wanted >= len(explanation.primary):
            return int(activity(explanation).argmax())
        return wanted

    def draw(self) -> None:
        explanation = self.explanation
        for control in (self._name, self.picker, self.most_active):
            control.setVisible(explanation is not None)
        if explanation is None:
            self._draw_nothing()
            return
        capsule, digit = self.capsule_of(explanation), self.digit_of(explanation)
        iteration = self.iteration_of(explanation)
        self._step = step_of(explanation, iteration, capsule, digit)
        with QSignalBlocker(self.picker):
            self.picker.setRange(0, len(explanation.primary) - 1)
            self.picker.setValue(capsule)
        place = place_in_words(explanation, capsule)
        self._name.setText(f"Primary capsule 0–{len(explanation.primary) - 1}:")
        self.where.setText(f"{place} → digit {digit}")
        self.where.setToolTip(f"{place}, counted from 1; the vote on show is for digit {digit}")
        self._draw_lines(self._step, digit, self._is_last(explanation))

    @property
    def caption(self) -> str:
        answer = self.explanation
        if answer is None:
            return ""
        place = place_in_words(answer, self.capsule_of(answer))
        iteration, digit = self.iteration_of(answer), self.digit_of(answer)
        return f"Primary capsule of {place}, to digit {digit}, in routing iteration {iteration}"

    def summary(self) -> str:
        if self.explanation is None or self._step is None:
            return self.reason or _EMPTY
        digit, step = self.digit_of(self.explanation), self._step
        return (
            f"Primary capsule {self.capsule_of(self.explanation)} is coupled to digit capsule "
            f"{digit} by {step.couplings[digit]:.3f} in iteration "
            f"{self.iteration_of(self.explanation)}; {self._what_follows(step, digit)}."
        )

    def _what_follows(self, step: Step, digit: int) -> str:
        """From the agreement, in words."""
        agreement = float(step.products.sum())
        if self.explanation is None or self._is_last(self.explanation):
            return f"their agreement is {agreement:z.3f}, not used: this is the last iteration"
        grown = sum_in_words(float(step.logits[digit]), agreement)
        return f"its log prior plus their agreement is {grown}"

    def _is_last(self, explanation: Explanation) -> bool:
        """Whether no iteration follows the one shown."""
        return self.iteration_of(explanation) == explanation.iterations

    def table(self) -> Table | None:
        answer, step = self.explanation, self._step
        if answer is None or step is None:
            return None
        numbers = Table(
            ("quantity", "index", "value"),
            tuple(
                (line.letter, index, value)
                for line in LINES
                for index, value in enumerate(
                    getattr(step, line.field).tolist(), 0 if line.is_by_digit else 1
                )
            ),
        )
        iteration, capsule = self.iteration_of(answer), self.capsule_of(answer)
        return numbers.of(
            iteration=iteration, digit=self.digit_of(answer), primary_capsule=capsule
        )

    def _draw_nothing(self) -> None:
        self._step = None
        for strip, result in zip(self.strips, self.results, strict=True):
            strip.show_values(np.zeros(0, np.float32), 1, ())
            result.setText("")
        self.where.setText(self.reason or _EMPTY)
        self.where.setToolTip("")

    def _draw_lines(self, step: Step, digit: int, is_last: bool) -> None:
        self._tell_whether_used(not is_last)
        texts = results(step, digit, is_last)
        for line, strip, result, text in zip(LINES, self.strips, self.results, texts, strict=True):
            values: Floats = getattr(step, line.field)
            largest = float(np.abs(getattr(step, line.like)).max())
            scale = max(largest, _least_scale(line, len(values)))
            strip.show_values(values, scale, self._colours(line, values, digit))
            result.setText(text)

    def _tell_whether_used(self, is_used: bool) -> None:
        """The last formula is grey where no iteration follows that would begin with it."""
        tip = LINES[-1].tip if is_used else LAST_TIP
        for widget in (self.formulas[-1], self.strips[-1], self.results[-1]):
            widget.setToolTip(tip)
        self.formulas[-1].setEnabled(is_used)

    def _colours(self, line: Line, values: Floats, digit: int) -> Sequence[QColor]:
        """Digit capsules in their own colours, agreement in its, and primary capsules grey."""
        if line.is_by_digit:
            return [self._digit_colour(each, each == digit) for each in range(len(values))]
        if line.field == "products":
            scale = level_colours(self.theme)
            return [scale[-5] if value > 0 else scale[4] for value in values.tolist()]
        if line.field in ("total", "pose"):
            return [self._digit_colour(digit, True)]
        return [QColor(self.theme.quiet)]

    def _digit_colour(self, digit: int, is_shown: bool) -> QColor:
        colour = QColor(self.theme.digits[digit % 10])
        colour.setAlpha(255 if is_shown else _FAINT)
        return colour

    @Slot(int)
    def _pick(self, capsule: int) -> None:
        self.hold(capsule)
        self.pointed.emit(capsule)

    @Slot()
    def _pick_most_active(self) -> None:
        if self.explanation is not None:
            self._pick(int(activity(self.explanation).argmax()))


def _least_scale(line: Line, count: int) -> float:
    """What fills the height at least, so that an undecided capsule looks undecided."""
    return {"logits": 0.1, "couplings": 3 / count}.get(line.field, 0.0)


def _formula(line: Line) -> QLabel:
    label = QLabel(line.formula)
    label.setFont(font(BODY))
    label.setTextFormat(Qt.TextFormat.RichText)
    label.setToolTip(line.tip)
    return label


def _strip(line: Line) -> Strip:
    is_share = line.field == "couplings"
    strip = Strip(line.field, line.letter, is_share, first=0 if line.is_by_digit else 1)
    strip.setToolTip(line.tip)
    return strip


def _result(line: Line) -> QLabel:
    label = QLabel()
    label.setToolTip(line.tip)
    return label
