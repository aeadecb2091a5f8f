"""Every setting of a run in one table: the form of a new run is made from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["count", "number", "choice", "tick"]


@dataclass(frozen=True, slots=True)
class Field:
    """One setting.

    Attributes:
        name: of TrainingSettings, or of CapsNetConfig.
        label: before the field.
        kind: what can be put in: a whole number, any number, one of `choices`, or yes and no.
        tip: what it does.
        least, most: of a whole number.
        choices: (value, words) to choose from.
        of_network: it belongs to CapsNetConfig.
    """

    name: str
    label: str
    kind: Kind
    tip: str
    least: int = 0
    most: int = 1_000_000
    choices: tuple[tuple[str, str], ...] = ()
    of_network: bool = False


_SCHEDULES = (("exponential", "Exponential, the paper's"), ("cosine", "Cosine"))
_AUGMENTATIONS = (
    ("none", "None"),
    ("shift", "Shifted by ±2 pixels, the paper's"),
    ("slight", "Leaned, stretched and turned a little"),
    ("affine", "Leaned, stretched and turned"),
    ("rotation", "Turned by up to ±45°"),
    ("drawn", "As people draw: bent, barred, slashed"),
)
_PRECISIONS = (
    ("auto", "The fastest that is safe"),
    ("fp32", "Single"),
    ("bf16", "bf16 convolutions"),
)

# A table: one setting, two or three lines.
# fmt: off
FIELDS: dict[str, tuple[Field, ...]] = {
    "Images": (
        Field("training_images", "Trained on", "count",
              "Use only so many of the images, drawn by the seed; 0 uses all"),
        Field("validation_images", "Held out", "count",
              "Never trained on: the error on them chooses the network that is kept"),
        Field("augmentation", "Augmentation", "choice",
              "How each image is changed at random before each step", choices=_AUGMENTATIONS),
    ),
    "Network": (
        Field("routing_iterations", "Routing iterations r", "count",
              "How often the capsules agree on who feeds whom; 1 is no routing at all",
              1, 10, of_network=True),
        Field("conv_channels", "Maps of Conv1", "count",
              "Feature maps of the first convolution; the paper has 256", 1, 1024,
              of_network=True),
        Field("primary_types", "Types of primary capsule", "count",
              "Each stands at every place of the grid; the paper has 32", 1, 256, of_network=True),
        Field("digit_dim", "Dimensions of a pose", "count",
              "Numbers in each digit capsule; the paper has 16", 1, 128, of_network=True),
        Field("reconstruction", "Decoder", "tick",
              "A decoder that redraws the image from the right capsule", of_network=True),
    ),
    "Learning": (
        Field("epochs", "Epochs", "count", "Passes over the training images", 1, 100_000),
        Field("batch_size", "Batch", "count", "Images per step", 1, 4096),
        Field("learning_rate", "Learning rate", "number", "Adam's, at its highest"),
        Field("schedule", "Schedule", "choice", "How the learning rate falls",
              choices=_SCHEDULES),
        Field("decay_rate", "Decay", "number",
              "Exponential: the rate is multiplied by this every so many steps"),
        Field("decay_steps", "… every", "count", "Exponential: steps between two decays", 1),
        Field("warmup_steps", "Warm-up", "count", "Steps over which the rate rises at first"),
        Field("averaging", "Averaged weights", "number",
              "Decay per step of a moving average of the weights, which is then kept; 0: none"),
        Field("weight_decay", "Weight decay", "number",
              "Each step takes this times the rate off every weight; 0: none"),
        Field("sam_radius", "SAM radius ρ", "number",
              "Lowers the loss all round the weights, within this radius, in twice the time; "
              "0: none"),
    ),
    "Loss": (
        Field("reconstruction_weight", "Reconstruction weight", "number",
              "Of the summed squared error of the decoder's image; the paper has 0.0005"),
        Field("m_plus", "Margin m⁺", "number", "A present digit's capsule is to be this long"),
        Field("m_minus", "Margin m⁻", "number", "An absent digit's capsule at most this long"),
        Field("down_weight", "Weight λ", "number", "Of the loss of absent digits"),
    ),
    "Machine": (
        Field("precision", "Precision", "choice",
              "Of the convolutions; routing and losses are always single", choices=_PRECISIONS),
        Field("seed", "Seed", "count", "Of the weights, the split, the order, the augmentation",
              0, 2**31 - 1),
        Field("checkpoint_steps", "Save every", "count",
              "Steps between two saved states: at most so many are lost", 1),
    ),
}
# fmt: on
"""Groups from top to bottom, and their settings."""


def all_fields() -> tuple[Field, ...]:
    """Every setting, in the order of the groups."""
    return tuple(field for fields in FIELDS.values() for field in fields)
