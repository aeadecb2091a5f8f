"""Random weights that follow a seed, whatever other threads draw meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch.overrides import TorchFunctionMode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Seeded(TorchFunctionMode):
    """What this thread draws in a `with` statement comes from a generator of its own.

    The numbers are those of `torch.manual_seed(seed)`, whose generator all threads share: one
    that measures a cost would change the weights of a run that begins meanwhile.

    Args:
        seed: of the generator.
    """

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._generator = torch.Generator().manual_seed(seed)

    def __torch_function__(
        self,
        function: Callable[..., Any],
        types: object,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401
        """Call torch's `function` with the generator, if it draws."""
        chosen = dict(kwargs or {})
        if function is torch.Tensor.uniform_ or "generator" in chosen:
            chosen["generator"] = self._generator
        return function(*args, **chosen)
