"""What stands on the canvas: marks, perhaps upon an image."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from capsviz.data.drawing import (
    CANVAS,
    Drawing,
    Framing,
    framing_of,
    rasterize,
    touches_canvas,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from capsviz.data.drawing import Mark


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """One state of the canvas; never changed, only replaced, so undo keeps them as they are.

    Attributes:
        drawing: marks in canvas units, 0 … 28.
        ground: (S, S) float32 in 0 … 1, an image in MNIST's framing under the marks, or None.
        framed: whether a drawing is brought to MNIST's frame, or left where it was drawn.
        sample: which of the digits that ship with the program the ground is, if it is one.
    """

    drawing: Drawing = field(default_factory=Drawing)
    ground: NDArray[np.float32] | None = None
    framed: bool = True
    sample: int | None = None

    @property
    def is_empty(self) -> bool:
        """Nothing was drawn or opened."""
        return self.ground is None and self.drawing.is_empty

    def holds_the_same_as(self, other: Scene) -> bool:
        """Whether it is the very same drawing upon the very same image, however framed."""
        return self.drawing is other.drawing and self.ground is other.ground

    def with_mark(self, mark: Mark) -> Scene:
        """This scene and one mark more."""
        return replace(self, drawing=self.drawing.with_mark(mark), sample=None)

    def marked(self, mark: Mark, size: int, border: int = 0) -> Scene:
        """The same as one step to undo: this very scene if the canvas looks as before, an empty
        one if all ink is erased.

        Args:
            mark: whose pen was lifted.
            size: as of `network_input`.
            border: as of `network_input`.
        """
        after = self.with_mark(mark)
        if not touches_canvas(mark) or (mark.erases and self._looks_like(after, size)):
            return self
        if after.network_input(size, border).any():
            return after
        return self if self.is_empty else Scene(framed=self.framed)

    def _looks_like(self, other: Scene, size: int) -> bool:
        """Whether both show the same where they were drawn."""
        mine, its = (replace(each, framed=False).network_input(size) for each in (self, other))
        return np.array_equal(mine, its)

    def network_input(self, size: int, border: int = 0) -> NDArray[np.float32]:
        """What the network is shown: (size, size) float32 in 0 … 1.

        An image is framed already, so marks upon it stay where they were made.

        Args:
            size: of the network's images, pixels.
            border: of these kept free on every side, where it reads two digits in one image.
        """
        inner = size - 2 * border
        if self.ground is None:
            image = rasterize(self.drawing, inner, centred=self.framed)
        else:
            ground = fitted(self.ground, inner)
            image = rasterize(self.drawing, inner, centred=False, ground=ground)
        return np.pad(image, border) if border else image

    def framing(self, size: int, border: int = 0) -> Framing:
        """Where the canvas lies in the image that the network is shown."""
        inner = size - 2 * border
        if self.ground is None and self.framed:
            made = framing_of(self.drawing, inner)
        else:
            made = canvas_framing(inner)
        return Framing(made.scale, made.offset_x + border, made.offset_y + border)


def canvas_framing(size: int) -> Framing:
    """The canvas edge to edge on an image of so many pixels."""
    return Framing(size / CANVAS, 0.0, 0.0)


def fitted(ground: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """A framed image in the size of the network that answers: (size, size) float32 in 0 … 1."""
    if len(ground) == size:
        return ground
    from capsviz.data.framing import frame_image  # imports Pillow

    return frame_image(ground, size)
