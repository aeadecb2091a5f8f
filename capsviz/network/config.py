"""What a CapsNet is made of, and where its weights come from: both travel in the checkpoint."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from capsviz.network.limits import MAX_ITERATIONS

PAIR_SHIFT = 4
"""Pixels each way that a digit may stand off the centre of an image of two (section 6)."""

Probability = Annotated[float, Meta(ge=0.0, le=1.0)]
Width = Annotated[int, Meta(ge=1, le=8192)]
Text = Annotated[str, Meta(max_length=2000)]

_DIGITS = 10


class CapsNetConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The sizes of a CapsNet; the defaults are the paper's (Sabour et al. 2017, section 4).

    Attributes:
        image_size: side of the square grey input image, pixels.
        classes: number of digit capsules.
        conv_channels: feature maps of the first convolution.
        kernel_size: side of both convolutions' kernels, pixels.
        primary_types: types of primary capsule; each stands at every place of the grid.
        primary_dim: units of one primary capsule.
        digit_dim: instantiation dimensions of one digit capsule.
        routing_iterations: r the network is trained with, 1 … 10; any r may be asked for later.
        reconstruction: whether there is a decoder.
        decoder_hidden: widths of the decoder's two hidden layers.
        digits_per_image: how many different digits an image shows, 1 or 2.
    """

    image_size: Annotated[int, Meta(ge=5, le=128)] = 28
    classes: Annotated[int, Meta(ge=2, le=1000)] = 10
    conv_channels: Annotated[int, Meta(ge=1, le=1024)] = 256
    kernel_size: Annotated[int, Meta(ge=1, le=31)] = 9
    primary_types: Annotated[int, Meta(ge=1, le=256)] = 32
    primary_dim: Annotated[int, Meta(ge=1, le=64)] = 8
    digit_dim: Annotated[int, Meta(ge=1, le=128)] = 16
    routing_iterations: Annotated[int, Meta(ge=1, le=MAX_ITERATIONS)] = 3
    reconstruction: bool = True
    decoder_hidden: tuple[Width, Width] = (512, 1024)
    digits_per_image: Annotated[int, Meta(ge=1, le=2)] = 1

    def __post_init__(self) -> None:
        if self.image_size < 2 * self.kernel_size - 1:
            raise ValueError(
                f"image_size must be at least {2 * self.kernel_size - 1} for two convolutions of "
                f"kernel_size {self.kernel_size}, but is {self.image_size}"
            )

    @property
    def reads_digits(self) -> bool:
        """Whether its classes can be the ten digits: there are as many."""
        return self.classes == _DIGITS

    @property
    def digit_size(self) -> int:
        """Side of one digit's image: where two share an image, it leaves them room to shift."""
        return self.image_size - 2 * self.border

    @property
    def border(self) -> int:
        """Pixels round one digit's image: the room to shift where two share an image, else 0."""
        return PAIR_SHIFT * (self.digits_per_image - 1)

    @property
    def test_set(self) -> str:
        """What a test error is measured on, as people call it."""
        return "MultiMNIST" if self.digits_per_image == 2 else "MNIST"

    @property
    def conv_size(self) -> int:
        """Side of the first convolution's maps (stride 1, no padding)."""
        return self.image_size - self.kernel_size + 1

    @property
    def grid_size(self) -> int:
        """Side of the grid of places at which primary capsules stand (stride 2, no padding)."""
        return (self.conv_size - self.kernel_size) // 2 + 1

    @property
    def primary_capsules(self) -> int:
        """Number of primary capsules: types × grid × grid."""
        return self.primary_types * self.grid_size**2


def two_digit_config(**sizes: Any) -> CapsNetConfig:  # noqa: ANN401
    """The paper's network for two digits in one image of 36×36 (section 6), or parts of it."""
    return CapsNetConfig(**{"image_size": 28 + 2 * PAIR_SHIFT, "digits_per_image": 2} | sizes)


class Provenance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where weights come from: everything needed to judge them or make them again.

    `held_out` images of `data`, the first in the order that `seed` gives, were never trained on;
    None if that is not known. `validation_curve` has the error after each epoch of the run.
    """

    data: Text = "unknown"
    purpose: Text = ""
    command: Text = ""
    seed: int | None = None
    epochs: float | None = None
    validation_error: Probability | None = None
    test_error: Probability | None = None
    date: Text = ""
    version: Text = ""
    device: Text = ""
    licence: Text = ""
    held_out: Annotated[int, Meta(ge=0)] | None = None
    validation_curve: Annotated[tuple[Probability, ...], Meta(max_length=10_000)] = ()
