"""Changes that make MNIST's digits look as other people write them, on batches.

MNIST's writers were Americans; many people slash their zeros, bar their sevens, and begin a one
with an upstroke or set it on a base. Pens differ in width, and no hand draws a line twice alike.
Draws come from a CPU generator, so that they are the same on every device; the work with them
neither draws nor waits, so it can be recorded.

Letters at line ends: B images · H side of an image
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch.nn.functional import affine_grid, grid_sample, interpolate, max_pool2d

from capsviz.data.augment import AffineRange, random_matrices
from capsviz.network import sent

if TYPE_CHECKING:
    from torch import Generator, Tensor

_DRAWN = AffineRange(rotation=12.0, shear=0.25, scale=0.15, shift=1.5)
_BEND = 0.8  # pixels: standard deviation of the displacement at a knot
_KNOTS = 5  # a side
_CRISP = 1.3  # contrast, lost between the pixels when an image is bent
_SHARE = 0.25  # of the zeros and sevens, that are marked
_SHARE_OF_ONES = 0.6  # MNIST has hardly any but bare strokes
_SEEN = 0.3  # of black: ink that ends and middles are found by
_SLASH, _BAR, _UPSTROKE, _BASE = range(4)
_BASE_ONLY, _WITH_BASE = 0.15, 0.45  # of the marked ones


def as_drawn(images: Tensor, labels: Tensor, generator: Generator) -> Tensor:
    """Marks, bends, leaning, and a pen of another width; each image by its own draws.

    Args:
        images: (B, 1, H, H) float in [0, 1].
        labels: (B,) int64: only zeros, ones and sevens get marks.
        generator: on the CPU.

    Returns:
        (B, 1, H, H), a new tensor in [0, 1].
    """
    draws = drawing_draws(len(images), images.shape[-1], generator)
    return drawn_with(images, labels, *(sent(draw, images.device) for draw in draws))


def drawing_draws(
    count: int, side: int, generator: Generator
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """All that `drawn_with` leaves to chance, on the CPU.

    Args:
        count: B.
        side: H.
        generator: on the CPU.

    Returns:
        float32: of the marks (8, B) in [0, 1); affine maps (B, 2, 3); displacements at the knots
        (B, 2, 5, 5), normal; of the pens (B,) in [0, 1).
    """
    marks = _mark_draws(count, generator)
    matrices = random_matrices(count, side, generator, _DRAWN)
    knots = torch.randn(count, 2, _KNOTS, _KNOTS, generator=generator)
    return marks, matrices, knots, _pen_draws(count, generator)


def drawn_with(
    images: Tensor, labels: Tensor, marks: Tensor, matrices: Tensor, knots: Tensor, pens: Tensor
) -> Tensor:
    """Marks, bends, leaning, and a pen of another width, as drawn by `drawing_draws`.

    Args:
        images: (B, 1, H, H) float in [0, 1].
        labels: (B,) int64.
        marks: (8, B), where they go and who gets one; as all draws, on the device of the images.
        matrices: (B, 2, 3) affine maps.
        knots: (B, 2, 5, 5) displacements, x and y.
        pens: (B,), how wide.

    Returns:
        (B, 1, H, H), a new tensor in [0, 1].
    """
    bent = _bent(_marked(images, labels, marks), matrices, knots)
    crisp = (_CRISP * (bent - 0.5) + 0.5).clamp(0, 1)
    return _penned(crisp, pens)


def with_marks(images: Tensor, labels: Tensor, generator: Generator) -> Tensor:
    """A quarter of the zeros slashed, sevens barred; most ones with an upstroke or a base.

    (B, 1, H, H), (B,) → (B, 1, H, H)
    """
    return _marked(images, labels, sent(_mark_draws(len(images), generator), images.device))


def _mark_draws(count: int, generator: Generator) -> Tensor:
    return torch.rand(8, count, generator=generator)


def _marked(images: Tensor, labels: Tensor, draws: Tensor) -> Tensor:
    """(B, 1, H, H), (B,), (8, B) in [0, 1) → (B, 1, H, H)"""
    marks = _marks(images[:, 0], 2 * draws[:5] - 1)  # B 4 4
    first, second = _which(labels, draws[5])
    each = torch.arange(len(images), device=images.device)
    radius = 0.8 + 0.5 * draws[6]
    lines = (_line(marks[each, kind], radius, images.shape[-1]) for kind in (first, second))
    share = torch.where(labels == 1, _SHARE_OF_ONES, _SHARE)
    has_habit = (labels == 0) | (labels == 1) | (labels == 7)
    is_marked = (draws[7] < share) & has_habit
    drawn = torch.maximum(*lines) * is_marked[:, None, None]  # B H H
    return torch.maximum(images, drawn.unsqueeze(1))


def _which(labels: Tensor, draw: Tensor) -> tuple[Tensor, Tensor]:
    """Two of the four marks for each image, perhaps the same twice."""
    first = torch.where(labels == 7, _BAR, _SLASH)
    second = first
    is_one = labels == 1
    first = torch.where(is_one, torch.where(draw < _BASE_ONLY, _BASE, _UPSTROKE), first)
    second = torch.where(is_one, torch.where(draw < _WITH_BASE, _BASE, _UPSTROKE), second)
    return first, second


def with_other_pen(images: Tensor, generator: Generator) -> Tensor:
    """Lines up to a pixel thicker or thinner: (B, 1, H, H) → (B, 1, H, H)."""
    return _penned(images, sent(_pen_draws(len(images), generator), images.device))


def _pen_draws(count: int, generator: Generator) -> Tensor:
    return torch.rand(count, generator=generator)


def _penned(images: Tensor, draws: Tensor) -> Tensor:
    """(B, 1, H, H), (B,) in [0, 1) → (B, 1, H, H)"""
    amount = (2 * draws - 1)[:, None, None, None]
    thick = max_pool2d(images, 3, 1, 1)
    thin = -max_pool2d(-images, 3, 1, 1)
    thicker = images + 0.7 * amount.clamp(min=0) * (thick - images)
    return thicker + 0.4 * amount.clamp(max=0) * (images - thin)


def _bent(images: Tensor, matrices: Tensor, knots: Tensor) -> Tensor:
    """One affine map and one smooth displacement field for each image."""
    count, _, side, _ = images.shape
    field = interpolate(knots, (side, side), mode="bicubic", align_corners=True)
    grid = affine_grid(matrices, [count, 1, side, side], align_corners=False)
    moved = grid + field.permute(0, 2, 3, 1) * (2 * _BEND / side)
    return grid_sample(images, moved, align_corners=False)


def _marks(ink: Tensor, free: Tensor) -> Tensor:
    """Where each mark begins and ends: (B, H, H), (5, B) in ±1 → (B, 4, 4), x y x y in pixels."""
    left, right, top, bottom = _box(ink)
    at_top, middle, at_bottom = (_mean_x(ink, top, bottom, share) for share in (0.0, 0.5, 1.0))
    a, b, c, d, e = free
    out, inwards = 1.5 + 1.5 * a, 0.15 * (right - left)
    slash = (left + inwards - out, bottom + out + c, right - inwards + out, top - out + d)
    half, height = 3.5 + a, (top + bottom) / 2 + 0.12 * (bottom - top) * c
    bar = (middle - half + d, height + b, middle + half + d, height - b)
    upstroke = (at_top, top + 0.5, at_top - 5.5 - 2.5 * a, top + 6 + 4.5 * b)
    left_end, right_end = at_bottom - 5.5 - 2.5 * c, at_bottom + 5.5 + 2.5 * e
    base = (left_end, bottom + 0.8 * d, right_end, bottom - 0.8 * d)
    return torch.stack([torch.stack(mark, 1) for mark in (slash, bar, upstroke, base)], 1)


def _box(ink: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """First and last column, first and last row with ink: four times (B,)."""
    seen, side = ink > _SEEN, ink.shape[-1]
    edges = []
    for axis in (1, 2):  # columns are those with ink in any row
        has = seen.any(axis).to(ink)  # B H
        edges += [has.argmax(1), side - 1 - has.flip(1).argmax(1)]
    left, right, top, bottom = (edge.to(ink) for edge in edges)
    return left, right, top, bottom


def _mean_x(ink: Tensor, top: Tensor, bottom: Tensor, share: float) -> Tensor:
    """Mean column of the ink in two rows at that share of the way down: (B,)."""
    place = torch.arange(ink.shape[-1], device=ink.device, dtype=ink.dtype)
    height = top + share * (bottom - top)
    weight = ink * ((place[None] - height[:, None]).abs() <= 1)[:, :, None]  # B H H
    mean: Tensor = (weight.sum(1) * place).sum(1) / weight.sum((1, 2)).clamp(min=1e-6)
    return mean


def _line(segments: Tensor, radius: Tensor, side: int) -> Tensor:
    """Strokes of a round pen: (B, 4), (B,) → (B, H, H)."""
    place = torch.arange(side, device=segments.device, dtype=segments.dtype)
    x, y = place[None, None, :], place[None, :, None]
    x0, y0, x1, y1 = (part[:, None, None] for part in segments.unbind(1))
    dx, dy = x1 - x0, y1 - y0
    along = ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy).clamp(min=1e-3)
    along = along.clamp(0, 1)
    distance = torch.hypot(x - x0 - along * dx, y - y0 - along * dy)
    return (radius[:, None, None] + 0.5 - distance).clamp(0, 1)
