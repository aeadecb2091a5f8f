"""Kernels for routing on a CUDA device, in Triton: votes are computed anew wherever needed.

A vote û_{j|i} = W_ij u_i takes P multiplications, in less time than reading it back does. So no
vote is ever written: each kernel makes those of one primary capsule and a few images in
registers, uses them up and forgets them. Neither are logits kept: as votes do not change,
b_ij = Σ û·v of all earlier iterations = û·V with V the sum of the earlier poses.

Letters at line ends: b images of a block · j digit capsules and d dimensions, both filled up to a
power of two
"""

from __future__ import annotations

import triton
import triton.language as tl


@triton.jit
def _vote(primary, weight, i, b, j, d, count, images, classes, dims, units: tl.constexpr):
    """û of primary capsule i: b j d."""
    inside = (j[:, None] < classes) & (d[None, :] < dims)
    vote = tl.zeros((b.shape[0], j.shape[0], d.shape[0]), tl.float32)
    for p in tl.static_range(units):
        matrix = weight + ((i * units + p) * classes + j[:, None]) * dims + d[None, :]
        unit = tl.load(primary + (b * count + i) * units + p, mask=b < images, other=0.0)  # b
        vote += unit[:, None, None] * tl.load(matrix, mask=inside, other=0.0)[None, :, :]
    return vote


@triton.jit
def _places(b, j, d, images, classes, dims):
    """Where the (B, J, D) numbers of a block are, and which of them there are."""
    at = (b[:, None, None] * classes + j[None, :, None]) * dims + d[None, None, :]
    inside = (b < images)[:, None, None] & (j < classes)[None, :, None] & (d < dims)[None, None, :]
    return at, inside


@triton.jit
def _coupling(vote, earlier, j, classes):
    """Softmax_j(û·V), which is c: b j."""
    logits = tl.sum(vote * earlier, axis=2)
    logits = tl.where(j[None, :] < classes, logits, float("-inf"))
    shares = tl.exp(logits - tl.max(logits, axis=1)[:, None])
    return shares / tl.sum(shares, axis=1)[:, None]


@triton.jit
def _logit_gradient(vote, coupling, through):
    """Of b, from the gradient of s: b j."""
    shares = coupling * tl.sum(vote * through, axis=2)
    return shares - coupling * tl.sum(shares, axis=1)[:, None]


@triton.jit
def sum_votes(
    primary, weight, earlier, sums, count, images, classes, dims,
    units: tl.constexpr, width: tl.constexpr, depth: tl.constexpr,
    block: tl.constexpr, inputs: tl.constexpr,
):  # fmt: skip
    """Σ_i c_ij û_{j|i} over `inputs` primary capsules: a slice of `sums`, (n, B, J, D)."""
    part = tl.program_id(0)
    b = tl.program_id(1) * block + tl.arange(0, block)
    j, d = tl.arange(0, width), tl.arange(0, depth)
    at, inside = _places(b, j, d, images, classes, dims)
    above = tl.load(earlier + at, mask=inside, other=0.0)
    total = tl.zeros((block, width, depth), tl.float32)
    for i in range(part * inputs, min(count, (part + 1) * inputs)):
        vote = _vote(primary, weight, i, b, j, d, count, images, classes, dims, units)
        total += _coupling(vote, above, j, classes)[:, :, None] * vote
    tl.store(sums + part * images * classes * dims + at, total, mask=inside)


@triton.jit
def sum_gradients(
    primary, weight, earlier, through, sums, count, images, classes, dims,
    units: tl.constexpr, width: tl.constexpr, depth: tl.constexpr,
    block: tl.constexpr, inputs: tl.constexpr,
):  # fmt: skip
    """Σ_i (gradient of b_ij) û_{j|i}, that of the earlier poses; arguments as in `sum_votes`."""
    part = tl.program_id(0)
    b = tl.program_id(1) * block + tl.arange(0, block)
    j, d = tl.arange(0, width), tl.arange(0, depth)
    at, inside = _places(b, j, d, images, classes, dims)
    above = tl.load(earlier + at, mask=inside, other=0.0)
    arriving = tl.load(through + at, mask=inside, other=0.0)
    total = tl.zeros((block, width, depth), tl.float32)
    for i in range(part * inputs, min(count, (part + 1) * inputs)):
        vote = _vote(primary, weight, i, b, j, d, count, images, classes, dims, units)
        coupling = _coupling(vote, above, j, classes)
        total += _logit_gradient(vote, coupling, arriving)[:, :, None] * vote
    tl.store(sums + part * images * classes * dims + at, total, mask=inside)


@triton.jit
def finish_gradients(
    primary, weight, earlier, through, below, change, count, images, classes, dims,
    units: tl.constexpr, width: tl.constexpr, depth: tl.constexpr,
    block: tl.constexpr, iterations: tl.constexpr,
):  # fmt: skip
    """Gradients of u_i (`below`, B I P) and W_i (`change`, one slice a block of images).

    `earlier` and `through` are (R, B, J, D). In the first iteration V is 0 and all c are alike.
    """
    i = tl.program_id(0)
    b = tl.program_id(1) * block + tl.arange(0, block)
    j, d = tl.arange(0, width), tl.arange(0, depth)
    at, inside = _places(b, j, d, images, classes, dims)
    size = images * classes * dims
    vote = _vote(primary, weight, i, b, j, d, count, images, classes, dims, units)
    gradient = tl.load(through + at, mask=inside, other=0.0) / classes
    for t in tl.static_range(1, iterations):
        above = tl.load(earlier + t * size + at, mask=inside, other=0.0)
        arriving = tl.load(through + t * size + at, mask=inside, other=0.0)
        coupling = _coupling(vote, above, j, classes)
        gradient += coupling[:, :, None] * arriving
        gradient += _logit_gradient(vote, coupling, arriving)[:, :, None] * above
    own = (j[:, None] < classes) & (d[None, :] < dims)
    for p in tl.static_range(units):
        place = ((i * units + p) * classes + j[:, None]) * dims + d[None, :]
        matrix = tl.load(weight + place, mask=own, other=0.0)
        unit = tl.load(primary + (b * count + i) * units + p, mask=b < images, other=0.0)
        pulled = tl.sum(tl.sum(gradient * matrix[None, :, :], axis=2), axis=1)  # b
        tl.store(below + (b * count + i) * units + p, pulled, mask=b < images)
        learnt = tl.sum(gradient * unit[:, None, None], axis=0)  # j d
        slices = tl.program_id(1) * count * units * classes * dims
        tl.store(change + slices + place, learnt, mask=own)
