"""What a person is told of an exception."""

from __future__ import annotations

from capsviz.files import CapsvizError


def sentence_of(error: Exception) -> str:
    """One sentence; of an exception that nobody expected, its name and what it says."""
    is_known = isinstance(error, CapsvizError)
    return str(error) if is_known else f"Unexpected error: {error!r:.300}"
