"""`explain` and `reconstruct`: the one border between numpy and the network's tensors."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from capsviz.explore.answers import Explanation
from capsviz.files import CapsvizError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from capsviz.network import CapsNet

    Floats = NDArray[np.float32]


@torch.inference_mode()
def explain(model: CapsNet, image: NDArray[Any], iterations: int | None = None) -> Explanation:
    """Show one image to the network and keep every number of its routing.

    Args:
        model: in evaluation mode.
        image: (H, W) of the network's size, 0 … 1, 0 = ground.
        iterations: routing iterations, 1 … 10; the trained number if None.

    Returns:
        the whole routing, and the longest capsule redrawn.

    Raises:
        CapsvizError: the image has another size or numbers that are not in 0 … 1.
        ValueError: iterations out of range.
    """
    pixels = _checked(model, image)
    began = time.perf_counter()
    trace = model.trace(_tensor(model, pixels)[None, None], iterations)
    lengths = trace.lengths
    decoded = _decode(model, trace.poses[-1], lengths[-1].argmax(dim=1))
    answer = [
        _array(part)
        for part in (trace.primary[0], trace.votes[0], trace.logits[:, 0], trace.couplings[:, 0])
    ]
    poses, final = _array(trace.poses[:, 0]), _array(lengths[:, 0])
    seconds = time.perf_counter() - began
    side = model.config.grid_size
    grid = (model.config.primary_types, side, side)
    primary, votes, logits, couplings = answer
    return Explanation(
        pixels, grid, primary, votes, logits, couplings, poses, final, decoded, seconds
    )


@torch.inference_mode()
def reconstruct(model: CapsNet, pose: NDArray[Any], digit: int) -> Floats:
    """Redraw the image from one digit capsule, all others masked (section 4.1).

    Args:
        model: with a decoder.
        pose: (D,) instantiation parameters of the capsule.
        digit: which capsule they belong to.

    Returns:
        (H, W) float32 in 0 … 1.

    Raises:
        CapsvizError: the network has no decoder, or pose or digit do not fit it.
    """
    config = model.config
    if not config.reconstruction:
        raise CapsvizError("This network was trained without a decoder, so it cannot redraw.")
    if not 0 <= digit < config.classes or np.shape(pose) != (config.digit_dim,):
        raise CapsvizError(
            f"Expected a digit below {config.classes} and {config.digit_dim} numbers of its pose, "
            f"found digit {digit} and numbers of shape {np.shape(pose)}."
        )
    poses = torch.zeros(1, config.classes, config.digit_dim, device=_device(model))
    poses[0, digit] = _tensor(model, np.asarray(pose, np.float32))
    decoded = _decode(model, poses, torch.tensor([digit], device=poses.device))
    assert decoded is not None
    return decoded


@torch.inference_mode()
def lengths_in_batches(
    model: CapsNet, images: Floats, batch_size: int = 250, iterations: int | None = None
) -> Iterator[Floats]:
    """Lengths of all digit capsules for many images, a batch at a time.

    Args:
        model: in evaluation mode.
        images: (n, H, W), 0 … 1.
        batch_size: images per answer.
        iterations: routing iterations, 1 … 10; the trained number if None.

    Yields:
        (≤ batch_size, J) float32, in the order of the images.
    """
    for start in range(0, len(images), batch_size):
        yield _batch_lengths(model, images[start : start + batch_size], iterations)


@torch.inference_mode()
def _batch_lengths(model: CapsNet, images: Floats, iterations: int | None) -> Floats:
    poses = model(_tensor(model, images)[:, None], iterations)
    return _array(torch.linalg.vector_norm(poses, dim=-1))


def _checked(model: CapsNet, image: NDArray[Any]) -> Floats:
    size = model.config.image_size
    pixels = np.array(image, np.float32)
    if pixels.shape != (size, size):
        raise CapsvizError(
            f"This network sees images of {size}×{size} pixels, found shape {pixels.shape}."
        )
    if not (np.isfinite(pixels).all() and pixels.min() >= 0 and pixels.max() <= 1):
        raise CapsvizError("Expected grey values from 0 (ground) to 1 (ink); found others.")
    return pixels


def _decode(model: CapsNet, poses: torch.Tensor, digits: torch.Tensor) -> Floats | None:
    if model.decoder is None:
        return None
    return _array(model.decode(poses, digits)[0, 0])


def _device(model: CapsNet) -> torch.device:
    return next(model.parameters()).device


def _tensor(model: CapsNet, array: Floats) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(array, np.float32)).to(_device(model))


def _array(tensor: torch.Tensor) -> Floats:
    array: Floats = tensor.cpu().numpy()
    return array
