"""The few real MNIST test digits that ship with the program."""

from __future__ import annotations

from functools import cache

import numpy as np

from capsviz.data.mnist import Digits
from capsviz.places import resources_folder


@cache
def sample_digits() -> Digits:
    """Twenty test digits of each class, the first twenty of MNIST's order, mixed."""
    with np.load(resources_folder() / "mnist-sample.npz", allow_pickle=False) as archive:
        return Digits(archive["images"], archive["labels"])
