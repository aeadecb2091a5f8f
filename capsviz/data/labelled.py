"""Images for `classify` and `evaluate`, from whatever file a person gives."""

from __future__ import annotations

import io
import math
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from capsviz.data.drawing import rasterize
from capsviz.data.framing import as_floats, fit_images
from capsviz.data.images import image_to_input
from capsviz.data.mnist import load_mnist
from capsviz.data.pairs import multimnist
from capsviz.data.strokes import read_strokes
from capsviz.files import CapsvizError, one_line, read_bytes
from capsviz.places import data_folder

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

_FILE_LIMIT = 2**29  # bytes, packed
_PIXEL_LIMIT = 2**28  # of all images together, a GiB as floats; MNIST has 47 million
_SMALLEST = 16  # pixels, side of an image
_PAIRS_SEED = 2017  # of the one set of pairs that all networks are measured on
_ACCEPTED = (
    "mnist, multimnist, a .npz file with images and labels, or a .jsonl file of labelled strokes"
)


@dataclass(frozen=True, slots=True, eq=False)
class LabelledImages:
    """What a network is measured on.

    Attributes:
        images: (n, S, S) float32, 0 = ground … 1 = ink.
        labels: (n,) int64, or (n, 2) where each image shows two digits.
        name: as shown to people.
    """

    images: Floats
    labels: NDArray[np.int64]
    name: str


def load_labelled(
    what: str,
    size: int = 28,
    data_dir: Path | None = None,
    raw: bool = False,
    border: int = 0,
) -> LabelledImages:
    """Labelled images by name or file.

    Args:
        what: "mnist" (its test part), "multimnist" (as many pairs of its test digits, always the
            same), a .npz (`images` (n, h, h) uint8, `labels` (n,) or (n, 2)),
            or strokes (.jsonl).
        size: S, side of the network's images; images of another size are framed as MNIST's are.
        data_dir: where MNIST lies.
        raw: refuse images of another size rather than frame them.
        border: pixels that the network wants free round a single digit; 0 if it reads only one.

    Raises:
        CapsvizError: nothing of that name, a damaged file, or unfit content.
    """
    if what == "mnist":
        digits = load_mnist(data_folder(data_dir), "test")
        return _fitted(digits.images, digits.labels.astype(np.int64), what, size, raw, border)
    if what == "multimnist":
        return _pairs(what, size, data_dir, border)
    path = Path(what)
    if path.suffix.lower() == ".jsonl":
        return _labelled_strokes(path, size, border)
    if path.suffix.lower() == ".npz":
        return _fitted(*_read_npz(path), what, size, raw, border)
    raise CapsvizError(f"Expected {_ACCEPTED}, found {what!r:.200}.")


def load_inputs(path: Path, size: int = 28, border: int = 0) -> list[Floats]:
    """What a network is to see of a file: one image, or each drawing of a strokes file.

    Args:
        path: of the file.
        size: side of the network's images, pixels.
        border: of these kept free round a single digit; 0 if the network reads only one.

    Raises:
        CapsvizError: the file is neither, or damaged.
    """
    inner = size - 2 * border
    if path.suffix.lower() == ".jsonl":
        images = [rasterize(entry.drawing, inner) for entry in read_strokes(path)]
    else:
        images = [image_to_input(path, inner)]
    return [np.pad(image, border) for image in images]


def _pairs(name: str, size: int, data_dir: Path | None, border: int) -> LabelledImages:
    if not border:
        raise CapsvizError(
            "multimnist shows two digits in each image, and this network reads one; expected a "
            "two-digit network, such as --model two-digits."
        )
    pairs = multimnist(load_mnist(data_folder(data_dir), "test"), _PAIRS_SEED)
    if pairs.images.shape[1] != size:
        raise CapsvizError(
            f"multimnist has images of {pairs.images.shape[1]}×{pairs.images.shape[1]} pixels, "
            f"but this network wants {size}×{size}; give a .npz of such images."
        )
    return LabelledImages(as_floats(pairs.images), pairs.labels, name)


