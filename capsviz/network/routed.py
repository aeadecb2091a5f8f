"""Routing by agreement with its gradient written out by hand.

Autograd writes the gradient of all votes 2R - 1 times and adds them up; here they are one
product. 128 images on one core with their gradient: 0.37 s in place of 0.61 s.

Letters at line ends as in `capsnet.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from capsviz.network.capsnet import agreement, squash
from capsviz.network.streamed import can_route_streaming, routed_streaming

if TYPE_CHECKING:
    from collections.abc import Sequence

# Votes of 16 images of the paper's network stay in the last-level cache of a processor. Fewer are
# no faster, and their many short operations suffer when other work wants the cores: so does a
# small network, of which therefore as many images are routed at once as make such votes.
_VOTES_ROUTED = 16 * 1152 * 160
_VOTES_ROUTED_ON_CUDA = 128 * 1152 * 160


def routed(primary: Tensor, weight: Tensor, classes: int, iterations: int) -> Tensor:
    """Poses after the last iteration: (B, I, P), (I, P, J·D) → (B, J, D).

    Args:
        primary: fp32, on a CPU or a CUDA device.
        weight: of `DigitCapsules`.
        classes: J.
        iterations: 1 … 10.
    """
    by_kernels = can_route_streaming(primary, weight, classes)
    if torch.is_grad_enabled():
        if by_kernels:
            return routed_streaming(primary, weight, classes, iterations)
        result: Tensor = _Routing.apply(primary, weight, classes, iterations)
        return result
    chunks = primary.split(_at_once(weight))
    if by_kernels:
        return torch.cat([routed_streaming(part, weight, classes, iterations) for part in chunks])
    return torch.cat([_route(part, weight, classes, iterations)[-1] for part in chunks])


def _at_once(weight: Tensor) -> int:
    """How many images are routed together."""
    votes = _VOTES_ROUTED_ON_CUDA if weight.is_cuda else _VOTES_ROUTED
    return max(1, votes // (weight.shape[0] * weight.shape[2]))


class _Routing(Function):
    @staticmethod
    def forward(
        ctx: Any,  # noqa: ANN401  torch gives it methods as it goes
        primary: Tensor,
        weight: Tensor,
        classes: int,
        iterations: int,
    ) -> Tensor:
        chunks = primary.split(_at_once(weight))
        kept = [_route(part, weight, classes, iterations) for part in chunks]
        ctx.save_for_backward(primary, weight, *(tensor for part in kept for tensor in part))
        return torch.cat([part[-1] for part in kept])  # B J D

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:  # noqa: ANN401
        # someone may ask for gradients under it
        with torch.autocast(gradient.device.type, enabled=False):
            primary, weight, *kept = ctx.saved_tensors
            below, total = _gradients(primary, weight, kept, gradient)
        return below, total, None, None


def _gradients(
    primary: Tensor, weight: Tensor, kept: Sequence[Tensor], gradient: Tensor
) -> tuple[Tensor, Tensor]:
    """Of the primary capsules and the weights."""
    images = _at_once(weight)
    chunks = primary.split(images)
    each = len(kept) // len(chunks)
    below, total = [], torch.zeros_like(weight)  # I P J·D
    for number, (part, arriving) in enumerate(zip(chunks, gradient.split(images), strict=True)):
        votes = _votes_gradient(kept[number * each : (number + 1) * each], arriving)
        by_input = votes.permute(2, 0, 1, 3).flatten(2)  # I B J·D
        total.baddbmm_(part.permute(1, 2, 0), by_input)
        below.append((by_input @ weight.transpose(1, 2)).transpose(0, 1))  # B I P
    return torch.cat(below), total


def _route(primary: Tensor, weight: Tensor, classes: int, iterations: int) -> list[Tensor]:
    """Votes (B, J, I, D); then couplings, s and poses of each iteration, as in `route`."""
    products = torch.bmm(primary.transpose(0, 1), weight)  # I B J·D
    votes = products.unflatten(2, (classes, -1)).permute(1, 2, 0, 3).contiguous()  # B J I D
    kept, logits = [votes], votes.new_zeros(votes.shape[:-1])
    for iteration in range(iterations):
        couplings = logits.softmax(dim=1)  # B J I
        s = _weighted_sum(couplings, votes)
        poses = squash(s)
        kept += [couplings, s, poses]
        if iteration < iterations - 1:
            logits = logits + agreement(votes, poses)
    return kept


def _votes_gradient(kept: Sequence[Tensor], arriving: Tensor) -> Tensor:
    """(B, J, D) gradient of the last poses → (B, J, I, D) gradient of the votes."""
    votes, steps = kept[0], list(zip(kept[1::3], kept[2::3], kept[3::3], strict=True))
    weights, vectors = [], []  # the gradient is Σ weights ⊗ vectors
    logits = torch.zeros(())
    for number, (couplings, s, poses) in reversed(list(enumerate(steps))):
        if poses is not steps[-1][2]:  # b grew by û·v
            weights.append(logits)
            vectors.append(poses)
            arriving = _weighted_sum(logits, votes)
        through = _squash_gradient(s, arriving)
        weights.append(couplings)
        vectors.append(through)
        if number:  # b is 0 in the first iteration, whatever the weights
            shares = couplings * agreement(votes, through)
            logits = logits + shares - couplings * shares.sum(dim=1, keepdim=True)  # softmax
    return torch.stack(weights, 3) @ torch.stack(vectors, 2)


def _weighted_sum(weights: Tensor, votes: Tensor) -> Tensor:
    """Σ_i w_ij û_{j|i}: (B, J, I), (B, J, I, D) → (B, J, D)."""
    return (weights.unsqueeze(2) @ votes).squeeze(2)


def _squash_gradient(s: Tensor, arriving: Tensor) -> Tensor:
    """Gradient of s (B, J, D) from that of v = squash(s)."""
    with torch.enable_grad():
        leaf = s.detach().requires_grad_()
        (gradient,) = torch.autograd.grad(squash(leaf), leaf, arriving)
    return gradient
