"""Where things lie: what ships with the program, what belongs to the user, where data is kept."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

MODEL_SUFFIX = ".safetensors"
SESSION_SUFFIX = ".capsviz.json"

_PACKAGE = Path(__file__).resolve().parent


def resources_folder() -> Path:
    """Icons, sample digits and texts that ship with the program."""
    return _shipped("resources")


def shipped_models_folder() -> Path:
    """The trained weights that ship with the program."""
    return _shipped("models")


def user_folder() -> Path:
    """The user's own folder (settings, models, runs); `CAPSVIZ_HOME` overrides it."""
    return _home() or platformdirs.user_data_path("capsviz", False)


def user_models_folder() -> Path:
    """The weights the user trained or added."""
    return user_folder() / "models"


def user_runs_folder() -> Path:
    """The runs the user trained, a folder each."""
    return user_folder() / "runs"


def model_files() -> list[Path]:
    """Every network file by name; the user's own come first and hide shipped ones of that name."""
    found: dict[str, Path] = {}
    for folder in (user_models_folder(), shipped_models_folder()):
        for path in sorted(folder.glob(f"*{MODEL_SUFFIX}")):
            found.setdefault(path.stem, path)
    return list(found.values())


def data_folder(chosen: Path | None = None) -> Path:
    """Where data sets lie: the chosen folder, else `$CAPSVIZ_DATA`, else the platform's cache."""
    if chosen is not None:
        return chosen
    override = os.environ.get("CAPSVIZ_DATA")
    if override:
        return Path(override).expanduser()
    home = _home()
    return home / "data" if home else platformdirs.user_cache_path("capsviz", False)


def _home() -> Path | None:
    override = os.environ.get("CAPSVIZ_HOME")
    return Path(override).expanduser() if override else None


def _shipped(name: str) -> Path:
    # inside the package in an installed wheel, beside it in a source tree
    installed = _PACKAGE / name
    return installed if installed.is_dir() else _PACKAGE.parent / name
