"""`explain` and `reconstruct`: the one border between numpy and the network's tensors."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from capsviz.explore.answers import Explanation
from capsviz.files import CapsvizError
from capsviz.network import MAX_ITERATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from capsviz.network import CapsNet

    Floats = NDArray[np.float32]


@torch.inference_mode()
def explain(
    model: CapsNet,
    image: NDArray[Any],
    iterations: int | None = None,
    *,
    with_curve: bool = False,
    with_redrawn: bool = False,
) -> Explanation:
    """Show one image to the network and keep every number of its routing.

    Args:
        model: in evaluation mode.
        image: (H, W) of the network's size, 0 … 1, 0 = ground.
        iterations: routing iterations, 1 … 10; the trained number if None.
        with_curve: also route on to ten iterations, for the lengths after each.
        with_redrawn: also decode every digit capsule, not the longest alone.

    Returns:
        the whole routing, and the longest capsule redrawn.

    Raises:
        CapsvizError: the image has another size or numbers that are not in 0 … 1.
        ValueError: iterations out of range.
    """
    pixels = _checked(model, image)
    wanted = _wanted(model, iterations)
    began = time.perf_counter()
    # the first iterations of a longer routing are those of a shorter one
    trace = model.trace(
        _tensor(model, pixels)[None, None], MAX_ITERATIONS if with_curve else wanted
    )
    poses = trace.poses[wanted - 1]  # 1 J D
    digit, redrawn = _redraw(model, poses, with_redrawn)
    lengths = _array(trace.lengths[:, 0])  # R J
    side = model.config.grid_size
    return Explanation(
        image=pixels,
        grid=(model.config.primary_types, side, side),
        primary=_array(trace.primary[0]),
        votes=_array(trace.votes[0]),
        logits=_array(trace.logits[:wanted, 0]),
        couplings=_array(trace.couplings[:wanted, 0]),
        poses=_array(trace.poses[:wanted, 0]),
        lengths=lengths[:wanted],
        field=2 * model.config.kernel_size - 1,
        reconstruction=None if redrawn is None else redrawn[digit if with_redrawn else 0],
        seconds=time.perf_counter() - began,
        curve=lengths if with_curve else None,
        redrawn=redrawn if with_redrawn else None,
    )


def _wanted(model: CapsNet, iterations: int | None) -> int:
    """So many iterations, or as many as the network was trained with."""
    wanted = model.config.routing_iterations if iterations is None else iterations
    if not 1 <= wanted <= MAX_ITERATIONS:
        raise ValueError(f"routing iterations must be 1 to {MAX_ITERATIONS}, not {wanted}")
    return wanted


def _redraw(model: CapsNet, poses: torch.Tensor, each: bool) -> tuple[int, Floats | None]:
    """The longest capsule, and (1 or J, H, W) decoded: it alone, or each of the J."""
    digit = int(torch.linalg.vector_norm(poses[0], dim=-1).argmax())
    digits = torch.arange(poses.shape[1]) if each else torch.tensor([digit])
    if model.decoder is None:
        return digit, None
    images = model.decode(poses.expand(len(digits), -1, -1), digits.to(poses.device))
    return digit, _array(images[:, 0])


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
    image: Floats = reconstruct_many(model, np.asarray(pose)[None], digit)[0]
    return image


@torch.inference_mode()
def reconstruct_many(model: CapsNet, poses: NDArray[Any], digit: int) -> Floats:
    """The same for (n, D) poses of one digit capsule: (n, H, W) float32 in 0 … 1.

    Raises:
        CapsvizError: the network has no decoder, or poses or digit do not fit it.
    """
    config = model.config
    if not config.reconstruction:
        raise CapsvizError("This network was trained without a decoder, so it cannot redraw.")
    shape = np.shape(poses)
    if not 0 <= digit < config.classes or len(shape) != 2 or shape[1] != config.digit_dim:
        raise CapsvizError(
            f"Expected a digit below {config.classes} and {config.digit_dim} numbers of its pose, "
            f"found digit {digit} and numbers of shape {shape[1:]}."
        )
    masked = torch.zeros(len(poses), config.classes, config.digit_dim, device=_device(model))
    masked[:, digit] = _tensor(model, np.asarray(poses, np.float32))
    digits = torch.full((len(poses),), digit, device=masked.device)
    return _array(model.decode(masked, digits)[:, 0])


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


def _device(model: CapsNet) -> torch.device:
    return next(model.parameters()).device


def _tensor(model: CapsNet, array: Floats) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(array, np.float32)).to(_device(model))


def _array(tensor: torch.Tensor) -> Floats:
    array: Floats = tensor.cpu().numpy()
    return array
