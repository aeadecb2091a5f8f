"""A slow CapsNet in float64, written from the paper's procedure 1, equations 1 to 4 and section 4
("Dynamic Routing Between Capsules", arXiv 1710.09829): loops over plain numbers, nothing shared
with the package, so that an error would have to be made twice to go unseen.

Indices keep the paper's order: u[i], W[i][j], u_hat[i][j], b[i][j], c[i][j], s[j], v[j].
"""

import math

import numpy as np


def squash(s):
    """Equation 1: v = ‖s‖² / (1 + ‖s‖²) · s / ‖s‖, and 0 at s = 0."""
    squared_norm = sum(float(x) ** 2 for x in s)
    if squared_norm == 0:
        return np.zeros(len(s))
    norm = math.sqrt(squared_norm)
    return np.array([squared_norm / (1 + squared_norm) * float(x) / norm for x in s])


def squash_each(vectors):
    """Equation 1 for every vector along the last axis of an array of any shape."""
    array = np.asarray(vectors, dtype=np.float64)
    rows = [squash(row) for row in array.reshape(-1, array.shape[-1])]
    return np.array(rows).reshape(array.shape)


def softmax(logits):
    """Equation 3: c_ij = exp(b_ij) / Σ_k exp(b_ik), for the row of one capsule i."""
    largest = max(logits)
    powers = [math.exp(x - largest) for x in logits]
    return np.array([power / sum(powers) for power in powers])


def predictions(u, w):
    """Equation 2: û_{j|i} = W_ij u_i, from u (I, P) and W (I, J, D, P), as (I, J, D)."""
    inputs, outputs, dim, units = w.shape
    u_hat = np.zeros((inputs, outputs, dim))
    for i in range(inputs):
        for j in range(outputs):
            for d in range(dim):
                u_hat[i, j, d] = sum(w[i, j, d, p] * u[i, p] for p in range(units))
    return u_hat


def routing(u_hat, iterations):
    """Procedure 1 for one image, from û (I, J, D): a dict of b, c (I, J) and s, v (J, D) each."""
    inputs, outputs, dim = u_hat.shape
    b = np.zeros((inputs, outputs))
    steps = []
    for iteration in range(iterations):
        c = np.array([softmax(b[i]) for i in range(inputs)])
        s = np.zeros((outputs, dim))
        for j in range(outputs):
            for i in range(inputs):
                s[j] += c[i, j] * u_hat[i, j]
        v = np.array([squash(s[j]) for j in range(outputs)])
        steps.append({"b": b.copy(), "c": c, "s": s, "v": v})
        if iteration < iterations - 1:
            for i in range(inputs):
                for j in range(outputs):
                    b[i, j] += sum(u_hat[i, j, d] * v[j, d] for d in range(dim))
    return steps


def length(v):
    return math.sqrt(sum(float(x) ** 2 for x in v))


def convolution(maps, weight, bias, stride):
    """Valid cross-correlation: maps (C, H, W), weight (O, C, K, K), bias (O,), as (O, H', W')."""
    kernel = weight.shape[-1]
    rows = range(0, maps.shape[1] - kernel + 1, stride)
    columns = range(0, maps.shape[2] - kernel + 1, stride)
    result = np.zeros((len(weight), len(rows), len(columns)))
    for out in range(len(weight)):
        for y, top in enumerate(rows):
            for x, left in enumerate(columns):
                patch = maps[:, top : top + kernel, left : left + kernel]
                result[out, y, x] = (patch * weight[out]).sum() + bias[out]
    return result


def primary_capsules(maps, types, dim):
    """Section 4: unit p of type t at (y, x) is map t·P + p at (y, x); squashed, no ReLU."""
    capsules = []
    for t in range(types):
        for y in range(maps.shape[1]):
            for x in range(maps.shape[2]):
                capsules.append(squash([maps[t * dim + p, y, x] for p in range(dim)]))
    return np.array(capsules)


def decode(v, chosen, layers):
    """Section 4.1: all capsules but one masked; ReLU, ReLU, sigmoid. v (J, D), as (pixels,)."""
    activity = [x if j == chosen else 0.0 for j, capsule in enumerate(v) for x in capsule]
    for depth, (weight, bias) in enumerate(layers):
        sums = [
            sum(w * a for w, a in zip(row, activity, strict=True)) + b
            for row, b in zip(weight, bias, strict=True)
        ]
        last = depth == len(layers) - 1
        activity = [1 / (1 + math.exp(-x)) if last else max(0.0, x) for x in sums]
    return np.array(activity)


def margin_loss(lengths, present, m_plus=0.9, m_minus=0.1, down=0.5):
    """Equation 4, summed over the classes k, averaged over the images."""
    total = 0.0
    for image_lengths, image_present in zip(lengths, present, strict=True):
        for v, t in zip(image_lengths, image_present, strict=True):
            total += t * max(0.0, m_plus - v) ** 2 + down * (1 - t) * max(0.0, v - m_minus) ** 2
    return total / len(lengths)


def reconstruction_loss(decoded, images):
    """Section 4.1: the sum of squared differences over pixels, averaged over the images."""
    total = 0.0
    for one, other in zip(decoded, images, strict=True):
        for x, y in zip(np.ravel(one), np.ravel(other), strict=True):
            total += (float(x) - float(y)) ** 2
    return total / len(decoded)
