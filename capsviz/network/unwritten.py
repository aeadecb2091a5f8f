"""Routing on a CUDA device without votes in memory, where Triton is there to compile its kernels.

128 images of the paper's network have 94 MB of votes, which the plain way writes once and reads
ten times with its gradient; here the gradient of W alone takes as much, once.

Letters at line ends as in `capsnet.py`; n parts whose sums are added up
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from capsviz.network.capsnet import route, squash

if TYPE_CHECKING:
    from types import ModuleType

_TILE = 2048  # numbers of one block of votes: 32 registers of each of 64 threads
_INPUTS = 8  # primary capsules that one program adds up
_WARPS = 2  # of 32 threads, for one block
_MOST_UNITS = 16  # of a primary capsule, for which loops are rolled out


def routed_unwritten(primary: Tensor, weight: Tensor, classes: int, iterations: int) -> Tensor:
    """Poses after the last iteration: (B, I, P), (I, P, J·D) → (B, J, D), fp32 on the device."""
    result: Tensor = _Unwritten.apply(primary, weight, classes, iterations)
    return result


def can_route_unwritten(primary: Tensor, weight: Tensor, classes: int) -> bool:
    """Whether the sizes suit the kernels, and they can be compiled here."""
    if not primary.is_cuda or primary.shape[2] > _MOST_UNITS:
        return False
    units, dims = primary.shape[2], weight.shape[2] // classes
    is_small = _filled(classes) * _filled(dims) <= _TILE and _fits(primary, weight, classes)
    return is_small and _compiles(primary.device, units, classes, dims)


def _fits(primary: Tensor, weight: Tensor, classes: int) -> bool:
    """Whether the gradient of W, in a slice for each block of images, is not far larger than the
    votes would be; and whether the kernels can count its numbers.
    """
    images, inputs, units = primary.shape
    block = _block(classes, weight.shape[2] // classes)
    slices = -(-images // block) * weight.numel()
    votes = images * inputs * weight.shape[2]
    return units <= 2 * block and max(slices, votes) < 2**31


@lru_cache(maxsize=16)
def _compiles(device: torch.device, units: int, classes: int, dims: int) -> bool:
    """Triton wants a CUDA device that it knows and a C compiler; without, all goes plainly."""
    try:
        with torch.inference_mode(False):  # whoever asks first, may only want answers
            return _is_right(device, units, classes, dims)
    except torch.OutOfMemoryError:  # that may pass
        raise
    except Exception:  # whatever a compiler or its absence may raise
        return False


def _is_right(device: torch.device, units: int, classes: int, dims: int) -> bool:
    """Whether a few votes give what plain routing gives in float64, its gradient included."""
    generator = torch.Generator().manual_seed(0)
    shapes = (3, 5, units), (5, units, classes * dims), (3, classes, dims)
    primary, weight, arriving = (torch.randn(shape, generator=generator) for shape in shapes)
    wanted = _plainly(primary.double() / 4, weight.double() / 4, classes, arriving.double())
    work = _Routing((primary / 4).to(device), (weight / 4).to(device), classes, 3)
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


class _Unwritten(Function):
    @staticmethod
    def forward(
        ctx: Any,  # noqa: ANN401  torch gives it methods as it goes
        primary: Tensor,
        weight: Tensor,
        classes: int,
        iterations: int,
    ) -> Tensor:
        work = _Routing(primary, weight, classes, iterations)
        ctx.save_for_backward(primary, weight, *work.sums, *work.poses)
        ctx.classes = classes
        return work.poses[-1]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, arriving: Tensor) -> tuple[Tensor | None, ...]:  # noqa: ANN401
        primary, weight, *kept = ctx.saved_tensors
        half = len(kept) // 2
        work = _Routing(primary, weight, ctx.classes, half, kept[:half], kept[half:])
        return (*work.gradients(arriving), None, None)


class _Routing:
    """One routing of a batch, and its gradient.

    Args:
        primary: (B, I, P) u_i.
        weight: (I, P, J·D) W_ij.
        classes: J.
        iterations: R.
        sums, poses: of an earlier routing of the same; made if None.
    """

    def __init__(
        self,
        primary: Tensor,
        weight: Tensor,
        classes: int,
        iterations: int,
        sums: list[Tensor] | None = None,
        poses: list[Tensor] | None = None,
    ) -> None:
        self._primary, self._weight = primary.contiguous(), weight.contiguous()
        images, self._inputs, self._units = primary.shape
        self._shape = images, classes, weight.shape[2] // classes  # B J D
        self.sums: list[Tensor] = sums or []  # of s, R times B J D
        self.poses: list[Tensor] = poses or []  # of v, R times B J D
        if not self.sums:
            self._route(iterations)

    def _route(self, iterations: int) -> None:
        self._step(self._first_sum())
        earlier = self.poses[0]  # B J D  V, whose û·V are the logits
        for _ in range(1, iterations):
            self._step(self._added("sum_votes", earlier))
            earlier = earlier + self.poses[-1]

    def _step(self, sums: Tensor) -> None:
        self.sums.append(sums)
        self.poses.append(squash(sums))

    def _first_sum(self) -> Tensor:
        """The first s, as all c are 1/J: a plain product over all i and units, B J D."""
        product = self._primary.flatten(1) @ self._weight.flatten(0, 1)  # B J·D
        return product.view(self._shape) / self._shape[1]

    def gradients(self, arriving: Tensor) -> tuple[Tensor, Tensor]:
        """Of u and W, from that of the last poses (B, J, D)."""
        arriving = arriving.contiguous()
        earlier = [torch.zeros_like(arriving)]
        for poses in self.poses[:-1]:
            earlier.append(earlier[-1] + poses)
        through: list[Tensor] = []
        for number in reversed(range(len(self.sums))):
            through.insert(0, squash_gradient(self.sums[number], arriving))
            if number:  # the first logits are 0, whatever the poses
                passed = self._added("sum_gradients", earlier[number], through[0])
                # V of an iteration holds the poses of all before: what comes by later ones stays
                arriving = passed if number == len(self.sums) - 1 else arriving + passed
        return self._finished(torch.stack(earlier), torch.stack(through))

    def _added(self, kernel: str, *vectors: Tensor) -> Tensor:
        """What a kernel sums over all primary capsules: B J D."""
        parts = -(-self._inputs // _INPUTS)
        sums = self._primary.new_empty(parts, *self._shape)
        given = (vector.contiguous() for vector in vectors)  # the kernel counts on it
        self._launch(kernel, (parts, self._blocks), *given, sums, inputs=_INPUTS)
        return sums.sum(0)

    def _finished(self, earlier: Tensor, through: Tensor) -> tuple[Tensor, Tensor]:
        below = torch.empty_like(self._primary)
        change = self._weight.new_empty(self._blocks, *self._weight.shape)
        grid = (self._inputs, self._blocks)
        iterations = len(self.sums)
        self._launch(
            "finish_gradients", grid, earlier, through, below, change, iterations=iterations
        )
        return below, change.sum(0)

    def _launch(self, kernel: str, grid: tuple[int, int], *tensors: Tensor, **sizes: int) -> None:
        images, classes, dims = self._shape
        run = getattr(_kernels(), kernel)[grid]
        sizes |= {"units": self._units, "width": _filled(classes), "depth": _filled(dims)}
        counts = (self._inputs, images, classes, dims)
        with torch.cuda.device_of(self._primary):
            run(
                self._primary,
                self._weight,
                *tensors,
                *counts,
                block=self._block,
                num_warps=_WARPS,
                **sizes,
            )

    @property
    def _block(self) -> int:
        return _block(*self._shape[1:])

    @property
    def _blocks(self) -> int:
        return -(-self._shape[0] // self._block)


def _block(classes: int, dims: int) -> int:
    """Images of one block."""
    return max(1, _TILE // (_filled(classes) * _filled(dims)))


@lru_cache(maxsize=1)
def _kernels() -> ModuleType:
    return import_module("capsviz.network.kernels")


def _filled(size: int) -> int:
    """The next power of two."""
    return 1 << (size - 1).bit_length()


def squash_gradient(s: Tensor, arriving: Tensor) -> Tensor:
    """Gradient of s (B, J, D) from that of v = squash(s)."""
    with torch.enable_grad():
        leaf = s.detach().requires_grad_()
        (gradient,) = torch.autograd.grad(squash(leaf), leaf, arriving)
    return gradient
