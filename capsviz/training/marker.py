"""A file that says a run is unfinished; while it is locked, a process is at work on it.

The lock ends with the process, however it ends, and so cannot go stale as a number of a process
could, which another process may have by now.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from capsviz.files import CapsvizError, reason

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MARKER = "unfinished"
_TRIES, _PAUSE = 10, 0.02  # seconds; whoever lists the runs locks each for a moment


@contextmanager
def at_work(folder: Path) -> Iterator[None]:
    """Mark the run as unfinished and being worked on; the mark stays, the lock ends.

    Raises:
        CapsvizError: a process is at work on the run already, or the folder cannot be written.
    """
    try:
        descriptor = os.open(folder / MARKER, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise CapsvizError(f"Could not write {folder / MARKER}: {reason(error)}.") from error
    try:
        if not _locked_in_time(descriptor):
            raise CapsvizError(
                f"The run in {folder} is being trained at this moment; stop it there first."
            )
        yield
    finally:
        os.close(descriptor)


def settle(folder: Path) -> None:
    """Take the mark off: the run is at its end, or was stopped on purpose.

    Raises:
        CapsvizError: the folder cannot be written.
    """
    try:
        (folder / MARKER).unlink(missing_ok=True)
    except OSError as error:
        raise CapsvizError(f"Could not remove {folder / MARKER}: {reason(error)}.") from error


def is_unfinished(folder: Path) -> bool:
    """Whether the run was broken off, or is under way."""
    return (folder / MARKER).exists()


def is_under_way(folder: Path) -> bool:
    """Whether a process, this one or another, is at work on the run."""
    try:
        descriptor = os.open(folder / MARKER, os.O_RDWR)
    except OSError:
        return False
    try:
        return not _lock(descriptor)
    finally:
        os.close(descriptor)


def _locked_in_time(descriptor: int) -> bool:
    for _ in range(_TRIES):
        if _lock(descriptor):
            return True
        time.sleep(_PAUSE)
    return False


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
