"""What stands on the canvas: marks, perhaps upon an image."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from capsviz.data.drawing import Drawing, Mark, rasterize

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """One state of the canvas; never changed, only replaced, so undo keeps them as they are.

    Attributes:
        drawing: marks in canvas units, 0 … 28.
        ground: (S, S) float32 in 0 … 1, an image in MNIST's framing under the marks, or None.
    """

    drawing: Drawing = field(default_factory=Drawing)
    ground: NDArray[np.float32] | None = None

    @property
    def is_empty(self) -> bool:
        """Nothing was drawn or opened."""
        return self.ground is None and self.drawing.is_empty

    def with_mark(self, mark: Mark) -> Scene:
        """This scene and one mark more."""
        return replace(self, drawing=self.drawing.with_mark(mark))

    def network_input(self, size: int) -> NDArray[np.float32]:
        """What the network is shown: (size, size) float32 in 0 … 1.

        A drawing is framed as MNIST is. An image is framed already, so marks upon it stay where
        they were made.
        """
        if self.ground is None:
            return rasterize(self.drawing, size)
        return rasterize(self.drawing, size, centred=False, ground=self.ground)
