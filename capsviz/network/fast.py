"""The network of `capsnet.py` again, arranged for a processor's matrix products: same inputs, same
outputs, same gradients. What is not fp32 on a CPU takes the plain way.

Letters at line ends as in `capsnet.py`; further: N · S as in `spectral.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable
from torch.nn.functional import linear, pad

from capsviz.network.capsnet import CapsNet, check_iterations, squash
from capsviz.network.spectral import convolve, multiplications, rounded_product

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import nn

    from capsviz.network.config import CapsNetConfig

# Votes of 16 images of the paper's network stay in the last-level cache. Fewer are no faster, and
# their many short operations suffer when other work wants the cores: so does a small network, of
# which therefore as many images are routed at once as make such votes.
_VOTES_ROUTED = 16 * 1152 * 160


class FastCapsNet(CapsNet):
    """A `CapsNet` with the same weights by the same names.

    It differs by rounding: in fp32 by less than 1e-5 of the largest value of each gradient.
    Under autocast both convolutions take bf16 operands and everything else stays fp32; without
    bf16 units the operands are rounded all the same, so that the numbers do not depend on the
    processor.
    """

    def primary(self, images: Tensor) -> Tensor:
        if _is_suited(images) and _pays(self.config, len(images)):
            low = torch.is_autocast_enabled("cpu")
            with torch.autocast("cpu", enabled=False):
                return self._by_coefficients(images, low)
        if _is_suited(images) and self._is_settled and not torch.is_autocast_enabled("cpu"):
            return self._by_patches(images)
        return super().primary(images)

    def settle(self) -> FastCapsNet:
        """Lay the weights out for single images: 6.4 ms in place of 9.8 ms on one core.

        Not for training, as optimizers count on memory in the order of the indices.
        """
        self.primary_capsules.conv.to(memory_format=torch.channels_last)
        return self

    def poses(self, primary: Tensor, iterations: int) -> Tensor:
        if not _is_suited(primary):
            return super().poses(primary, iterations)
        check_iterations(iterations)
        digits = self.digit_capsules
        with torch.autocast("cpu", enabled=False):
            return _routed(primary, digits.weight, digits.classes, iterations)

    @property
    def _is_settled(self) -> bool:
        weight = self.primary_capsules.conv.weight
        laid_out = weight.is_contiguous(memory_format=torch.channels_last)
        return laid_out and not torch.is_grad_enabled()

    def _by_patches(self, images: Tensor) -> Tensor:
        """Both convolutions as products of patches: (B, 1, H, W) → (B, I, P)."""
        kernel = self.config.kernel_size
        windows = images[:, 0].unfold(1, kernel, 1).unfold(2, kernel, 1)  # B H' W' K K
        weight, bias = _weights(self.conv1)
        features = linear(windows.flatten(3), weight.flatten(1), bias).relu_()  # B H' W' C
        patches = features.unfold(1, kernel, 2).unfold(2, kernel, 2)  # B G G C K K
        weight, bias = _weights(self.primary_capsules.conv)
        rows = patches.permute(0, 1, 2, 4, 5, 3).flatten(3)  # B G G K·K·C
        maps = linear(rows, weight.permute(0, 2, 3, 1).flatten(1), bias)  # B G G T·P
        return self._capsules(maps.flatten(1, 2))

    def _by_coefficients(self, images: Tensor, low: bool) -> Tensor:
        """The second convolution by Fourier coefficients: (B, 1, H, W) → (B, I, P)."""
        weight, bias = _weights(self.primary_capsules.conv)
        maps = convolve(self._features(images, low), weight, bias, low)  # G·G B T·P
        return self._capsules(maps.transpose(0, 1))

    def _capsules(self, maps: Tensor) -> Tensor:
        """(B, G·G, T·P) → (B, I, P), squashed."""
        units = maps.unflatten(2, (self.config.primary_types, -1)).transpose(1, 2)  # B T G·G P
        return squash(units.flatten(1, 2))

    def _features(self, images: Tensor, low: bool) -> Tensor:
        """Conv1 and its ReLU, by parity and place: (4, N·N, B, C)."""
        kernel = self.config.kernel_size
        side = self.config.grid_size + (kernel + 1) // 2 - 1  # N
        spare = max(0, 2 * side + kernel - 1 - images.shape[-1])
        windows = pad(images[:, 0], (0, spare) * 2).unfold(1, kernel, 1).unfold(2, kernel, 1)
        split = windows[:, : 2 * side, : 2 * side].unflatten(2, (side, 2)).unflatten(1, (side, 2))
        patches = split.permute(2, 4, 1, 3, 0, 5, 6).reshape(-1, kernel**2)  # 4·N·N·B K·K
        weight, bias = _weights(self.conv1)
        kernels = weight.flatten(1).t()  # K·K C
        if low:
            features = rounded_product(patches, kernels) + bias
        else:
            features = torch.addmm(bias, patches, kernels)
        return features.relu_().view(4, side * side, len(images), -1)


def _weights(layer: nn.Conv2d) -> tuple[Tensor, Tensor]:
    assert layer.bias is not None
    return layer.weight, layer.bias


def _is_suited(tensor: Tensor) -> bool:
    """Exporters and compilers want plain operations; doubles are for checking."""
    is_plain_cpu = tensor.device.type == "cpu" and tensor.dtype == torch.float32
    return is_plain_cpu and not torch.compiler.is_compiling()


def _pays(config: CapsNetConfig, images: int) -> bool:
    """Whether Fourier coefficients save half of the second convolution's multiplications.

    At the paper's sizes from 25 images on. On one core 128 images take 0.40 s in place of 0.64 s,
    with gradients 1.2 s in place of 2.9 s, where 3 plain matrix products take 2.0 s.
    """
    channels, maps = config.conv_channels, config.primary_types * config.primary_dim
    grid, kernel = config.grid_size, config.kernel_size
    direct = images * (grid * kernel) ** 2 * channels * maps
    return 2 * multiplications(grid, kernel, images, channels, maps) < direct


# Routing with a gradient written out by hand. Autograd writes the gradient of all votes 2R - 1
# times and adds them up; here they are one product. 128 images on one core with their gradient:
# 0.37 s in place of 0.61 s.


def _routed(primary: Tensor, weight: Tensor, classes: int, iterations: int) -> Tensor:
    """Poses after the last iteration: (B, I, P), (I, P, J·D) → (B, J, D)."""
    if torch.is_grad_enabled():
        result: Tensor = _Routing.apply(primary, weight, classes, iterations)
        return result
    chunks = primary.split(_at_once(weight))
    return torch.cat([_route(part, weight, classes, iterations)[-1] for part in chunks])


def _at_once(weight: Tensor) -> int:
    """How many images are routed together."""
    return max(1, _VOTES_ROUTED // (weight.shape[0] * weight.shape[2]))


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
        routed = [_route(part, weight, classes, iterations) for part in chunks]
        ctx.save_for_backward(primary, weight, *(tensor for part in routed for tensor in part))
        return torch.cat([part[-1] for part in routed])  # B J D

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:  # noqa: ANN401
        with torch.autocast("cpu", enabled=False):  # someone may ask for gradients under it
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
            logits = logits + _agreement(votes, poses)
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
            shares = couplings * _agreement(votes, through)
            logits = logits + shares - couplings * shares.sum(dim=1, keepdim=True)  # softmax
    return torch.stack(weights, 3) @ torch.stack(vectors, 2)


def _weighted_sum(weights: Tensor, votes: Tensor) -> Tensor:
    """Σ_i w_ij û_{j|i}: (B, J, I), (B, J, I, D) → (B, J, D)."""
    return (weights.unsqueeze(2) @ votes).squeeze(2)


def _agreement(votes: Tensor, poses: Tensor) -> Tensor:
    """û_{j|i}·v_j: (B, J, I). A matrix product with one column takes 1.5 times as long."""
    return (votes * poses.unsqueeze(2)).sum(-1)


def _squash_gradient(s: Tensor, arriving: Tensor) -> Tensor:
    with torch.enable_grad():
        leaf = s.detach().requires_grad_()
        (gradient,) = torch.autograd.grad(squash(leaf), leaf, arriving)
    return gradient
