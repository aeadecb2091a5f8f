"""Names of runs and networks, and where a run of a name lies."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from capsviz.files import CapsvizError
from capsviz.places import user_runs_folder

if TYPE_CHECKING:
    from pathlib import Path

TRASH = ".trash"
"""Folder beside the runs that holds those a person threw away."""

_NAME = re.compile(r"[\w](?:[\w .+()=,-]{0,78}[\w)+])?")
_RESERVED = {"con", "prn", "aux", "nul", *(f"{p}{n}" for p in ("com", "lpt") for n in range(10))}


def check_name(name: str) -> str:
    """The name of a run or network, without blanks around it, if it can name a file anywhere.

    Raises:
        CapsvizError: it cannot; says which names can.
    """
    name = name.strip()
    if not _NAME.fullmatch(name) or name.split(".")[0].lower() in _RESERVED:
        raise CapsvizError(
            f"Expected a name of up to 80 letters, digits, blanks and - _ . + ( ) = , that begins "
            f"with a letter or digit, found {name!r:.100}; choose another."
        )
    return name


def shown_name(folder: Path) -> str:
    """A run's name; in the trash its folder's name begins with the time when it came there."""
    if folder.parent.name != TRASH:
        return folder.name
    return folder.name.partition(" ")[2] or folder.name


def new_run_folder(name: str, folder: Path | None = None) -> Path:
    """Where a new run of this name is to lie; a number is added if the name is taken.

    Raises:
        CapsvizError: the name cannot name a folder.
    """
    return free_place(check_name(name), folder or user_runs_folder())


def free_place(name: str, folder: Path) -> Path:
    """A path in `folder` that is not taken; a number is added to the name if it must be."""
    number = 2
    place = folder / name
    while place.exists():
        place = folder / f"{name} {number}"
        number += 1
    return place
