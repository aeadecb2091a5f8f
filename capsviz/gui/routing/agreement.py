"""How routing makes up its mind: among how many parents capsules divide, and who agrees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from capsviz.explore.agreement import (
    effective_parents,
    entropies,
    every_agreement,
    largest_deviation,
)
from capsviz.explore.couplings import activity
from capsviz.gui.look.card import quiet_label
from capsviz.gui.look.theme import GRID, Theme
from capsviz.gui.routing.agreement_plots import AgreementPlot, ParentsPlot
from capsviz.gui.routing.agreement_table import agreement_table
from capsviz.gui.routing.routed import RoutedView

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from capsviz.explore.answers import Explanation
    from capsviz.gui.look.view import Table

    Floats = NDArray[np.float32]

_EMPTY = "Draw a digit to see how its primary capsules find their parents."
_ROUNDING = 1e-5  # float32 softmax over as many as a thousand parents
_PARENTS = (
    "Among how many digit capsules a primary capsule divides itself: 2^H, where\n"
    "H = -Σ_j c_ij log2 c_ij is the entropy of its couplings in bits.\n"
    "All digit capsules: undecided, as routing begins. 1: decided.\n"
    "It is 2^H that is averaged over primary capsules, all alike or by activity ‖u‖, which\n"
    "is more than 2 to the mean H where they differ; and that of the most decided."
)
_AGREEMENT = (
    "û·v, by which b grows after each iteration (procedure 1, line 7): above 0 a vote\n"
    "is coupled to its digit capsule more strongly, below 0 less. On the left the\n"
    "share of votes in each bin, logarithmic. Bins are the same in all iterations."
)
_SOFTMAX = (
    "c_ij = exp b_ij / Σ_k exp b_ik (eq. 3): the softmax runs over the digit capsules j, so\n"
    "each primary capsule i gives away 1 in all, and digit capsules compete for it.\n"
    "Checked over all iterations; what is left is rounding."
)


class Agreement(RoutedView):
    """Left the effective number of parents by iteration, right the histogram of û·v."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Agreement", parent)
        self.setObjectName("agreement")
        self._measured: Explanation | None = None
        self._entropy = np.zeros((0, 0), np.float32)
        self._parents = np.zeros((3, 0), np.float32)
        self._agreements = np.zeros((0, 0, 0), np.float32)
        self.parents = ParentsPlot(self._explain_parents)
        self.histogram = AgreementPlot(self._explain_bin)
        self.parents_words, self.agreement_words = _line(), _line()
        self.lamp = _line()
        self._lay_out()

    def _lay_out(self) -> None:
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(2 * GRID)
        layout.setVerticalSpacing(GRID // 2)
        columns: tuple[tuple[str, str, QLabel, QWidget], ...] = (
            (
                "Effective parents, mean of 2<sup>H</sup>",
                _PARENTS,
                self.parents_words,
                self.parents,
            ),
            ("Agreement û·v, share of votes", _AGREEMENT, self.agreement_words, self.histogram),
        )
        for column, (name, tip, words, plot) in enumerate(columns):
            title = _line(name)
            title.setProperty("quiet", False)
            title.setToolTip(tip)
            words.setToolTip(tip)
            for row, part in enumerate((title, words, plot)):
                layout.addWidget(part, row, column)
            layout.setColumnStretch(column, 1)
        layout.setRowStretch(2, 1)
        self.lamp.setToolTip(_SOFTMAX)
        layout.addWidget(self.lamp, 3, 0, 1, 2)

    @Slot(object)
    def show_pointed(self, capsule: int | None) -> None:
        """Nothing here is of a single capsule."""

    def set_theme(self, theme: Theme) -> None:
        self.parents.set_theme(theme)
        self.histogram.set_theme(theme)
        super().set_theme(theme)

    def draw(self) -> None:
        if self.explanation is None:
            self._draw_nothing()
        else:
            self._measure(self.explanation)
            self._draw_parents(self.explanation)
            self._draw_histogram(self.explanation)
            self._draw_lamp(self.explanation)

    @property
    def caption(self) -> str:
        answer = self.explanation
        if answer is None:
            return ""
        return (
            f"Left: over the routing iterations; right: in iteration {self.iteration_of(answer)}"
        )

    def summary(self) -> str:
        if self.explanation is None:
            return self.reason or _EMPTY
        self._measure(self.explanation)
        iteration, digit = self.iteration_of(self.explanation), self.digit_of(self.explanation)
        own, others = self._split(iteration, digit)
        return (
            f"After iteration {iteration} a primary capsule has "
            f"{self._parents[1, iteration - 1]:.2f} effective parents of "
            f"{self._agreements.shape[2]}, weighted by activity; {_positive(own)} of the votes "
            f"for {digit} agree with it, {_positive(others)} of those for the others."
        )

    def table(self) -> Table | None:
        explanation = self.explanation
        if explanation is None:
            return None
        self._measure(explanation)
        edges = self.histogram.edges_for(*self._reach)
        digit = self.digit_of(explanation)
        return agreement_table(self._parents, self._entropy, self._agreements, digit, edges)

    @property
    def _reach(self) -> tuple[float, float]:
        """The least and the greatest agreement."""
        return float(self._agreements.min()), float(self._agreements.max())

    def _measure(self, explanation: Explanation) -> None:
        """What holds for all iterations and digits, once per answer."""
        if self._measured is explanation:
            return
        self._measured = explanation
        self._entropy = entropies(explanation)
        self._parents = np.stack(
            (
                effective_parents(self._entropy),
                effective_parents(self._entropy, activity(explanation)),
                np.exp2(self._entropy.min(axis=1)),
            )
        )
        self._agreements = every_agreement(explanation)

    def _split(self, iteration: int, digit: int) -> tuple[Floats, Floats]:
        """(I,) agreements of the digit capsule shown, (I · (J-1),) of all others."""
        layer = self._agreements[iteration - 1]
        return layer[:, digit], np.delete(layer, digit, axis=1).ravel()

    def _draw_nothing(self) -> None:
        self.parents.show_parents(None, 1, 10)
        self.histogram.show_nothing()
        self.parents_words.setText("")
        self.agreement_words.setText("")
        self.lamp.setText(self.summary())

    def _draw_parents(self, explanation: Explanation) -> None:
        iteration = self.iteration_of(explanation)
        self.parents.show_parents(self._parents, iteration, self._agreements.shape[2])
        bits, most = self._entropy[iteration - 1].mean(), np.log2(self._agreements.shape[2])
        self.parents_words.setText(f"mean entropy H {bits:.3f} of {most:.3f} bits")

    def _draw_histogram(self, explanation: Explanation) -> None:
        iteration, digit = self.iteration_of(explanation), self.digit_of(explanation)
        own, others = self._split(iteration, digit)
        self.histogram.show_agreement(own, others, self._reach, digit)
        self.agreement_words.setText(
            f"{_mark(self.theme.digits[digit % 10])} for {digit} up to {own.max():.2f}&nbsp; "
            f"{_mark(self.theme.quiet)} others up to {others.max():.2f}"
        )

    def _draw_lamp(self, explanation: Explanation) -> None:
        off = largest_deviation(explanation)
        fine = off <= _ROUNDING
        said = "= 1" if fine else "≠ 1"
        capsules = "all" if fine else "some of the"
        self.lamp.setText(
            f"{_mark(self.theme.digits[2] if fine else self.theme.warning)} Σ<sub>j</sub> "
            f"c<sub>ij</sub> {said} for {capsules} {len(explanation.votes)} primary capsules "
            f"(largest deviation {_short(off)})"
        )

    def _explain_parents(self, x: float) -> str:
        iteration = round(x)
        if self.explanation is None or not 1 <= iteration <= self._parents.shape[1]:
            return _PARENTS
        plain, weighted, least = self._parents[:, iteration - 1].tolist()
        return (
            f"Iteration {iteration}\n"
            f"effective parents, mean of 2^H, all capsules alike: {plain:.4f}\n"
            f"weighted by activity ‖u‖: {weighted:.4f}\n"
            f"of the most decided capsule: {least:.4f}\n"
            f"mean entropy H = {self._entropy[iteration - 1].mean():.4f} bits of "
            f"{np.log2(self._agreements.shape[2]):.4f}"
        )

    def _explain_bin(self, x: float) -> str:
        found = self.histogram.shares_at(x)
        if self.explanation is None or found is None:
            return _AGREEMENT
        low, high, own, others = found
        return (
            f"û·v from {low:.3g} to {high:.3g}\n"
            f"digit {self.digit_of(self.explanation)}: {own:.2%} of its votes\n"
            f"others: {others:.3%} of theirs"
        )


def _positive(agreements: Floats) -> str:
    return f"{100 * float((agreements > 0).mean()):.0f} %"


def _short(number: float) -> str:
    """One digit and a power of ten, as it is written by hand."""
    digit, power = f"{number:.0e}".split("e")
    return "0" if number == 0 else f"{digit}e{int(power)}"


def _mark(colour: str) -> str:
    return f'<span style="color:{colour}">●</span>'


def _line(text: str = "") -> QLabel:
    """One line that never makes the view wider than its place."""
    line = quiet_label(text)
    line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    return line
