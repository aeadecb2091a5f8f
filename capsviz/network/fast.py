"""The network of `capsnet.py` again, arranged for matrix products: same inputs, same outputs, same
gradients. What is not fp32 on a CPU or a CUDA device takes the plain way.

Letters at line ends as in `capsnet.py`; further: N · S as in `spectral.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch.nn.functional import linear, pad

from capsviz.network.active import convolve_active, table_of
from capsviz.network.capsnet import CapsNet, check_iterations, squash
from capsviz.network.device import has_fast_bf16
from capsviz.network.narrow import convolve_narrow, rounded
from capsviz.network.routed import routed
from capsviz.network.spectral import convolve, multiplications

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor, nn

    from capsviz.network.config import CapsNetConfig

# Of the second convolution at once where conv1's units are looked at one by one: 16 images of the
# paper's network, of which conv1 makes 6.5 MB.
_INPUTS_AT_ONCE = 16 * 36 * 81 * 256
# Weights of the second convolution from which on their gradient is worth a product for each row of
# the kernel: with 1.3 million a training step takes 4 to 9 % less than by autocast alone, with 0.7
# million as long, with 0.3 million 12 to 17 % more.
_WORTH_ROWS = 2**19
_WORTH_A_TABLE = 16  # images, where the weights have to be laid out first


class FastCapsNet(CapsNet):
    """A `CapsNet` with the same weights by the same names.

    It differs by rounding: in fp32 by less than 1e-5 of the largest value of each gradient.
    Under autocast both convolutions take bf16 operands and everything else stays fp32; without
    bf16 units operands and results are rounded all the same, so that the numbers do not depend on
    the processor.
    """

    def primary(self, images: Tensor) -> Tensor:
        side = self.config.image_size
        if not _is_suited(images) or images.shape[1:] != (1, side, side) or _is_half(images):
            return super().primary(images)
        low = torch.is_autocast_enabled(images.device.type)
        is_settled = self._is_settled and not low
        if images.is_cuda:
            is_single = is_settled and len(images) == 1  # a convolution keeps a device half idle
            return self._by_patches(images) if is_single else self._by_maps(images)
        if low and has_fast_bf16(images.device):
            is_large = self.primary_capsules.conv.weight.numel() >= _WORTH_ROWS
            return self._by_narrow_maps(images) if is_large else super().primary(images)
        if is_settled or not (low or torch.is_grad_enabled() or len(images) < _WORTH_A_TABLE):
            found = self._by_active(images)
            if found is not None:
                return found
        if _pays(self.config, len(images)):
            with torch.autocast("cpu", enabled=False):
                return self._by_coefficients(images, low)
        return self._by_patches(images) if is_settled else super().primary(images)

    def settle(self) -> FastCapsNet:
        """Lay the weights out so that an answer need not lay them out first.

        Not for training, as optimizers count on memory in the order of the indices.
        """
        weight = self.primary_capsules.conv.weight
        table = weight.data.permute(2, 3, 1, 0).contiguous()  # K K C O
        weight.data = table.permute(3, 2, 0, 1)
        return self

    def poses(self, primary: Tensor, iterations: int) -> Tensor:
        if not _is_suited(primary):
            return super().poses(primary, iterations)
        check_iterations(iterations)
        digits = self.digit_capsules
        with torch.autocast(primary.device.type, enabled=False):
            return routed(primary, digits.weight, digits.classes, iterations)

    @property
    def _is_settled(self) -> bool:
        weight = self.primary_capsules.conv.weight
        return weight.permute(2, 3, 1, 0).is_contiguous() and not torch.is_grad_enabled()

    def _by_maps(self, images: Tensor) -> Tensor:
        """(B, 1, H, W) → (B, I, P); channels last, as tensor cores want them."""
        features = self._by_place(images).relu()  # B H' W' C
        result: Tensor = self.primary_capsules(features.permute(0, 3, 1, 2))
        return result

    def _by_narrow_maps(self, images: Tensor) -> Tensor:
        """As `_by_maps`, in bf16 on a processor."""
        features = self._by_place(images).relu()  # B H' W' C
        weight, bias = _weights(self.primary_capsules.conv)
        maps = convolve_narrow(features.permute(0, 3, 1, 2), weight, bias)  # B T·P G G
        return self._capsules(maps.permute(0, 2, 3, 1).flatten(1, 2).float())

    def _by_place(self, images: Tensor) -> Tensor:
        """Conv1 as a product of patches, before its ReLU: (B, 1, H, W) → (B, H', W', C)."""
        kernel = self.config.kernel_size
        windows = images[:, 0].unfold(1, kernel, 1).unfold(2, kernel, 1)  # B H' W' K K
        weight, bias = _weights(self.conv1)
        if images.is_cuda:
            return linear(_padded(windows), _beside(weight.flatten(1), bias))
        return linear(windows.flatten(3), weight.flatten(1), bias)

    def _by_patches(self, images: Tensor) -> Tensor:
        """Both convolutions as products of patches: (B, 1, H, W) → (B, I, P)."""
        kernel = self.config.kernel_size
        features = self._by_place(images).relu_()  # B H' W' C
        patches = features.unfold(1, kernel, 2).unfold(2, kernel, 2)  # B G G C K K
        weight, bias = _weights(self.primary_capsules.conv)
        rows = patches.permute(0, 1, 2, 4, 5, 3).flatten(3)  # B G G K·K·C
        maps = linear(rows, weight.permute(0, 2, 3, 1).flatten(1), bias)  # B G G T·P
        return self._capsules(maps.flatten(1, 2))

    def _by_active(self, images: Tensor) -> Tensor | None:
        """The second convolution from active units: (B, 1, H, W) → (B, I, P), None if too many."""
        weight, bias = _weights(self.primary_capsules.conv)
        table = table_of(weight)
        maps = []
        inputs = self.config.grid_size**2 * len(table)  # of one image
        for part in images.split(max(1, _INPUTS_AT_ONCE // inputs)):
            found = convolve_active(self._by_place(part), table, bias)
            if found is None:
                return None
            maps.append(found)
        return self._capsules(torch.cat(maps))

    def _by_coefficients(self, images: Tensor, low: bool) -> Tensor:
        """The second convolution by Fourier coefficients: (B, 1, H, W) → (B, I, P)."""
        near = rounded if low else _unchanged
        weight, bias = map(near, _weights(self.primary_capsules.conv))
        maps = near(convolve(self._features(images, near), weight, bias))  # G·G B T·P
        return self._capsules(maps.transpose(0, 1))

    def _capsules(self, maps: Tensor) -> Tensor:
        """(B, G·G, T·P) → (B, I, P), squashed."""
        units = maps.unflatten(2, (self.config.primary_types, -1)).transpose(1, 2)  # B T G·G P
        return squash(units.flatten(1, 2))

    def _features(self, images: Tensor, near: Callable[[Tensor], Tensor]) -> Tensor:
        """Conv1 and its ReLU, by parity and place: (4, N·N, B, C)."""
        kernel = self.config.kernel_size
        side = self.config.grid_size + (kernel + 1) // 2 - 1  # N
        spare = max(0, 2 * side + kernel - 1 - images.shape[-1])
        windows = pad(images[:, 0], (0, spare) * 2).unfold(1, kernel, 1).unfold(2, kernel, 1)
        split = windows[:, : 2 * side, : 2 * side].unflatten(2, (side, 2)).unflatten(1, (side, 2))
        patches = split.permute(2, 4, 1, 3, 0, 5, 6).reshape(-1, kernel**2)  # 4·N·N·B K·K
        weight, bias = map(near, _weights(self.conv1))
        features = near(torch.addmm(bias, near(patches), weight.flatten(1).t()))  # … C
        return features.relu_().view(4, side * side, len(images), -1)


def _unchanged(tensor: Tensor) -> Tensor:
    return tensor


def _padded(windows: Tensor) -> Tensor:
    """(B, H', W', K, K) → (B, H', W', N): the K·K pixels, 1 for the bias, 0 up to a multiple of 8.

    Tensor cores read whole rows of 16 bytes, and the bias's gradient is part of the product: a
    training step takes 1.93 ms on an NVIDIA H200, and 1.96 ms with rows of 81 and no bias at all.
    """
    pixels = windows.shape[3] * windows.shape[4]
    is_low = torch.is_autocast_enabled("cuda")
    kind = torch.get_autocast_dtype("cuda") if is_low else windows.dtype
    rows = windows.new_zeros(*windows.shape[:3], pixels + 1 + _spare(pixels), dtype=kind)
    rows[..., :pixels].view(windows.shape).copy_(windows)
    rows[..., pixels] = 1
    return rows


def _beside(weight: Tensor, bias: Tensor) -> Tensor:
    """The weights for rows of `_padded`: (C, K·K), (C) → (C, N)."""
    return pad(torch.cat((weight, bias.unsqueeze(1)), 1), (0, _spare(weight.shape[1])))


def _spare(pixels: int) -> int:
    return -(pixels + 1) % 8


def _weights(layer: nn.Conv2d) -> tuple[Tensor, Tensor]:
    assert layer.bias is not None
    return layer.weight, layer.bias


def _is_suited(tensor: Tensor) -> bool:
    """Exporters, compilers and tracers want plain operations; doubles are for checking."""
    is_known = tensor.device.type in ("cpu", "cuda") and tensor.dtype == torch.float32
    is_real = type(tensor) in (torch.Tensor, torch.nn.Parameter) and not torch._C._is_tracing()
    return is_known and is_real and not torch.compiler.is_compiling()


def _is_half(images: Tensor) -> bool:
    """Whether a processor is to cast to what is neither fp32 nor bf16."""
    is_cast = images.device.type == "cpu" and torch.is_autocast_enabled("cpu")
    return is_cast and torch.get_autocast_dtype("cpu") != torch.bfloat16


def _pays(config: CapsNetConfig, images: int) -> bool:
    """Whether Fourier coefficients save half of the second convolution's multiplications.

    At the paper's sizes from 25 images on. On one core 128 images take 0.40 s in place of 0.64 s,
    with gradients 1.2 s in place of 2.9 s, where 3 plain matrix products take 2.0 s.
    """
    channels, maps = config.conv_channels, config.primary_types * config.primary_dim
    grid, kernel = config.grid_size, config.kernel_size
    direct = images * (grid * kernel) ** 2 * channels * maps
    return 2 * multiplications(grid, kernel, images, channels, maps) < direct
