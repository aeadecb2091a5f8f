"""The digits that a network gets wrong, one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from capsviz.data.framing import fit_images
from capsviz.explore.explain import lengths_in_batches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from capsviz.data.mnist import Digits
    from capsviz.network import CapsNet

_BATCH = 50  # a quarter of a second on one core; the shipped network errs once in 250 digits


@dataclass(frozen=True, slots=True)
class Mistake:
    """A digit read as another.

    Attributes:
        index: which of the digits.
        label: what it shows.
        answer: the longest digit capsule.
    """

    index: int
    label: int
    answer: int


def next_mistake(
    model: CapsNet, digits: Digits, after: int, iterations: int | None = None
) -> Mistake | None:
    """The first digit after number `after` that the network gets wrong, going round once.

    Args:
        model: in evaluation mode.
        digits: of any size; they are brought to the network's as MNIST's are framed.
        after: index of the present one, which is looked at last; -1 to begin at the first.
        iterations: routing iterations, 1 … 10; the trained number if None.

    Returns:
        None if every digit that the network has a capsule for is read as it is labelled.
    """
    found = (mistake for mistake in search_mistake(model, digits, after, iterations) if mistake)
    return next(found, None)


def search_mistake(
    model: CapsNet, digits: Digits, after: int, iterations: int | None = None
) -> Iterator[Mistake | None]:
    """`next_mistake` a batch at a time, so that a search can be given up.

    Yields:
        None after each batch without a mistake; then the mistake, and ends.
    """
    order = np.roll(np.arange(len(digits)), -(after + 1))
    for start in range(0, len(order), _BATCH):
        mistake = _first_mistake(model, digits, order[start : start + _BATCH], iterations)
        yield mistake
        if mistake is not None:
            return


def _first_mistake(
    model: CapsNet, digits: Digits, indices: NDArray[np.intp], iterations: int | None
) -> Mistake | None:
    config = model.config
    inputs = fit_images(digits.images[indices], config.image_size, config.border)
    (lengths,) = lengths_in_batches(model, inputs, _BATCH, iterations)
    answers, labels = lengths.argmax(1), digits.labels[indices]
    wrong = np.flatnonzero((answers != labels) & (labels < config.classes))
    if not len(wrong):
        return None
    first = wrong[0]
    return Mistake(int(indices[first]), int(labels[first]), int(answers[first]))
