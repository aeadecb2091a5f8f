"""The one way this program writes a file, and the one error it shows to people."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path


class CapsvizError(Exception):
    """A failure a person can mend: one sentence of what was expected, found, and to do."""


def write_atomically(path: Path, content: bytes) -> None:
    """Write all of `content` to `path`, or leave what stood there untouched.

    The bytes reach the disk under a temporary name in the same folder before they take the
    file's name, so neither a crash, a kill nor a full disk can leave half a file.

    Args:
        path: the file to make or replace; its folder is made if missing.
        content: the whole file.

    Raises:
        CapsvizError: the folder or file cannot be written, or it is a pipe or device; names the
            path and the reason.
    """
    if not path.name:
        raise CapsvizError(f"Expected the name of a file to write, found the folder {path}.")
    target = Path(os.path.realpath(path))  # what a link leads to is written, and the link stays
    temporary = target.with_name(f"{target.name}.{os.getpid()}.tmp")
    try:
        _check_ordinary(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        _make_as_private(temporary, target)
        _write_and_sync(temporary, content)
        os.replace(temporary, target)
        _sync_folder(target.parent)
    except OSError as error:
        raise CapsvizError(f"Could not write {path}: {reason(error)}.") from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def read_bytes(path: Path, limit: int) -> bytes:
    """The whole of a file of at most `limit` bytes.

    Raises:
        CapsvizError: it is missing, a folder, a pipe, unreadable, or larger than `limit`.
    """
    try:
        _check_ordinary(path)  # a pipe waits for a writer
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size  # read(n) sets aside n bytes at once
            content = file.read(min(limit, size) + 1)
    except OSError as error:
        raise CapsvizError(f"Could not read {path}: {reason(error)}.") from error
    if len(content) > limit:
        raise CapsvizError(f"{path} is larger than {limit / 2**20:.0f} MiB; that is no such file.")
    return content


def reason(error: OSError) -> str:
    """The operating system's own words for what went wrong, in lower case."""
    text = error.strerror or one_line(error)
    return text[0].lower() + text[1:]


def one_line(error: object, limit: int = 200) -> str:
    """Another library's message as part of one sentence: no line breaks, not too long."""
    return " ".join(str(error).split())[:limit] or type(error).__name__


def _check_ordinary(path: Path) -> None:
    if not path.is_file() and path.exists() and not path.is_dir():
        raise CapsvizError(f"Expected a file, found the pipe or device {path}; choose a file.")


def _make_as_private(temporary: Path, target: Path) -> None:
    """Whoever may read the old file may read the new one, and nobody else at any time."""
    if target.is_file():
        with suppress(OSError):  # some mounts know no modes
            temporary.touch(0o600)
            temporary.chmod(stat.S_IMODE(target.stat().st_mode))


def _write_and_sync(path: Path, content: bytes) -> None:
    with path.open("wb") as file:  # a new file takes its mode from the umask
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows cannot open a folder, and needs no such sync
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
