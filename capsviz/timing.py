"""Works timed in turn, and the memory of a process."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Times = dict[str, list[float]]


def interleaved(works: Mapping[str, Callable[[], object]], repeats: int, warmup: int = 1) -> Times:
    """Seconds of each work, measured in turn, so that all meet the same machine.

    Args:
        works: by name.
        repeats: times each is measured.
        warmup: times each runs unmeasured before.
    """
    for work in works.values():
        for _ in range(warmup):
            work()
    times: Times = {name: [] for name in works}
    for _ in range(repeats):
        for name, work in works.items():
            times[name].append(_seconds(work))
    return times


def peak_memory_mb() -> float | None:
    """The most memory this process has held so far."""
    if sys.platform == "win32":
        return None
    import resource

    unit = 2**20 if sys.platform == "darwin" else 2**10  # bytes there, kilobytes elsewhere
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
