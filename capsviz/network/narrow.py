"""The second convolution in bf16: operands and results are, and sums fp32.

As torch's own convolution under autocast, but for the gradient of the weights: 0.07 s in place of
0.12 s for 128 images of the paper's network on two cores with bf16 units, whose fastest matrix
products take 0.06 s for it.

Letters as in `capsnet.py`; further: K kernel side · O maps made
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch.autograd import Function
from torch.autograd.function import once_differentiable
from torch.nn.functional import conv2d, conv_transpose2d

if TYPE_CHECKING:
    from torch import Tensor

_LAST = torch.channels_last  # so that the numbers of a place, which are summed over, lie in a row


def convolve_narrow(features: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """A convolution of stride 2 without padding: (B, C, H, H), (O, C, K, K), (O,) → (B, O, G, G).

    Args:
        features: bf16; in the order B H H C, or they are copied.
        weight: fp32.
        bias: fp32.

    Returns:
        bf16, in the order B G G O.
    """
    result: Tensor = _Convolution.apply(features, weight, bias)
    return result


def rounded(tensor: Tensor) -> Tensor:
    """To the nearest bf16, as fp32; so is the gradient.

    With it fp32 products give the numbers of bf16 products but for the order of their sums. So a
    processor without bf16 units does what others do: its emulation of bf16 takes a hundred times
    as long.
    """
    result: Tensor = _Rounding.apply(tensor)
    return result


class _Rounding(Function):
    @staticmethod
    def forward(_ctx: Any, tensor: Tensor) -> Tensor:  # noqa: ANN401  as below
        return tensor.bfloat16().float()

    @staticmethod
    @once_differentiable
    def backward(_ctx: Any, gradient: Tensor) -> Tensor:  # noqa: ANN401
        return gradient.bfloat16().float()


class _Convolution(Function):
    @staticmethod
    def forward(
        ctx: Any,  # noqa: ANN401  torch gives it methods as it goes
        features: Tensor,
        weight: Tensor,
        bias: Tensor,
    ) -> Tensor:
        features = features.contiguous(memory_format=_LAST)
        weight = weight.to(torch.bfloat16, memory_format=_LAST)
        ctx.save_for_backward(features, weight)
        return conv2d(features, weight, bias.bfloat16(), stride=2)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, ...]:  # noqa: ANN401
        features, weight = ctx.saved_tensors
        gradient = gradient.contiguous(memory_format=_LAST)
        reached = 2 * (gradient.shape[-1] - 1) + weight.shape[-1]
        spare = features.shape[-1] - reached  # what no kernel reaches
        below = conv_transpose2d(gradient, weight, stride=2, output_padding=spare)
        taps = _weight_gradient(features, gradient, weight.shape[-1])
        return below, taps, gradient.sum((0, 2, 3), dtype=torch.float32)


def _weight_gradient(features: Tensor, gradient: Tensor, kernel: int) -> Tensor:
    """(B, C, H, H), (B, O, G, G) → fp32 (O, C, K, K): a product for each row of the kernel.

    All rows at once would lay every patch out, 191 MB for 128 images of the paper's network.
    """
    grid, columns = gradient.shape[-1], gradient.permute(1, 0, 2, 3).flatten(1)  # O B·G·G
    products = []
    for row in range(kernel):
        seen = features[:, :, row : row + 2 * grid - 1 : 2]  # B C G H
        patches = seen.unfold(3, kernel, 2)  # B C G G K
        patches = patches.permute(0, 2, 3, 4, 1).flatten(3).flatten(0, 2)  # B·G·G K·C
        products.append((columns @ patches).float())  # O K·C
    taps: Tensor = torch.stack(products, 1).unflatten(2, (kernel, -1))  # O K K C
    return taps.permute(0, 3, 1, 2)