def _labelled_strokes(path: Path, size: int, border: int) -> LabelledImages:
    entries = read_strokes(path)
    labels = [entry.label for entry in entries]
    if None in labels:
        raise CapsvizError(
            f"Drawing {labels.index(None) + 1} in {path} has no label; to measure errors every "
            'drawing needs one, such as "label": 3.'
        )
    images = np.stack([rasterize(entry.drawing, size - 2 * border) for entry in entries])
    images = fit_images(images, size, border)
    return LabelledImages(images, np.array(labels, np.int64), str(path))


def _fitted(
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    name: str,
    size: int,
    raw: bool,
    border: int,
) -> LabelledImages:
    side = images.shape[1]
    if side == size:
        return LabelledImages(as_floats(images), labels, name)
    if raw:
        raise CapsvizError(
            f"The images in {name} have {side}×{side} pixels, the network sees {size}×{size}; "
            "without --raw they are brought to its size."
        )
    if labels.ndim == 2:
        raise CapsvizError(
            f"Two digits in one image are taken as they stand: expected {size}×{size} pixels, as "
            f"the network sees, found {side}×{side} in {name}."
        )
    return LabelledImages(fit_images(images, size, border), labels, name)


def _read_npz(path: Path) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    content = read_bytes(path, _FILE_LIMIT)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            images, labels = (_read_npy(archive, name, path) for name in ("images", "labels"))
    except CapsvizError:
        raise
    except Exception as error:  # zipfile, four decompressors and numpy's header each have theirs
        raise CapsvizError(
            f"Expected a .npz file with images and labels in {path}, found another or damaged "
            f"one ({one_line(error)}); write it anew with numpy.savez."
        ) from error
    return _checked(path, images, labels)


def _read_npy(archive: zipfile.ZipFile, name: str, path: Path) -> NDArray[Any]:
    """One array; its size is read before its content, so a packed bomb is refused."""
    if f"{name}.npy" not in archive.namelist():
        raise CapsvizError(f"{path} holds no array called {name!r}; images and labels are needed.")
    with archive.open(f"{name}.npy") as file:
        version = np.lib.format.read_magic(file)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else _header_2_0
        shape, _, dtype = read(file)
    if dtype.kind not in "uifb" or not 0 < math.prod(shape) * dtype.itemsize <= _PIXEL_LIMIT:
        raise CapsvizError(
            f"The {name} in {path} should be plain numbers of 1 to {_PIXEL_LIMIT} bytes, "
            f"but are {dtype} of shape {shape}."
        )
    with archive.open(f"{name}.npy") as file:
        array: NDArray[Any] = np.lib.format.read_array(file, allow_pickle=False)
    return array


def _header_2_0(file: Any) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:  # noqa: ANN401
    header: tuple[tuple[int, ...], bool, np.dtype[Any]] = np.lib.format.read_array_header_2_0(file)
    return header


def _checked(
    path: Path, images: NDArray[Any], labels: NDArray[Any]
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    if images.ndim == 4 and 1 in (images.shape[1], images.shape[3]):
        images = images.squeeze(1 if images.shape[1] == 1 else 3)
    square = images.ndim == 3 and images.shape[1] == images.shape[2] >= _SMALLEST
    if images.dtype != np.uint8 or not square or not len(images):
        raise CapsvizError(
            f"The images in {path} should be uint8 of shape (n, h, h), h at least {_SMALLEST}, "
            f"but are {images.dtype} of shape {images.shape}."
        )
    fit = labels.shape in ((len(images),), (len(images), 2))
    if not fit or labels.dtype.kind not in "iu" or not ((labels >= 0) & (labels <= 9)).all():
        raise CapsvizError(
            f"The labels in {path} should be digits 0 to 9 of shape ({len(images)},) or "
            f"({len(images)}, 2), but are {labels.dtype} of shape {labels.shape}."
        )
    return images, labels.astype(np.int64)
