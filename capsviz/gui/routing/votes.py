"""The votes for one digit capsule in a plane: who votes with it, and how strongly coupled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from capsviz.explore.agreement import agreements, total_input
from capsviz.explore.projection import Plane, plane_of
from capsviz.gui.look.card import quiet_label
from capsviz.gui.look.theme import GRID, Theme
from capsviz.gui.look.view import Table
from capsviz.gui.routing.routed import RoutedView, place_in_words
from capsviz.gui.routing.votes_legend import VotesLegend
from capsviz.gui.routing.votes_picture import Picture
from capsviz.gui.routing.votes_plane import VotesPlane

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from capsviz.explore.answers import Explanation

_EMPTY = "Every primary capsule votes for the pose of each digit capsule: draw a digit."
_HOW = (
    "A dot is one primary capsule's vote û for this digit capsule (eq. 2), v is the arrow.\n"
    "Its area is the coupling c (eq. 3), its colour the agreement û·v (procedure 1);\n"
    "beyond −1 and 1 the colour stays the same.\n"
    "The dashed line goes on to s = Σ c û, which squashing shortens to v (eq. 1).\n"
    "The plane: two principal components about the origin, turned until v points right.\n"
    "Distance from the origin is drawn as its square root; circles are of equal length.\n"
    "↑ and ↓ go through the votes in order of coupling."
)


class Votes(RoutedView):
    """Dots for the votes û_{j|i}, an arrow for v_j."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Votes for a digit capsule", parent)
        self.setObjectName("votes")
        self._plane: Plane | None = None
        self._plane_of: tuple[Explanation, int] | None = None
        self._agreement = np.zeros(0, np.float32)
        self.plane = VotesPlane(self._explain)
        self.plane.pointed.connect(self.pointed)
        self.words = quiet_label()
        self.words.setToolTip(_HOW)
        self.words.setWordWrap(True)
        self.words.setMinimumHeight(2 * self.words.fontMetrics().height())
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.legend = VotesLegend()
        self.legend.setToolTip(_HOW)
        self._lay_out()

    def _lay_out(self) -> None:
        below = QHBoxLayout()
        below.setSpacing(2 * GRID)
        below.addWidget(self.words, 1)
        below.addWidget(self.legend)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID // 2)
        layout.addWidget(self.plane, 1)
        layout.addLayout(below)

    @Slot(object)
    def show_pointed(self, capsule: int | None) -> None:
        """Ring this primary capsule's vote, or none."""
        self.plane.show_pointed(capsule)

    def set_theme(self, theme: Theme) -> None:
        self.plane.set_theme(theme)
        self.legend.set_theme(theme)
        super().set_theme(theme)

    def draw(self) -> None:
        explanation = self.explanation
        self.plane.show_picture(None if explanation is None else self._picture(explanation))
        self.words.setText(self._empty if explanation is None else self._caption(explanation))
        digits = 0 if explanation is None else len(explanation.final_lengths)
        self.legend.setVisible(explanation is not None)
        self.legend.show_scale(digits, self.plane.dot_radius)

    @property
    def _empty(self) -> str:
        return self.reason or _EMPTY

    @property
    def caption(self) -> str:
        answer = self.explanation
        return "" if answer is None else f"Routing iteration {self.iteration_of(answer)}"

    def summary(self) -> str:
        if self.explanation is None or self._plane is None:
            return self._empty
        explanation, digit = self.explanation, self.digit_of(self.explanation)
        iteration = self.iteration_of(explanation)
        with_it = int((self._agreement > 0).sum())
        return (
            f"{with_it} of {len(self._agreement)} votes agree with digit capsule {digit} in "
            f"iteration {iteration}, by up to {self._agreement.max():.2f}; its length is "
            f"{explanation.lengths[iteration - 1, digit]:.2f}."
        )

    def table(self) -> Table | None:
        explanation, plane = self.explanation, self._plane
        if explanation is None or plane is None:
            return None
        digit, iteration = self.digit_of(explanation), self.iteration_of(explanation)
        coupling = explanation.couplings[iteration - 1, :, digit]
        columns = (*plane.points.T, coupling, self._agreement)
        rows = zip(*(column.tolist() for column in columns), strict=True)
        of_each = Table(
            ("primary capsule", "plane x", "plane y", "coupling", "agreement"),
            tuple((capsule, *row) for capsule, row in enumerate(rows)),
        )
        return of_each.of(iteration=iteration, digit=digit)

    def _picture(self, explanation: Explanation) -> Picture:
        digit, iteration = self.digit_of(explanation), self.iteration_of(explanation)
        plane = self._plane_for(explanation, digit)
        self._agreement = agreements(explanation, iteration)[:, digit]
        couplings = explanation.couplings[iteration - 1]
        return Picture(
            points=plane.points,
            coupling=couplings[:, digit] * couplings.shape[1],
            agreement=self._agreement,
            pose=plane.at(explanation.poses[iteration - 1, digit]),
            total=plane.at(total_input(explanation, digit, iteration)),
            length=float(explanation.lengths[iteration - 1, digit]),
            digit=digit,
        )

    def _plane_for(self, explanation: Explanation, digit: int) -> Plane:
        """The same for every iteration; like the one before while the digit stays."""
        before = self._plane_of
        if self._plane is None or before is None or before != (explanation, digit):
            same = before is not None and before[1] == digit
            self._plane = plane_of(explanation, digit, self._plane if same else None)
            self._plane_of = (explanation, digit)
        return self._plane

    def _caption(self, explanation: Explanation) -> str:
        share = 0.0 if self._plane is None else self._plane.share
        return (
            f"{len(explanation.votes)} votes for {self.digit_of(explanation)}\n"
            f"plane: {100 * share:.0f} % of variance"
        )

    def _explain(self, capsule: int) -> str:
        explanation = self.explanation
        if explanation is None:
            return ""
        digit, iteration = self.digit_of(explanation), self.iteration_of(explanation)
        coupling = explanation.couplings[iteration - 1, capsule, digit]
        return (
            f"Primary capsule {capsule} of 0–{len(explanation.primary) - 1}: "
            f"{place_in_words(explanation, capsule)}\n"
            f"coupling c = {coupling:.4f}\n"
            f"agreement û·v = {self._agreement[capsule]:.4f}\n"
            f"û = {_numbers(explanation.votes[capsule, digit])}"
        )


def _numbers(vector: NDArray[np.float32]) -> str:
    """Eight to a line."""
    words = [f"{x:+.3f}" for x in vector]
    lines = ["  ".join(words[start : start + 8]) for start in range(0, len(words), 8)]
    return "\n     ".join(lines)
