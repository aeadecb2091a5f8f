"""A network that reads one digit, made into one that reads two digits in a larger image.

Convolutions do not depend on the image's size, so they are taken over. The larger image has more
places of primary capsules around the old ones: these get the matrices W of the nearest old place,
made weak, as there are more of them than of the old ones and most see nothing.
The decoder draws the old picture in the middle of the new one, on empty ground.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import torch
from torch.nn.functional import pad

from capsviz.files import CapsvizError
from capsviz.network import CapsNet
from capsviz.network.config import PAIR_SHIFT

if TYPE_CHECKING:
    from torch import Tensor

    from capsviz.network import CapsNetConfig

_WEAK = 0.1  # 28 % of pairs are read so before any training, 14 % at full strength
_GROUND = -6.0  # before the sigmoid: a quarter of a per cent of black


def widened_config(config: CapsNetConfig) -> CapsNetConfig:
    """The sizes of such a network; those of one that reads two digits already as they are."""
    if config.digits_per_image == 2:
        return config
    size = config.image_size + 2 * PAIR_SHIFT
    return msgspec.structs.replace(config, image_size=size, digits_per_image=2)


def fitting(network: CapsNet, config: CapsNetConfig) -> CapsNet:
    """The network itself, or widened if two digits are to be read with what it learnt from one.

    Raises:
        CapsvizError: it reads two digits, but one is asked for.
    """
    if network.config.digits_per_image == config.digits_per_image:
        return network
    if config.digits_per_image == 1:
        raise CapsvizError("Expected a network that reads one digit to begin with, found two.")
    return _widened(network, config)


@torch.inference_mode()
def _widened(network: CapsNet, config: CapsNetConfig) -> CapsNet:
    old, wide = network.state_dict(), CapsNet(config)
    weights = {name: old.get(name, value) for name, value in wide.state_dict().items()}
    name = "digit_capsules.weight"
    weights[name] = _spread(weights[name], network.config, config)
    if network.decoder is not None:
        last = f"decoder.layers.{len(network.decoder.layers) - 2}"
        sizes = network.config.image_size
        weights[f"{last}.weight"] = _framed(weights[f"{last}.weight"].T, sizes, 0.0).T
        weights[f"{last}.bias"] = _framed(weights[f"{last}.bias"][None], sizes, _GROUND)[0]
    wide.load_state_dict({name: value.contiguous() for name, value in weights.items()})
    return wide.eval()


def _spread(weight: Tensor, old: CapsNetConfig, wide: CapsNetConfig) -> Tensor:
    """(T·G·G, P, J·D) of the old grid → of the wider one, from the nearest old place."""
    before, after = old.grid_size, wide.grid_size
    places = torch.arange(after) - PAIR_SHIFT // 2
    nearest = places.clamp(0, before - 1)
    is_old = places == nearest
    strength = torch.where(is_old[:, None] & is_old, 1.0, _WEAK)  # G G
    grid = weight.view(old.primary_types, before, before, *weight.shape[1:])
    spread = grid[:, nearest][:, :, nearest] * strength[:, :, None, None]
    return spread.flatten(0, 2)


def _framed(rows: Tensor, side: int, value: float) -> Tensor:
    """(n, H·H) → (n, S·S): pictures with a border of `value`."""
    pictures = rows.reshape(-1, side, side)
    framed: Tensor = pad(pictures, (PAIR_SHIFT,) * 4, value=value)
    return framed.flatten(1)
