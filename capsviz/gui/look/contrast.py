"""How well colours stand out from one another, and what to do where they do not."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtGui import QColor

_WORDS = 4.5  # to 1, that small words need (WCAG 2.2)
_STEPS = 20


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours, 1 … 21 (WCAG 2.2)."""
    bright, dim = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def _luminance(colour: str) -> float:
    of = QColor(colour)
    return (
        0.2126 * _linear(of.redF()) + 0.7152 * _linear(of.greenF()) + 0.0722 * _linear(of.blueF())
    )


def _linear(part: float) -> float:
    """One sRGB component without its transfer curve."""
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def mixed(first: str, second: str, share: float = 0.5) -> str:
    """The colour between two that has this share, 0 … 1, of the second; half way if not told."""
    one, other = QColor(first), QColor(second)
    return QColor(
        int(one.red() + (other.red() - one.red()) * share),
        int(one.green() + (other.green() - one.green()) * share),
        int(one.blue() + (other.blue() - one.blue()) * share),
    ).name()


@lru_cache
def readable(colour: str, words: str, ground: str) -> str:
    """The colour, as far towards that of words as it takes to be read in small letters."""
    nearer = (mixed(colour, words, step / _STEPS) for step in range(_STEPS))
    return next((one for one in nearer if contrast(one, ground) >= _WORDS), words)
