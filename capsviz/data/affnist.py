"""Digits anywhere on a larger ground, as they are and under affine maps (Sabour et al. 2017,
section 5.2): what a network that has seen only the first makes of the second.

The paper trains on MNIST digits "placed randomly on a black background of 40×40 pixels" and tests
on affNIST, whose digits are also turned, leaned and stretched. Here is no copy of that file: the
second set is made by a seeded recipe from the ranges that affNIST publishes.

Letters at line ends: B images · H side of a digit's image · S side of the ground
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn.functional import affine_grid, grid_sample, pad

from capsviz.data.mnist import Digits
from capsviz.files import CapsvizError

if TYPE_CHECKING:
    from torch import Generator, Tensor

SIDE = 40
"""Pixels of the ground, each way."""

ROTATION, SHEAR, SCALE = 20.0, 0.2, 0.2
"""Half-widths of affNIST's ranges: degrees; slope; change of size, apart for x and y."""

_AT_ONCE = 1000  # images in double precision: 13 MB of results


def random_places(count: int, generator: Generator, room: int) -> Tensor:
    """Where the upper left corner of each digit's image goes: (2, B) int64, rows and columns.

    Args:
        count: B.
        generator: on the CPU, as is the result.
        room: by how many pixels the ground is larger; each of 0 … `room` is equally likely,
            apart for rows and columns.
    """
    return torch.randint(0, room + 1, (2, count), generator=generator)


def placed_at(images: Tensor, places: Tensor, side: int = SIDE) -> Tensor:
    """Lay each digit on its own black ground, whole.

    Args:
        images: (B, 1, H, H), any type.
        places: (2, B) int64 on the same device, rows and columns of corners, 0 … S - H.
        side: S, at least H.

    Returns:
        (B, 1, S, S) of the same type, a new tensor.
    """
    room, count = side - images.shape[-1], len(images)
    line = torch.arange(side, device=images.device)
    rows, columns = room - places.unsqueeze(2) + line  # B S, in the padded image
    picture = torch.arange(count, device=images.device)
    padded = pad(images, (room,) * 4)[:, 0]  # B S+room S+room
    return padded[picture[:, None, None], rows[:, :, None], columns[:, None, :]].unsqueeze(1)


def placed_anywhere(images: Tensor, generator: Generator, side: int = SIDE) -> Tensor:
    """Each digit at its own whole-pixel place on a black ground, every place equally likely.

    The whole image of the digit, its own margin included, stays on the ground: for MNIST on 40×40
    there are 13 × 13 places, and ink comes no nearer to the edge than in MNIST itself.

    Args:
        images: (B, 1, H, H), any type, on any device.
        generator: on the CPU, so that the draws are the same on every device.
        side: S, at least H.

    Returns:
        (B, 1, S, S) of the same type, a new tensor.
    """
    places = random_places(len(images), generator, side - images.shape[-1])
    is_cuda = images.device.type == "cuda"  # copied from pinned memory, nobody waits for the copy
    pinned = places.pin_memory() if is_cuda else places
    return placed_at(images, pinned.to(images.device, non_blocking=is_cuda), side)


def mnist_anywhere(digits: Digits, seed: int, side: int = SIDE) -> Digits:
    """Every digit once, by `placed_anywhere`: the same for the same seed; labels are kept."""
    images = torch.from_numpy(digits.images.copy()).unsqueeze(1)  # B 1 H H
    placed = placed_anywhere(images, torch.Generator().manual_seed(seed), side)
    return Digits(placed[:, 0].numpy(), digits.labels)


