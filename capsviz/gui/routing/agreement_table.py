"""The numbers of the agreement page, as they go into a file: a row for each iteration."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from capsviz.gui.look.view import Table
from capsviz.gui.routing.agreement_plots import shares_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Doubles = NDArray[np.float64]
    Floats = NDArray[np.float32]


def agreement_table(
    parents: Floats, entropy: Floats, agreements: Floats, digit: int, edges: Doubles
) -> Table:
    """What both plots show, the histogram of every iteration too.

    Args:
        parents: (3, R) of all, weighted by activity, of the most decided.
        entropy: (R, I) bits of each primary capsule's couplings.
        agreements: (R, I, J) û·v.
        digit: whose votes are told from the others'.
        edges: (B + 1,) of the histogram's bins.
    """
    own, others = agreements[:, :, digit], np.delete(agreements, digit, axis=2)
    columns = {
        "parents": parents[0],
        "parents weighted by activity": parents[1],
        "parents of the most decided": parents[2],
        "mean entropy in bits": entropy.mean(axis=1),
        f"share of votes that agree with {digit}": (own > 0).mean(axis=1),
        **_histogram(f"votes for {digit}", own, edges),
        **_histogram("votes for others", others, edges),
    }
    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    return Table(
        ("iteration", *columns), tuple((number, *row) for number, row in enumerate(rows, 1))
    )


def _histogram(whose: str, agreements: Floats, edges: Doubles) -> dict[str, Doubles]:
    """(R,) shares of each bin, by what the bin holds."""
    shares = np.stack([shares_of(layer.ravel(), edges) for layer in agreements], axis=1)
    names = (f"share of {whose} with û·v {low:.4g} to {high:.4g}" for low, high in pairwise(edges))
    return dict(zip(names, shares, strict=True))
