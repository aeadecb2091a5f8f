"""Training on two digits in one image, beside a slow reading of section 6 in float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from capsviz.data.pairs import overlaid, placed
from capsviz.files import CapsvizError
from capsviz.network import CapsNet, CapsNetConfig, Provenance, load_checkpoint, save_checkpoint
from capsviz.network.config import two_digit_config
from capsviz.training import loop, widened
from capsviz.training.batches import split_of
from capsviz.training.finetune import fine_tune_plan
from capsviz.training.learner import step_generator
from capsviz.training.loop import train
from capsviz.training.plan import RunPlan
from capsviz.training.reportfile import load_report
from capsviz.training.settings import TrainingSettings
from capsviz.training.widened import fitting, widened_config
from tests.idx import blocks
from tests.runs import CPU, differences, fresh_learner

# 110 digits of 12×12 in images of 20×20
PAIRED = two_digit_config(
    image_size=20,
    conv_channels=4,
    kernel_size=3,
    primary_types=2,
    primary_dim=4,
    digit_dim=4,
    decoder_hidden=(8, 8),
)
DIGITS = blocks(110, seed=3, size=12)


def make_plan(**changes):
    chosen = {
        "epochs": 2,
        "batch_size": 16,
        "learning_rate": 0.004,
        "precision": "fp32",
        "validation_images": 20,
        "checkpoint_steps": 4,
    }
    return RunPlan(TrainingSettings(**(chosen | changes)), PAIRED, "blocks, 110 digits")


def finish(plan, folder, resume=False):
    return list(train(plan, DIGITS, folder, CPU, resume))


def test_an_epoch_lays_every_kept_digit_once_under_another_of_a_different_class():
    plan = make_plan()
    split, labels = split_of(plan, DIGITS), torch.from_numpy(DIGITS.labels.astype("int64"))
    epochs = [split.batches(plan.settings, epoch) for epoch in (0, 0, 1)]
    assert [len(batch) for batch in epochs[0]] == [16] * 5 + [10]
    first, again, later = (torch.cat(batches) for batches in epochs)
    assert torch.equal(first, again), "by the seed and the epoch alone"
    assert not torch.equal(first, later)
    for pairs in (first, later):
        assert sorted(pairs[:, 0].tolist()) == sorted(split.kept.tolist())
        assert set(pairs[:, 1].tolist()) <= set(split.kept.tolist()), "never one held out"
        assert len(set(pairs[:, 1].tolist())) > len(pairs) / 3, "partners are drawn anew"
        assert (labels[pairs[:, 0]] != labels[pairs[:, 1]]).all()


def slow_losses(network, images, parts, labels, settings):
    """Margin loss with both digits present, and both digits' squared errors, image by image."""
    double = CapsNet(network.config).double()
    double.load_state_dict(network.state_dict())
    margin = reconstruction = 0.0
    for image, pair, present in zip(images, parts, labels, strict=True):
        with torch.no_grad():
            poses = double(image[None].double())
        lengths = poses[0].norm(dim=1)
        for digit, length in enumerate(lengths.tolist()):
            if digit in present.tolist():
                margin += max(0.0, settings.m_plus - length) ** 2
            else:
                margin += settings.down_weight * max(0.0, length - settings.m_minus) ** 2
        for part, digit in zip(pair, present, strict=True):
            with torch.no_grad():
                redrawn = double.decode(poses, digit[None])[0]
            reconstruction += float(((redrawn - part.double()) ** 2).sum())
    return margin / len(images), reconstruction / len(images)


def test_the_loss_is_the_papers_with_both_digits_present_and_each_redrawn_alone():
    plan = make_plan()
    learner = fresh_learner(plan)
    before = CapsNet(PAIRED)
    before.load_state_dict(learner.model.state_dict())
    digits = torch.from_numpy(DIGITS.images[:12]).float().view(6, 2, 1, 12, 12) / 255
    labels = torch.tensor([[0, 1], [2, 3], [4, 5], [6, 7], [8, 9], [9, 0]])
    parts = placed(digits, step_generator(plan.settings, 2, 3))
    margin, reconstruction, wrong = learner.step(digits, labels, 3, 10)
    expected = slow_losses(before, overlaid(parts), parts, labels, plan.settings)
    assert float(margin) == pytest.approx(expected[0], rel=1e-4)
    assert float(reconstruction) == pytest.approx(expected[1], rel=1e-4)
    with torch.no_grad():
        longest = before(overlaid(parts)).norm(dim=2).topk(2).indices.sort(1).values
    assert int(wrong) == int((longest != labels.sort(1).values).any(1).sum())