def affnist_like(digits: Digits, seed: int, side: int = SIDE) -> Digits:
    """Every digit once under its own random affine map, somewhere on a black ground.

    This is not the affNIST file, which has 32 versions of each digit, but a recipe with its
    published ranges. Drawn uniformly and apart: a stretch of 0.8 to 1.2 in x and another in y,
    then a lean of x by y of ±0.2, then a turn of ±20°, all about the middle of the image; then
    any place, fractions of pixels too, at which no pixel of ink is cut off at the edge. Sampled
    once, bilinear, from the original image, in double precision, and rounded.

    Args:
        digits: (n, H, H) images; ink that fits 20×20, as MNIST's does, always fits 40×40.
        seed: the same images for the same seed.
        side: S.

    Returns:
        (n, S, S) uint8 images, 0 = ground, and the labels as they were.

    Raises:
        CapsvizError: the ink of an image, mapped, is larger than the ground.
    """
    generator = torch.Generator().manual_seed(seed)
    maps = random_maps(len(digits), generator)
    chance = torch.rand(len(digits), 2, generator=generator, dtype=torch.float64)
    images = np.zeros((len(digits), side, side), np.uint8)
    for start in range(0, len(digits), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        ink = torch.from_numpy(digits.images[part].copy()).unsqueeze(1).double()  # B 1 H H
        shifts = shifts_inside(ink, maps[part], chance[part], side)
        mapped = transformed(ink, maps[part], shifts, side)
        images[part] = mapped[:, 0].round().clamp(0, 255).to(torch.uint8).numpy()
    return Digits(images, digits.labels)


def random_maps(count: int, generator: Generator) -> Tensor:
    """Turn · lean · stretch of each image, from source to result, x first: (B, 2, 2) double."""
    draws = 2 * torch.rand(4, count, generator=generator, dtype=torch.float64) - 1
    angle, lean = draws[0] * math.radians(ROTATION), draws[1] * SHEAR
    wide, tall = 1 + SCALE * draws[2:]
    cos, sin = angle.cos(), angle.sin()
    x = torch.stack((cos * wide, (cos * lean - sin) * tall), 1)  # B 2
    y = torch.stack((sin * wide, (sin * lean + cos) * tall), 1)  # B 2
    return torch.stack((x, y), 1)


def shifts_inside(images: Tensor, maps: Tensor, chance: Tensor, side: int) -> Tensor:
    """How far each mapped image's middle goes from the ground's, so that all ink is inside.

    Args:
        images: (B, 1, H, H) double, 0 = ground.
        maps: (B, 2, 2) from source to result.
        chance: (B, 2) in [0, 1]: how far along what is possible, x and y.
        side: S.

    Returns:
        (B, 2) pixels, x and y.

    Raises:
        CapsvizError: it cannot be.
    """
    low, high = _extent(images, maps)
    edge = (side + 1) / 2  # from the middle to the first pixel outside, whose weight is then 0
    room = 2 * edge - (high - low)  # B 2
    if bool((room < 0).any()):
        raise CapsvizError(
            f"The ink of a digit is up to {float((high - low).max()):.0f} pixels long once it is "
            f"turned and stretched, but the ground has {side}; give digits framed as MNIST's are."
        )
    return chance * room - edge - low


def transformed(images: Tensor, maps: Tensor, shifts: Tensor, side: int) -> Tensor:
    """Bilinear samples of each image under its map: (B, 1, H, H) → (B, 1, S, S) double.

    Args:
        images: double, 0 = ground.
        maps: (B, 2, 2) from source to result, about the middles of both.
        shifts: (B, 2) pixels of the result, x and y.
        side: S.
    """
    back = torch.linalg.inv(maps)
    offset = -(back @ shifts.unsqueeze(2))  # B 2 1
    # a grid's units are halves of the sides: the result's coming in, the source's going out
    theta = torch.cat((back * (side / 2), offset), 2) / (images.shape[-1] / 2)  # B 2 3
    grid = affine_grid(theta, [len(images), 1, side, side], align_corners=False)
    return grid_sample(images, grid, align_corners=False)


def _extent(images: Tensor, maps: Tensor) -> tuple[Tensor, Tensor]:
    """Between which x and y, from the middle, a mapped image is not black: (B, 2), (B, 2).

    A pixel reaches one pixel each way where samples are bilinear; without ink, the middle alone.
    """
    line = torch.arange(images.shape[-1], dtype=torch.float64) - (images.shape[-1] - 1) / 2
    y, x = torch.meshgrid(line, line, indexing="ij")
    places = maps @ torch.stack((x.flatten(), y.flatten()))  # B 2 H·H
    is_ground = (images.flatten(1) <= 0).unsqueeze(1)  # B 1 H·H
    reach = maps.abs().sum(2)  # B 2
    low = places.masked_fill(is_ground, math.inf).amin(2) - reach
    high = places.masked_fill(is_ground, -math.inf).amax(2) + reach
    is_empty = is_ground.all(2)  # B 1
    return low.masked_fill(is_empty, 0), high.masked_fill(is_empty, 0)
