"""A sentence with one thing that can be done about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True, eq=False)
class Offer:
    """Said in a notice.

    Attributes:
        sentence: what there is to say.
        words: on the button.
        take: a bound method, called in the GUI thread when the button is pressed.
    """

    sentence: str
    words: str
    take: Callable[[], None]
