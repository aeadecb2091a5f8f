"""How the program ends when its work fails: one sentence on stderr, and an exit code."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NoReturn

from capsviz.files import CapsvizError

if TYPE_CHECKING:
    from collections.abc import Callable


def guarded(work: Callable[[], object]) -> None:
    """Do the work of the whole process; exit 1 when it fails, 130 when it is stopped."""
    try:
        work()
    except CapsvizError as error:
        _fail(str(error))
    except KeyboardInterrupt:
        _fail("Stopped.", 130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # silence the last flush
        sys.exit(1)
    except Exception as error:
        if os.environ.get("CAPSVIZ_DEBUG"):
            raise
        what = f"{type(error).__name__}: {error}".splitlines()[0]
        _fail(f"Unexpected error ({what}); CAPSVIZ_DEBUG=1 shows where, for a bug report.")


def _fail(message: str, code: int = 1) -> NoReturn:
    print(f"capsviz: {message}", file=sys.stderr)  # noqa: T201  people are told here
    sys.exit(code)