def test_a_broken_off_run_is_bit_identical_once_it_is_resumed(monkeypatch, tmp_path):
    plan = make_plan(averaging=0.9)
    finish(plan, tmp_path / "whole")
    monkeypatch.setattr(loop, "_SHORTEST_REPORT", 0.0)
    steps = train(plan, DIGITS, tmp_path / "broken", CPU, False)
    for progress in steps:
        if progress.step == 7:
            break
    steps.close()
    assert progress.step == 7
    finish(plan, tmp_path / "broken", resume=True)
    assert differences(tmp_path / "whole", tmp_path / "broken") == []


def test_the_validation_error_counts_an_image_wrong_unless_both_are_right(tmp_path):
    last = finish(make_plan(), tmp_path)[-1]
    report = last.report
    assert report.n == 20
    assert report.error == report.wrong_pairs / 20
    assert report.confusion.sum() == 40, "both digits are counted"
    missed = int(report.confusion.sum() - np.trace(report.confusion))
    assert missed / 2 <= report.wrong_pairs <= missed
    assert report.images.shape[1:] == (20, 20)
    kept = load_report(tmp_path / "report.safetensors")
    assert kept.wrong_pairs == report.wrong_pairs
    assert kept.error == report.error
    assert np.array_equal(kept.confusion, report.confusion)


@pytest.fixture(scope="module")
def single():
    torch.manual_seed(2)
    config = CapsNetConfig(
        conv_channels=8, primary_types=2, primary_dim=4, digit_dim=4, decoder_hidden=(16, 24)
    )
    return CapsNet(config).eval().requires_grad_(False)


def test_a_widened_network_reads_a_digit_in_the_middle_as_before(single, monkeypatch):
    monkeypatch.setattr(widened, "_WEAK", 0.0)
    wide = fitting(single, widened_config(single.config))
    images = torch.from_numpy(blocks(6, seed=1).images).unsqueeze(1).float() / 255
    before, after = single(images), wide(torch.nn.functional.pad(images, (4,) * 4))
    assert wide.config.image_size == 36
    assert torch.allclose(before, after, atol=1e-6)
    digits = torch.arange(6)
    drawn = wide.decode(after, digits)
    assert torch.allclose(drawn[:, :, 4:-4, 4:-4], single.decode(before, digits), atol=1e-6)
    border = drawn.detach().clone()
    border[:, :, 4:-4, 4:-4] = 0
    assert float(border.max()) < 0.01, "empty ground round the old picture"


def test_widening_keeps_the_matrices_of_the_old_places(single):
    wide = fitting(single, widened_config(single.config))
    old = single.digit_capsules.weight.view(2, 6, 6, 4, -1)
    new = wide.digit_capsules.weight.view(2, 10, 10, 4, -1)
    assert torch.equal(new[:, 2:8, 2:8], old)
    assert torch.allclose(new[:, 0, 0], widened._WEAK * old[:, 0, 0])
    assert torch.allclose(new[:, 9, 5], widened._WEAK * old[:, 5, 3])
    assert fitting(wide, wide.config) is wide
    with pytest.raises(CapsvizError, match="one digit"):
        fitting(wide, single.config)


def test_a_network_of_two_digits_is_kept_with_what_it_reads(tmp_path, pair_model):
    path = tmp_path / "kept.safetensors"
    save_checkpoint(path, pair_model, Provenance(test_error=0.1))
    kept = load_checkpoint(path).model.config
    assert kept.digits_per_image == 2
    assert (kept.digit_size, kept.border, kept.test_set) == (28, 4, "MultiMNIST")


def test_own_drawings_of_one_digit_are_not_what_such_a_network_learns_from(pair_model):
    with pytest.raises(CapsvizError, match="one each"):
        fine_tune_plan(pair_model, "two-digits", Provenance(), blocks(20), blocks(3))
