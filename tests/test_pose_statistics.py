"""Where poses lie, measured and kept; and what each dimension does, in a word."""

import numpy as np
import pytest
import torch

from capsviz.data.samples import sample_digits
from capsviz.explore.answers import PoseStatistics
from capsviz.explore.describe import describe, effects_of
from capsviz.explore.models import load_model
from capsviz.explore.statistics import (
    pose_statistics,
    save_statistics,
    sidecar,
    statistics_for,
    weights_digest,
)
from capsviz.files import CapsvizError
from capsviz.network import CapsNet

N = 40


@pytest.fixture(scope="module")
def digits():
    samples = sample_digits()
    return samples.images[:N].astype("float32") / 255, samples.labels[:N]


@pytest.fixture(scope="module")
def measured(tiny_model, digits):
    return pose_statistics(tiny_model, *digits)


@pytest.fixture
def other_model(tiny_config):
    torch.manual_seed(7)
    return CapsNet(tiny_config).eval().requires_grad_(False)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "net.safetensors"


def must_not_measure(model, monkeypatch):
    def refuse(_images, _iterations=None):
        raise AssertionError("the network was asked, though its statistics are kept")

    monkeypatch.setattr(model, "forward", refuse)


# statistics


def test_quantiles_are_those_of_the_true_class(tiny_model, digits, measured):
    images, labels = digits
    poses = tiny_model(torch.from_numpy(images)[:, None]).numpy()
    seven = poses[labels == 7, 7]
    assert measured.n == N
    assert measured.quantiles.shape == (10, 4, 101)
    assert measured.quantiles.dtype == np.float32
    np.testing.assert_allclose(measured.quantiles[7, :, 0], seven.min(axis=0), atol=1e-6)
    np.testing.assert_allclose(measured.quantiles[7, :, 50], np.median(seven, axis=0), atol=1e-6)
    np.testing.assert_allclose(measured.quantiles[7, :, 100], seven.max(axis=0), atol=1e-6)


def test_a_class_without_images_borrows_the_range_of_the_others(tiny_model, digits):
    images, labels = digits
    some = pose_statistics(tiny_model, images[labels != 3], labels[labels != 3])
    missing, others = some.quantiles[3], np.delete(some.quantiles, 3, axis=0)
    assert missing[0, 0] == pytest.approx(others.min())
    assert missing[0, -1] == pytest.approx(others.max())
    assert (missing == missing[0]).all()


def test_without_any_image_there_is_still_a_range_to_draw_from(tiny_model):
    none = pose_statistics(tiny_model, np.zeros((0, 28, 28), np.float32), np.zeros(0, np.uint8))
    assert none.n == 0
    drawn = none.at(5, np.array([0.01, 0.5, 0.99, 1.0]))
    assert -0.9 < drawn[0] < -0.5
    assert drawn[1] == pytest.approx(0, abs=1e-6)
    assert 0.5 < drawn[2] < drawn[3] < 0.9


def test_labels_without_a_capsule_are_left_out(tiny_model, digits):
    images, _ = digits
    labels = np.full(N, 12)
    labels[:3] = 0
    assert pose_statistics(tiny_model, images, labels).n == 3


@pytest.mark.parametrize("shape", [(2, 36, 36), (2, 784)])
def test_images_of_another_size_are_refused_in_one_sentence(tiny_model, shape):
    with pytest.raises(CapsvizError, match="28×28 pixels"):
        pose_statistics(tiny_model, np.zeros(shape, np.float32), np.zeros(2))


def test_the_second_time_they_are_read(tiny_model, digits, path, own_home, monkeypatch):
    first = statistics_for(path, tiny_model, *digits)
    (kept,) = (own_home / "cache").iterdir()
    assert kept.name.startswith("net-")
    must_not_measure(tiny_model, monkeypatch)
    second = statistics_for(path, tiny_model, *digits)
    assert second.n == first.n
    np.testing.assert_allclose(second.quantiles, first.quantiles, rtol=1e-3, atol=1e-7)


