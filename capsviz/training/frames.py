"""Snapshots of a run's weights on disk, thinned as they grow many: RUN/snapshots/step-….

Readable as any network is; half precision halves them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from capsviz.files import CapsvizError, reason

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from capsviz.network import CapsNet, Provenance
    from capsviz.training.watch import Watch

FOLDER = "snapshots"
_PREFIX, _SUFFIX = "step-", ".safetensors"


@dataclass(frozen=True, slots=True)
class Frame:
    """The weights after `step` steps, in the network file `path`."""

    step: int
    path: Path


def frames_of(run_folder: Path) -> tuple[Frame, ...]:
    """The kept snapshots of a run by their step; files of other names are passed over."""
    found = []
    for path in (run_folder / FOLDER).glob(f"{_PREFIX}*{_SUFFIX}"):
        digits = path.stem.removeprefix(_PREFIX)
        if digits.isascii() and digits.isdigit():
            found.append(Frame(int(digits), path))
    return tuple(sorted(found, key=lambda frame: frame.step))


class Filmstrip:
    """Keeps at most `Watch.frames` snapshots of one run: the multiples of a stride that doubles.

    Which steps are kept depends on the step alone, so a resumed run keeps the same.
    """

    def __init__(self, run_folder: Path, watch: Watch) -> None:
        self._run_folder, self._watch = run_folder, watch

    def is_due(self, step: int) -> bool:
        """Whether the weights after this step are to be kept."""
        return self._watch.frames > 0 and step % self._stride(step) == 0

    def keep(self, step: int, network: CapsNet, provenance: Provenance) -> None:
        """Write the weights, and remove those that the longer stride leaves out.

        Raises:
            CapsvizError: the file cannot be written.
        """
        import torch

        from capsviz.network import save_checkpoint

        path = self._run_folder / FOLDER / f"{_PREFIX}{step:06}{_SUFFIX}"
        save_checkpoint(path, network, provenance, torch.float16)
        stride = self._stride(step)
        self._remove(frame for frame in frames_of(self._run_folder) if frame.step % stride)

    def forget_after(self, step: int) -> None:
        """Remove what later steps left that a kill undid."""
        self._remove(frame for frame in frames_of(self._run_folder) if frame.step > step)
        for left in (self._run_folder / FOLDER).glob("*.tmp"):
            left.unlink(missing_ok=True)

    def _stride(self, step: int) -> int:
        stride = self._watch.frame_steps
        while step // stride + 1 > self._watch.frames > 1:  # the first is of step 0
            stride *= 2
        return stride

    def _remove(self, frames: Iterable[Frame]) -> None:
        for frame in frames:
            try:
                frame.path.unlink(missing_ok=True)
            except OSError as error:
                raise CapsvizError(f"Could not remove {frame.path}: {reason(error)}.") from error
