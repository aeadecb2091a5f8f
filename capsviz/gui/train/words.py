"""Times and sizes as people say them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from capsviz.training.progress import Comparison

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


def spoken_comparison(comparison: Comparison) -> str:
    """What a fine-tuning has changed, on MNIST and on one's own drawings."""
    before, after = comparison.before, comparison.after
    mnist = f"{spoken_share(before.mnist_error)} → {spoken_share(after.mnist_error)}"
    told = f"Errors before → after: {mnist} of {after.mnist_n} MNIST digits"
    if not comparison.is_unseen:
        told += ", which the network before may have been trained on"
    if before.own_error is None or after.own_error is None:
        return f"{told}; correct ten drawings, and some are held out to be measured on too."
    own = f"{spoken_share(before.own_error)} → {spoken_share(after.own_error)}"
    return f"{told}, {own} of {after.own_n} of your own."
