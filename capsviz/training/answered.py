"""Which classes an image shows, and whether the longest digit capsules are those."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch.nn.functional import one_hot

if TYPE_CHECKING:
    from torch import Tensor


def present_of(labels: Tensor, classes: int) -> Tensor:
    """T_j of the margin loss: (B, k) int64, all different → (B, J) int64, 1 where present."""
    return one_hot(labels, classes).sum(1)


def are_found(lengths: Tensor, labels: Tensor) -> Tensor:
    """Whether the k longest capsules of an image are those of its k classes, in any order.

    (B, J), (B, k) int64 → (B,) bool
    """
    longest = lengths.topk(labels.shape[1]).indices  # B k
    return (labels.unsqueeze(2) == longest.unsqueeze(1)).any(2).all(1)
