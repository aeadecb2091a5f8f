"""Where a run's images come from: MNIST, a folder of class-named images, one's own drawings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from capsviz.files import CapsvizError, one_line, read_bytes, write_atomically
from capsviz.places import data_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from capsviz.data.folders import ClassFolder
    from capsviz.data.mnist import Digits

Kind = Literal["mnist", "folder", "personal"]

MNIST_IMAGES = 60_000
"""In MNIST's training part."""

_FILE = "source.json"  # in the run's folder, so that it can be gone on with
_LIMIT = 2**16


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Images and their labels.

    Attributes:
        kind: MNIST's four files, a folder of class-named folders of images, or the drawings
            that the person corrected.
        folder: that holds them; "" for one's own drawings.
    """

    kind: Kind
    folder: str = ""


def kept_source(run_folder: Path) -> Source:
    """What the run in this folder was begun with; MNIST in its usual place if it does not say.

    Raises:
        CapsvizError: what it says is not understood.
    """
    path = run_folder / _FILE
    if not path.exists():
        return Source("mnist", str(data_folder()))
    try:
        return msgspec.json.decode(read_bytes(path, _LIMIT), type=Source)
    except msgspec.MsgspecError as error:
        raise CapsvizError(f"{path} is damaged: {one_line(error)}; begin a new run.") from error


def keep_source(source: Source, run_folder: Path) -> None:
    """Write down what the run in this folder is begun with.

    Raises:
        CapsvizError: the folder cannot be written.
    """
    write_atomically(run_folder / _FILE, msgspec.json.encode(source))


def count_images(source: Source) -> int:
    """How many there are, told by names of files alone.

    Raises:
        CapsvizError: they are not there.
    """
    from pathlib import Path

    from capsviz.data.mnist import has_mnist
    from capsviz.data.personal import load_personal

    if source.kind == "folder":
        return len(_looked_into(source))
    if source.kind == "personal":
        return len(load_personal())
    if not has_mnist(Path(source.folder)):
        raise CapsvizError(
            f"MNIST's four files are not in {source.folder}; download them, or choose the folder "
            "that holds them."
        )
    return MNIST_IMAGES


def count_classes(source: Source) -> int:
    """How many classes a network must tell apart.

    Raises:
        CapsvizError: the folder cannot be read.
    """
    return len(_looked_into(source).classes) if source.kind == "folder" else 10


def read_images(source: Source, size: int, check: Callable[[], None]) -> tuple[Digits, str]:
    """All of them at a network's image size, and what a run calls them.

    Args:
        source: of the images.
        size: side of the network's images, pixels.
        check: called after each image of a folder; what it raises ends the reading.

    Raises:
        CapsvizError: they are not there, or cannot be read.
    """
    from pathlib import Path

    from capsviz.data.folders import name_of, read_classes
    from capsviz.data.mnist import load_mnist
    from capsviz.data.personal import load_personal, personal_digits

    if source.kind == "mnist":
        digits = load_mnist(Path(source.folder), "train")
        return digits, f"mnist {len(digits)}"
    if source.kind == "personal":
        own = personal_digits(load_personal(), size)
        return own, f"personal {len(own)}"
    found, images = _looked_into(source), None
    for _, read in read_classes(found, size):
        images = read
        check()
    assert images is not None
    return images, name_of(found, images)


def read_own(count: int, size: int) -> Digits:
    """The first so many of the drawings that the person corrected.

    Raises:
        CapsvizError: there are fewer now, or the file cannot be read.
    """
    from capsviz.data.personal import load_personal, personal_digits, personal_file

    drawings = load_personal()
    if len(drawings) < count:
        raise CapsvizError(
            f"Expected at least {count} own drawings in {personal_file()}, found "
            f"{len(drawings)}; correct some answers in the window first."
        )
    return personal_digits(drawings[:count], size)


def _looked_into(source: Source) -> ClassFolder:
    from pathlib import Path

    from capsviz.data.folders import look_into

    if not source.folder:  # which would name the folder that the program was started in
        raise CapsvizError("Expected a folder of class-named images, found none; choose one.")
    return look_into(Path(source.folder))
