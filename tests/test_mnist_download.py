"""Downloading MNIST without a network: every failure is one sentence."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from capsviz.data.mnist import download_mnist, load_mnist
from capsviz.files import CapsvizError
from tests.idx import TRAIN_IMAGES, blocks, idx_bytes, write_idx, write_mnist

TRAIN, TEST = blocks(30, seed=1), blocks(20, seed=2)


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*_args, **_kwargs):
        raise OSError("no network in tests")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture
def torchvision_mnist(monkeypatch):
    """Put a stand-in in place of torchvision's dataset; gives what it was called with."""
    from torchvision import datasets

    monkeypatch.setenv("TQDM_DISABLE", "1")  # download_mnist may set it; restored afterwards
    calls: list[tuple[str, bool]] = []

    def stage(behaviour):
        def stand_in(root, download=False):
            calls.append((root, download))
            behaviour(Path(root))

        monkeypatch.setattr(datasets, "MNIST", stand_in)
        return calls

    return stage


MANY_LINES = "Error downloading train-images-idx3-ubyte.gz:\nTried mirror, got:\nHTTP Error 404\n"


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("File not found or corrupted."),
        RuntimeError(MANY_LINES),
        RuntimeError(),
        OSError(28, "No space left on device"),
        PermissionError(13, "Permission denied", "/data/MNIST"),
        ConnectionResetError("Connection reset by peer"),
        TimeoutError(),
    ],
    ids=["corrupted", "every mirror", "silent", "disk full", "denied", "reset", "timeout"],
)
def test_a_failed_download_is_one_sentence(tmp_path, torchvision_mnist, error):
    def fail(_):
        raise error

    calls = torchvision_mnist(fail)
    with pytest.raises(CapsvizError) as caught:
        download_mnist(tmp_path)
    message = str(caught.value)
    assert calls == [(str(tmp_path), True)]
    assert str(tmp_path) in message
    assert "--data-dir" in message
    assert len(message.splitlines()) == 1
    assert message.endswith(".")


def test_a_download_without_a_network_is_one_sentence(tmp_path, monkeypatch):
    """With torchvision's own dataset."""
    monkeypatch.setenv("TQDM_DISABLE", "1")
    with pytest.raises(CapsvizError) as caught:
        download_mnist(tmp_path)
    assert str(tmp_path) in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_a_download_lands_where_load_looks(tmp_path, torchvision_mnist):
    torchvision_mnist(lambda root: write_mnist(root / "MNIST" / "raw", TRAIN, TEST))
    download_mnist(tmp_path)
    assert (load_mnist(tmp_path, "test").images == TEST.images).all()


@pytest.mark.parametrize(
    "damage",
    [lambda _: b"", lambda content: content[:-1], lambda content: b"\x89PNG" + content[4:]],
    ids=["empty", "truncated", "wrong magic"],
)
def test_a_download_over_damaged_files_mends_or_refuses(tmp_path, monkeypatch, damage):
    """What a broken download left is found by the next: torchvision keeps files by name alone."""
    monkeypatch.setenv("TQDM_DISABLE", "1")
    write_mnist(tmp_path / "MNIST" / "raw", TRAIN, TEST)
    write_idx(tmp_path / "MNIST" / "raw", TRAIN_IMAGES, damage(idx_bytes(TRAIN.images)))
    with pytest.raises(CapsvizError) as caught:
        download_mnist(tmp_path)
    assert len(str(caught.value).splitlines()) == 1
