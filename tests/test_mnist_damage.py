"""Every damage to MNIST's files is one line that names the file and what to do."""

from __future__ import annotations

import os
import struct
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capsviz.data import mnist
from capsviz.data.mnist import Digits, has_mnist, load_mnist
from capsviz.files import CapsvizError
from tests.idx import NAMES, TRAIN_IMAGES, TRAIN_LABELS, blocks, idx_bytes, write_idx, write_mnist

TRAIN, TEST = blocks(30, seed=1), blocks(20, seed=2)


def refusal(folder: Path, part: mnist.Part = "train") -> str:
    """The message of a refused load, checked to be one readable line."""
    with pytest.raises(CapsvizError) as caught:
        load_mnist(folder, part)
    message = str(caught.value)
    assert message.endswith(".")
    assert len(message.splitlines()) == 1
    assert not any(part in message for part in ("Traceback", "Errno", "object at 0x"))
    return message


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_file_is_named_with_what_to_do(tmp_path, name):
    write_mnist(tmp_path, TRAIN, TEST)[name].unlink()
    assert not has_mnist(tmp_path)
    message = refusal(tmp_path, "train" if name.startswith("train") else "test")
    assert name in message
    assert str(tmp_path) in message
    assert "--data-dir" in message
    assert "--download" in message


@pytest.mark.parametrize("folder", ["nowhere", "file", "file/below"])
def test_a_folder_that_is_none(tmp_path, folder):
    (tmp_path / "file").write_bytes(b"")
    assert not has_mnist(tmp_path / folder)
    assert TRAIN_IMAGES in refusal(tmp_path / folder)


def truncated(content: bytes) -> bytes:
    return content[:-1]


def header_alone(content: bytes) -> bytes:
    return content[:4]


def half_the_sizes(content: bytes) -> bytes:
    return content[:7]


def longer(content: bytes) -> bytes:
    return content + b"\0"


def wrong_magic(content: bytes) -> bytes:
    return b"\x89PNG" + content[4:]


def wrong_type(content: bytes) -> bytes:
    return bytes((0, 0, 0x0D)) + content[3:]  # 0x0D: float32


def other_dimensions(content: bytes) -> bytes:
    return content[:3] + bytes((content[3] + 1,)) + content[4:]


def little_endian(content: bytes) -> bytes:
    return content[:4] + content[7:3:-1] + content[8:]


def huge_promise(content: bytes) -> bytes:
    return content[:4] + b"\xff" * 4 + content[8:]


def empty(_: bytes) -> bytes:
    return b""


DAMAGES = (
    empty,
    truncated,
    header_alone,
    half_the_sizes,
    longer,
    wrong_magic,
    wrong_type,
    other_dimensions,
    little_endian,
    huge_promise,
)


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gz"])
@pytest.mark.parametrize("name", [TRAIN_IMAGES, TRAIN_LABELS])
@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_content_names_the_file_and_the_remedy(tmp_path, damage, name, packed):
    paths = write_mnist(tmp_path, TRAIN, TEST, NAMES if packed else ())
    array = TRAIN.images if name == TRAIN_IMAGES else TRAIN.labels
    write_idx(tmp_path, name, damage(idx_bytes(array)), packed)
    message = refusal(tmp_path)
    assert str(paths[name]) in message
    assert "fetch it again" in message


def test_images_and_labels_swapped(tmp_path):
    write_mnist(tmp_path, TRAIN, TEST)
    write_idx(tmp_path, TRAIN_IMAGES, idx_bytes(TRAIN.labels))
    assert str(tmp_path / TRAIN_IMAGES) in refusal(tmp_path)


@pytest.mark.parametrize("label", [10, 255])
def test_a_label_that_is_no_digit(tmp_path, label):
    paths = write_mnist(tmp_path, TRAIN, TEST)
    labels = TRAIN.labels.copy()
    labels[-1] = label
    write_idx(tmp_path, TRAIN_LABELS, idx_bytes(labels))
    message = refusal(tmp_path)
    assert str(paths[TRAIN_LABELS]) in message
    assert str(label) in message


def test_more_images_than_labels(tmp_path):
    paths = write_mnist(tmp_path, TRAIN, TEST)
    write_idx(tmp_path, TRAIN_LABELS, idx_bytes(TRAIN.labels[:-1]))
    message = refusal(tmp_path)
    assert str(paths[TRAIN_LABELS]) in message
    assert "29" in message
    assert "30" in message


def changed_tail(content: bytes) -> bytes:
    return content[:-8] + b"\0\0\0\0" + content[-4:]  # the checksum of the content


def changed_middle(content: bytes) -> bytes:
    middle = len(content) // 2
    return (
        content[:middle]
        + bytes(255 - byte for byte in content[middle : middle + 20])
        + (content[middle + 20 :])
    )


