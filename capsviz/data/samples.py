"""The real MNIST test digits that ship with the program."""

from __future__ import annotations

import random
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from capsviz.data.mnist import Digits
from capsviz.places import resources_folder

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


@cache
def sample_digits() -> Digits:
    """200 test digits of each class, drawn at random, 28×28; every ten in a row hold each class.

    So the first n of them are a balanced set too, for any n.
    """
    with np.load(_file(), allow_pickle=False) as archive:
        return Digits(archive["images"], archive["labels"])


@cache
def sample_indices() -> NDArray[np.uint16]:
    """(n,) where each of the sample digits stands in MNIST's test set, 0 … 9999."""
    with np.load(_file(), allow_pickle=False) as archive:
        indices: NDArray[np.uint16] = archive["indices"]
        return indices


def is_sample(image: NDArray[np.float32]) -> bool:
    """Whether this (H, W) image in 0 … 1 is one of the sample digits."""
    images = sample_digits().images
    if image.shape != images.shape[1:]:
        return False
    return bool((images == np.rint(image * 255)).all(axis=(1, 2)).any())


def random_sample(label: int | None = None) -> int:
    """One of the sample digits by chance, perhaps of one class; an index into `sample_digits`."""
    labels = sample_digits().labels
    return random.choice([index for index, at in enumerate(labels) if label in (None, at)])


def _file() -> Path:
    return resources_folder() / "mnist-sample.npz"
