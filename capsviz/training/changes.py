"""How a step changes its images: what is drawn on the CPU, and the work with it on a device."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from capsviz.data.augment import AffineRange, random_matrices, shift_draws, shifted, warped
from capsviz.data.habits import drawing_draws, drawn_with
from capsviz.data.pairs import placed_by
from capsviz.network.config import PAIR_SHIFT

if TYPE_CHECKING:
    from torch import Generator, Tensor

    from capsviz.training.settings import Augmentation

_NO_DIGIT = -1
_SLIGHT = AffineRange(rotation=4.0, shear=0.07, scale=0.04, shift=0.0, is_sharp=True)
_TURNED = AffineRange(rotation=45.0, shear=0.0, scale=0.0)  # farther, a 6 and a 9 come near


@dataclass(frozen=True, slots=True)
class Changes:
    """The augmentation of a run; two digits are shifted as they are laid together.

    Attributes:
        augmentation: as in the settings.
        digits: k in one image, 1 or 2.
        are_digits: whether labels 0 to 9 are the digits, which people slash, bar and stand on
            bases; no other classes are marked.
    """

    augmentation: Augmentation
    digits: int
    are_digits: bool = True

    def draws(self, count: int, side: int, generator: Generator) -> tuple[Tensor, ...]:
        """All that is left to chance, small tensors on the CPU; their shapes depend on `count`.

        Args:
            count: B, images of k digits each.
            side: H of a digit's image.
            generator: on the CPU, so that the draws are the same on every device.
        """
        each = self._draws_of_each(count * self.digits, side, generator)
        if self.digits == 1:
            return each
        return *each, shift_draws(count * self.digits, generator, PAIR_SHIFT)

    def __call__(self, images: Tensor, labels: Tensor, *draws: Tensor) -> Tensor:
        """Change the images as drawn; without random numbers or waiting, so it can be recorded.

        Args:
            images: (B, k, 1, H, H) float in [0, 1].
            labels: (B, k) int64.
            draws: of `draws`, on the device of the images.

        Returns:
            (B, k, 1, S, S); S is H for one digit, larger for two.
        """
        flat = self._changed(images.flatten(0, 1), labels.flatten(), *draws)
        changed = flat.unflatten(0, images.shape[:2])
        return changed if self.digits == 1 else placed_by(changed, draws[-1])

    def _draws_of_each(self, count: int, side: int, generator: Generator) -> tuple[Tensor, ...]:
        if self.augmentation == "drawn":
            return drawing_draws(count, side, generator)
        if self._ranges is not None:
            return (random_matrices(count, side, generator, self._ranges),)
        return (shift_draws(count, generator),) if self._are_shifted else ()

    def _changed(self, images: Tensor, labels: Tensor, *draws: Tensor) -> Tensor:
        """(B·k, 1, H, H), (B·k,) → (B·k, 1, H, H)"""
        if self.augmentation == "drawn":
            marked = labels if self.are_digits else torch.full_like(labels, _NO_DIGIT)
            return drawn_with(images, marked, *draws[:4])
        if self._ranges is not None:
            return warped(images, draws[0], self._ranges.is_sharp)
        return shifted(images, draws[0]) if self._are_shifted else images

    @property
    def _ranges(self) -> AffineRange | None:
        ranges = {"slight": _SLIGHT, "affine": AffineRange(), "rotation": _TURNED}
        return ranges.get(self.augmentation)

    @property
    def _are_shifted(self) -> bool:
        return self.augmentation == "shift" and self.digits == 1
