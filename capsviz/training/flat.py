"""Sharpness-aware minimisation (Foret, Kleiner, Mobahi & Neyshabur 2021, arXiv 2010.01412)."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from torch import Tensor

_LEAST_NORM = 1e-12  # where every loss is 0 there is no way uphill


@contextmanager
def uphill(weights: Sequence[Tensor], radius: float) -> Iterator[None]:
    """Move the weights by ρ g / ‖g‖₂ meanwhile (their equation 2, p = 2); then back to the bit.

    A step along the gradient that is found there lowers the loss in a whole neighbourhood: few
    training digits read wrongly no longer mean that nothing is left to learn.

    Args:
        weights: with their gradients g in `grad`; those without one stay where they are.
        radius: ρ > 0, the length of the move, over all weights together.
    """
    with torch.no_grad():
        steepest = [(w, w.grad) for w in weights if w.grad is not None]
        norm = torch.stack([g.norm() for _, g in steepest]).norm().clamp(min=_LEAST_NORM)
        moves = [g * (radius / norm) for _, g in steepest]
        origin = [w.clone() for w, _ in steepest]  # by now all memory is there
    try:
        with torch.no_grad():
            for (weight, _), move in zip(steepest, moves, strict=True):
                weight.add_(move)
        yield
    finally:
        with torch.no_grad():
            for (weight, _), before in zip(steepest, origin, strict=True):
                weight.copy_(before)
