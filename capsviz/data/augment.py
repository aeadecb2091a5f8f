"""Random changes of training images, one draw per image, on whatever device the batch is on.

Each is made of two: the draws, on the CPU, so that they are the same on every device; and the
work with them, where the images are, which neither draws nor waits and so can be recorded.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch.nn.functional import affine_grid, grid_sample, pad

from capsviz.network import sent

if TYPE_CHECKING:
    from torch import Generator, Tensor


@dataclass(frozen=True, slots=True)
class AffineRange:
    """Half-widths of the uniform draws that make one affine map per image.

    Attributes:
        rotation: degrees.
        shear: of x by y, as a slope: how far digits lean.
        scale: relative change of size, drawn apart for x and y.
        shift: pixels, x and y.
        is_sharp: whether lines stay about as sharp as they were; digits that lie over one another
            are told apart by their edges.
    """

    rotation: float = 12.0
    shear: float = 0.2
    scale: float = 0.12
    shift: float = 2.0
    is_sharp: bool = False


def random_shift(images: Tensor, generator: Generator, pixels: int = 2) -> Tensor:
    """Shift each image by whole pixels in x and y, as the paper does (section 4), ground flows in.

    Args:
        images: (B, 1, H, W).
        generator: on the CPU, so that the draws are the same on every device.
        pixels: largest shift, both ways.

    Returns:
        (B, 1, H, W), a new tensor.
    """
    start = shift_draws(len(images), generator, pixels)
    return shifted(images, sent(start, images.device), pixels)


def shift_draws(count: int, generator: Generator, pixels: int = 2) -> Tensor:
    """First row and column that each image keeps of its padded self: (2, B, 1) int64, on the CPU.

    Args:
        count: B.
        generator: on the CPU.
        pixels: largest shift, both ways; draws are 0 … 2 `pixels`.
    """
    return torch.randint(0, 2 * pixels + 1, (2, count, 1), generator=generator)


def shifted(images: Tensor, start: Tensor, pixels: int = 2) -> Tensor:
    """Shift each image as drawn by `shift_draws`, ground flows in.

    Args:
        images: (B, 1, H, W).
        start: (2, B, 1) int64 on the same device.
        pixels: largest shift, as it was drawn.

    Returns:
        (B, 1, H, W), a new tensor.
    """
    count, _, height, width = images.shape
    rows = start[0] + torch.arange(height, device=images.device)  # B H
    columns = start[1] + torch.arange(width, device=images.device)  # B W
    picture = torch.arange(count, device=images.device)
    padded = pad(images, (pixels,) * 4)[:, 0]  # B H+2p W+2p
    return padded[picture[:, None, None], rows[:, :, None], columns[:, None, :]].unsqueeze(1)


def random_affine(
    images: Tensor, generator: Generator, ranges: AffineRange | None = None
) -> Tensor:
    """Rotate, lean, stretch and shift each image by its own random map.

    Args:
        images: (B, 1, H, W).
        generator: on the CPU, so that the draws are the same on every device.
        ranges: how far.

    Returns:
        (B, 1, H, W), a new tensor.
    """
    used = ranges or AffineRange()
    matrices = random_matrices(len(images), images.shape[-1], generator, used)
    return warped(images, sent(matrices, images.device), used.is_sharp)


def warped(images: Tensor, matrices: Tensor, is_sharp: bool = False) -> Tensor:
    """Send each image through its affine map, ground flows in.

    Args:
        images: (B, 1, H, W) in 0 … 1.
        matrices: (B, 2, 3) float on the same device, as `random_matrices` makes them.
        is_sharp: by cubic pieces, cut off at 0 and 1, in place of linear ones.

    Returns:
        (B, 1, H, W), a new tensor.
    """
    grid = affine_grid(matrices.to(images.dtype), list(images.shape), align_corners=False)
    if is_sharp:
        near = "cpu" if images.device.type == "mps" else images.device  # which knows no cubic ones
        moved = grid_sample(images.to(near), grid.to(near), "bicubic", align_corners=False)
        return moved.clamp(0, 1).to(images.device)
    return grid_sample(images, grid, align_corners=False)


def random_matrices(count: int, size: int, generator: Generator, ranges: AffineRange) -> Tensor:
    """Affine maps from result to source in units of half the image's side: (B, 2, 3), on the CPU.

    Args:
        count: B.
        size: side of the images, pixels.
        generator: on the CPU.
        ranges: how far.
    """
    angle, shear, scale_x, scale_y, x, y = 2 * torch.rand(6, count, generator=generator) - 1
    angle = angle * math.radians(ranges.rotation)
    wide, tall = torch.exp(scale_x * ranges.scale), torch.exp(scale_y * ranges.scale)
    cos, sin, lean = angle.cos(), angle.sin(), shear * ranges.shear
    first = torch.stack((cos * wide, (cos * lean - sin) * tall, x * 2 * ranges.shift / size), 1)
    second = torch.stack((sin * wide, (sin * lean + cos) * tall, y * 2 * ranges.shift / size), 1)
    return torch.stack((first, second), 1)
