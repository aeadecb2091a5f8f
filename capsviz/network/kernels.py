"""Kernels for routing on a CUDA device, in Triton: each reads every vote at most once.

Votes do not change, so b_ij = Σ û·v of all earlier iterations = û·V with V the sum of the earlier
poses: no logit and no coupling is ever written.

Letters at line ends: n parts whose sums are added up · b images of a block · j digit capsules and
d dimensions, both filled up to a power of two · m vectors
"""

from __future__ import annotations

import triton
import triton.language as tl


@triton.jit
def _places(b, j, d, images, classes, dims):
    """Where the (B, J, D) numbers of a block are, and which of them there are."""
    at = (b[:, None, None] * classes + j[None, :, None]) * dims + d[None, None, :]
    inside = (b < images)[:, None, None] & (j < classes)[None, :, None] & (d < dims)[None, None, :]
    return at, inside


@triton.jit
def _coupling(vote, above, j, classes):
    """Softmax_j(û·V), which is c: b j."""
    logits = tl.sum(vote * above, axis=2)
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
    votes, above, through, sums, count, images,
    classes: tl.constexpr, dims: tl.constexpr, width: tl.constexpr, depth: tl.constexpr,
    block: tl.constexpr, inputs: tl.constexpr, gradient: tl.constexpr,
):  # fmt: skip
    """Σ_i w_ij û_{j|i} over `inputs` primary capsules: a slice of `sums`, (n, B, J, D).

    w is the coupling coefficient, or with `gradient` that of the logit, from `through`, that of s.
    """
    part = tl.program_id(0)
    b = tl.program_id(1) * block + tl.arange(0, block)
    j, d = tl.arange(0, width), tl.arange(0, depth)
    at, inside = _places(b, j, d, images, classes, dims)
    size = images * classes * dims
    earlier = tl.load(above + at, mask=inside, other=0.0)
    arriving = tl.load(through + at, mask=inside, other=0.0)
    total = tl.zeros((block, width, depth), tl.float32)
    for i in range(part * inputs, min(count, (part + 1) * inputs)):
        vote = tl.load(votes + i * size + at, mask=inside, other=0.0)
        weight = _coupling(vote, earlier, j, classes)
        if gradient:
            weight = _logit_gradient(vote, weight, arriving)
        total += weight[:, :, None] * vote
    tl.store(sums + part * size + at, total, mask=inside)


@triton.jit
def vote_gradients(
    votes, above, through, changes, count, images,
    classes: tl.constexpr, dims: tl.constexpr, width: tl.constexpr, depth: tl.constexpr,
    block: tl.constexpr, inputs: tl.constexpr, iterations: tl.constexpr,
):  # fmt: skip
    """Gradients of the votes, (I, B, J, D), from those of every iteration's s.

    `through` is (R, B, J, D), and so is what is read of `above`. In the first iteration V is 0 and
    all c are alike.
    """
    part = tl.program_id(0)
    b = tl.program_id(1) * block + tl.arange(0, block)
    j, d = tl.arange(0, width), tl.arange(0, depth)
    at, inside = _places(b, j, d, images, classes, dims)
    size = images * classes * dims
    first = tl.load(through + at, mask=inside, other=0.0) / classes
    for i in range(part * inputs, min(count, (part + 1) * inputs)):
        vote = tl.load(votes + i * size + at, mask=inside, other=0.0)
        change = first
        for t in tl.static_range(1, iterations):
            earlier = tl.load(above + t * size + at, mask=inside, other=0.0)
            arriving = tl.load(through + t * size + at, mask=inside, other=0.0)
            coupling = _coupling(vote, earlier, j, classes)
            change += coupling[:, :, None] * arriving
            change += _logit_gradient(vote, coupling, arriving)[:, :, None] * earlier
        tl.store(changes + i * size + at, change, mask=inside)


@triton.jit
def _measured(s):
    """As in `squash`: r s, r and ‖r s‖, with r = 1 / max(1, the largest |s|): m d, m 1, m 1."""
    inverse = 1.0 / tl.maximum(tl.max(tl.abs(s), axis=1), 1.0)[:, None]
    scaled = s * inverse
    return scaled, inverse, tl.sqrt(tl.sum(scaled * scaled, axis=1))[:, None]


@triton.jit
def _total(parts, count, at, inside, size, together: tl.constexpr):
    """The sum of `count` parts, `together` at a time: m d."""
    total = tl.zeros(at.shape, tl.float32)
    for first in range(0, count, together):
        n = first + tl.arange(0, together)
        there = (n < count)[:, None, None] & inside[None, :, :]
        some = tl.load(parts + n[:, None, None] * size + at[None, :, :], mask=there, other=0.0)
        total += tl.sum(some, axis=0)
    return total


@triton.jit
def squash_sums(
    parts, sums, poses, above, below, count, share, rows,
    dims: tl.constexpr, depth: tl.constexpr, block: tl.constexpr, together: tl.constexpr,
):  # fmt: skip
    """From the parts of s, Σ_n times `share`: s, v = squash(s) (equation 1), and `above` + v."""
    m, d = tl.program_id(0) * block + tl.arange(0, block), tl.arange(0, depth)
    at, inside = m[:, None] * dims + d[None, :], (m < rows)[:, None] & (d < dims)[None, :]
    s = _total(parts, count, at, inside, rows * dims, together) * share
    scaled, inverse, length = _measured(s)
    v = scaled * (length / (inverse * inverse + length * length))
    tl.store(sums + at, s, mask=inside)
    tl.store(poses + at, v, mask=inside)
    tl.store(below + at, tl.load(above + at, mask=inside, other=0.0) + v, mask=inside)


@triton.jit
def _through(s, arriving):
    """The gradient of s from that of v = squash(s): m d.

    With n = ‖s‖, e = s / n and f = n / (1 + n²), v = f s and the gradient is f g + n f' e (e·g);
    both factors are written with n = l / r as in `squash`, so that no square overflows.
    """
    scaled, inverse, length = _measured(s)
    whole = inverse * inverse + length * length
    direction = tl.where(length > 0, scaled / length, 0.0)
    along = tl.sum(direction * arriving, axis=1)[:, None]
    bend = (inverse * inverse - length * length) / whole
    return (length * inverse / whole) * (arriving + bend * along * direction)


@triton.jit
def unsquash_sums(
    parts, base, sums, arriving, through, count, rows,
    dims: tl.constexpr, depth: tl.constexpr, block: tl.constexpr, together: tl.constexpr,
):  # fmt: skip
    """`arriving`, the gradient of v, is `base` and Σ_n of the parts; `through` that of s."""
    m, d = tl.program_id(0) * block + tl.arange(0, block), tl.arange(0, depth)
    at, inside = m[:, None] * dims + d[None, :], (m < rows)[:, None] & (d < dims)[None, :]
    g = tl.load(base + at, mask=inside, other=0.0)
    g += _total(parts, count, at, inside, rows * dims, together)
    s = tl.load(sums + at, mask=inside, other=0.0)
    tl.store(arriving + at, g, mask=inside)
    tl.store(through + at, _through(s, g), mask=inside)