def test_those_beside_the_network_come_first(tiny_model, digits, path, own_home, monkeypatch):
    rising = np.tile(np.linspace(-0.5, 0.5, 101, dtype=np.float32), (10, 4, 1))
    save_statistics(sidecar(path), tiny_model, PoseStatistics(rising, 10_000))
    must_not_measure(tiny_model, monkeypatch)
    found = statistics_for(path, tiny_model, *digits)
    assert found.n == 10_000
    assert not (own_home / "cache").exists()


def test_other_weights_under_the_same_name_are_noticed(
    tiny_model, other_model, digits, path, measured
):
    save_statistics(sidecar(path), tiny_model, measured)
    found = statistics_for(path, other_model, *digits)
    own = pose_statistics(other_model, *digits)
    np.testing.assert_array_equal(found.quantiles, own.quantiles)
    assert not np.allclose(found.quantiles, measured.quantiles, rtol=1e-2, atol=0)
    assert weights_digest(tiny_model) != weights_digest(other_model)


def test_more_images_than_were_measured_are_measured(tiny_model, digits, path):
    images, labels = digits
    assert statistics_for(path, tiny_model, images[:8], labels[:8]).n == 8
    assert statistics_for(path, tiny_model, images, labels).n == N
    assert statistics_for(path, tiny_model, images[:8], labels[:8]).n == N


def broken_archive(digest, **changed):
    whole = {"quantiles": np.zeros((10, 4, 101)), "n": np.int64(99), "weights": np.array(digest)}
    return {key: value for key, value in (whole | changed).items() if value is not None}


@pytest.mark.parametrize(
    "changed",
    [
        {"quantiles": np.zeros((10, 5, 101))},
        {"quantiles": np.full((10, 4, 101), np.nan)},
        {"quantiles": np.tile(np.linspace(1, 0, 101), (10, 4, 1))},
        {"quantiles": np.array("text")},
        {"n": np.array([1, 2])},
        {"n": np.int64(-1)},
        {"n": None},
        {"weights": None},
        {"weights": np.array({"an": "object"}, dtype=object)},
    ],
)
def test_unfit_content_is_measured_anew(tiny_model, digits, path, changed):
    np.savez(sidecar(path), **broken_archive(weights_digest(tiny_model), **changed))
    assert statistics_for(path, tiny_model, *digits).n == N


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 half a zip", b"\x93NUMPY", b"\x80\x04."])
def test_a_damaged_file_is_measured_anew(tiny_model, digits, path, content):
    sidecar(path).write_bytes(content)
    assert statistics_for(path, tiny_model, *digits).n == N


