"""Downloading MNIST from a server of our own: whole, broken off, gone on with, spoilt, refused."""

from __future__ import annotations

import gzip
import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from capsviz.data import download
from capsviz.data.download import fetch_mnist
from capsviz.data.mnist import load_mnist
from capsviz.files import CapsvizError
from tests.idx import NAMES, blocks, idx_bytes

TRAIN, TEST = blocks(300, seed=1), blocks(20, seed=2)
ARRAYS = (TRAIN.images, TRAIN.labels, TEST.images, TEST.labels)
FILES = {
    f"{name}.gz": gzip.compress(idx_bytes(array), 1)
    for name, array in zip(NAMES, ARRAYS, strict=True)
}
LARGE = "train-images-idx3-ubyte.gz"


class Mirror:
    """What the server does, and what it was asked for: (file, first byte)."""

    def __init__(self):
        self.asked: list[tuple[str, int]] = []
        self.files = dict(FILES)
        self.breaks = 0  # answers that are cut in half
        self.ranges = True
        self.address = ""

    def answer(self, name: str, start: int) -> tuple[int, bytes]:
        self.asked.append((name, start))
        content = self.files.get(name)
        if content is None:
            return 404, b""
        if start >= len(content):
            return 416, b""
        return (206, content[start:]) if start and self.ranges else (200, content)


@pytest.fixture
def mirror(monkeypatch):
    from torchvision.datasets import MNIST

    mirror = Mirror()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            first = self.headers.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-")
            status, content = mirror.answer(self.path.lstrip("/"), int(first))
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if mirror.breaks and content:
                mirror.breaks -= 1
                content = content[: len(content) // 2]
            self.wfile.write(content)

        def log_message(self, *_):
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        mirror.address = f"http://127.0.0.1:{server.server_port}/"
        monkeypatch.setattr(MNIST, "mirrors", [mirror.address])
        known = [(name, hashlib.md5(content).hexdigest()) for name, content in FILES.items()]
        monkeypatch.setattr(MNIST, "resources", known)
        monkeypatch.setattr(download, "_CHUNK", 1000)
        yield mirror
        server.shutdown()
        thread.join()


def refused(folder) -> str:
    with pytest.raises(CapsvizError) as caught:
        list(fetch_mnist(folder))
    message = str(caught.value)
    assert str(folder) in message
    assert "--data-dir" in message
    assert len(message.splitlines()) == 1
    assert message.endswith(".")
    return message


def test_a_download_lands_where_it_is_looked_for(tmp_path, mirror):
    reports = list(fetch_mnist(tmp_path))
    done = [report.done for report in reports]
    assert done == sorted(done)
    assert done[-1] == sum(map(len, FILES.values()))
    assert len({report.file for report in reports}) == 4
    assert (load_mnist(tmp_path, "train").images == TRAIN.images).all()
    assert (load_mnist(tmp_path, "test").labels == TEST.labels).all()
    assert {path.name for path in (tmp_path / "MNIST" / "raw").iterdir()} == set(FILES)


def test_what_is_there_is_not_fetched_again(tmp_path, mirror):
    list(fetch_mnist(tmp_path))
    mirror.asked.clear()
    assert list(fetch_mnist(tmp_path)) == []
    (tmp_path / "MNIST" / "raw" / LARGE).unlink()
    list(fetch_mnist(tmp_path))
    assert {name for name, _ in mirror.asked} == {LARGE}


def test_a_broken_connection_is_gone_on_with(tmp_path, mirror):
    mirror.breaks = 1
    list(fetch_mnist(tmp_path))
    half = len(FILES[LARGE]) // 2
    assert mirror.asked[:2] == [(LARGE, 0), (LARGE, half)]
    assert (load_mnist(tmp_path, "train").images == TRAIN.images).all()


def test_a_server_that_knows_no_ranges_begins_again(tmp_path, mirror):
    mirror.breaks, mirror.ranges = 1, False
    list(fetch_mnist(tmp_path))
    assert (load_mnist(tmp_path, "train").images == TRAIN.images).all()


def test_a_connection_that_keeps_breaking_is_told_and_a_later_try_goes_on(tmp_path, mirror):
    mirror.breaks = 3
    refused(tmp_path)
    mirror.asked.clear()
    list(fetch_mnist(tmp_path))
    name, start = mirror.asked[0]
    assert name == LARGE
    assert start == len(FILES[LARGE]) - -(-len(FILES[LARGE]) // 8)  # half, then half of the rest
    assert (load_mnist(tmp_path, "train").images == TRAIN.images).all()
    assert not list(tmp_path.rglob("*.part"))


def test_a_cancelled_download_is_gone_on_with(tmp_path, mirror):
    fetching = fetch_mnist(tmp_path)
    for _ in range(5):
        report = next(fetching)
    fetching.close()
    mirror.asked.clear()
    list(fetch_mnist(tmp_path))
    assert mirror.asked[0] == (LARGE, report.done)


def test_a_download_without_connection_can_be_cancelled_between_two_tries(
    tmp_path, mirror, monkeypatch
):
    from torchvision.datasets import MNIST

    monkeypatch.setattr(MNIST, "mirrors", ["http://127.0.0.1:9/"])
    fetching = fetch_mnist(tmp_path)
    assert next(fetching).done == 0
    fetching.close()
    assert not list(tmp_path.rglob("*.part"))


def test_a_whole_file_that_only_lacks_its_name_is_taken(tmp_path, mirror):
    folder = tmp_path / "MNIST" / "raw"
    folder.mkdir(parents=True)
    (folder / f"{LARGE}.part").write_bytes(FILES[LARGE])
    list(fetch_mnist(tmp_path))
    assert LARGE not in {name for name, _ in mirror.asked}
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize("spoilt", [b"<html>log in</html>", b"", FILES[LARGE][:-1] + b"\1"])
def test_other_content_is_never_taken(tmp_path, mirror, spoilt):
    mirror.files[LARGE] = spoilt
    refused(tmp_path)
    assert not (tmp_path / "MNIST" / "raw" / LARGE).exists()
    mirror.files[LARGE] = FILES[LARGE]
    list(fetch_mnist(tmp_path))
    assert (load_mnist(tmp_path, "train").images == TRAIN.images).all()


def test_what_lies_there_spoilt_is_begun_again(tmp_path, mirror):
    folder = tmp_path / "MNIST" / "raw"
    folder.mkdir(parents=True)
    (folder / f"{LARGE}.part").write_bytes(b"\0" * (len(FILES[LARGE]) + 10))
    list(fetch_mnist(tmp_path))
    assert (load_mnist(tmp_path, "train").images == TRAIN.images).all()


def test_a_second_mirror_is_tried(tmp_path, mirror, monkeypatch):
    from torchvision.datasets import MNIST

    monkeypatch.setattr(MNIST, "mirrors", [mirror.address + "gone/", mirror.address])
    list(fetch_mnist(tmp_path))
    assert (load_mnist(tmp_path, "test").images == TEST.images).all()


def test_no_connection_is_one_sentence(tmp_path, mirror, monkeypatch):
    from torchvision.datasets import MNIST

    monkeypatch.setattr(MNIST, "mirrors", ["http://127.0.0.1:9/"])
    assert "refused" in refused(tmp_path).lower()


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path, mirror):
    (tmp_path / "MNIST").write_bytes(b"")
    with pytest.raises(CapsvizError) as caught:
        list(fetch_mnist(tmp_path))
    assert "MNIST" in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
