"""Answers of a network on a CUDA device: recorded once, then replayed for each image."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary, ref

from capsviz.network import Recorded

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from capsviz.network import CapsNet

    Work = Callable[..., tuple[Tensor, ...]]


class _Answers:
    """The recordings of one network, as long as its weights stay where they are in memory."""

    def __init__(self, work: Work, network: CapsNet) -> None:
        self.place = _place_of(network)
        held = ref(network)  # nothing here may keep the network, or it would never go
        self._recorded = Recorded(lambda image, **options: work(held(), image, **options))
        self._lock = Lock()  # a recording has one place for its image

    def answer(self, image: Tensor, options: dict[str, int]) -> tuple[Tensor, ...]:
        with self._lock:
            return self._recorded(image, **options)


_KEPT: WeakKeyDictionary[CapsNet, _Answers] = WeakKeyDictionary()
_LOCK = Lock()


def replayed(
    work: Work, network: CapsNet, image: Tensor, options: dict[str, int]
) -> tuple[Tensor, ...]:
    """`work(network, image, **options)`, which only a device works on; see `Recorded`.

    Args:
        work: always the same function of the module that asks.
        network: in evaluation mode, on a CUDA device.
        image: (1, 1, H, W) on that device.
        options: what else the work depends on.
    """
    with _LOCK:
        answers = _KEPT.get(network)
        if answers is None or answers.place != _place_of(network):
            answers = _KEPT[network] = _Answers(work, network)
    return answers.answer(image, options)


def _place_of(network: CapsNet) -> tuple[int, ...]:
    return tuple(weight.data_ptr() for weight in network.parameters())
