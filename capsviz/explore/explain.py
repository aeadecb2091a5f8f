"""`explain` and `reconstruct`: the one border between numpy and the network's tensors."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from capsviz.explore.answers import Explanation
from capsviz.explore.decoding import decode_alone, decode_many
from capsviz.explore.replaying import replayed
from capsviz.files import CapsvizError
from capsviz.network import MAX_ITERATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from capsviz.network import CapsNet
    from capsviz.network.capsnet import Decoder

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
        CapsvizError: the image has another size or numbers that are not in 0 … 1, or the
            network's answer is not a number.
        ValueError: iterations out of range.
    """
    pixels = _checked(model, image)
    wanted = _wanted(model, iterations)
    began = time.perf_counter()
    # the first iterations of a longer routing are those of a shorter one
    routed = MAX_ITERATIONS if with_curve else wanted
    answer = _asked(model, pixels, routed, wanted, with_redrawn)
    primary, votes, logits, couplings, poses, lengths, *decoded = answer
    check_finite(lengths)
    redrawn = decoded[0] if decoded else None
    side = model.config.grid_size
    longest = int(lengths[wanted - 1].argmax())
    return Explanation(
        image=pixels,
        grid=(model.config.primary_types, side, side),
        primary=primary,
        votes=votes,
        logits=logits[:wanted],
        couplings=couplings[:wanted],
        poses=poses[:wanted],
        lengths=lengths[:wanted],
        field=2 * model.config.kernel_size - 1,
        reconstruction=None if redrawn is None else redrawn[longest if with_redrawn else 0],
        seconds=time.perf_counter() - began,
        curve=lengths if with_curve else None,
        redrawn=redrawn if with_redrawn else None,
    )


def check_finite(lengths: Floats) -> None:
    """Refuse an answer that is none.

    Raises:
        CapsvizError: a length is not a number.
    """
    if not np.isfinite(lengths).all():
        raise CapsvizError(
            "Expected lengths below 1, found one that is not a number: the network's weights are "
            "too large to reckon with; use another network."
        )


def _wanted(model: CapsNet, iterations: int | None) -> int:
    """So many iterations, or as many as the network was trained with."""
    wanted = model.config.routing_iterations if iterations is None else iterations
    if not 1 <= wanted <= MAX_ITERATIONS:
        raise ValueError(f"routing iterations must be 1 to {MAX_ITERATIONS}, not {wanted}")
    return wanted


def _asked(model: CapsNet, pixels: Floats, routed: int, wanted: int, each: bool) -> list[Floats]:
    """What `_answer` finds, fetched."""
    image = _tensor(model, pixels)[None, None]
    options = {"routed": routed, "wanted": wanted, "each": each}
    if image.is_cuda:
        return _arrays(replayed(_answer, model, image, options))
    decoder = _lone_decoder(model)
    if each or decoder is None:
        return _arrays(_answer(model, image, **options))
    *found, poses, lengths = _arrays(_routing(model, image, routed))
    longest = int(lengths[wanted - 1].argmax())
    redrawn = decode_alone(decoder, poses[wanted - 1, longest], longest)
    return [*found, poses, lengths, redrawn[None]]


def _answer(
    model: CapsNet, images: torch.Tensor, *, routed: int, wanted: int, each: int
) -> tuple[torch.Tensor, ...]:
    """All that a device finds out of one image (1, 1, H, W), without waiting for it.

    What `_routing` finds; with a decoder also (1 or J, H, W) images: of the longest capsule after
    the wanted iteration, or of each.
    """
    parts = _routing(model, images, routed)
    if model.decoder is None:
        return parts
    *_, poses, lengths = parts
    longest = lengths[wanted - 1].argmax(keepdim=True)
    digits = torch.arange(lengths.shape[1], device=longest.device) if each else longest
    images = model.decode(poses[wanted - 1].expand(len(digits), -1, -1), digits)
    return (*parts, images[:, 0])


def _routing(model: CapsNet, images: torch.Tensor, routed: int) -> tuple[torch.Tensor, ...]:
    """Of one image: u (I, P), û (I, J, D), b and c (R, I, J), v (R, J, D), ‖v‖ (R, J)."""
    trace = model.trace(images, routed)
    steps = (trace.logits[:, 0], trace.couplings[:, 0], trace.poses[:, 0])
    return (trace.primary[0], trace.votes[0], *steps, trace.lengths[:, 0])


def _lone_decoder(model: CapsNet) -> Decoder | None:
    """The decoder, if `decode_alone` can take its part."""
    weight = next(model.parameters())
    is_suited = weight.device.type == "cpu" and weight.dtype == torch.float32
    return model.decoder if is_suited else None


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
    poses = np.asarray(pose, np.float32)[None]
    decoder = _lone_decoder(model)
    if decoder is None:
        image: Floats = reconstruct_many(model, poses, digit)[0]
        return image
    _check_poses(model, poses, digit)
    return decode_alone(decoder, poses[0], digit)


@torch.inference_mode()
def reconstruct_many(model: CapsNet, poses: NDArray[Any], digit: int) -> Floats:
    """The same for (n, D) poses of one digit capsule: (n, H, W) float32 in 0 … 1.

    Raises:
        CapsvizError: the network has no decoder, or poses or digit do not fit it.
    """
    _check_poses(model, poses, digit)
    assert model.decoder is not None
    return _array(decode_many(model.decoder, _tensor(model, np.asarray(poses)), digit))


def _check_poses(model: CapsNet, poses: NDArray[Any], digit: int) -> None:
    config = model.config
    if not config.reconstruction:
        raise CapsvizError("This network was trained without a decoder, so it cannot redraw.")
    shape = np.shape(poses)
    if not 0 <= digit < config.classes or len(shape) != 2 or shape[1] != config.digit_dim:
        raise CapsvizError(
            f"Expected a digit below {config.classes} and {config.digit_dim} numbers of its pose, "
            f"found digit {digit} and numbers of shape {shape[1:]}."
        )


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

    Raises:
        CapsvizError: a length is not a number.
    """
    for start in range(0, len(images), batch_size):
        yield _batch_lengths(model, images[start : start + batch_size], iterations)


@torch.inference_mode()
def _batch_lengths(model: CapsNet, images: Floats, iterations: int | None) -> Floats:
    poses = model(_tensor(model, images)[:, None], iterations)
    lengths = _array(torch.linalg.vector_norm(poses, dim=-1))
    check_finite(lengths)
    return lengths


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


def _arrays(tensors: tuple[torch.Tensor, ...]) -> list[Floats]:
    """All of them, fetched from another device at once."""
    if tensors[0].device.type == "cpu":
        return [tensor.numpy() for tensor in tensors]
    flat = torch.cat([tensor.flatten() for tensor in tensors]).cpu()
    sizes = [tensor.numel() for tensor in tensors]
    parts = zip(flat.split(sizes), tensors, strict=True)
    return [part.view(tensor.shape).numpy() for part, tensor in parts]
