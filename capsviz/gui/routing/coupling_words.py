"""The couplings in words: tooltips with the numbers and where they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from capsviz.explore.couplings import activity, coupling_by_type, mass_share
from capsviz.gui.routing.routed import place_in_words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from capsviz.explore.answers import Explanation

C, B, U, VOTE = "c<sub>ij</sub>", "b<sub>ij</sub>", "u<sub>i</sub>", "û<sub>j|i</sub>"
_PER_LINE = 8
_UNIFORM = 1e-6  # couplings that differ less are told from each other by rounding alone
_FORMULA = (
    f"c<sub>i</sub> = softmax<sub>j</sub>({B}) = exp({B}) / Σ<sub>k</sub> exp(b<sub>ik</sub>)"
)


class Explainer:
    """Gives the tooltips of whatever is on show."""

    def __init__(self) -> None:
        self._explanation: Explanation | None = None
        self._iteration, self._digit = 1, 0

    def show(self, explanation: Explanation | None, iteration: int, digit: int) -> None:
        """This routing iteration of an answer is on show, and this digit capsule."""
        self._explanation, self._iteration, self._digit = explanation, iteration, digit

    def capsule(self, capsule: int) -> str:
        """Of the cell of a primary capsule."""
        answer = self._explanation
        return capsule_tip(answer, self._iteration, self._digit, capsule) if answer else ""

    def type(self, kind: int, digit: int) -> str:
        """Of the mean of a type of primary capsules."""
        return (
            type_tip(self._explanation, self._iteration, kind, digit) if self._explanation else ""
        )

    def mass(self, digit: int) -> str:
        """Of the tile of a digit."""
        return mass_tip(self._explanation, self._iteration, digit) if self._explanation else ""


def capsule_tip(explanation: Explanation, iteration: int, digit: int, capsule: int) -> str:
    """Everything known of one primary capsule's coupling to one digit capsule, as rich text."""
    primary, vote = explanation.primary[capsule], explanation.votes[capsule, digit]
    coupling = explanation.couplings[iteration - 1, capsule]
    logit = explanation.logits[iteration - 1, capsule, digit]
    return (
        f"<p style='white-space:pre'><b>Primary capsule {capsule}</b> "
        f"of 0–{len(explanation.primary) - 1}: {place_in_words(explanation, capsule)}</p>"
        f"{_numbers(f'{U}, its {len(primary)} numbers; ‖{U}‖ = {_length(primary)}', primary)}"
        f"{_numbers(f'{VOTE}, its vote for digit {digit}; length {_length(vote)}', vote)}"
        f"<p style='white-space:pre'>Iteration {iteration}: {B} = {signed(float(logit))}, "
        f"<b>{C} = {coupling[digit]:.4f}</b> (1/J = {1 / len(coupling):.4f})<br>"
        f"{_FORMULA}<br>Σ<sub>j</sub> {C} = {coupling.sum():.4f}</p>"
        "<p>Click to have it written out under Calculation</p>"
    )


def capsule_words(explanation: Explanation, iteration: int, digit: int, capsule: int) -> str:
    """The same in a plain sentence, for a screen reader."""
    coupling = explanation.couplings[iteration - 1, capsule, digit]
    place = place_in_words(explanation, capsule).capitalize()
    length = np.linalg.norm(explanation.primary[capsule])
    return f"{place}: coupling to digit {digit} is {coupling:.4f}, activity {length:.3f}"


def type_tip(explanation: Explanation, iteration: int, kind: int, digit: int) -> str:
    """The mean coupling of one type of primary capsules to one digit, as rich text."""
    places = explanation.grid[1] * explanation.grid[2]
    mean = coupling_by_type(explanation, iteration)[kind, digit]
    weighted = coupling_by_type(explanation, iteration, weighted=True)[kind, digit]
    return (
        f"<p style='white-space:pre'><b>Type {kind + 1} to digit {digit}</b>, "
        f"iteration {iteration}<br>mean of {C} over {places} places = {mean:.4f} "
        f"(1/J = {1 / explanation.couplings.shape[2]:.4f})"
        f"<br>mean of ‖{U}‖ {C} = {weighted:.4f}</p>"
        f"<p>Click to choose digit {digit}</p>"
    )


def mass_tip(explanation: Explanation, iteration: int, digit: int) -> str:
    """How much of the mass goes to one digit, as rich text."""
    share = mass_share(explanation, iteration)[digit]
    total = activity(explanation).sum()
    return (
        f"<p style='white-space:pre'><b>Digit {digit}</b>, iteration {iteration}"
        f"<br>mass Σ<sub>i</sub> ‖{U}‖ {C} = {share * total:.2f}, "
        f"{100 * share:.2f} % of Σ<sub>i</sub> ‖{U}‖ = {total:.2f}"
        f"<br>routing begins with {100 / explanation.couplings.shape[2]:.4g} % for each digit</p>"
        f"<p>Each capsule's ‖{U}‖ {C} is spread over its receptive field of "
        f"{explanation.field} × {explanation.field} pixels, most in the middle.</p>"
        f"<p>Click to choose digit {digit}</p>"
    )


def sentence(explanation: Explanation, iteration: int, digit: int) -> str:
    """The couplings to one digit in a sentence: their range, and the strongest."""
    couplings = explanation.couplings[iteration - 1, :, digit]
    uniform = 1 / explanation.couplings.shape[2]
    if np.abs(couplings - uniform).max() < _UNIFORM:
        return (
            f"In routing iteration {iteration} of {explanation.iterations} all couplings are "
            f"uniform, {uniform:.3f}."
        )
    strongest = place_in_words(explanation, int(couplings.argmax()))
    return (
        f"In routing iteration {iteration} of {explanation.iterations}, couplings to digit "
        f"{digit} go from {couplings.min():.3f} to {couplings.max():.3f}, strongest for "
        f"{strongest}; uniform ones would be {uniform:.3f}."
    )


def places_name(explanation: Explanation, iteration: int, digit: int) -> str:
    """What the cells are."""
    types, rows, columns = explanation.grid
    kinds = f"{types} types" if types > 1 else "1 type"
    return f"Digit {digit}, iteration {iteration}: {kinds} of {rows} × {columns} places"


def meaning_name(weighted: bool, difference: bool, digits: int) -> str:
    """The number that is shown in colour, as rich text."""
    coupling = f"{C} − 1/{digits}" if difference else C
    if not weighted:
        return coupling
    return f"‖{U}‖ ({coupling})" if difference else f"‖{U}‖ {coupling}"


def mass_name(ends: str) -> str:
    """What the tiles are, what stands below them, and the ends of their colours."""
    return "\n".join(("Mass per", "digit, in %", f"{ends}/px" if ends else ""))


def signed(value: float) -> str:
    """Four decimals with a real minus sign."""
    return f"{value:.4f}".replace("-", "−")


def _length(vector: NDArray[np.float32]) -> str:
    return f"{np.linalg.norm(vector):.4f}"


def _numbers(name: str, values: NDArray[np.float32]) -> str:
    """A table of a vector's numbers, a few to a line."""
    cells = [f"<td align='right'>&nbsp;{value:.3f}</td>".replace("-", "−") for value in values]
    lines = (cells[start : start + _PER_LINE] for start in range(0, len(cells), _PER_LINE))
    rows = "".join(f"<tr>{''.join(line)}</tr>" for line in lines)
    return f"<p style='white-space:pre'>{name}</p><table>{rows}</table>"
