"""One pose redrawn on a CPU with numpy alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from torch.nn import Linear

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from capsviz.network.capsnet import Decoder

    Floats = NDArray[np.float32]

_HALF = np.float32(0.5)
# of a product at once: so few that numpy keeps the interpreter; and as products of rows alone they
# start no threads, which would spin beside torch's
_ROWS = 500


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
    *hidden, last = (layer for layer in decoder.layers if isinstance(layer, Linear))
    values: Floats = np.zeros(hidden[0].in_features, np.float32)
    values[len(pose) * digit :][: len(pose)] = pose
    for layer in hidden:
        values = _sums(layer, values).clip(0)
    pixels: Floats = np.tanh(_sums(last, values) * _HALF) * _HALF + _HALF  # the logistic function
    side = decoder.image_size
    return pixels.reshape(side, side)


def _sums(layer: Linear, values: Floats) -> Floats:
    weight, bias = (tensor.detach().numpy() for tensor in (layer.weight, layer.bias))
    starts = range(0, len(weight), _ROWS)
    parts = [np.vecdot(weight[start : start + _ROWS], values) for start in starts]
    sums: Floats = np.concatenate(parts) + bias
    return sums
