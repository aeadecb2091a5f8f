"""Reading a whole file: bounded, and every failure one clear sentence."""

import errno
import os
import tracemalloc
from pathlib import Path

import pytest

from capsviz.files import CapsvizError, read_bytes, reason

CONTENT = b"abc" * 1000


@pytest.fixture
def target(tmp_path):
    path = tmp_path / "file.bin"
    path.write_bytes(CONTENT)
    return path


def test_a_file_is_read_up_to_its_limit(target, assert_clear):
    assert read_bytes(target, len(CONTENT)) == CONTENT
    assert read_bytes(target, 2 * len(CONTENT)) == CONTENT
    with pytest.raises(CapsvizError) as caught:
        read_bytes(target, len(CONTENT) - 1)
    assert_clear(caught.value, target)


def test_a_small_file_takes_little_memory_whatever_the_limit(target):
    tracemalloc.start()
    try:
        read_bytes(target, 2**31)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2**20


def test_a_missing_or_forbidden_file_is_refused(tmp_path, monkeypatch, assert_clear):
    def forbid(*_args):
        raise PermissionError(errno.EACCES, "Permission denied")

    path = tmp_path / "file"
    with pytest.raises(CapsvizError, match="no such file") as caught:
        read_bytes(path, 10)
    assert_clear(caught.value, path)
    # a mode of 0 would not stop the superuser
    monkeypatch.setattr(Path, "open", forbid)
    with pytest.raises(CapsvizError, match="permission denied") as caught:
        read_bytes(path, 10)
    assert_clear(caught.value, path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system knows no such pipes")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path, assert_clear):
    path = tmp_path / "pipe.png"
    os.mkfifo(path)
    with pytest.raises(CapsvizError, match=r"Expected a file, .* choose a file") as caught:
        read_bytes(path, 10)
    assert_clear(caught.value, path)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left"), "no space left"),
        (OSError("Only a text"), "only a text"),
        (PermissionError(), "permissionError"),
    ],
)
def test_the_reason_is_never_empty(error, words):
    assert reason(error) == words
