"""Every choice of a training run; travels as JSON in the run's folder."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

_MOST = 1e30  # JSON has no infinity, so a run could not tell what it was begun with
Positive = Annotated[float, Meta(gt=0.0, le=_MOST)]
NotNegative = Annotated[float, Meta(ge=0.0, le=_MOST)]
Fraction = Annotated[float, Meta(ge=0.0, le=1.0)]
Count = Annotated[int, Meta(ge=1)]

Schedule = Literal["exponential", "cosine"]
Augmentation = Literal["none", "shift", "slight", "affine", "rotation", "drawn"]
Precision = Literal["auto", "fp32", "bf16"]


class TrainingSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How to train; the defaults are the paper's where the paper says (section 4).

    Attributes:
        epochs: passes over the training images.
        batch_size: images per step.
        learning_rate: Adam's, at its highest.
        schedule: "exponential" multiplies the rate by `decay_rate` every `decay_steps` steps
            (the paper's, with the figures of its authors' code); "cosine" falls along half a
            cosine to zero at the last step.
        warmup_steps: the rate rises over these first, at most half of the run. Adam's first step
            moves each of a capsule's 20 736 weights by the whole rate, all to the same end where
            the ground is alike: without a rise every primary capsule has a length of 0.99 from
            there on, and a larger network never learns.
        averaging: decay per step of an exponential moving average of the weights, which is then
            what is validated and kept; 0 switches it off.
        weight_decay: each step takes this times the rate off every weight, apart from Adam's own
            step (Loshchilov & Hutter 2019); 0 switches it off.
        sam_radius: ρ, the radius within which the loss is to be low, not at the weights alone
            (`training.flat`); a step takes twice the time. 0 switches it off.
        augmentation: "none"; "shift", the paper's ±2 pixels; "affine", also turned, leaned and
            stretched; "slight", the same by a third, not shifted, and as sharp as before;
            "rotation", turned by up to ±45° and shifted; "drawn", as "affine" and further bent,
            with thinner and thicker lines, slashed zeros, barred sevens and ones with an upstroke
            or a base, for digits drawn by hand.
        reconstruction_weight: of the summed squared error of the decoder's image.
        m_plus, m_minus, down_weight: m⁺, m⁻ and λ of the margin loss.
        precision: of the convolutions; "auto" takes bf16 where the processor multiplies it
            natively, else TF32 on CUDA devices that have it; "fp32" takes neither. Routing,
            losses and weights are always fp32.
        seed: of the initial weights, the validation split, the order and the augmentation.
        training_images: use only so many, drawn by the seed; 0 uses all.
        own_share: part of each batch that is taken from the person's own drawings, if the run
            has any.
        validation_images: held out of the training images to choose by.
        checkpoint_steps: steps between two saved states: at most so many are lost, or on a GPU ten
            seconds' worth if those are more.
    """

    epochs: Count = 10
    batch_size: Count = 128
    learning_rate: Positive = 0.001
    schedule: Schedule = "exponential"
    decay_rate: Annotated[float, Meta(gt=0.0, le=1.0)] = 0.96
    decay_steps: Count = 2000
    warmup_steps: Annotated[int, Meta(ge=0)] = 200
    averaging: Annotated[float, Meta(ge=0.0, lt=1.0)] = 0.0
    weight_decay: NotNegative = 0.0
    sam_radius: NotNegative = 0.0
    augmentation: Augmentation = "shift"
    reconstruction_weight: NotNegative = 0.0005
    m_plus: Fraction = 0.9
    m_minus: Fraction = 0.1
    down_weight: NotNegative = 0.5
    precision: Precision = "auto"
    seed: Annotated[int, Meta(ge=0, lt=2**31)] = 1
    training_images: Annotated[int, Meta(ge=0)] = 0
    own_share: Annotated[float, Meta(gt=0.0, lt=1.0)] = 0.25
    validation_images: Annotated[int, Meta(ge=0)] = 5000
    checkpoint_steps: Count = 100
