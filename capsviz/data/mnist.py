"""MNIST from any folder that holds the four IDX files, plain or .gz."""

from __future__ import annotations

import gzip
import math
import os
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from capsviz.files import CapsvizError, read_bytes, reason

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

Part = Literal["train", "test"]

_PREFIX: dict[Part, str] = {"train": "train", "test": "t10k"}
_FILES = tuple(
    f"{prefix}-{kind}-ubyte"
    for prefix in _PREFIX.values()
    for kind in ("images-idx3", "labels-idx1")
)
_LAYOUTS = ("", "MNIST/raw", "raw")  # flat, torchvision's root, torchvision's MNIST folder
_LIMIT = 2**30  # bytes; MNIST's largest file has 47 MB


@dataclass(frozen=True, slots=True, eq=False)
class Digits:
    """Labelled digit images.

    Attributes:
        images: (n, H, W) uint8, 0 = ground.
        labels: (n,) uint8, 0 … 9.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, part: slice) -> Digits:
        return Digits(self.images[part], self.labels[part])


def load_mnist(folder: Path, part: Part) -> Digits:
    """One part of MNIST, 60 000 or 10 000 digits of 28×28.

    Args:
        folder: holds the four IDX files, flat or in torchvision's layout, plain or .gz.
        part: "train" or "test".

    Raises:
        CapsvizError: a file is missing or damaged; names it and says what to do.
    """
    images = _read_idx(_find(folder, f"{_PREFIX[part]}-images-idx3-ubyte"), 3)
    labels_path = _find(folder, f"{_PREFIX[part]}-labels-idx1-ubyte")
    labels = _read_idx(labels_path, 1)
    if len(images) != len(labels):
        raise CapsvizError(
            f"{labels_path} holds {len(labels)} labels for {len(images)} images; "
            "the two files do not belong together."
        )
    if len(labels) and labels.max() > 9:
        raise CapsvizError(f"{labels_path} holds label {labels.max()}; expected digits 0 to 9.")
    return Digits(images, labels)


def has_mnist(folder: Path) -> bool:
    """Whether all four files are there, read or not."""
    return all(_candidate(folder, name) is not None for name in _FILES)


def _candidate(folder: Path, name: str) -> Path | None:
    for layout in _LAYOUTS:
        for suffix in ("", ".gz"):
            path = folder / layout / f"{name}{suffix}"
            if os.path.isfile(path):  # False too where the folder may not be entered
                return path
    return None


def _find(folder: Path, name: str) -> Path:
    path = _candidate(folder, name)
    if path is None:
        raise CapsvizError(
            f"MNIST's file {name} (or {name}.gz) was not found in {folder}; give the folder that "
            "holds the four files by --data-dir or CAPSVIZ_DATA, or add --download to fetch them."
        )
    return path


def _read_idx(path: Path, dimensions: int) -> NDArray[np.uint8]:
    """An IDX file: 0 0 8 n, n big-endian sizes, then unsigned bytes."""
    content = _unpacked(path)
    header = 4 + 4 * dimensions
    if len(content) < header or content[:4] != bytes((0, 0, 8, dimensions)):
        raise CapsvizError(
            f"{path} is damaged: expected an IDX file of {dimensions} dimensions of bytes, "
            f"found {content[:4].hex(' ') or 'nothing'} at its start; fetch it again."
        )
    shape = tuple(int(size) for size in np.frombuffer(content, ">u4", dimensions, 4))
    # nothing at all fits any sizes with a zero among them, even such that numpy refuses
    if len(content) != header + math.prod(shape) or 0 in shape:
        raise CapsvizError(
            f"{path} is damaged: it promises {math.prod(shape)} bytes of data, "
            f"but holds {len(content) - header}; fetch it again."
        )
    return np.frombuffer(content, np.uint8, offset=header).reshape(shape)


def _unpacked(path: Path) -> bytes:
    if path.suffix != ".gz":
        return read_bytes(path, _LIMIT)
    try:
        with gzip.open(path) as file:
            return file.read(_LIMIT)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise CapsvizError(f"{path} is damaged ({error}); fetch it again.") from error
    except OSError as error:
        raise CapsvizError(f"Could not read {path}: {reason(error)}.") from error
