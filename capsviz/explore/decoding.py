"""Poses of one digit capsule redrawn; only its columns of the first layer are read, as all others
are masked with 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.backends import mkldnn
from torch.nn import Linear
from torch.nn.functional import linear

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    from capsviz.network.capsnet import Decoder

    Floats = NDArray[np.float32]

_HALF = np.float32(0.5)
# of a product at once: so few that numpy keeps the interpreter; and as products of rows alone they
# start no threads, which would spin beside torch's
_ROWS = 500
_MANY = 10  # poses; fewer take as long by either library


@np.errstate(all="ignore")  # as torch does where numbers are too large
def decode_alone(decoder: Decoder, pose: Floats, digit: int) -> Floats:
    """What `Decoder` makes of one pose, all other capsules masked.

    Each of torch's twenty calls lets go of the interpreter, and has to wait for it while the
    window paints; these products keep it for the less than a millisecond that they take.

    Args:
        decoder: float32, on a CPU.
        pose: (D,).
        digit: which capsule the pose belongs to.

    Returns:
        (H, W) in 0 … 1.
    """
    first, *layers = (layer for layer in decoder.layers if isinstance(layer, Linear))
    sums = _sums(_columns(first, digit, len(pose)), first.bias, pose)
    for layer in layers:
        sums = _sums(layer.weight, layer.bias, sums.clip(0))
    pixels: Floats = np.tanh(sums * _HALF) * _HALF + _HALF  # the logistic function
    side = decoder.image_size
    return pixels.reshape(side, side)


def decode_many(decoder: Decoder, poses: Tensor, digit: int) -> Tensor:
    """What `Decoder` makes of many poses of one capsule: (n, D) → (n, H, W), of their type."""
    first, *layers = (layer for layer in decoder.layers if isinstance(layer, Linear))
    sums = linear(poses, _columns(first, digit, poses.shape[1]), first.bias)
    for layer in layers:
        sums = _product(layer, sums.relu_())
    return sums.sigmoid_().view(-1, decoder.image_size, decoder.image_size)


def _product(layer: Linear, values: Tensor) -> Tensor:
    """`layer(values)`; many of them by oneDNN on a CPU.

    Torch's own library for fp32 products leaves half of the width of AMD's newer processors
    unused: there 176 poses take 1.2 ms in place of 2.6 ms, elsewhere as long either way. As torch
    lets its compiler call it: the public way lays the weights out anew in every call.
    """
    if len(values) < _MANY or not _is_for_onednn(values):
        plain: Tensor = layer(values)
        return plain
    made: Tensor = torch.ops.mkldnn._linear_pointwise(
        values, layer.weight, layer.bias, "none", [], ""
    )
    return made


def _is_for_onednn(values: Tensor) -> bool:
    is_plain = values.device.type == "cpu" and values.dtype == torch.float32
    return is_plain and mkldnn.is_available() and hasattr(torch.ops.mkldnn, "_linear_pointwise")


def _columns(first: Linear, digit: int, dim: int) -> Tensor:
    """Weights of the first layer for one capsule of D dimensions: (hidden, D)."""
    return first.weight[:, digit * dim : (digit + 1) * dim]


def _sums(weight: Tensor, bias: Tensor, values: Floats) -> Floats:
    rows, added = (tensor.detach().numpy() for tensor in (weight, bias))
    starts = range(0, len(rows), _ROWS)
    parts = [np.vecdot(rows[start : start + _ROWS], values) for start in starts]
    sums: Floats = np.concatenate(parts) + added
    return sums
