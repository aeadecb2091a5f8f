"""The rows of the paper's table 1, what is kept of each network, and the table in Markdown."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import mean, stdev
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of network; `paper` is its mean test error there and its spread, in percent."""

    iterations: int
    reconstruction: bool
    paper: tuple[float, float]


ROWS = {
    "r1-plain": Row(1, False, (0.34, 0.032)),
    "r1-reconstruction": Row(1, True, (0.29, 0.011)),
    "r3-plain": Row(3, False, (0.35, 0.036)),
    "r3-reconstruction": Row(3, True, (0.25, 0.005)),
}


class Result(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One network after its last epoch; errors 0–1.

    Attributes:
        images_per_second: trained, since it was begun or resumed.
        seconds: of the call that finished it, its measurement included.
        resumed: whether that call went on with a run that was broken off.
    """

    row: str
    seed: int
    epochs: int
    validation_error: float
    test_error: float
    images_per_second: float
    seconds: float
    resumed: bool
    device: str
    date: str


class Spread(msgspec.Struct, frozen=True):
    """Mean and sample standard deviation (None of a single number), in percent."""

    mean: float
    deviation: float | None

    @classmethod
    def of(cls, errors: Sequence[float]) -> Spread:
        """Of errors 0–1."""
        percent = [100 * error for error in errors]
        return cls(mean(percent), stdev(percent) if len(percent) > 1 else None)

    def text(self, sign: str = "") -> str:
        """Such as "0.310 ± 0.021"."""
        spread = "–" if self.deviation is None else f"{self.deviation:.3f}"
        return f"{self.mean:{sign}.3f} ± {spread}".replace("-", "−")


def line(result: Result) -> str:
    """A finished network in a line."""
    return (
        f"{result.row}, seed {result.seed}: validation error {result.validation_error:.2%}, "
        f"test error {result.test_error:.2%}, {result.images_per_second:.0f} images/s, "
        f"{result.seconds:.0f} s on {result.device}"
    )


def table_of(results: Sequence[Result]) -> dict[str, Any]:
    """The rows that have results, what routing changes seed by seed, and every result."""
    by_row = {name: [each for each in results if each.row == name] for name in ROWS}
    return {
        "rows": [_row(name, found) for name, found in by_row.items() if found],
        "routing": {
            kind: change
            for kind in ("plain", "reconstruction")
            if (change := _change(by_row[f"r1-{kind}"], by_row[f"r3-{kind}"])) is not None
        },
        "results": list(results),
    }


def _row(name: str, results: Sequence[Result]) -> dict[str, Any]:
    return {
        "row": name,
        "seeds": [each.seed for each in results],
        "validation_error": Spread.of([each.validation_error for each in results]),
        "test_error": Spread.of([each.test_error for each in results]),
        "paper": Spread(*ROWS[name].paper),
    }


def _change(once: Sequence[Result], thrice: Sequence[Result]) -> dict[str, Any] | None:
    """Test error with three iterations less that with one, over the seeds that have both."""
    before = {each.seed: each.test_error for each in once}
    changes = {e.seed: e.test_error - before[e.seed] for e in thrice if e.seed in before}
    if not changes:
        return None
    return {"seeds": list(changes), "test_error": Spread.of(list(changes.values()))}


def markdown(table: dict[str, Any]) -> str:
    """The table, its caption, and what routing changes."""
    head = [
        "| routing iterations | reconstruction | seeds | validation error, % | test error, % "
        "| the paper's, % |",
        "|---|---|---|---|---|---|",
    ]
    rows = [_markdown_row(row) for row in table["rows"]]
    return "\n".join([*head, *rows, "", _caption(table["results"]), *_routing(table["routing"])])


def _markdown_row(row: dict[str, Any]) -> str:
    kind = ROWS[row["row"]]
    cells = (
        str(kind.iterations),
        "yes" if kind.reconstruction else "no",
        _listed(row["seeds"]),
        f"{row['validation_error'].mean:.3f}",
        row["test_error"].text(),
        row["paper"].text(),
    )
    return f"| {' | '.join(cells)} |"


def _caption(results: Sequence[Result]) -> str:
    if not results:
        return "No network is finished yet."
    epochs = _listed(sorted({each.epochs for each in results}))
    devices = _listed(sorted({each.device for each in results}))
    return (
        f"CapsNets on MNIST with shifts of up to 2 pixels, each after the last of {epochs} epochs "
        f"on {devices}, whatever its validation error; mean ± standard deviation over the seeds."
    )


def _routing(changes: dict[str, Any]) -> list[str]:
    """A line for each pair of rows that differ by routing alone."""
    words = {"plain": "without reconstruction", "reconstruction": "with reconstruction"}
    return [
        f"Three routing iterations against one, {words[kind]}: test error "
        f"{change['test_error'].text('+')} points (seeds {_listed(change['seeds'])})."
        for kind, change in changes.items()
    ]


def _listed(items: Iterable[object]) -> str:
    return ", ".join(map(str, items))
