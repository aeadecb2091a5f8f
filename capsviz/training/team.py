"""Who trains: one process, or the ranks that torchrun started, each with a part of every batch."""

from __future__ import annotations

import gc
import os
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING

import torch
from torch import distributed, nn

from capsviz.files import CapsvizError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from torch import Tensor

    Losses = Callable[[Tensor, Tensor], tuple[Tensor, Tensor, Tensor]]


class Team:
    """One process on its own; the ranks of torchrun override what they do together."""

    leads = True
    """Whether this process writes files, measures and tells."""
    size = 1
    """How many processes share each batch."""

    def shared(self, losses: Losses, model: nn.Module) -> Losses | None:
        """The same losses with their gradients shared; None if there is nobody to share with."""
        return None

    def part_of(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor, float]:
        """This process's images and labels of a whole batch, and the weight of their mean loss."""
        return images, labels, 1.0

    def together(self, losses: tuple[Tensor, ...], weight: float) -> tuple[Tensor, ...]:
        """The losses of the whole batch from each part's."""
        return losses

    def wait(self) -> None:
        """Until every process of the team has come this far."""

    def check(self) -> None:
        """Break off if the team has fallen apart.

        Raises:
            CapsvizError: the launcher is gone.
        """


class Ranks(Team):
    """The processes of one torchrun; the batch in the settings is split over all of them."""

    def __init__(self, device: torch.device) -> None:
        self._rank, self.size = distributed.get_rank(), distributed.get_world_size()
        self._device, self._launcher = device, os.getppid()
        self.leads = self._rank == 0

    def shared(self, losses: Losses, model: nn.Module) -> Losses | None:
        """The same losses, with the ranks' gradients averaged as they are computed."""
        places = [self._device.index] if self._device.type == "cuda" else None
        return nn.parallel.DistributedDataParallel(_Objective(losses, model), device_ids=places)

    def part_of(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor, float]:
        """An even part; a rank left without one takes the first image at no weight."""
        count = len(labels)
        mine = torch.arange(count).tensor_split(self.size)[self._rank].tolist()
        start, stop = (mine[0], mine[-1] + 1) if mine else (0, 1)
        # the gradients are averaged over ranks, each of which has the mean over its own part
        return images[start:stop], labels[start:stop], len(mine) * self.size / count

    def together(self, losses: tuple[Tensor, ...], weight: float) -> tuple[Tensor, ...]:
        """Means weighted by the parts' sizes; wrong answers summed."""
        margin, reconstruction, wrong = losses
        mean = weight / self.size
        answered = wrong.to(margin) * (weight > 0)
        sums = torch.stack((margin * mean, reconstruction * mean, answered))
        distributed.all_reduce(sums)
        return sums[0], sums[1], sums[2]

    def wait(self) -> None:
        """As `Team.wait`."""
        distributed.barrier()

    def check(self) -> None:
        """As `Team.check`: a killed torchrun would leave its ranks alive for ever."""
        if os.getppid() != self._launcher:
            raise CapsvizError("torchrun is gone, so training ends; continue it with --resume.")


class _Objective(nn.Module):
    """Losses as a module, which is what DistributedDataParallel wraps."""

    def __init__(self, losses: Losses, model: nn.Module) -> None:
        super().__init__()
        self._losses, self.model = losses, model

    def forward(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        return self._losses(images, labels)


@contextmanager
def joined(device: torch.device) -> Iterator[tuple[Team, torch.device]]:
    """This process's team, and the device it takes there: `device` itself unless under torchrun.

    Raises:
        CapsvizError: torch was built without its distributed part.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) <= 1:
        yield Team(), device
        return
    if not distributed.is_available():
        raise CapsvizError("This torch was built without torch.distributed; train without it.")
    # functions there have the present group as a default: imported within one, as torch does to
    # share gradients, they hold it for ever
    import_module("torch.distributed.nn.functional")
    if device.type == "cuda":
        device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
        torch.cuda.set_device(device)
    distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    yield Ranks(device), device
    gc.collect()  # learners are cycles, and hold the group
    # with nobody left to hold it its threads end here; one that still lets go of a tensor while
    # Python ends would abort the process
    distributed.destroy_process_group()
