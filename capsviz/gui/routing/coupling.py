"""The couplings of one routing iteration: by place, by type, and over the drawing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from capsviz.explore.couplings import (
    activity,
    coupling_by_type,
    coupling_grid,
    mass_maps,
    mass_share,
    place_of,
    receptive_field,
)
from capsviz.gui.look.colours import colours
from capsviz.gui.look.view import Table, View
from capsviz.gui.routing.coupling_board import CouplingBoard
from capsviz.gui.routing.coupling_legend import Meaning, short
from capsviz.gui.routing.coupling_scale import CouplingScales, over_drawing
from capsviz.gui.routing.coupling_words import (
    Explainer,
    capsule_words,
    mass_name,
    meaning_name,
    places_name,
    sentence,
)

if TYPE_CHECKING:
    from capsviz.explore.answers import Explanation
    from capsviz.gui.look.theme import Theme

_COLUMNS = ("type", "row", "column", "digit", "coupling", "logit")
_EMPTY = "Draw a digit to see its couplings"


class Coupling(View):
    """Which primary capsules send their output to which digit capsule.

    Signals:
        pointed(object): the primary capsule pointed at, 0 … I-1, or None.
        digit_chosen(object): int, the digit whose couplings a person wants to see.
    """

    pointed = Signal(object)
    digit_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Couplings of the primary to the digit capsules", parent)
        self.setObjectName("coupling")
        self._scales: CouplingScales | None = None
        self._iteration: int | None = None
        self._digit: int | None = None
        self._pointed: int | None = None
        self._shape: tuple[object, ...] = ()
        self._explainer = Explainer()
        self.board = CouplingBoard(self._explainer)
        self.options, self.legend = self.board.options, self.board.legend
        self.places, self.types, self.mass = self.board.places, self.board.types, self.board.mass
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.board)
        self._connect()

    def _connect(self) -> None:
        self.options.changed.connect(self._read_anew)
        self.places.pointed.connect(self._point_at)
        self.types.chosen.connect(self._choose)
        self.mass.chosen.connect(self._choose)

    @property
    def explanation(self) -> Explanation | None:
        """The answer on show."""
        return None if self._scales is None else self._scales.explanation

    @property
    def iteration(self) -> int:
        """The routing iteration on show, 1 … R of the answer."""
        last = 1 if self.explanation is None else self.explanation.iterations
        return last if self._iteration is None else min(max(self._iteration, 1), last)

    @property
    def digit(self) -> int:
        """The digit capsule on show, 0 … J-1 of the answer."""
        if self.explanation is None:
            return 0
        is_there = self._digit is not None and self._digit < len(self.explanation.final_lengths)
        return self._digit if is_there and self._digit is not None else self.explanation.digit

    @Slot(object)
    def show_explanation(self, explanation: Explanation | None) -> None:
        """Show an answer's couplings, or cells that wait for one."""
        self._scales = None if explanation is None else CouplingScales(explanation)
        self.refresh()

    @Slot(int)
    def show_iteration(self, iteration: int) -> None:
        """Show this routing iteration from now on, or the answer's nearest to it."""
        self._iteration = iteration
        self.refresh()

    @Slot(object)
    def show_digit(self, digit: int | None) -> None:
        """Show the couplings to this digit capsule from now on; None: to the longest."""
        self._digit = digit
        self.refresh()

    @Slot(object)
    def show_pointed(self, capsule: int | None) -> None:
        """Outline this primary capsule wherever it is shown, or none."""
        self._pointed = capsule
        self._draw_pointed()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self.board.set_theme(theme)
        super().set_theme(theme)
        self.board.limit_sizes()  # with a theme may come larger letters

    def draw(self) -> None:
        """Draw the answer as the options read it."""
        self._explainer.show(self.explanation, self.iteration, self.digit)
        if self._scales is None:
            self._draw_nothing()
        else:
            self._draw_cells(self._scales)
            self._draw_mass(self._scales)
        shape = (self.places.shape, self.mass.digits)
        if shape != self._shape:  # of another network
            self._shape = shape
            self.board.limit_sizes()
        self._draw_pointed()

    @property
    def pictured(self) -> QWidget:
        """Without the options, which the legend has in words."""
        return self.board.pictures

    def summary(self) -> str:
        """The strongest coupling, and from where to where they go."""
        if self.explanation is None:
            return self.reason or "No digit is drawn, so there are no couplings."
        return sentence(self.explanation, self.iteration, self.digit)

    def table(self) -> Table | None:
        """c_ij and b_ij of the iteration on show; types, rows and columns counted from 1."""
        if self.explanation is None:
            return None
        rows, at = [], self.iteration - 1
        pairs = zip(self.explanation.couplings[at], self.explanation.logits[at], strict=True)
        for capsule, (couplings, logits) in enumerate(pairs):
            place = [index + 1 for index in place_of(self.explanation, capsule)]
            both = zip(couplings.tolist(), logits.tolist(), strict=True)
            rows += [(*place, digit, *values) for digit, values in enumerate(both)]
        return Table(_COLUMNS, tuple(rows)).of(iteration=self.iteration)

    def _draw_nothing(self) -> None:
        self.places.show_nothing()
        self.types.show_nothing()
        self.mass.show_nothing()
        self.legend.show_meaning(None)
        self.board.places_words.setText(self.reason or _EMPTY)
        self.board.legend_words.clear()
        self.board.mass_words.setText(mass_name(""))

    def _draw_cells(self, scales: CouplingScales) -> None:
        answer, reading = scales.explanation, self.options.reading
        how = (reading.weighted, reading.difference)
        scale = scales.cells(self.iteration, reading)
        grid = coupling_grid(answer, self.iteration, self.digit, *how)
        means = coupling_by_type(answer, self.iteration, *how).T
        strongest = int(grid.argmax())
        self.places.show_cells(colours(grid, scale, self.theme), strongest)
        self.types.show_cells(colours(means, scale, self.theme), self.digit)
        count = len(answer.final_lengths)
        self.options.show_digits(count)
        self.board.places_words.setText(places_name(answer, self.iteration, self.digit))
        beyond = (bool(grid.min() < scale.low), bool(grid.max() > scale.high))
        name = meaning_name(*how, count)
        self.board.legend_words.setText(name)
        self.legend.show_meaning(Meaning(name, scale, beyond))

    def _draw_mass(self, scales: CouplingScales) -> None:
        answer, reading = scales.explanation, self.options.reading
        scale = scales.mass(self.iteration, reading)
        maps = mass_maps(answer, self.iteration, reading.difference)
        pixels = over_drawing(maps, answer.image, scale, self.theme)
        self.mass.show_maps(pixels, mass_share(answer, self.iteration), self.digit)
        total = float(activity(answer).sum())  # as the numbers under the tiles, in %
        highest = short(100 * scale.high / total if total else 0.0)
        ends = f"{'±' if scale.is_signed else '≤ '}{highest}"
        self.board.mass_words.setText(mass_name(ends))

    def _draw_pointed(self) -> None:
        answer, capsule = self.explanation, self._pointed
        self.places.show_pointed(capsule)
        if answer is None or capsule is None or not 0 <= capsule < len(answer.primary):
            self.types.show_type(None)
            self.mass.show_field(None)
            self.places.setAccessibleDescription("")
            return
        self.types.show_type(place_of(answer, capsule)[0])
        self.mass.show_field(receptive_field(answer, capsule))
        words = capsule_words(answer, self.iteration, self.digit, capsule)
        self.places.setAccessibleDescription(words)

    @Slot()
    def _read_anew(self) -> None:
        self.refresh()

    @Slot(int)
    def _choose(self, digit: int) -> None:
        self.digit_chosen.emit(digit)

    @Slot(object)
    def _point_at(self, capsule: int | None) -> None:
        self.show_pointed(capsule)
        self.pointed.emit(capsule)
