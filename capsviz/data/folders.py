"""A folder of class-named images: FOLDER/0/….png … FOLDER/9/….png, any names for the classes."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from capsviz.data.images import image_to_input
from capsviz.data.mnist import Digits
from capsviz.files import CapsvizError, reason

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CLASS_LIMIT = 255  # labels are bytes
_EXAMPLE = "one folder for each class with its images in it, such as 0/a.png, 1/b.png"


@dataclass(frozen=True, slots=True)
class ClassFolder:
    """What a folder holds, by the names of its files alone.

    Attributes:
        folder: its path.
        classes: names in the order of their labels 0, 1, …; numbers by their value.
        files: every image with its label.
    """

    folder: Path
    classes: tuple[str, ...]
    files: tuple[tuple[Path, int], ...]

    def __len__(self) -> int:
        return len(self.files)


def look_into(folder: Path) -> ClassFolder:
    """The classes and images of a folder; hidden files and those that are no images are left out.

    Raises:
        CapsvizError: it cannot be read, or has fewer than two classes with images.
    """
    try:
        places = [path for path in folder.iterdir() if path.is_dir() and path.name[0] != "."]
        named = {path.name: _pictures(path) for path in places}
    except OSError as error:
        raise CapsvizError(f"Could not read {folder}: {reason(error)}.") from error
    for name in named:
        if not name.isprintable():
            raise CapsvizError(
                f"Expected folders with printable names in {folder}, found {name!r}; rename it."
            )
    classes = sorted((name for name, files in named.items() if files), key=_by_value)
    if not 2 <= len(classes) <= _CLASS_LIMIT:
        raise CapsvizError(
            f"Expected {_EXAMPLE}, in {folder}: found {len(classes)} folders with images where "
            f"2 to {_CLASS_LIMIT} are needed."
        )
    files = tuple((path, label) for label, name in enumerate(classes) for path in named[name])
    return ClassFolder(folder, tuple(classes), files)


def read_classes(found: ClassFolder, size: int = 28) -> Iterator[tuple[int, Digits | None]]:
    """Read every image as the network is to see it; stop asking to cancel.

    Images of exactly size × size with a dark ground are taken as they are, others are brought
    to ink and framed, as everywhere in this program.

    Yields:
        How many are read, and None; at last the number of all, and the labelled images.

    Raises:
        CapsvizError: an image cannot be read or shows no ink; names it.
    """
    images = np.zeros((len(found), size, size), np.uint8)
    for place, (path, _) in enumerate(found.files):
        images[place] = np.rint(image_to_input(path, size) * 255)
        yield place + 1, None
    yield len(found), Digits(images, np.array([label for _, label in found.files], np.uint8))


def name_of(found: ClassFolder, digits: Digits) -> str:
    """What a run calls this data: it tells other images of the same number apart."""
    content = zlib.crc32(digits.labels.tobytes(), zlib.crc32(digits.images.tobytes()))
    names = ", ".join(found.classes)
    listed = names if len(names) <= 200 else f"{len(found.classes)} classes"
    return f"{found.folder.absolute().name} {len(digits)} ({listed}; {content:08x})"


def _pictures(folder: Path) -> list[Path]:
    known = Image.registered_extensions()
    files = [path for path in folder.iterdir() if path.name[0] != "." and path.is_file()]
    return sorted(path for path in files if path.suffix.lower() in known)


def _by_value(name: str) -> tuple[int, str]:
    """Numbers before words, and 10 after 9."""
    return (int(name), name) if re.fullmatch(r"[0-9]{1,9}", name) else (10**9, name)
