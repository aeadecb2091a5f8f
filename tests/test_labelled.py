"""What `evaluate` measures on and `classify` reads: MNIST, archives of images, strokes."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from capsviz.data import labelled
from capsviz.data.drawing import rasterize
from capsviz.data.framing import frame_images
from capsviz.data.labelled import load_inputs, load_labelled
from capsviz.data.pairs import multimnist
from capsviz.data.samples import sample_digits
from capsviz.data.strokes import read_strokes
from capsviz.files import CapsvizError
from capsviz.places import resources_folder
from tests.idx import blocks, write_mnist

SAMPLE = resources_folder() / "sample-strokes.jsonl"
DIGITS = sample_digits()[:12]
LABELS = DIGITS.labels.astype(np.int64)


@pytest.fixture
def archive(tmp_path):
    """A function that writes a .npz and gives its path."""

    def write(**arrays):
        np.savez_compressed(tmp_path / "data.npz", **arrays)
        return tmp_path / "data.npz"

    return write


def refusal(what, **options):
    """The message of a refused load, checked to be one readable line that names it."""
    with pytest.raises(CapsvizError) as caught:
        load_labelled(str(what), **options)
    message = str(caught.value)
    assert message.endswith(".")
    assert len(message.splitlines()) == 1
    assert len(message) < 500
    return message


def test_mnist_is_its_test_part_from_the_folder_given(tmp_path):
    train, test = blocks(30, seed=1), blocks(20, seed=2)
    write_mnist(tmp_path, train, test)
    data = load_labelled("mnist", data_dir=tmp_path)
    assert data.name == "mnist"
    assert np.array_equal(data.labels, test.labels)
    assert np.allclose(data.images * 255, test.images)


@pytest.mark.parametrize("shape", [(12, 28, 28), (12, 28, 28, 1), (12, 1, 28, 28)])
@pytest.mark.parametrize("labels", [LABELS, LABELS.astype(np.uint8), np.stack([LABELS] * 2, 1)])
def test_an_archive_of_the_networks_size_is_taken_as_it_is(archive, shape, labels):
    data = load_labelled(str(archive(images=DIGITS.images.reshape(shape), labels=labels)))
    assert data.images.dtype == np.float32
    assert np.allclose(data.images * 255, DIGITS.images)
    assert data.labels.dtype == np.int64
    assert np.array_equal(data.labels, labels)


def test_another_size_is_framed_unless_raw(archive):
    large = DIGITS.images.repeat(2, 1).repeat(2, 2)
    path = archive(images=large, labels=LABELS)
    assert np.array_equal(load_labelled(str(path)).images, frame_images(large))
    assert np.allclose(load_labelled(str(path), size=56, raw=True).images * 255, large)
    message = refusal(path, raw=True)
    assert "56×56" in message
    assert "28×28" in message
    assert "--raw" in message


@pytest.mark.parametrize(
    ("arrays", "told"),
    [
        ({"images": DIGITS.images}, "'labels'"),
        ({"x": DIGITS.images, "y": LABELS}, "'images'"),
        ({"images": DIGITS.images / 255, "labels": LABELS}, "float64"),
        ({"images": DIGITS.images[:, :20], "labels": LABELS}, "(12, 20, 28)"),
        ({"images": DIGITS.images[:, :15, :15], "labels": LABELS}, "at least 16"),
        ({"images": DIGITS.images[0], "labels": LABELS}, "(28, 28)"),
        ({"images": np.zeros((12, 3, 28, 28), np.uint8), "labels": LABELS}, "(12, 3, 28, 28)"),
        ({"images": DIGITS.images[:0], "labels": LABELS[:0]}, "(0, 28, 28)"),
        ({"images": DIGITS.images, "labels": LABELS[:11]}, "(11,)"),
        ({"images": DIGITS.images, "labels": np.stack([LABELS] * 3, 1)}, "(12, 3)"),
        ({"images": DIGITS.images, "labels": LABELS / 1}, "float64"),
        ({"images": DIGITS.images, "labels": LABELS + 1}, "0 to 9"),
        ({"images": DIGITS.images, "labels": LABELS - 9}, "0 to 9"),
        ({"images": DIGITS.images, "labels": np.array(["three"] * 12)}, "<U5"),
        ({"images": np.array([None, {}]), "labels": LABELS}, "object"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_arrays_that_do_not_fit_are_described(archive, arrays, told):
    path = archive(**arrays)
    message = refusal(path)
    assert str(path) in message
    assert told in message


def npy(header):
    """The start of a .npy file whose header says what it likes."""
    text = header.encode() + b" " * (63 - (len(header) + 10) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


@pytest.mark.parametrize(
    "header",
    [
        "{'descr': '|u1', 'fortran_order': False, 'shape': (1000000, 28, 28)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999999999999, 28, 28)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (-1, 28, 28)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (-2, -28, 28)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 28, 28)}",
        "{'descr': '|O', 'fortran_order': False, 'shape': (2, 28, 28)}",
        "{'descr': '|u1', 'shape': __import__('os')}",
        "[" * 5000,
        "",
    ],
    ids="bomb overflow negative both_negative cut_off objects code deep none".split(),
)
def test_forged_headers_are_refused_before_their_data_is_read(tmp_path, header):
    path = tmp_path / "forged.npz"
    labels = io.BytesIO()
    np.save(labels, LABELS)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("images.npy", npy(header) + bytes(1000))
        file.writestr("labels.npy", labels.getvalue())
    assert str(path) in refusal(path)


def test_a_bomb_of_zeros_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(labelled, "_PIXEL_LIMIT", 2**20)
    path = tmp_path / "bomb.npz"
    np.savez_compressed(path, images=np.zeros((2000, 28, 28), np.uint8), labels=LABELS)
    assert path.stat().st_size < 2**14
    assert "1 to 1048576 bytes" in refusal(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_damaged_archive_is_refused_or_whole(archive, data):
    path = archive(images=DIGITS.images, labels=LABELS)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))] or content)
    try:
        images = load_labelled(str(path)).images
    except CapsvizError as error:
        told = str(error)
        assert str(path) in told
        return
    assert images.shape == (12, 28, 28)


def test_multimnist_is_the_same_pairs_of_test_digits_every_time(tmp_path):
    train, test = blocks(30, seed=1), blocks(20, seed=2)
    write_mnist(tmp_path, train, test)
    first, second = (load_labelled("multimnist", 36, tmp_path, border=4) for _ in range(2))
    assert first.images.shape == (20, 36, 36)
    assert np.array_equal(first.labels[:, 0], test.labels), "each digit once"
    assert (first.labels[:, 0] != first.labels[:, 1]).all()
    assert np.array_equal(first.images, second.images)
    assert "36×36" in refusal("multimnist", size=44, data_dir=tmp_path, border=4)


def test_single_digits_stand_in_the_middle_where_a_network_reads_two(tmp_path):
    write_mnist(tmp_path, blocks(30, seed=1), blocks(20, seed=2))
    plain = load_labelled("mnist", data_dir=tmp_path).images
    wide = load_labelled("mnist", 36, tmp_path, border=4).images
    assert np.array_equal(wide[:, 4:-4, 4:-4], plain)
    assert wide.sum() == pytest.approx(plain.sum())
    strokes = load_labelled(str(SAMPLE), 36, border=4).images
    assert np.array_equal(strokes[3, 4:-4, 4:-4], rasterize(read_strokes(SAMPLE)[3].drawing))
    assert np.array_equal(load_inputs(SAMPLE, 36, 4)[3], strokes[3])


def test_two_digits_in_one_image_are_taken_as_they_stand(archive):
    pairs = multimnist(DIGITS, 3)
    path = archive(images=pairs.images, labels=pairs.labels)
    data = load_labelled(str(path), 36, border=4)
    assert np.array_equal((data.images * 255).round().astype(np.uint8), pairs.images)
    assert data.labels.shape == (12, 2)
    assert "36×36" in refusal(path, size=28)


def test_labelled_strokes_are_drawn():
    data = load_labelled(str(SAMPLE))
    assert data.labels.tolist() == list(range(10))
    assert np.array_equal(data.images[3], rasterize(read_strokes(SAMPLE)[3].drawing))
    assert load_labelled(str(SAMPLE), size=40).images.shape == (10, 40, 40)


def test_strokes_without_a_label_cannot_be_measured(tmp_path):
    path = tmp_path / "some.jsonl"
    path.write_text('{"label": 1, "strokes": [[[1, 2]]]}\n{"strokes": [[[1, 2]]]}\n')
    message = refusal(path)
    assert "Drawing 2" in message
    assert str(path) in message
    assert len(load_inputs(path)) == 2


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("multimnist", "two-digit network"),
        ("cifar", "mnist"),
        ("", "mnist"),
        ("digits.csv", ".npz"),
        ("missing.npz", "no such file"),
        ("missing.jsonl", "no such file"),
        ("x" * 10_000, ".jsonl"),
    ],
    ids=lambda text: text[:20],
)
def test_anything_else_is_told_what_is_accepted(what, told, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert told in refusal(what)


def test_a_folder_called_as_an_archive(tmp_path):
    folder = tmp_path / "folder.npz"
    folder.mkdir()
    assert str(folder) in refusal(folder)


def test_inputs_are_one_image_or_each_drawing(tmp_path):
    picture = tmp_path / "digit.PNG"
    Image.fromarray(DIGITS.images[0]).save(picture)
    (image,) = load_inputs(picture)
    assert np.allclose(image * 255, DIGITS.images[0])
    assert len(load_inputs(SAMPLE)) == 10
    assert load_inputs(SAMPLE, 20)[0].shape == (20, 20)
