"""What settings kept from one start to the next, as far as it is still what was kept."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray

if TYPE_CHECKING:
    from PySide6.QtCore import QSettings

_SEAL = 4  # bytes


def remembered_number(settings: QSettings, name: str, usual: int) -> int:
    """The whole number kept by this name, or else the usual one."""
    try:
        return int(str(settings.value(name, usual)))
    except ValueError:
        return usual


def remembered_bytes(settings: QSettings, name: str) -> QByteArray | None:
    """The bytes kept by this name; None if there are none, or a hand has put words there."""
    kept = settings.value(name)
    return kept if isinstance(kept, QByteArray) else None


def sealed(content: QByteArray) -> QByteArray:
    """The same with a checksum before it, for what Qt does not check as it reads it."""
    whole = bytes(content.data())
    return QByteArray(_checksum(whole) + whole)


def unsealed(kept: QByteArray | None) -> QByteArray | None:
    """What was sealed; None if it is no longer that."""
    whole = b"" if kept is None else bytes(kept.data())
    seal, content = whole[:_SEAL], whole[_SEAL:]
    return QByteArray(content) if seal == _checksum(content) else None


def _checksum(content: bytes) -> bytes:
    return zlib.crc32(content).to_bytes(_SEAL, "big")
