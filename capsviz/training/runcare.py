"""What can be done with a run: another name, the trash and back, more epochs, a named network."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING

import msgspec

from capsviz.files import CapsvizError, reason, write_atomically
from capsviz.places import MODEL_SUFFIX, model_files, user_models_folder
from capsviz.training.marker import is_under_way
from capsviz.training.runfiles import MODEL, PLAN, read_plan
from capsviz.training.runnames import TRASH, check_name, free_place, shown_name

if TYPE_CHECKING:
    from pathlib import Path

    from capsviz.training.plan import RunPlan


def rename_run(folder: Path, name: str) -> Path:
    """Give a run another name; its new folder.

    Raises:
        CapsvizError: the name is taken or cannot name a folder, or the run is under way.
    """
    target = folder.with_name(check_name(name))
    if target == folder:
        return folder
    if target.exists():
        raise CapsvizError(f"There is a run called {target.name!r} already; choose another name.")
    return _moved(folder, target)


def trash_run(folder: Path) -> Path:
    """Move a run into the trash beside it; where it lies there. Nothing is deleted.

    Raises:
        CapsvizError: the run is under way, or its folder cannot be moved.
    """
    stamp = time.strftime("%Y%m%d-%H%M%S")
    target = folder.parent / TRASH / f"{stamp} {folder.name}"
    number = 2
    while target.exists():
        target = target.with_name(f"{stamp}-{number} {folder.name}")
        number += 1
    return _moved(folder, target)


def restore_run(trashed: Path) -> Path:
    """Bring a run back from the trash; its folder, with a number added if the name is taken.

    Raises:
        CapsvizError: it cannot be moved.
    """
    return _moved(trashed, free_place(shown_name(trashed), trashed.parent.parent))


def delete_run(trashed: Path) -> None:
    """Remove a run that is in the trash for good.

    Raises:
        CapsvizError: it is not in the trash, is under way, or cannot be removed.
    """
    if trashed.parent.name != TRASH:
        raise CapsvizError(f"Expected a run in the trash, found {trashed}; delete it first.")
    _check_idle(trashed)
    try:
        shutil.rmtree(trashed)
    except OSError as error:
        raise CapsvizError(f"Could not remove {trashed}: {reason(error)}.") from error


def extend_run(folder: Path, epochs: int) -> RunPlan:
    """Plan more epochs for a run, which is then resumed; its new plan.

    Exact where the rate of a step does not depend on the steps to come: with the "exponential"
    schedule the result is bit-identical to a run that was planned so from the start. A "cosine"
    has come down to nothing at its last step; begin a new run from such a run's network instead.

    Raises:
        CapsvizError: the schedule is "cosine", `epochs` is no more than planned, or the run is
            under way.
    """
    _check_idle(folder)
    extended = extended_plan(read_plan(folder), folder.name, epochs)
    write_atomically(folder / PLAN, msgspec.json.format(msgspec.json.encode(extended)))
    return extended


def extended_plan(plan: RunPlan, name: str, epochs: int) -> RunPlan:
    """The plan of `extend_run` for a run of this plan and name; nothing is read or written.

    Raises:
        CapsvizError: as `extend_run`, whether it is under way or not.
    """
    if plan.settings.schedule != "exponential":
        raise CapsvizError(
            f"{name} follows a {plan.settings.schedule} schedule, which ends with its "
            "epochs; start a new run from its network instead."
        )
    if epochs <= plan.settings.epochs:
        raise CapsvizError(
            f"Expected more than the {plan.settings.epochs} epochs that {name} has "
            f"planned already, found {epochs}."
        )
    settings = msgspec.structs.replace(plan.settings, epochs=epochs)
    return msgspec.structs.replace(plan, settings=settings)


def publish_run(folder: Path, name: str, purpose: str = "") -> Path:
    """Copy a run's network among the person's own, where every model list shows it.

    Args:
        folder: of the run.
        name: of the network.
        purpose: what it is for, one line; says how it was trained if left out.

    Returns:
        The network's file.

    Raises:
        CapsvizError: the run has no network, the name is taken or cannot name a file.
    """
    from capsviz.network import load_checkpoint, save_checkpoint

    target = user_models_folder() / f"{check_name(name)}{MODEL_SUFFIX}"
    shown = [path.stem for path in model_files()]  # one of them would be hidden by its namesake
    if target.exists() or target.stem in shown:
        raise CapsvizError(f"There is a network called {name!r} already; choose another name.")
    checkpoint = load_checkpoint(folder / MODEL)
    about = msgspec.structs.replace(
        checkpoint.provenance,
        purpose=purpose or checkpoint.provenance.purpose or f"trained as run {folder.name}",
    )
    save_checkpoint(target, checkpoint.model, about)
    return target


def _check_idle(folder: Path) -> None:
    if is_under_way(folder):
        raise CapsvizError(f"{folder.name} is being trained at this moment; stop it first.")


def _moved(folder: Path, target: Path) -> Path:
    _check_idle(folder)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(folder, target)
    except OSError as error:
        raise CapsvizError(f"Could not move {folder} to {target}: {reason(error)}.") from error
    return target
