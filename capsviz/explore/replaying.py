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
    Options = tuple[int, int, bool]


class _Answers:
    """The recordings of one network, as long as its weights stay where they are in memory."""

    def __init__(self, network: CapsNet) -> None:
        self._network, self._place = ref(network), _place_of(network)
        self._recorded: dict[Options, Recorded] = {}
        self._lock = Lock()  # a recording has one place for its image

    def fit(self, network: CapsNet) -> bool:
        return self._place == _place_of(network)

    def answer(self, work: Work, image: Tensor, options: Options) -> tuple[Tensor, ...]:
        with self._lock:
            if options not in self._recorded:
                self._recorded[options] = Recorded(lambda given: self._ask(work, given, options))
            return self._recorded[options](image)

    def _ask(self, work: Work, image: Tensor, options: Options) -> tuple[Tensor, ...]:
        network = self._network()
        assert network is not None, "it asks"
        return work(network, image, *options)


_KEPT: WeakKeyDictionary[CapsNet, _Answers] = WeakKeyDictionary()
_LOCK = Lock()


def replayed(work: Work, network: CapsNet, image: Tensor, options: Options) -> tuple[Tensor, ...]:
    """`work(network, image, *options)`, which only a device works on; see `Recorded`.

    Args:
        work: a function of the module, always the same.
        network: in evaluation mode, on a CUDA device.
        image: (1, 1, H, W) on that device.
        options: what else the work depends on.
    """
    with _LOCK:
        answers = _KEPT.get(network)
        if answers is None or not answers.fit(network):
            answers = _KEPT[network] = _Answers(network)
    return answers.answer(work, image, options)


def _place_of(network: CapsNet) -> int:
    return network.conv1.weight.data_ptr()
