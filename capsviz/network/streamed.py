"""Routing on a CUDA device by Triton's kernels, where Triton is there to compile them.

Autograd reads the votes ten times, writes their gradient five times and squashes by twenty small
kernels; here each iteration reads the votes once, there and back, their gradient is written once,
and a squash is one kernel. What that gains is in resources/docs/speed.md.

Letters at line ends as in `capsnet.py`; further: n parts whose sums are added up, R iterations.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from capsviz.network.capsnet import route

if TYPE_CHECKING:
    from types import ModuleType

_TILE = 1024  # numbers of one block of votes
_WARPS = 2  # of 32 threads, for one block
_INPUTS = 16  # primary capsules that one program adds up
_NUMBERS = 64  # of one block of vectors to be squashed
_TOGETHER = 32  # parts that are added up at once


def routed_streaming(primary: Tensor, weight: Tensor, classes: int, iterations: int) -> Tensor:
    """Poses after the last iteration: (B, I, P), (I, P, J·D) → (B, J, D), fp32 on the device."""
    result: Tensor = _Routing.apply(primary, weight, classes, iterations)
    return result


def can_route_streaming(primary: Tensor, weight: Tensor, classes: int) -> bool:
    """Whether the sizes suit the kernels, and they can be compiled here."""
    if not primary.is_cuda or not _fits(primary, weight, classes):
        return False
    return _compiles(primary.device, classes, weight.shape[2] // classes)


def _fits(primary: Tensor, weight: Tensor, classes: int) -> bool:
    """Whether a block can hold the votes of one capsule, and the kernels can count all votes."""
    block = _filled(classes) * _filled(weight.shape[2] // classes)
    votes = primary.shape[0] * primary.shape[1] * weight.shape[2]
    return block <= _TILE and votes < 2**31


@lru_cache(maxsize=16)
def _compiles(device: torch.device, classes: int, dims: int) -> bool:
    """Triton wants a CUDA device that it knows and a C compiler; without, all goes plainly."""
    try:
        with torch.inference_mode(False):  # whoever asks first, may only want answers
            return _is_right(device, classes, dims)
    except torch.OutOfMemoryError:  # that may pass
        raise
    except Exception:  # whatever a compiler or its absence may raise
        return False


def _is_right(device: torch.device, classes: int, dims: int) -> bool:
    """Whether a few votes give what plain routing gives in float64, its gradient included."""
    generator = torch.Generator().manual_seed(0)
    shapes = (3, 5, 4), (5, 4, classes * dims), (3, classes, dims)
    primary, weight, arriving = (torch.randn(shape, generator=generator) for shape in shapes)
    wanted = _plainly(primary.double() / 4, weight.double() / 4, classes, arriving.double())
    work = _Passes((primary / 4).to(device), (weight / 4).to(device), classes, 3)
    found = (work.poses[-1], *work.gradients(arriving.to(device)))
    pairs = zip(found, wanted, strict=True)
    return all(bool((one.cpu() - exact).abs().max() < 1e-4) for one, exact in pairs)


def _plainly(
    primary: Tensor, weight: Tensor, classes: int, arriving: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Poses of three iterations, and the gradients of u and W by autograd."""
    with torch.enable_grad():
        leaves = primary.requires_grad_(), weight.requires_grad_()
        votes = torch.einsum("bip,ipn->bin", *leaves).unflatten(2, (classes, -1))  # B I J D
        *_, (_, _, poses) = route(votes.transpose(1, 2), 3)
        below, change = torch.autograd.grad(poses, leaves, arriving)
    return poses.detach(), below, change


class _Routing(Function):
    @staticmethod
    def forward(
        ctx: Any,  # noqa: ANN401  torch gives it methods as it goes
        primary: Tensor,
        weight: Tensor,
        classes: int,
        iterations: int,
    ) -> Tensor:
        ctx.work = work = _Passes(primary, weight, classes, iterations)
        ctx.save_for_backward(primary, weight)  # for torch to notice if they change meanwhile
        return work.poses[-1]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, arriving: Tensor) -> tuple[Tensor | None, ...]:  # noqa: ANN401
        _ = ctx.saved_tensors
        return (*ctx.work.gradients(arriving), None, None)


