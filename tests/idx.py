"""Synthetic labelled digits and the IDX files that hold them."""

from __future__ import annotations

import gzip
import struct
from typing import TYPE_CHECKING

import numpy as np

from capsviz.data.mnist import Digits

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from numpy.typing import NDArray

TRAIN_IMAGES = "train-images-idx3-ubyte"
TRAIN_LABELS = "train-labels-idx1-ubyte"
TEST_IMAGES = "t10k-images-idx3-ubyte"
TEST_LABELS = "t10k-labels-idx1-ubyte"
NAMES = (TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS)


def idx_bytes(array: NDArray[np.uint8]) -> bytes:
    """The array as an IDX file: 0 0 8 n, n big-endian sizes, the bytes."""
    return struct.pack(f">4B{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


def blocks(count: int, seed: int = 0, size: int = 28) -> Digits:
    """Digits one can learn in seconds: a noisy bar per class, lying or standing, five places."""
    random = np.random.default_rng(seed)
    labels = np.resize(np.arange(10, dtype=np.uint8), count)
    random.shuffle(labels)
    images = random.integers(0, 40, (count, size, size), dtype=np.uint8)
    unit = size / 28
    for image, label in zip(images, labels, strict=True):
        start = int((3 + 5 * (label % 5)) * unit)
        bar = slice(start, start + max(2, int(3 * unit)))
        length = slice(int(5 * unit), int(23 * unit))
        image[(bar, length) if label < 5 else (length, bar)] = random.integers(180, 256)
    return Digits(images, labels)


def write_mnist(
    folder: Path, train: Digits, test: Digits, packed: Collection[str] = ()
) -> dict[str, Path]:
    """Write the four files into `folder`, those named in `packed` as .gz; the paths by name."""
    arrays = dict(zip(NAMES, (train.images, train.labels, test.images, test.labels), strict=True))
    return {
        name: write_idx(folder, name, idx_bytes(arrays[name]), name in packed) for name in NAMES
    }


def write_idx(folder: Path, name: str, content: bytes, packed: bool = False) -> Path:
    """Write one file's content under its MNIST name, as .gz if `packed`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / (f"{name}.gz" if packed else name)
    path.write_bytes(gzip.compress(content, 1) if packed else content)
    return path
