"""The last words of a crash, for a bug report: where each thread was when the process died."""

from __future__ import annotations

import faulthandler
from typing import TYPE_CHECKING

from capsviz.places import user_folder

if TYPE_CHECKING:
    from io import BufferedWriter

CRASH_FILE = "crash.log"
"""In the user's own folder; there only after a crash."""


class Crashes:
    """Lets a dying process write where it was.

    The one file that is held open rather than written whole: a crash leaves no time for more.
    """

    def __init__(self) -> None:
        self._file: BufferedWriter | None = None

    def start(self) -> None:
        """Begin, unless someone else has asked for the last words already."""
        if faulthandler.is_enabled():
            return
        try:
            user_folder().mkdir(parents=True, exist_ok=True)
            self._file = (user_folder() / CRASH_FILE).open("ab")  # earlier crashes are kept
        except OSError:  # a folder that cannot be written is told of when something is saved
            return
        faulthandler.enable(self._file)

    def stop(self) -> None:
        """End; no file is left if there was no crash."""
        if self._file is None:
            return
        faulthandler.disable()
        self._file.close()
        path = user_folder() / CRASH_FILE
        if path.stat().st_size == 0:
            path.unlink()
        self._file = None
