"""Work that a CUDA device repeats, recorded once as a graph."""

from __future__ import annotations

from collections import Counter, OrderedDict
from functools import lru_cache
from inspect import ismethod
from threading import Lock
from typing import TYPE_CHECKING, Any
from weakref import WeakMethod

import torch

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from torch import Tensor

    Work = Callable[..., tuple[Tensor, ...]]
    Key = tuple[Hashable, ...]

TRIED = 3
"""Plain calls before a recording: libraries set themselves up and choose their algorithms."""

_KEPT = 16  # recordings of one piece of work; each holds a few MB, and more while it runs
_RECORDING = Lock()  # torch records one graph at a time, whatever the thread


class Recorded:
    """The same work on tensors of the same shapes again and again: one launch in place of many.

    A small network's kernels take less time than it takes to launch them. For each set of shapes
    and options the work runs plainly at first, is then recorded, and replayed from there on. What
    cannot be recorded goes on plainly.

    Args:
        work: of tensors on one CUDA device, giving tensors on it. It neither waits for the device
            nor reads from it, draws no random numbers, and changes other tensors only in place.
            A method is held weakly, so that its object and the recordings of it go together.
    """

    def __init__(self, work: Work) -> None:
        self._work = WeakMethod(work) if ismethod(work) else lambda: work
        self._calls: Counter[Key] = Counter()
        self._graphs: OrderedDict[Key, _Recording | None] = OrderedDict()  # None: refused

    def __call__(self, *inputs: Tensor, **options: Hashable) -> tuple[Tensor, ...]:
        """What the work gives for the inputs and options; by one thread at a time."""
        key, work = _key(inputs, options), self._present_work(options)
        self._calls[key] += 1
        with torch.cuda.device_of(inputs[0]):
            if key not in self._graphs and self._calls[key] > TRIED:
                self._record(key, work, inputs)
            graph = self._graphs.get(key)
            return graph.replay(inputs) if graph is not None else _plainly(work, inputs)

    def will_replay(self, *inputs: Tensor, **options: Hashable) -> bool:
        """Whether these are replayed, so that nothing of the work itself will be called."""
        return self._graphs.get(_key(inputs, options)) is not None

    def _present_work(self, options: dict[str, Hashable]) -> Work:
        work = self._work()
        assert work is not None, "its object calls"
        return lambda *inputs: work(*inputs, **options)

    def _record(self, key: Key, work: Work, inputs: tuple[Tensor, ...]) -> None:
        earlier = next((graph for graph in self._graphs.values() if graph is not None), None)
        try:
            with _RECORDING:
                self._graphs[key] = _Recording(work, inputs, earlier)
        except RuntimeError:  # no memory for it, or a library that refuses
            self._graphs[key] = None
        if len(self._graphs) > _KEPT:
            self._graphs.popitem(last=False)


class _Recording:
    """One graph with the memory that it reads from and writes to; shared with an earlier one."""

    def __init__(
        self, work: Work, inputs: tuple[Tensor, ...], earlier: _Recording | None = None
    ) -> None:
        self._inputs = tuple(each.clone() for each in inputs)
        self._graph = torch.cuda.CUDAGraph()
        pool = earlier._graph.pool() if earlier else None
        # by thread, as other threads may use the device meanwhile
        with torch.cuda.graph(self._graph, pool, capture_error_mode="thread_local"):
            self._outputs = work(*self._inputs)

    def replay(self, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        for own, given in zip(self._inputs, inputs, strict=True):
            own.copy_(given)
        self._graph.replay()
        return tuple(each.clone() for each in self._outputs)  # the next replay overwrites them


def _key(inputs: tuple[Tensor, ...], options: dict[str, Hashable]) -> Key:
    return (tuple(each.shape for each in inputs), *sorted(options.items(), key=lambda one: one[0]))


def _plainly(work: Work, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """Off the main stream, as what gradients meet there first they stay bound to."""
    beside = _side_stream(torch.cuda.current_device())
    beside.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(beside):
        outputs = work(*inputs)
    torch.cuda.current_stream().wait_stream(beside)
    return outputs


@lru_cache(maxsize=64)
def _side_stream(_device: int) -> Any:  # noqa: ANN401  torch.cuda.Stream has no types everywhere
    return torch.cuda.Stream()