def cut_short(content: bytes) -> bytes:
    return content[: len(content) // 2]


def without_trailer(content: bytes) -> bytes:
    return content[:-8]


def no_gzip(_: bytes) -> bytes:
    return b"<html>404 not found</html>\n" * 20


def header_only(content: bytes) -> bytes:
    return content[:5]


def junk_after(content: bytes) -> bytes:
    return content + b"junk"


@pytest.mark.parametrize(
    "damage",
    [changed_tail, changed_middle, cut_short, without_trailer, no_gzip, header_only, junk_after],
)
@pytest.mark.parametrize("name", [TRAIN_IMAGES, TRAIN_LABELS])
def test_a_corrupt_gzip_names_the_file(tmp_path, name, damage):
    path = write_mnist(tmp_path, TRAIN, TEST, NAMES)[name]
    path.write_bytes(damage(path.read_bytes()))
    message = refusal(tmp_path)
    assert str(path) in message
    assert "fetch it again" in message


@pytest.mark.parametrize("name", [TRAIN_IMAGES, TRAIN_LABELS])
def test_a_folder_in_place_of_a_file(tmp_path, name):
    path = write_mnist(tmp_path, TRAIN, TEST)[name]
    path.unlink()
    path.mkdir()
    assert not has_mnist(tmp_path)
    assert name in refusal(tmp_path)


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gz"])
def test_an_unreadable_file_is_named(tmp_path, monkeypatch, packed):
    path = write_mnist(tmp_path, TRAIN, TEST, NAMES if packed else ())[TRAIN_LABELS]
    deny(monkeypatch, "builtins.open", path)
    deny(monkeypatch, "io.open", path)
    message = refusal(tmp_path)
    assert str(path) in message
    assert "permission denied" in message.lower()


def deny(monkeypatch, function: str, below: Path) -> None:
    """As root no file is unreadable, so the refusal is staged."""
    module, _, name = function.rpartition(".")
    real = getattr(sys.modules[module], name)

    def denied(path, *args, **kwargs):
        if isinstance(path, str | os.PathLike) and Path(path).is_relative_to(below):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *args, **kwargs)

    monkeypatch.setattr(sys.modules[module], name, denied)


def test_a_folder_that_may_not_be_entered(tmp_path, monkeypatch):
    folder = tmp_path / "locked"
    write_mnist(folder, TRAIN, TEST)
    deny(monkeypatch, "os.stat", folder)
    assert not has_mnist(folder)
    assert str(folder) in refusal(folder)


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gz"])
def test_larger_than_any_mnist_file_is_refused(tmp_path, monkeypatch, packed):
    path = write_mnist(tmp_path, TRAIN, TEST, NAMES if packed else ())[TRAIN_IMAGES]
    monkeypatch.setattr(mnist, "_LIMIT", 1000)
    assert str(path) in refusal(tmp_path)


@pytest.mark.parametrize("sizes", [(2**32 - 1, 2**32 - 1, 0), (0, 2**32 - 1, 2**32 - 1)])
def test_sizes_no_array_can_have(tmp_path, sizes):
    paths = write_mnist(tmp_path, TRAIN, TEST)
    write_idx(tmp_path, TRAIN_IMAGES, struct.pack(">4B3I", 0, 0, 8, 3, *sizes))
    write_idx(tmp_path, TRAIN_LABELS, struct.pack(">4BI", 0, 0, 8, 1, 0))
    assert str(paths[TRAIN_IMAGES]) in refusal(tmp_path)


SIZE = st.sampled_from([0, 1, 2, 28, 2**16, 2**31, 2**32 - 1])
MOSTLY_IDX = st.one_of(
    st.binary(max_size=40),
    st.builds(
        lambda dims, sizes, data: struct.pack(f">4B{len(sizes)}I", 0, 0, 8, dims, *sizes) + data,
        st.integers(0, 4),
        st.lists(SIZE, max_size=4),
        st.binary(max_size=40),
    ),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(images=MOSTLY_IDX, labels=MOSTLY_IDX)
def test_no_content_does_more_than_refuse(tmp_path, images, labels):
    write_idx(tmp_path, TRAIN_IMAGES, images)
    write_idx(tmp_path, TRAIN_LABELS, labels)
    found = outcome(tmp_path)
    if isinstance(found, str):
        assert len(found.splitlines()) == 1
    else:
        assert found.images.ndim == 3
        assert len(found.images) == len(found.labels)
        assert (found.labels <= 9).all()


def outcome(folder: Path) -> Digits | str:
    try:
        return load_mnist(folder, "train")
    except CapsvizError as error:
        return str(error)
