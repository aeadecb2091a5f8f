"""What the lab says: the answer in a sentence that is true, and what became of each part."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from capsviz.explore.answers import SEEN

if TYPE_CHECKING:
    from capsviz.explore.separation import Separation
    from capsviz.gui.labs.tries import Tries

RULE = (
    f"The two longest digit capsules are the answer; a digit is claimed from a length of {SEEN} "
    "on. An image counts as right only if both are."
)

_NO_DECODER = "This network was trained without a decoder, so it cannot redraw."


def verdict(answer: Separation) -> str:
    """Such as "5 and 3: both right", or what is read and what is there."""
    seen, truth = answer.seen, answer.truth
    labels = None if truth is None else truth.labels
    told = "" if labels is None else f"; the truth is {labels[0]} and {labels[1]}"
    if not seen:
        return f"no two digits seen{told}"
    if len(seen) == 1:
        return f"sees only {_a(seen[0])}{told}"
    first, second = answer.longest
    if answer.is_right:
        return f"{first} and {second}: both right"
    return f"reads {first} and {second}{told}"


def _a(digit: int) -> str:
    """The digit with its article."""
    return f"{'an' if digit == 8 else 'a'} {digit}"


def detail(answer: Separation) -> str:
    """How long the two longest capsules are, and the one after."""
    lengths = answer.explanation.final_lengths
    first, second = answer.longest
    told = f"capsule {first} is {lengths[first]:.2f} long, {second} is {lengths[second]:.2f}"
    others = [digit for digit in range(len(lengths)) if digit not in answer.longest]
    if not others:
        return told
    third = max(others, key=lambda digit: lengths[digit])
    return f"{told}; next is {third}, {lengths[third]:.2f}"


def presence(answer: Separation, digit: int) -> str:
    """Whether a decoded capsule is there at all, by its own length."""
    length = float(answer.explanation.final_lengths[digit])
    return "" if length >= SEEN else f", not seen ({length:.2f})"


def told(answer: Separation, iteration: int, colours: tuple[str, ...] | None = None) -> list[str]:
    """What became of each part, a sentence each; the digits in these colours, if any."""
    if answer.decoded is None:
        return [_NO_DECODER]
    first, second = answer.digits
    shares = [f"{share:.1%}" for share in answer.shares(iteration)]
    return [
        *(_told_of(answer, index, colours) for index in (0, 1)),
        f"{unexplained_share(answer):.1%} of the ink is explained by neither",
        f"iteration {iteration}: {shares[0]} of the routed mass goes to {first}, {shares[1]} to "
        f"{second}; an even share is {1 / answer.lengths.shape[1]:.1%}",
    ]


def _told_of(answer: Separation, index: int, colours: tuple[str, ...] | None) -> str:
    digit, errors = answer.digits[index], answer.errors
    name = str(digit) if colours is None else f"<b style='color:{colours[index]}'>{digit}</b>"
    chosen = ", chosen" if answer.is_chosen else ""
    redrawn = f"{name} redrawn{chosen}{presence(answer, digit)}"
    if errors is None:
        return redrawn
    error = float(errors[index])
    rms = math.sqrt(error / answer.image.size)
    return f"{redrawn}: squared\u00a0error\u00a0{error:.1f}, RMS\u00a0{rms:.3f}"


def unexplained_share(answer: Separation) -> float:
    """Part of the ink that neither of the two redraws, 0 … 1."""
    assert answer.unexplained is not None
    return float(answer.unexplained.sum()) / max(float(answer.image.sum()), 1e-9)


def tried(tries: Tries) -> str:
    """How far the split holds, of the places that were tried."""
    expected = tries.expected
    if not tries.read or expected is None:
        return "Slide one digit over the other to see where the split breaks."
    pair = " and ".join(map(str, sorted(expected)))
    if len(tries.read) == 1:
        pair = " and ".join(map(str, sorted(*tries.read.values())))
        return f"Read as {pair} here; slide one digit over the other."
    if tries.is_whole and tries.kept == len(tries.read):
        return f"{pair} at each of the {len(tries.read)} places: the split never breaks."
    return f"{pair} at {tries.kept} of {len(tries.read)} places tried."
