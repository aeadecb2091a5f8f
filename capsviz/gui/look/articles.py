"""Digits as they are said in a sentence."""

from __future__ import annotations


def a_digit(digit: int) -> str:
    """With its article: a 7, but an 8, an 11 and an 18."""
    return f"an {digit}" if digit in (8, 11, 18) or 80 <= digit <= 89 else f"a {digit}"