def test_a_truncated_file_is_measured_anew(tiny_model, digits, path, measured):
    save_statistics(sidecar(path), tiny_model, measured)
    whole = sidecar(path).read_bytes()
    sidecar(path).write_bytes(whole[: len(whole) // 2])
    assert statistics_for(path, tiny_model, *digits).n == N


def test_a_cache_that_cannot_be_written_is_no_failure(tiny_model, digits, path, own_home):
    (own_home / "cache").write_text("a file where the folder should be")
    assert statistics_for(path, tiny_model, *digits).n == N


def test_the_shipped_network_brings_those_of_the_mnist_test_digits(monkeypatch):
    model = load_model("digits", "cpu")
    must_not_measure(model.network, monkeypatch)
    none = np.zeros((0, 28, 28), np.float32), np.zeros(0)
    found = statistics_for(model.path, model.network, *none)
    assert found.n == 10_000
    assert found.quantiles.shape == (10, 16, 101)
    assert sidecar(model.path).stat().st_size <= 60_000


# words


def bar(thickness=3.0, slant=0.0, zoom=1.0, x=14.0, y=14.0, ink=1.0, turn=0.0):
    """(28, 28) two strokes like a T, soft at the edges; slant moves the top to the right."""
    rows, columns = np.mgrid[:28, :28].astype(np.float32)
    right, down = (columns - x) / zoom, (rows - y) / zoom
    right, down = (
        np.cos(turn) * right + np.sin(turn) * down,
        np.cos(turn) * down - np.sin(turn) * right,
    )
    right = right + slant * down
    stem = stroke(right, down, thickness, 16)
    top = stroke(down + 7, right, thickness, 12)
    return (ink * np.maximum(stem, top)).astype(np.float32)


def stroke(across, along, thickness, length):
    inside = np.minimum(thickness / 2 - abs(across), length / 2 - abs(along))
    return np.clip(inside + 0.5, 0, 1)


def word(more, less):
    (effect,) = effects_of(more[None], less[None])
    return effect.name, effect.sign


@pytest.mark.parametrize(
    ("name", "more", "less"),
    [
        ("thickness", {"thickness": 3.6}, {"thickness": 2.4}),
        ("slant", {"slant": 0.12}, {"slant": -0.12}),
        ("rotation", {"turn": 0.1}, {"turn": -0.1}),
        ("shift x", {"x": 14.6}, {"x": 13.4}),
        ("shift y", {"y": 13.4}, {"y": 14.6}),
        ("ink", {"ink": 1.0}, {"ink": 0.7}),
        ("size", {"zoom": 1.08}, {"zoom": 0.92}),
    ],
)
def test_a_simple_change_has_its_word_and_its_way(name, more, less):
    assert word(bar(**more), bar(**less)) == (name, 1)
    assert word(bar(**less), bar(**more)) == (name, -1)


def test_a_part_has_its_word_only_where_the_whole_does_not_tell():
    less = bar()
    more = less.copy()
    more[:, :14] *= 0.6
    assert word(less, more) == ("left ink", 1)


def test_a_change_of_many_kinds_is_mixed():
    noise = np.random.default_rng(0).random((28, 28)).astype(np.float32)
    assert word(bar() * noise, bar() * (1 - noise)) == ("mixed", 0)


def test_a_word_for_less_than_half_of_a_change_is_told_as_such():
    more, less = bar(slant=0.05, ink=1.0, y=13.8), bar(slant=-0.05, ink=0.9, y=14.2)
    (effect,) = effects_of(more[None], less[None])
    assert 0.25 <= effect.strength < 0.5
    assert not effect.is_clear
    assert effect.words == f"~{effect.name} {effect.arrow}"
    assert effect.arrow


@pytest.mark.parametrize("image", [bar(), np.zeros((28, 28), np.float32)])
def test_no_change_is_little(image):
    assert word(image, image) == ("little", 0)


def test_arrows_show_the_way():
    (slant,) = effects_of(bar(slant=0.1)[None], bar(slant=-0.1)[None])
    (thin,) = effects_of(bar(thickness=2.4)[None], bar(thickness=3.6)[None])
    (turn,) = effects_of(bar(turn=0.1)[None], bar(turn=-0.1)[None])
    (none,) = effects_of(bar()[None], bar()[None])
    assert [effect.arrow for effect in (slant, thin, turn, none)] == ["→", "↓", "↻", ""]
    assert slant.is_clear
    assert (slant.words, none.words) == ("slant →", "little")
    assert not none.is_clear


def test_every_dimension_of_a_pose_gets_a_word(tiny_model, answer):
    effects = describe(tiny_model, answer.poses[-1, 3], 3)
    assert len(effects) == 4
    assert all(effect.name and 0 <= effect.strength <= 1 for effect in effects)


def test_the_word_tells_what_the_shipped_network_draws():
    """A dimension named for its ink really draws darker as it grows."""
    model = load_model("digits", "cpu").network
    samples = sample_digits()
    image = samples.images[samples.labels == 3][0].astype(np.float32) / 255
    pose = model(torch.from_numpy(image)[None, None])[0, 3].numpy()
    effects = describe(model, pose, 3)
    dark = next(index for index, effect in enumerate(effects) if effect.name == "ink")
    step = 0.05 * np.eye(16, dtype=np.float32)[dark]
    poses = torch.zeros(2, 10, 16)
    poses[:, 3] = torch.from_numpy(np.stack((pose + step, pose - step)))
    more, less = model.decode(poses, torch.tensor([3, 3])).sum((1, 2, 3)).tolist()
    assert np.sign(more - less) == effects[dark].sign


def test_a_network_without_a_decoder_says_so(tiny_config):
    import msgspec

    model = CapsNet(msgspec.structs.replace(tiny_config, reconstruction=False)).eval()
    with pytest.raises(CapsvizError, match="without a decoder"):
        describe(model, np.zeros(4, np.float32), 3)
