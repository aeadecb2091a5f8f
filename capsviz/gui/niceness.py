"""Long work steps back, so that the threads which answer the person go first."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

_NICENESS = 5  # of long work: it gets a quarter of a core that another thread wants too
_THIS = 0  # on Linux the calling thread, which has its own niceness there


def step_back() -> None:
    """Called in the thread that steps back; does nothing where a thread has no niceness."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, _THIS, _NICENESS)
