"""Headers that lie, and other things that lie under a checkpoint's name, are refused."""

import io
import json
import struct
import zipfile
from pathlib import Path

import pytest

from capsviz.files import CapsvizError
from capsviz.network import CapsNet, CapsNetConfig, Provenance, load_checkpoint, save_checkpoint


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The bytes of an undamaged file."""
    path = tmp_path_factory.mktemp("whole") / "network.safetensors"
    config = CapsNetConfig(5, 2, 1, 3, 1, 1, 1, 1, True, (1, 1))
    save_checkpoint(path, CapsNet(config), Provenance())
    return path.read_bytes()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "network.safetensors"


@pytest.fixture
def refuse(path, assert_clear):
    """A function that puts some bytes into a file and checks that it is refused."""

    def check(content):
        path.write_bytes(content)
        with pytest.raises(CapsvizError) as caught:
            load_checkpoint(path)
        assert_clear(caught.value, path)

    return check


def header_size(content):
    return struct.unpack("<Q", content[:8])[0]


def with_header(content, header):
    """The same tensors behind another header."""
    return struct.pack("<Q", len(header)) + header + content[8 + header_size(content) :]


def test_the_whole_file_is_accepted(path, whole):
    path.write_bytes(whole)
    assert load_checkpoint(path).provenance == Provenance()


# Headers that lie


@pytest.mark.parametrize("size", [0, 1, 2, 7, 2**20 + 1, 2**31, 2**63 - 1, 2**63, 2**64 - 1])
def test_a_wrong_header_length_is_refused(whole, refuse, size):
    refuse(struct.pack("<Q", size) + whole[8:])


@pytest.mark.parametrize("shift", [-9, -1, 1, 9])
def test_a_header_length_a_little_off_is_refused(whole, refuse, shift):
    refuse(struct.pack("<Q", header_size(whole) + shift) + whole[8:])


@pytest.mark.parametrize(
    "header",
    [
        b"{}",
        b"[]",
        b"null",
        b"\xff\xfe{}",
        b'{"__metadata__":null}',
        b'{"__metadata__":[]}',
        b'{"__metadata__":{"kind":1}}',
        b'{"__metadata__":{"kind":"capsviz-network"}}',
        b'{"__metadata__":{"kind":"\xff"}}',
        b'{"__metadata__":{"kind":"\\ud800"}}',
        b'{"__metadata__":' + b'{"a":' * 100_000,
        b'{"a":' * 100_000,
        b"[" * 100_000,
        b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
    ids=range(14),
)
def test_a_hostile_header_is_refused(whole, refuse, header):
    refuse(with_header(whole, header))
    refuse(struct.pack("<Q", len(header)) + header)


def test_a_header_of_more_than_a_mebibyte_is_refused(whole, refuse):
    header = whole[8 : 8 + header_size(whole)]
    refuse(with_header(whole, header + b" " * 2**20))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("dtype", "F16"),
        ("dtype", "I32"),
        ("dtype", "pickle"),
        ("shape", [2**62, 4]),
        ("shape", [-1]),
        ("shape", "1"),
        ("data_offsets", [0, 2**63]),
        ("data_offsets", [4, 0]),
        ("data_offsets", [-4, 0]),
        ("data_offsets", []),
    ],
)
def test_a_header_that_lies_about_a_tensor_is_refused(whole, refuse, field, value):
    header = json.loads(whole[8 : 8 + header_size(whole)])
    header["conv1.bias"][field] = value
    refuse(with_header(whole, json.dumps(header).encode()))


# Other things that lie under the name


def archive():
    """What torch would write: a zip that holds a pickle."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("archive/data.pkl", b"\x80\x02}q\x00.")
        file.writestr("archive/version", b"3\n")
    return buffer.getvalue()


FOREIGN = {
    "empty": b"",
    "one byte": b"\0",
    "seven bytes": b"\x10" + b"\0" * 6,
    "zeros": b"\0" * 4096,
    "text": b"This is no network.\n" * 10,
    "json": b'{"conv1.weight": []}',
    "picture": b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
    "pickle": b"\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00}\x94.",
    "old torch": b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19." + b"\0" * 100,
    "zip": archive(),
}


@pytest.mark.parametrize("content", FOREIGN.values(), ids=FOREIGN)
def test_a_foreign_file_is_refused(refuse, content):
    refuse(content)


def test_a_pickle_is_never_opened(refuse, tmp_path):
    made = tmp_path / "made by a pickle"
    # a pickle of protocol 0, written out: call os.mkdir with that name
    refuse(b"cos\nmkdir\n(S'%s'\ntR." % str(made).encode())
    assert not made.exists()


def test_a_missing_file_and_a_folder_are_refused(tmp_path, assert_clear):
    for absent in (tmp_path / "absent.safetensors", tmp_path, tmp_path / "no" / "such"):
        with pytest.raises(CapsvizError) as caught:
            load_checkpoint(absent)
        assert_clear(caught.value, absent)


def test_an_unreadable_file_is_refused(path, whole, monkeypatch, assert_clear):
    def forbid(*_args):
        raise PermissionError(13, "Permission denied")

    path.write_bytes(whole)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", forbid)  # a mode of 0 would not stop the superuser
        with pytest.raises(CapsvizError, match="permission denied") as caught:
            load_checkpoint(path)
    assert_clear(caught.value, path)
