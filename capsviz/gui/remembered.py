"""What settings kept from one start to the next, as far as it is still what was kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray

if TYPE_CHECKING:
    from PySide6.QtCore import QSettings


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
