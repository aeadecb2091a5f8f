"""A folder of class-named images: which labels, which images, and what is told of a wrong one."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from capsviz.data.folders import look_into, name_of, read_classes
from capsviz.data.images import image_to_input
from capsviz.data.samples import sample_digits
from capsviz.files import CapsvizError


def fill(folder, names, each: int = 2):
    """A folder of sample digits, each in the folder of that name: digit 0 in the first, …"""
    digits = sample_digits()
    for digit, name in enumerate(names):
        (folder / name).mkdir(parents=True)
        for place, image in enumerate(digits.images[digits.labels == digit][:each]):
            Image.fromarray(image).save(folder / name / f"{place}.png")
    return folder


def read(folder, size: int = 28):
    *counts, (total, digits) = read_classes(look_into(folder), size)
    assert [done for done, nothing in counts if nothing is None] == list(range(1, total + 1))
    return digits


def test_the_folders_of_digits_are_their_labels(tmp_path):
    fill(tmp_path, map(str, range(10)))
    found, digits = look_into(tmp_path), read(tmp_path)
    assert found.classes == tuple("0123456789")
    assert len(found) == 20
    assert list(digits.labels) == [digit for digit in range(10) for _ in range(2)]
    sample = sample_digits()
    np.testing.assert_array_equal(digits.images[4], sample.images[sample.labels == 2][0])


def test_numbers_go_by_value_and_come_before_words(tmp_path):
    fill(tmp_path, ["10", "9", "cat", "Dog"])
    assert look_into(tmp_path).classes == ("9", "10", "Dog", "cat")
    assert list(read(tmp_path).labels) == [0, 0, 1, 1, 2, 2, 3, 3]


def test_other_files_and_empty_or_hidden_folders_are_left_out(tmp_path):
    fill(tmp_path, ["a", "b", ".git"])
    (tmp_path / "empty").mkdir()
    (tmp_path / "a" / "notes.txt").write_text("mine")
    (tmp_path / "a" / ".0.png").write_bytes(b"")
    (tmp_path / "list.csv").write_text("mine")
    found = look_into(tmp_path)
    assert found.classes == ("a", "b")
    assert len(found) == 4


def test_large_photographs_are_framed_as_everywhere(tmp_path):
    fill(tmp_path, ["a", "b"], each=1)
    ink = Image.fromarray(255 - sample_digits().images[0]).resize((200, 150))
    ink.save(tmp_path / "a" / "0.png")
    expected = image_to_input(tmp_path / "a" / "0.png")
    np.testing.assert_allclose(read(tmp_path).images[0] / 255, expected, atol=0.5 / 255 + 1e-6)
    assert read(tmp_path, 20).images.shape == (2, 20, 20)


def test_reading_can_be_given_up(tmp_path):
    reading = read_classes(look_into(fill(tmp_path, ["a", "b"])))
    assert next(reading) == (1, None)
    reading.close()


def told(action, *args) -> str:
    with pytest.raises(CapsvizError) as caught:
        action(*args)
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def test_too_few_classes(tmp_path):
    assert "found 0 folders" in told(look_into, tmp_path)
    fill(tmp_path, ["a"])
    message = told(look_into, tmp_path)
    assert "found 1 folder" in message
    assert str(tmp_path) in message


def test_a_folder_that_is_not_there(tmp_path):
    assert str(tmp_path / "none") in told(look_into, tmp_path / "none")
    (tmp_path / "file").write_bytes(b"")
    assert str(tmp_path / "file") in told(look_into, tmp_path / "file")


@pytest.mark.parametrize("content", [b"", b"no picture"])
def test_an_image_that_is_none_is_named(tmp_path, content):
    fill(tmp_path, ["a", "b"])
    (tmp_path / "b" / "1.png").write_bytes(content)
    assert str(tmp_path / "b" / "1.png") in told(read, tmp_path)


def test_the_name_tells_other_images_apart(tmp_path):
    ours, theirs = (
        fill(tmp_path / "one" / "d", ["a", "b"]),
        fill(tmp_path / "two" / "d", ["a", "b"]),
    )
    names = [name_of(look_into(folder), read(folder)) for folder in (ours, theirs)]
    assert names[0] == names[1]
    assert names[0].startswith("d 4 (a, b; ")
    sample = sample_digits()
    Image.fromarray(sample.images[sample.labels == 5][0]).save(theirs / "a" / "0.png")
    assert name_of(look_into(theirs), read(theirs)) != names[0]


def test_a_folder_is_named_alike_from_within_it(tmp_path, monkeypatch):
    fill(tmp_path / "pets", ["cat", "dog"])
    whole = look_into(tmp_path / "pets")
    monkeypatch.chdir(tmp_path / "pets")
    assert name_of(look_into(Path()), read(Path())) == name_of(whole, read(tmp_path / "pets"))


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_name_that_cannot_be_shown_is_refused(tmp_path):
    fill(tmp_path, ["a", "b", os.fsdecode(b"\xd6x")])
    with pytest.raises(CapsvizError, match="rename it"):
        look_into(tmp_path)
