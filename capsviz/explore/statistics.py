"""Where the numbers of each digit capsule usually lie, measured once per network and kept."""

from __future__ import annotations

import hashlib
import io
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from capsviz.explore.answers import PoseStatistics
from capsviz.files import CapsvizError, read_bytes, write_atomically
from capsviz.places import user_folder

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from capsviz.network import CapsNet

    Floats = NDArray[np.float32]

LEVELS = 101
"""Quantiles kept of each number: one per cent apart, both ends included."""

_SUFFIX = ".poses.npz"
_LIMIT = 2**26  # bytes; the paper's network has 32 KB
_BATCH = 250
_PRESENT = 0.9  # m⁺, the length a present digit is trained towards


def statistics_for(
    model_path: Path, model: CapsNet, images: NDArray[Any], labels: NDArray[Any]
) -> PoseStatistics:
    """The network's pose statistics: those that lie beside its file or in the user's cache, else
    measured now on these images (2 to 5 ms each on a CPU) and kept in the cache.

    A file counts only if it was made with exactly these weights, on at least as many images.

    Args:
        model_path: the network's file; it need not exist.
        model: in evaluation mode.
        images: (n, H, W) of the network's size, 0 … 1.
        labels: (n,) digits.

    Raises:
        CapsvizError: the images do not fit the network.
    """
    digest = weights_digest(model)
    kept = user_folder() / "cache" / f"{model_path.stem}-{digest[:12]}{_SUFFIX}"
    for path in (sidecar(model_path), kept):
        found = _read(path, model, digest)
        if found is not None and found.n >= len(images):
            return found
    measured = pose_statistics(model, images, labels)
    with suppress(CapsvizError):  # a full disk costs the next start a second, no more
        _write(kept, measured, digest)
    return measured


def sidecar(model_path: Path) -> Path:
    """Where the statistics that ship with a network lie."""
    return model_path.with_name(model_path.stem + _SUFFIX)


def save_statistics(path: Path, model: CapsNet, statistics: PoseStatistics) -> None:
    """Write statistics for `statistics_for` to find.

    Raises:
        CapsvizError: the file cannot be written.
    """
    _write(path, statistics, weights_digest(model))


def pose_statistics(model: CapsNet, images: NDArray[Any], labels: NDArray[Any]) -> PoseStatistics:
    """Quantiles of the final pose v_j over the images of class j.

    A class without images takes the numbers of all other classes together, as its own are of
    that size; without any images at all, numbers spread evenly about 0 as widely as those of a
    vector of length m⁺ = 0.9 in any direction are (variance 0.9² / D).

    Args:
        model: in evaluation mode; routed with the iterations it was trained with.
        images: (n, H, W) of the network's size, 0 … 1.
        labels: (n,) digits; those without a capsule are left out.

    Raises:
        CapsvizError: the images do not fit the network or the labels.
    """
    _check(model, images, labels)
    size = model.config.classes
    known = labels < size
    poses = _poses(model, images[known], labels[known].astype(np.int64))  # n D
    per_class = [poses[labels[known] == digit] for digit in range(size)]
    rows = [_quantiles(own if len(own) else _stand_in(poses)) for own in per_class]
    return PoseStatistics(np.stack(rows), len(poses))


def weights_digest(model: CapsNet) -> str:
    """SHA-256 over names, shapes and fp32 values of all weights, as 64 hexadecimal digits."""
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        plain = tensor.detach().to("cpu", torch.float32).contiguous()
        digest.update(f"\n{name} {list(plain.shape)}\n".encode())
        digest.update(plain.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _check(model: CapsNet, images: NDArray[Any], labels: NDArray[Any]) -> None:
    side = model.config.image_size
    if images.ndim != 3 or images.shape[1:] != (side, side) or labels.shape != (len(images),):
        raise CapsvizError(
            f"Expected images of {side}×{side} pixels with one label each to measure poses on, "
            f"found images of shape {images.shape} and labels of shape {labels.shape}."
        )


@torch.inference_mode()
def _poses(model: CapsNet, images: NDArray[Any], labels: NDArray[np.int64]) -> Floats:
    """(n, D) pose of the true class of each image."""
    device = next(model.parameters()).device
    found = [np.zeros((0, model.config.digit_dim), np.float32)]
    for start in range(0, len(images), _BATCH):
        part = np.ascontiguousarray(images[start : start + _BATCH], np.float32)
        poses = model(torch.from_numpy(part).to(device)[:, None]).cpu().numpy()  # B J D
        found.append(poses[np.arange(len(part)), labels[start : start + _BATCH]])
    return np.concatenate(found)


def _stand_in(poses: Floats) -> Floats:
    """(n', D) for a class without images, the same for every dimension."""
    dim = poses.shape[1]
    half = _PRESENT * (3 / dim) ** 0.5  # an even spread over ±h has variance h²/3
    pool = poses.ravel() if len(poses) else np.linspace(-half, half, LEVELS)
    return np.repeat(np.asarray(pool, np.float32)[:, None], dim, axis=1)


def _quantiles(poses: Floats) -> Floats:
    """(n, D) → (D, Q)."""
    found = np.quantile(poses, np.linspace(0, 1, LEVELS), axis=0)
    return np.ascontiguousarray(found.T, np.float32)


def _write(path: Path, statistics: PoseStatistics, digest: str) -> None:
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        quantiles=statistics.quantiles.astype(np.float16),  # within 2.5e-4, as |v| < 1
        n=np.int64(statistics.n),
        weights=np.array(digest),
    )
    write_atomically(path, buffer.getvalue())


def _read(path: Path, model: CapsNet, digest: str) -> PoseStatistics | None:
    """What the file holds; None if it is missing, damaged, or of other weights."""
    try:
        content = io.BytesIO(read_bytes(path, _LIMIT))
        with np.load(content, allow_pickle=False) as archive:
            if str(archive["weights"]) != digest:
                return None
            quantiles = archive["quantiles"].astype(np.float32)
            n = int(archive["n"])
    except Exception:  # zipfile, its decompressors and numpy each have theirs; measuring mends all
        return None
    shape = (model.config.classes, model.config.digit_dim, LEVELS)
    is_whole = quantiles.shape == shape and bool(np.isfinite(quantiles).all()) and n >= 0
    rises = is_whole and bool((np.diff(quantiles, axis=-1) >= 0).all())
    return PoseStatistics(quantiles, n) if rises else None
