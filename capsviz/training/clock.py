"""How long a run has been at work, without the time when nobody asked for its next step."""

from __future__ import annotations

import time

_PAUSE = 1.0  # seconds; a listener that draws each report asks again sooner


class WorkClock:
    """Runs from the start; a gap between two reports counts only if it is shorter than a pause."""

    def __init__(self) -> None:
        self._spent = 0.0
        self._since = time.perf_counter()

    @property
    def seconds(self) -> float:
        """At work so far."""
        return self._spent + time.perf_counter() - self._since

    def hand_over(self) -> None:
        """A report is about to be given away."""
        now = time.perf_counter()
        self._spent, self._since = self._spent + now - self._since, now

    def take_back(self) -> None:
        """The next one is asked for."""
        now = time.perf_counter()
        if now - self._since > _PAUSE:
            self._since = now
