"""Work that a CUDA device repeats, recorded once as a graph."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    Work = Callable[..., tuple[Tensor, ...]]

TRIED = 3
"""Plain calls before a recording: libraries set themselves up and choose their algorithms."""


class Recorded:
    """The same work on tensors of the same shapes again and again: one launch in place of many.

    A small network's kernels take less time than it takes to launch them. For each shape the
    work runs plainly at first, is then recorded, and replayed from there on.

    Args:
        work: of tensors on one CUDA device, giving tensors on it. It neither waits for the device
            nor reads from it, draws no random numbers, and changes other tensors only in place.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self._calls: Counter[tuple[torch.Size, ...]] = Counter()
        self._graphs: dict[tuple[torch.Size, ...], _Recording] = {}
        self._beside: torch.cuda.Stream | None = None

    def __call__(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """What the work gives for the inputs."""
        shapes = tuple(each.shape for each in inputs)
        self._calls[shapes] += 1
        if self._calls[shapes] <= TRIED:
            return self._plainly(*inputs)
        if shapes not in self._graphs:
            earlier = next(iter(self._graphs.values()), None)
            self._graphs[shapes] = _Recording(self._work, inputs, earlier)
        return self._graphs[shapes].replay(inputs)

    def _plainly(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """Off the main stream, as what gradients meet there first they stay bound to."""
        self._beside = self._beside or torch.cuda.Stream()
        self._beside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self._beside):
            outputs = self._work(*inputs)
        torch.cuda.current_stream().wait_stream(self._beside)
        return outputs


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
