"""Damaged bytes: refused in one clear line, or without any effect on what is loaded."""

import random
import struct
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capsviz.files import CapsvizError
from capsviz.network import (
    CapsNet,
    CapsNetConfig,
    Provenance,
    load_checkpoint,
    save_checkpoint,
    tensorfile,
)

SMALLEST = CapsNetConfig(5, 2, 1, 3, 1, 1, 1, 1, True, (1, 1))
PATH = Path("folder") / "network.safetensors"
PROVENANCE = Provenance(data="MNIST", seed=1, test_error=0.25)


@pytest.fixture(scope="module")
def model():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        return CapsNet(SMALLEST)


@pytest.fixture(scope="module")
def whole(tmp_path_factory, model):
    """The bytes of an undamaged file, some two thousand of them."""
    path = tmp_path_factory.mktemp("damage") / "network.safetensors"
    save_checkpoint(path, model, PROVENANCE)
    return path.read_bytes()


def loaded_is_saved(found, model):
    saved, loaded = model.state_dict(), found.model.state_dict()
    return (
        found.provenance == PROVENANCE
        and found.model.config == SMALLEST
        and list(loaded) == list(saved)
        and all(torch.equal(loaded[name], saved[name]) for name in saved)
    )


@pytest.fixture
def harmless(monkeypatch, model, assert_clear):
    """A function that loads some bytes: False if they are refused, True if what is loaded is
    exactly what was saved; everything else fails the test."""
    contents = []
    # ten thousand files are too many for a slow disk; only the reading of it is left out
    monkeypatch.setattr(tensorfile, "read_bytes", lambda _path, _limit: contents[-1])

    def check(content):
        contents[:] = [content]
        try:
            found = load_checkpoint(PATH)
        except CapsvizError as error:
            assert_clear(error, PATH)
            return False
        assert loaded_is_saved(found, model)
        return True

    return check


def header_size(content):
    return struct.unpack("<Q", content[:8])[0]


def with_header(content, header):
    """The same tensors behind another header."""
    return struct.pack("<Q", len(header)) + header + content[8 + header_size(content) :]


# One byte


@pytest.mark.parametrize("mask", [0x01, 0x20, 0x80])  # a bit, another case of a letter, a sign
def test_a_flip_of_any_one_byte_is_refused_or_harmless(whole, harmless, mask):
    assert harmless(whole)
    accepted = []
    for position in range(len(whole)):
        changed = bytearray(whole)
        changed[position] ^= mask
        if harmless(bytes(changed)):
            accepted.append(position)
    # blanks that fill the header up are all that a reader may overlook
    assert {whole[position] for position in accepted} <= {ord(" ")}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # they hold no state
@given(st.data(), st.integers(1, 255))
def test_any_change_of_any_byte_is_refused_or_harmless(whole, harmless, data, mask):
    position = data.draw(st.integers(0, len(whole) - 1))
    changed = bytearray(whole)
    changed[position] ^= mask
    assert not harmless(bytes(changed)) or whole[position] == ord(" ")


def test_every_truncation_is_refused(whole, harmless):
    assert not any(harmless(whole[:length]) for length in range(len(whole)))


@pytest.mark.parametrize("tail", [b"\0", b" ", b"\n", b"\0" * 4096])
def test_anything_behind_the_end_is_refused(whole, harmless, tail):
    assert not harmless(whole + tail)


# Many bytes


def overwrite(chance, content):
    for _ in range(chance.randint(1, 8)):
        content[chance.randrange(len(content))] = chance.randrange(256)


def insert(chance, content):
    place = chance.randrange(len(content) + 1)
    content[place:place] = chance.randbytes(chance.randint(1, 16))


def delete(chance, content):
    place = chance.randrange(len(content))
    del content[place : place + chance.randint(1, 64)]


def truncate(chance, content):
    del content[chance.randrange(len(content)) :]


def swap(chance, content):
    first, second = sorted(chance.randrange(0, len(content) - 8, 4) for _ in range(2))
    one, other = content[first : first + 4], content[second : second + 4]
    content[first : first + 4], content[second : second + 4] = other, one


def repeat(chance, content):
    place = chance.randrange(len(content))
    content[place:place] = content[place : place + chance.randint(1, 64)]


def edit_digits(chance, content):
    """Change numbers of the header: shapes, offsets, sizes of the config."""
    digits = [i for i in range(8, 8 + header_size(bytes(content))) if chr(content[i]).isdigit()]
    for place in chance.sample(digits, chance.randint(1, 3)):
        content[place] = chance.choice(b"0123456789")


MUTATIONS = [overwrite, insert, delete, truncate, swap, repeat, edit_digits]


def test_a_thousand_damaged_files_are_refused_or_harmless(whole, harmless):
    chance = random.Random(17)
    refused = tried = 0
    for _ in range(1000):
        content = bytearray(whole)
        chance.choice(MUTATIONS)(chance, content)
        if content != whole:
            tried += 1
            refused += not harmless(bytes(content))
    assert tried > 900
    assert refused > 0.97 * tried


def test_a_thousand_damaged_headers_are_refused_or_harmless(whole, harmless):
    chance = random.Random(18)
    end = 8 + header_size(whole)
    refused = 0
    for _ in range(1000):
        header = bytearray(whole[8:end])
        for _ in range(chance.randint(1, 3)):
            header[chance.randrange(len(header))] = chance.choice(b'{}[]",:0129 \\n"')
        refused += not harmless(with_header(whole, bytes(header)))
    assert refused > 900
