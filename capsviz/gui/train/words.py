"""Times and sizes as people say them."""

from __future__ import annotations

_MINUTE, _HOUR = 60, 3600


def spoken_time(seconds: float) -> str:
    """About how long: "8 s", "2 min 10 s", "1 h 20 min", "3 days"."""
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < 10 * _MINUTE:
        rest = whole % _MINUTE // 10 * 10
        return f"{whole // _MINUTE} min" + (f" {rest} s" if rest else "")
    if whole < _HOUR:
        return f"{round(whole / _MINUTE)} min"
    if whole < 48 * _HOUR:
        rest = whole % _HOUR // _MINUTE
        return f"{whole // _HOUR} h" + (f" {rest} min" if rest else "")
    return f"{whole / 24 / _HOUR:.0f} days"


def spoken_size(size: float) -> str:
    """About how many bytes: "820 KB", "35 MB", "1.4 GB"."""
    if size < 1e6:
        return f"{size / 1e3:.0f} KB"
    return f"{size / 1e6:.0f} MB" if size < 1e9 else f"{size / 1e9:.1f} GB"


def spoken_share(share: float) -> str:
    """A share of one in per cent, with as many figures as tell something."""
    return f"{100 * share:.1f} %" if share >= 0.1 else f"{100 * share:.2f} %"
