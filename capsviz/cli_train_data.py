"""What `capsviz train` learns from: MNIST, a folder of images, the person's own drawings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from capsviz.cli_options import mnist_folder
from capsviz.files import CapsvizError
from capsviz.terminal import tracked

if TYPE_CHECKING:
    from capsviz.data.mnist import Digits

_MNIST, _PERSONAL = "mnist", "personal"


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """Labelled images for `train`.

    Attributes:
        digits: all of them, own drawings not among them.
        name: what the run calls them.
        classes: how many labels there may be.
        own: the person's drawings, to be mixed in.
        is_mnist: whether the usual number of validation images fits.
    """

    digits: Digits
    name: str
    classes: int = 10
    own: Digits | None = None
    is_mnist: bool = True

    @property
    def images_name(self) -> str:
        """What the run calls the images that are not the person's own."""
        return self.name.partition(" and ")[0] if self.own is not None else self.name

    @property
    def own_count(self) -> int:
        """How many own drawings there are."""
        return 0 if self.own is None else len(self.own)


def load_source(
    data: str, size: int, data_dir: Path | None, download: bool, drawings: int | None = None
) -> Source:
    """Read what `--data` names.

    Args:
        data: "mnist", "personal", or a folder.
        size: side of the network's images, pixels.
        data_dir: where MNIST lies.
        download: whether to fetch it if it is missing.
        drawings: take the first so many own drawings, as a resumed run did; all if None.

    Raises:
        CapsvizError: there is nothing of that name, or it cannot be read.
    """
    if data not in (_MNIST, _PERSONAL):
        return _folder(Path(data), size)
    from capsviz.data.mnist import load_mnist

    digits = load_mnist(mnist_folder(data_dir, download), "train")
    name = f"mnist {len(digits)}"
    if data == _MNIST:
        return Source(digits, name)
    own = _own_digits(size, drawings)
    return Source(digits, f"{name} and {len(own)} own drawings", own=own)


def _folder(path: Path, size: int) -> Source:
    from capsviz.data.folders import look_into, name_of, read_classes

    if not path.is_dir():
        raise CapsvizError(
            f"Expected mnist, personal, or a folder of class-named images for --data, "
            f"found {str(path)!r:.200}."
        )
    found = look_into(path)
    *_, (_, digits) = tracked(read_classes(found, size), len(found) + 1, "Reading images")
    assert digits is not None
    return Source(digits, name_of(found, digits), len(found.classes), is_mnist=False)


def _own_digits(size: int, count: int | None) -> Digits:
    from capsviz.data.personal import load_personal, personal_digits, personal_file

    drawings = load_personal()
    if not drawings or len(drawings) < (count or 0):
        raise CapsvizError(
            f"Expected at least {count or 1} own drawings in {personal_file()}, found "
            f"{len(drawings)}; correct some answers in the window first."
        )
    return personal_digits(drawings[:count], size)
