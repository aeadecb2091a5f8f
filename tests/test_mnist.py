"""MNIST from the four IDX files, wherever and however packed they lie."""

from __future__ import annotations

import gzip
import hashlib
import itertools
import os
from pathlib import Path

import numpy as np
import pytest

from capsviz.data.mnist import Digits, has_mnist, load_mnist
from tests.idx import (
    NAMES,
    TEST_IMAGES,
    TRAIN_IMAGES,
    TRAIN_LABELS,
    blocks,
    idx_bytes,
    write_mnist,
)

TRAIN, TEST = blocks(30, seed=1), blocks(20, seed=2)
EVERY_PACKING = [
    [name for name, is_packed in zip(NAMES, packing, strict=True) if is_packed]
    for packing in itertools.product((False, True), repeat=4)
]
# of the uncompressed IDX content, as torchvision and others publish them
SHAPES_AND_MD5 = {
    "train": ((60000, 28, 28), "6bbc9ace898e44ae57da46a324031adb"),
    "train labels": ((60000,), "a25bea736e30d166cdddb491f175f624"),
    "test": ((10000, 28, 28), "2646ac647ad5339dbf082846283269ea"),
    "test labels": ((10000,), "27ae3e4e09519cfbb04c329615203637"),
}


def same(found: Digits, expected: Digits) -> bool:
    return np.array_equal(found.images, expected.images) and np.array_equal(
        found.labels, expected.labels
    )


@pytest.mark.parametrize("layout", ["", "MNIST/raw", "raw"])
@pytest.mark.parametrize("packed", EVERY_PACKING)
def test_every_layout_and_packing_is_read(tmp_path, layout, packed):
    write_mnist(tmp_path / layout, TRAIN, TEST, packed)
    assert has_mnist(tmp_path)
    assert same(load_mnist(tmp_path, "train"), TRAIN)
    assert same(load_mnist(tmp_path, "test"), TEST)


def test_files_may_lie_in_different_layouts(tmp_path):
    paths = write_mnist(tmp_path / "MNIST" / "raw", TRAIN, TEST)
    paths[TEST_IMAGES].rename(tmp_path / TEST_IMAGES)
    assert has_mnist(tmp_path)
    assert same(load_mnist(tmp_path, "test"), TEST)


def test_types_and_slices(tmp_path):
    write_mnist(tmp_path, TRAIN, TEST)
    digits = load_mnist(tmp_path, "train")
    assert digits.images.dtype == digits.labels.dtype == np.uint8
    assert digits.images.shape == (30, 28, 28)
    assert len(digits) == 30
    assert same(digits[5:8], Digits(TRAIN.images[5:8], TRAIN.labels[5:8]))
    assert len(digits[5:8]) == 3


def test_one_part_does_not_need_the_other(tmp_path):
    paths = write_mnist(tmp_path, TRAIN, TEST)
    paths[TRAIN_IMAGES].unlink()
    paths[TRAIN_LABELS].write_bytes(b"junk")
    assert same(load_mnist(tmp_path, "test"), TEST)


def test_the_gzip_reader_ignores_names_within(tmp_path):
    """A .gz made by other tools carries a file name and comment; only the content counts."""
    write_mnist(tmp_path, TRAIN, TEST)
    (tmp_path / TRAIN_LABELS).unlink()
    with (tmp_path / f"{TRAIN_LABELS}.gz").open("wb") as raw:
        with gzip.GzipFile("other-name", "wb", fileobj=raw) as file:
            file.write(idx_bytes(TRAIN.labels))
    assert same(load_mnist(tmp_path, "train"), TRAIN)


@pytest.mark.skipif("CAPSVIZ_DATA" not in os.environ, reason="CAPSVIZ_DATA is not set")
@pytest.mark.parametrize("part", ["train", "test"])
def test_the_real_mnist(part):
    digits = load_mnist(Path(os.environ["CAPSVIZ_DATA"]), part)
    for key, array in ((part, digits.images), (f"{part} labels", digits.labels)):
        shape, md5 = SHAPES_AND_MD5[key]
        assert array.shape == shape
        assert hashlib.md5(idx_bytes(array)).hexdigest() == md5
    assert set(digits.labels) == set(range(10))
