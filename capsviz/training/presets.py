"""Runs worth starting from, each with what it teaches."""

from __future__ import annotations

from dataclasses import dataclass

from capsviz.files import CapsvizError
from capsviz.network.config import CapsNetConfig, two_digit_config
from capsviz.training.settings import TrainingSettings


@dataclass(frozen=True, slots=True)
class Preset:
    """A named choice of settings.

    Attributes:
        key: its name on the command line.
        title: as shown to people.
        teaches: one line on what one learns from it.
        settings: how to train.
        config: the network's sizes.
    """

    key: str
    title: str
    teaches: str
    settings: TrainingSettings
    config: CapsNetConfig


# an eighth of the paper's votes: its routing is the same, and a step takes a tenth of the time
_SMALL = CapsNetConfig(conv_channels=64, primary_types=8, decoder_hidden=(256, 512))

PRESETS = (
    Preset(
        "minute",
        "One minute: see it learn",
        "A small network on 6 000 digits: watch its capsules tell the digits apart as you draw.",
        TrainingSettings(
            epochs=2,
            batch_size=64,
            learning_rate=0.002,
            schedule="cosine",
            warmup_steps=20,
            training_images=6000,
            validation_images=1000,
        ),
        _SMALL,
    ),
    Preset(
        "paper",
        "The paper",
        "The network and the settings of Sabour, Frosst & Hinton, on all of MNIST.",
        TrainingSettings(),
        CapsNetConfig(),
    ),
    Preset(
        "no-routing",
        "No routing (r = 1)",
        "Every capsule sends the same share to every digit: what does agreement add?",
        TrainingSettings(),
        CapsNetConfig(routing_iterations=1),
    ),
    Preset(
        "no-reconstruction",
        "Without reconstruction",
        "Nothing asks the capsules to hold how a digit looks: what becomes of their poses?",
        TrainingSettings(reconstruction_weight=0.0),
        CapsNetConfig(reconstruction=False),
    ),
    Preset(
        "rotation",
        "Robust to rotation",
        "Digits turned by up to ±45°: which number of the pose takes up the angle?",
        TrainingSettings(augmentation="rotation"),
        CapsNetConfig(),
    ),
    Preset(
        "people",
        "As people draw",
        "Bent, slashed and barred digits, averaged weights: a network that reads your hand.",
        TrainingSettings(
            schedule="cosine", augmentation="drawn", averaging=0.999, learning_rate=0.002
        ),
        CapsNetConfig(),
    ),
    Preset(
        "two-digits",
        "Two digits at once",
        "Two digits laid over one another, each redrawn alone: which one does each place go to?",
        TrainingSettings(schedule="cosine", averaging=0.999),
        two_digit_config(),
    ),
)


def preset(key: str) -> Preset:
    """The preset of that key.

    Raises:
        CapsvizError: there is none; lists the keys there are.
    """
    for known in PRESETS:
        if known.key == key:
            return known
    keys = ", ".join(known.key for known in PRESETS)
    raise CapsvizError(f"There is no preset called {key!r}; there are: {keys}.")
