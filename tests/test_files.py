"""The one writer: whatever fails, the file is the old one or the new one, and nothing is left."""

import errno
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from capsviz.files import CapsvizError, read_bytes, write_atomically

OLD, NEW = b"old" * 1000, b"new" * 2000
posix = pytest.mark.skipif(os.name == "nt", reason="POSIX modes, signals and limits")
FULL = OSError(errno.ENOSPC, "No space left on device")


class Faulty:
    """A file whose method `name` fails; a failing `write` has put half of its bytes down."""

    def __init__(self, file, name, error):
        self.file, self.name, self.error = file, name, error

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        if self.name == "close":
            raise self.error

    def __getattr__(self, name):
        return self.fail if name == self.name else getattr(self.file, name)

    def fail(self, content=b""):
        self.file.write(content[: len(content) // 2])
        self.file.flush()
        raise self.error


def fail_always(error):
    def fail(*_args, **_kwargs):
        raise error

    return fail


def inject(monkeypatch, where, error):
    """Let one step of a save fail by `error`."""
    if where in ("write", "flush", "close"):
        plain = Path.open
        monkeypatch.setattr(Path, "open", lambda *args: Faulty(plain(*args), where, error))
    elif where == "open":
        monkeypatch.setattr(Path, "open", fail_always(error))
    elif where == "mkdir":
        monkeypatch.setattr(Path, "mkdir", fail_always(error))
    else:
        monkeypatch.setattr(os, where, fail_always(error))


BEFORE_REPLACE = ["mkdir", "open", "write", "flush", "fsync", "close", "replace"]


@pytest.fixture
def target(tmp_path):
    path = tmp_path / "kept" / "file.bin"
    path.parent.mkdir()
    path.write_bytes(OLD)
    return path


def assert_only(path, content):
    assert path.read_bytes() == content
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("content", [b"", b"\0", NEW, b"\r\n\x1a" * 7])
def test_all_bytes_are_written_to_a_new_and_over_an_old_file(target, content):
    fresh = target.parent.parent / "a" / "b" / "fresh.bin"
    write_atomically(fresh, content)
    write_atomically(target, content)
    assert_only(fresh, content)
    assert_only(target, content)


@pytest.mark.parametrize("where", BEFORE_REPLACE)
def test_a_fault_leaves_the_old_file_whole(target, monkeypatch, assert_clear, where):
    with monkeypatch.context() as patch:
        inject(patch, where, FULL)
        with pytest.raises(CapsvizError) as caught:
            write_atomically(target, NEW)
    assert_only(target, OLD)
    assert_clear(caught.value, target)
    assert "no space left on device" in str(caught.value)


@pytest.mark.parametrize("where", BEFORE_REPLACE)
def test_a_fault_leaves_nothing_where_there_was_no_file(target, monkeypatch, where):
    target.unlink()
    with monkeypatch.context() as patch:
        inject(patch, where, FULL)
        with pytest.raises(CapsvizError):
            write_atomically(target, NEW)
    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize("where", BEFORE_REPLACE)
def test_an_interrupt_leaves_the_old_file_whole(target, monkeypatch, where):
    with monkeypatch.context() as patch:
        inject(patch, where, KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            write_atomically(target, NEW)
    assert_only(target, OLD)


@posix
def test_a_fault_at_the_folders_sync_leaves_the_new_file_whole(target, monkeypatch, assert_clear):
    plain, calls = os.fsync, []

    def fail_second(descriptor):
        calls.append(descriptor)
        if len(calls) == 2:
            raise OSError(errno.EIO, "Input/output error")
        plain(descriptor)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail_second)
        with pytest.raises(CapsvizError) as caught:
            write_atomically(target, NEW)
    assert_only(target, NEW)
    assert_clear(caught.value, target)


@posix
def test_a_file_that_outgrows_the_systems_limit_leaves_the_old_one(target, assert_clear):
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(NEW) // 2, hard))
    try:
        with pytest.raises(CapsvizError) as caught:
            write_atomically(target, NEW)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert_only(target, OLD)
    assert_clear(caught.value, target)


def test_bytes_reach_the_disk_before_the_name(target, monkeypatch):
    events = []
    sync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda fd: (events.append("sync"), sync(fd)))
    monkeypatch.setattr(os, "replace", lambda *names: (events.append("name"), replace(*names)))
    write_atomically(target, NEW)
    assert events == (["sync", "name"] if os.name == "nt" else ["sync", "name", "sync"])


@posix
@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_the_mode_is_that_of_any_new_file(tmp_path, umask, mode):
    path = tmp_path / "file"
    before = os.umask(umask)
    try:
        write_atomically(path, NEW)
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == mode


def test_a_path_that_is_a_folder_is_refused(tmp_path, assert_clear):
    folder = tmp_path / "folder"
    folder.mkdir()
    for call in (lambda: write_atomically(folder, NEW), lambda: read_bytes(folder, 10)):
        with pytest.raises(CapsvizError) as caught:
            call()
        assert_clear(caught.value, folder)
    assert list(tmp_path.iterdir()) == [folder]


@pytest.mark.parametrize("name", ["", ".", "..", "/"])
def test_a_path_without_a_file_name_is_refused(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CapsvizError):
        write_atomically(Path(name), NEW)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_a_file_is_refused(target, assert_clear):
    below = target / "below.bin"
    with pytest.raises(CapsvizError) as caught:
        write_atomically(below, NEW)
    assert_only(target, OLD)
    assert_clear(caught.value, below)


@posix
def test_a_reader_sees_the_old_or_the_new_file_only(target):
    done = threading.Event()
    seen = set()

    def read():
        seen.add(target.read_bytes())
        while not done.is_set():
            seen.add(target.read_bytes())

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for turn in range(60):
            write_atomically(target, (NEW, OLD)[turn % 2])
    finally:
        done.set()
        reader.join()
    assert seen <= {OLD, NEW}
    assert_only(target, OLD)


ENDLESS = """
import sys
from pathlib import Path
from capsviz.files import write_atomically
turn = 0
while True:
    write_atomically(Path(sys.argv[1]), bytes([65 + turn % 2]) * 200_000)
    turn += 1
    print(turn, flush=True)
"""


@pytest.mark.parametrize("saves", [1, 2, 5])
def test_a_killed_writer_leaves_a_whole_file(target, saves):
    command = [sys.executable, "-c", ENDLESS, str(target)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        for _ in range(saves):
            writer.stdout.readline()
        writer.kill()
    assert target.read_bytes() in (b"A" * 200_000, b"B" * 200_000)


@posix
def test_a_link_stays_and_what_it_leads_to_is_written(tmp_path):
    kept, link = tmp_path / "kept", tmp_path / "link"
    kept.write_bytes(OLD)
    link.symlink_to(kept)
    write_atomically(link, NEW)
    assert link.is_symlink()
    assert kept.read_bytes() == NEW
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept", "link"]


@posix
def test_who_may_read_a_file_stays(tmp_path):
    path = tmp_path / "private"
    path.write_bytes(OLD)
    path.chmod(0o600)
    write_atomically(path, NEW)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_bytes() == NEW


@posix
def test_a_mount_without_modes_is_written_too(tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_bytes(OLD)
    monkeypatch.setattr(Path, "chmod", fail_always(PermissionError(errno.EPERM, "not here")))
    write_atomically(path, NEW)
    assert path.read_bytes() == NEW


@posix
def test_a_pipe_is_not_replaced(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(CapsvizError, match="pipe or device"):
        write_atomically(path, NEW)
    assert path.is_fifo()
    assert [each.name for each in tmp_path.iterdir()] == ["pipe"]