class _Passes:
    """One routing of a batch, and its gradient.

    Args:
        primary: (B, I, P) u_i.
        weight: (I, P, J·D) W_ij.
        classes: J.
        iterations: R.

    Attributes:
        poses: (R, B, J, D) v of each iteration.
    """

    def __init__(self, primary: Tensor, weight: Tensor, classes: int, iterations: int) -> None:
        self._primary, self._weight = primary, weight.contiguous()
        images, self._inputs, self._units = primary.shape
        self._shape = images, classes, weight.shape[2] // classes  # B J D
        self._votes = primary.new_empty(0)
        self.poses, self._sums = (primary.new_empty(iterations, *self._shape) for _ in range(2))
        # V before and after each iteration; the logits are û·V
        self._above = primary.new_empty(iterations + 1, *self._shape)
        self._above[0].zero_()
        self._route(iterations)

    def _route(self, iterations: int) -> None:
        product = self._primary.flatten(1) @ self._weight.flatten(0, 1)  # B J·D, as all c are 1/J
        self._squash(0, product.view(1, *self._shape), 1 / self._shape[1])
        if iterations > 1:
            self._votes = torch.bmm(self._primary.transpose(0, 1), self._weight)  # I B J·D
        for t in range(1, iterations):
            self._squash(t, self._added(self._above[t], self._above[t], gradient=False))

    def _squash(self, t: int, parts: Tensor, share: float = 1.0) -> None:
        given = parts, self._sums[t], self.poses[t], self._above[t], self._above[t + 1]
        self._over_vectors("squash_sums", *given, len(parts), share)

    def gradients(self, arriving: Tensor) -> tuple[Tensor, Tensor]:
        """Of u and W, from that of the last poses (B, J, D)."""
        base, parts = arriving.contiguous(), self._primary.new_empty(0)
        through = torch.empty_like(self._sums)
        for t in reversed(range(len(self._sums))):
            arrived = torch.empty_like(base)
            given = parts, base, self._sums[t], arrived, through[t]
            self._over_vectors("unsquash_sums", *given, len(parts))
            if t:
                # V of an iteration holds the poses of all before: what comes by later ones stays
                parts = self._added(self._above[t], through[t], gradient=True)
                base = torch.zeros_like(base) if t == len(self._sums) - 1 else arrived
        return self._finished(through)

    def _finished(self, through: Tensor) -> tuple[Tensor, Tensor]:
        """Gradients of u and W, by those of the votes."""
        if len(through) == 1:
            changes = (through[0] / self._shape[1]).flatten(1).expand(self._inputs, -1, -1)
        else:
            changes = torch.empty_like(self._votes)
            given = self._votes, self._above, through, changes
            self._over_votes("vote_gradients", *given, iterations=len(through))
        below = torch.bmm(changes, self._weight.transpose(1, 2)).transpose(0, 1)  # B I P
        return below, torch.bmm(self._primary.permute(1, 2, 0), changes)

    def _added(self, above: Tensor, through: Tensor, gradient: bool) -> Tensor:
        """Σ_i w_ij û_{j|i}, in parts: n B J D."""
        sums = self._primary.new_empty(-(-self._inputs // _INPUTS), *self._shape)
        self._over_votes("sum_votes", self._votes, above, through, sums, gradient=gradient)
        return sums

    def _over_votes(self, kernel: str, *tensors: Tensor, **options: int) -> None:
        images, classes, dims = self._shape
        width, depth = _filled(classes), _filled(dims)
        block = max(1, _TILE // (width * depth))
        grid = -(-self._inputs // _INPUTS), -(-images // block)
        sizes = {"classes": classes, "dims": dims, "width": width, "depth": depth}
        sizes |= {"block": block, "inputs": _INPUTS} | options
        _launch(kernel, grid, *tensors, self._inputs, images, **sizes)

    def _over_vectors(self, kernel: str, *given: Tensor | float) -> None:
        images, classes, dims = self._shape
        vectors, depth = images * classes, _filled(dims)
        block = max(1, _NUMBERS // depth)
        sizes = {"dims": dims, "depth": depth, "block": block, "together": _TOGETHER}
        _launch(kernel, (-(-vectors // block), 1), *given, vectors, **sizes)


def _launch(kernel: str, grid: tuple[int, int], *given: Tensor | float, **sizes: int) -> None:
    first = given[0]
    assert isinstance(first, Tensor)
    with torch.cuda.device_of(first):
        getattr(_kernels(), kernel)[grid](*given, **sizes, num_warps=_WARPS)


@lru_cache(maxsize=1)
def _kernels() -> ModuleType:
    return import_module("capsviz.network.kernels")


def _filled(size: int) -> int:
    """The next power of two."""
    return 1 << (size - 1).bit_length()
