"""What keeps the window's start short: nothing is tidied up and no thread is made in vain."""

from __future__ import annotations

import gc
import os

_THREADS = "OPENBLAS_NUM_THREADS"


def hasten() -> None:
    """Before the window's rooms are imported.

    Most of what is made now stays until the end, so looking for garbage among it is in vain. And
    numpy's products here are too small to be shared: the threads that it would make for them
    spin for some 50 ms each before they rest.
    """
    gc.disable()
    chosen = os.environ.get(_THREADS)
    os.environ.setdefault(_THREADS, "1")
    import numpy as np  # noqa: F401  read now, and not by torch, which shares the name

    if chosen is None:
        del os.environ[_THREADS]


def settle() -> None:
    """When torch has come, or could not: what was made until now is not looked through again.

    Not as soon as the window is on screen: the search would go through what torch's import makes
    again and again, in one piece each time, while somebody draws already.
    """
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
