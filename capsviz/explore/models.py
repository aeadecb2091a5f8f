"""Finding networks by name: those that ship with the program and the user's own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from capsviz.files import CapsvizError
from capsviz.network import choose_device, load_checkpoint
from capsviz.places import MODEL_SUFFIX, model_files

if TYPE_CHECKING:
    from capsviz.network import CapsNet, Provenance

DEFAULT_MODEL = "digits"


@dataclass(frozen=True, slots=True, eq=False)
class LoadedModel:
    """A network ready for questions.

    Attributes:
        name: as shown to people.
        path: its file.
        network: in evaluation mode, on `device`; treat as read-only.
        provenance: where its weights come from.
        device: torch's name of the device, such as "cpu" or "cuda".
        digest: of its weights; "" where nobody asks for it, as of one that learns.
    """

    name: str
    path: Path
    network: CapsNet
    provenance: Provenance
    device: str
    digest: str = ""

    @property
    def identity(self) -> str:
        """The same on every device, and another when its file was written anew."""
        return f"{self.path} {self.digest}".strip()


def find_model(name: str) -> Path:
    """The file of a network given by name or by path.

    Raises:
        CapsvizError: there is none; lists the names there are.
    """
    by_name = {path.stem: path for path in model_files()}
    if name in by_name:
        return by_name[name]
    path = Path(name).expanduser().absolute()  # a window may remember it
    if path.suffix == MODEL_SUFFIX or path.exists() or len(Path(name).parts) > 1:
        return path
    raise CapsvizError(
        f"There is no model called {name!r}; there are: {', '.join(by_name) or 'none'}. "
        f"A path to a {MODEL_SUFFIX} file works too."
    )


def load_model(name: str = DEFAULT_MODEL, device: str = "auto") -> LoadedModel:
    """Load a network by name or path onto a device.

    Raises:
        CapsvizError: no such model, a damaged file, or no such device.
    """
    path = find_model(name)
    place = choose_device(device)
    checkpoint = load_checkpoint(path)
    network = checkpoint.model.settle().to(place)
    return LoadedModel(name_of(path), path, network, checkpoint.provenance, place.type)


def name_of(path: Path) -> str:
    """The file's; of a run's network, which are all called alike, the folder's."""
    is_of_run = path.stem == "model" and (path.parent / "run.json").exists()
    return path.resolve().parent.name if is_of_run else path.stem
