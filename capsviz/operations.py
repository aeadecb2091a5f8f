"""How many operations the paper's network takes, counted layer by layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from capsviz.network import CapsNetConfig


def answer_flop(config: CapsNetConfig, with_decoder: bool = True) -> float:
    """Operations of the products that answer one image, 2 per multiply-add."""
    conv1, conv2, capsules, decoder = _multiplications(config)
    return 2.0 * (conv1 + conv2 + capsules + with_decoder * decoder)


def train_flop(config: CapsNetConfig) -> float:
    """Operations of the products in one image's training step, 2 per multiply-add.

    Each layer costs its forward product, the same again for the gradient of its weights and
    again for that of its input; the first convolution's input needs none.
    """
    conv1, conv2, capsules, decoder = _multiplications(config)
    return 2.0 * (2 * conv1 + 3 * (conv2 + capsules + decoder))


def _multiplications(config: CapsNetConfig) -> tuple[int, int, int, int]:
    """Of both convolutions, of votes and routing, and of the decoder, for one image."""
    taps = config.kernel_size**2
    units = config.primary_types * config.primary_dim
    outputs = config.classes * config.digit_dim
    first, second = config.decoder_hidden
    conv1 = config.conv_size**2 * config.conv_channels * taps
    conv2 = config.grid_size**2 * units * config.conv_channels * taps
    votes = config.primary_capsules * config.primary_dim * outputs
    routing = (2 * config.routing_iterations - 1) * config.primary_capsules * outputs
    decoder = outputs * first + first * second + second * config.image_size**2
    return conv1, conv2, votes + routing, decoder
