"""MNIST fetched from where torchvision fetches it, with progress, cancel and resume."""

from __future__ import annotations

import hashlib
import http.client
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING

from capsviz.data.mnist import has_mnist
from capsviz.files import CapsvizError, one_line, read_bytes, write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOTAL_BYTES = 11_594_722
"""Of the four files together, packed."""

_FOLDER = "MNIST/raw"  # in the data folder, as torchvision has it
_CHUNK = 2**16  # bytes
_TIMEOUT = 3.0  # seconds without a byte; a person who cancels waits for it
_LIMIT = 2**26  # bytes of one file
_TRIES = 3  # of one mirror, each going on where the last one broke off
_PARTIAL = ".part"
_FAULTS = (OSError, http.client.HTTPException, ValueError)  # of a connection, or an address


@dataclass(frozen=True, slots=True)
class Fetched:
    """How far a download has come.

    Attributes:
        file: the one that is being fetched.
        done: bytes of all files that are here.
        total: bytes of all files.
    """

    file: str
    done: int
    total: int = TOTAL_BYTES


def fetch_mnist(folder: Path) -> Iterator[Fetched]:
    """Fetch the files of MNIST that are missing into `folder`; stop asking to cancel.

    What a broken connection or a cancelled download leaves is kept, and the next attempt goes
    on from there. Every file is checked against its known MD5 before it takes its name.

    Args:
        folder: a data folder; the files go to MNIST/raw in it, as torchvision has them.

    Yields:
        Fetched, some twenty times a megabyte.

    Raises:
        CapsvizError: no connection, wrong content from every mirror, or a full disk.
    """
    if has_mnist(folder):
        return
    from torchvision.datasets import MNIST  # two seconds to import, needed for this alone

    done = 0
    for name, md5 in MNIST.resources:
        target = folder / _FOLDER / name
        if not _is_whole(target, md5):
            for size in _fetched_file(target, md5, MNIST.mirrors):
                yield Fetched(name, done + size)
        done += target.stat().st_size
        yield Fetched(name, done)


def _fetched_file(target: Path, md5: str, mirrors: list[str]) -> Iterator[int]:
    """The file's size so far, until it is whole and has its name."""
    partial = target.with_name(target.name + _PARTIAL)
    received = bytearray(read_bytes(partial, _LIMIT) if partial.exists() else b"")
    try:
        yield from _from_any(mirrors, target.name, md5, received)
        write_atomically(target, bytes(received))
        received.clear()
    except _FAULTS as error:
        raise CapsvizError(
            f"MNIST could not be downloaded to {target.parent} ({_words(error)}); check the "
            "connection and try again, or choose a folder that holds the four files "
            "(on the command line: --data-dir FOLDER)."
        ) from error
    finally:
        if received:
            write_atomically(partial, bytes(received))
        else:
            partial.unlink(missing_ok=True)


def _from_any(mirrors: list[str], name: str, md5: str, received: bytearray) -> Iterator[int]:
    """Fill `received` from the first mirror that has the right content."""
    fault: Exception = ValueError("torchvision knows no mirror")
    if hashlib.md5(received, usedforsecurity=False).hexdigest() == md5:
        return
    for address in [mirror + name for mirror in mirrors for _ in range(_TRIES)]:
        try:
            yield from _received(address, received)
            if hashlib.md5(received, usedforsecurity=False).hexdigest() == md5:
                return
            received.clear()  # of another file, or spoilt on its way: begin again
            raise ValueError("what came does not have the known checksum")
        except urllib.error.HTTPError as error:
            error.close()  # it is the answer too, with its connection
            received.clear()
            fault = error
        except _FAULTS as error:
            fault = error
        yield len(received)  # where a person can cancel, before the next try
    raise fault


def _received(address: str, received: bytearray) -> Iterator[int]:
    """Go on behind what is there, if the server can."""
    request = urllib.request.Request(address)
    if received:
        request.add_header("Range", f"bytes={len(received)}-")
    with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:
        if answer.status != http.HTTPStatus.PARTIAL_CONTENT:
            received.clear()
        while chunk := answer.read(_CHUNK):
            received += chunk
            if len(received) > _LIMIT:
                received.clear()
                raise ValueError("far more came than MNIST has")
            yield len(received)
        if answer.length:
            raise ConnectionError("the connection broke")


def _is_whole(path: Path, md5: str) -> bool:
    if not path.is_file():
        return False
    content = read_bytes(path, _LIMIT)
    return hashlib.md5(content, usedforsecurity=False).hexdigest() == md5


def _words(error: Exception) -> str:
    if isinstance(error, urllib.error.URLError) and error.reason:
        return one_line(error.reason)
    return one_line(error)
