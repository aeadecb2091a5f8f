"""Ctrl-C and a plain `kill`, answered between two steps of the work."""

from __future__ import annotations

import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType, TracebackType

_ANSWERED = (signal.SIGINT, signal.SIGTERM)


class Ending:
    """While it is entered, such a signal is only noted; a second one ends the work at once.

    An interrupt within a step would lose what was done since the last saved state.
    """

    def __init__(self) -> None:
        self._asked: int | None = None
        self._before: dict[signal.Signals, object] = {}

    def __enter__(self) -> Ending:
        """Answer signals from now on; elsewhere than in the main thread none arrive."""
        with suppress(ValueError):  # not in the main thread
            self._before = {number: signal.signal(number, self._note) for number in _ANSWERED}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._restore()

    def check(self) -> None:
        """Between two steps: end if it was asked for.

        Raises:
            KeyboardInterrupt: Ctrl-C was pressed.
            SystemExit: the process was asked to end, with the exit code a shell expects.
        """
        if self._asked == signal.SIGINT:
            raise KeyboardInterrupt
        if self._asked is not None:
            sys.exit(128 + self._asked)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self._asked = number
        self._restore()

    def _restore(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
        self._before = {}
