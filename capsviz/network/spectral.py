"""A convolution of stride 2 as products of Fourier coefficients: a third of the multiplications.

Split by the parity of its rows and columns, a convolution of stride 2 is the sum of four of
stride 1, and those are cyclic on a square of N × N places, where N is just large enough that no
wanted output wraps round. There correlation is a product of Fourier coefficients. Those of real
maps come in conjugate pairs, and a complex product takes three real ones (Gauss), so that all is
real: three constant matrices and one batched product,

    Y = out ((ins X) ⊙ (kernels W)),  summed over the channels.

The paper's second convolution has N = 10 and F = 148 products in place of 36 · 81 / 4 = 729.

Letters as in `capsnet.py`; further: K kernel side · N places a side · F products · O maps made
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.autograd import Function
from torch.autograd.function import once_differentiable
from torch.nn.functional import pad

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    Matrix = NDArray[np.floating]


@dataclass(frozen=True, slots=True, eq=False)
class Spectrum:
    """The constant matrices for one size of grid and kernel, as float64.

    Attributes:
        ins: (F, N·N) of the four parts of the input.
        kernels: (F, H·H) of the four parts of a kernel, H = ⌈K / 2⌉.
        out: (G·G, F) back to places.
    """

    ins: Matrix
    kernels: Matrix
    out: Matrix


def multiplications(grid: int, kernel: int, images: int, channels: int, maps: int) -> int:
    """Of one convolution in this way, kernels and transforms included."""
    half = (kernel + 1) // 2
    places = (grid + half - 1) ** 2
    alone = 1 if places % 2 else 4  # frequencies that are their own conjugate
    products = alone + 3 * (places - alone) // 2
    pairs = 4 * channels * maps
    per_image = products * (places * 4 * channels + pairs + grid**2 * maps)
    return images * per_image + products * half**2 * pairs


@cache
def spectrum(grid: int, kernel: int) -> Spectrum:
    """For an output of grid × grid places and a kernel of side `kernel`, stride 2."""
    half = (kernel + 1) // 2
    side = grid + half - 1
    frequencies = [(k, l) for k in range(side) for l in range(side)]  # noqa: E741
    alone = [f for f in frequencies if f == _conjugate(f, side)]
    paired = [f for f in frequencies if f < _conjugate(f, side)]
    own, pair = (_angles(each, side, side) for each in (alone, paired))
    ins = np.concatenate((np.cos(own), np.cos(pair), -np.sin(pair), np.cos(pair) - np.sin(pair)))
    own, pair = (_angles(each, side, half) for each in (alone, paired))
    kernels = np.concatenate(
        (np.cos(own), np.cos(pair), np.sin(pair), np.cos(pair) + np.sin(pair))
    )
    own, pair = (_angles(each, side, grid) for each in (alone, paired))
    cos, sin = 2 * np.cos(pair), 2 * np.sin(pair)
    out = np.concatenate((np.cos(own), cos + sin, sin - cos, -sin)) / side**2
    return Spectrum(ins, kernels, out.T)


def _conjugate(frequency: tuple[int, int], side: int) -> tuple[int, int]:
    return -frequency[0] % side, -frequency[1] % side


def _angles(frequencies: list[tuple[int, int]], side: int, extent: int) -> Matrix:
    """2π (k y + l x) / N for the places y, x below `extent`: (frequencies, extent·extent)."""
    places = np.indices((extent, extent)).reshape(2, -1)
    angles: Matrix = np.array(frequencies).reshape(-1, 2) @ places * (2 * np.pi / side)
    return angles


def convolve(parts: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """A convolution of stride 2 without padding.

    Args:
        parts: (4, N·N, B, C) the input by parity and place: in part 2 p + q at place (y, x)
            stands the pixel (2 y + p, 2 x + q). What no kernel reaches may be anything finite.
        weight: (O, C, K, K).
        bias: (O,).

    Returns:
        (G·G, B, O)
    """
    half = (weight.shape[-1] + 1) // 2
    grid = round(parts.shape[1] ** 0.5) - half + 1
    even = pad(weight, (0, 2 * half - weight.shape[-1]) * 2)
    split = even.view(*weight.shape[:2], half, 2, half, 2)
    taps = split.permute(3, 5, 2, 4, 0, 1).reshape(4, half * half, *weight.shape[:2])  # 4 H·H O C
    result: Tensor = _Convolution.apply(parts, taps, spectrum(grid, weight.shape[-1]))
    return result + bias  # G·G B O


class _Convolution(Function):
    """One parity after the other, and the coefficients made again for the gradient: they are
    larger than what they are made from, and memory that a process has just been given is slower
    to fill than these are to compute.
    """

    @staticmethod
    def forward(
        ctx: Any,  # noqa: ANN401  torch gives it methods as it goes
        parts: Tensor,
        taps: Tensor,
        chosen: Spectrum,
    ) -> Tensor:
        ctx.save_for_backward(parts, taps)
        ctx.chosen = chosen
        ins, kernels, out = _constants(chosen, parts)
        images, maps = parts.shape[2], taps.shape[2]
        total = parts.new_zeros(len(ins), images, maps)  # F B O
        left = right = None
        for part, tap in zip(parts, taps, strict=True):
            left, right = _apply(ins, part, left), _apply(kernels, tap, right)  # F B C, F O C
            total.baddbmm_(left, right.transpose(1, 2))
        return _apply(out, total)  # G·G B O

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:  # noqa: ANN401
        with torch.autocast("cpu", enabled=False):  # someone may ask for gradients under it
            parts, taps = ctx.saved_tensors
            below, total = _gradients(parts, taps, gradient, ctx.chosen)
        return below, total, None


def _gradients(
    parts: Tensor, taps: Tensor, gradient: Tensor, chosen: Spectrum
) -> tuple[Tensor, Tensor]:
    """Of the parts and the taps."""
    ins, kernels, out = _constants(chosen, parts)
    arriving = _apply(out.T, gradient)  # F B O
    below, total = torch.empty_like(parts), torch.empty_like(taps)
    left = right = given = None
    for number, (part, tap) in enumerate(zip(parts, taps, strict=True)):
        left, right = _apply(ins, part, left), _apply(kernels, tap, right)
        given = torch.bmm(arriving, right, out=given)  # F B C
        _apply(ins.T, given, below[number])
        right = torch.bmm(arriving.transpose(1, 2), left, out=right)  # F O C
        _apply(kernels.T, right, total[number])
    return below, total


def _constants(chosen: Spectrum, like: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    ins, kernels, out = (
        torch.from_numpy(each).to(like) for each in (chosen.ins, chosen.kernels, chosen.out)
    )
    return ins, kernels, out


def _apply(matrix: Tensor, tensor: Tensor, into: Tensor | None = None) -> Tensor:
    """Over the first dimension: (m, n), (n, ...) → (m, ...), into memory at hand if there is."""
    flat = None if into is None else into.view(len(matrix), -1)
    return torch.mm(matrix, tensor.reshape(len(tensor), -1), out=flat).view(-1, *tensor.shape[1:])
