"""What a validation tells: confusion, a fixed batch, own drawings, the capsules' health."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
import torch

from capsviz.files import CapsvizError
from capsviz.network import CapsNet, lengths_of, load_checkpoint
from capsviz.training import loop
from capsviz.training.learner import Learner
from capsviz.training.report import Health, Report
from capsviz.training.reportfile import load_report, save_report
from capsviz.training.run import RunFolder
from capsviz.training.runfiles import read_metrics
from capsviz.training.settings import TrainingSettings
from capsviz.training.team import Team
from capsviz.training.validation import Validator
from capsviz.training.watch import Watch
from tests.runs import (
    CPU,
    DIGITS,
    EPOCH_STEPS,
    SMALLEST,
    finish,
    make_plan,
    step_of,
    steps_of,
)

SETTINGS = TrainingSettings()


@pytest.fixture(autouse=True)
def report_every_step(monkeypatch):
    monkeypatch.setattr(loop, "_SHORTEST_REPORT", 0.0)


def tensors(count: int = 60):
    images = torch.from_numpy(DIGITS.images[:count].copy()).unsqueeze(1)
    return images, torch.from_numpy(DIGITS.labels[:count].astype("int64"))


def measured(network: CapsNet, limit: int | None = None) -> Report:
    return Validator(SETTINGS, *tensors()).measure(network, 7, limit)


@pytest.fixture
def network():
    return CapsNet(SMALLEST)


def answers_of(network: CapsNet) -> np.ndarray:
    with torch.no_grad():
        return lengths_of(network(tensors()[0].float() / 255)).argmax(1).numpy()


def test_confusion_counts_each_image_once(network):
    expected = np.zeros((10, 10), int)
    np.add.at(expected, (tensors()[1].numpy(), answers_of(network)), 1)
    report = measured(network)
    np.testing.assert_array_equal(report.confusion, expected)
    assert report.n == 60
    assert report.step == 7
    assert report.error == pytest.approx(1 - np.trace(expected) / 60)
    assert report.digit_error == pytest.approx(1 - np.diag(expected) / expected.sum(1))


def test_a_digit_never_seen_has_no_error():
    confusion = np.diag([3, 0])
    report = Report(1, 0.0, confusion, *[np.zeros(0)] * 3, None, None)
    assert report.digit_error[0] == 0
    assert np.isnan(report.digit_error[1])


def test_the_fixed_batch_is_two_of_each_digit_and_stays(tmp_path):
    reports = [r.report for r in finish(make_plan(epochs=3), tmp_path / "run") if r.report]
    assert len(reports) == 3
    for report in reports:
        np.testing.assert_array_equal(report.images, reports[0].images)
        assert sorted(report.labels) == list(report.labels)
        assert max(np.bincount(report.labels)) <= 2
    drawn = [report.reconstructions for report in reports]
    assert drawn[0].shape == reports[0].images.shape
    assert not np.array_equal(drawn[0], drawn[1])


def test_answers_and_reconstructions_are_of_the_shown_images(network):
    report = measured(network)
    shown = torch.from_numpy(report.images).unsqueeze(1)
    with torch.no_grad():
        poses = network(shown)
        drawn = network.decode(poses, torch.from_numpy(report.labels))[:, 0]
    np.testing.assert_array_equal(report.answers, lengths_of(poses).argmax(1).numpy())
    np.testing.assert_allclose(report.reconstructions, drawn.numpy(), atol=1e-6)


def test_without_a_decoder_nothing_is_redrawn():
    import msgspec

    network = CapsNet(msgspec.structs.replace(SMALLEST, reconstruction=False))
    assert measured(network).reconstructions is None


def test_a_quick_report_shows_the_same_images(network):
    quick, whole = measured(network, 30), measured(network)
    assert (quick.n, whole.n) == (30, 60)
    np.testing.assert_array_equal(quick.images, whole.images)


def test_health_is_the_mean_over_images_and_places(network):
    images, labels = tensors()
    report = measured(network)
    health = report.health
    with torch.no_grad():
        trace = network.trace(images.float() / 255)
    row = torch.arange(60)
    coupling = trace.couplings[-1][row, :, labels]  # n I
    flow = coupling * trace.votes[row, :, labels].norm(dim=-1)
    types = SMALLEST.primary_types
    for found, expected in (
        (health.type_activity, trace.primary.norm(dim=-1)),
        (health.type_coupling, coupling),
    ):
        np.testing.assert_allclose(found, expected.view(60, types, -1).mean((0, 2)), rtol=1e-4)
    share = flow.view(60, types, -1).sum((0, 2)) / flow.sum()
    np.testing.assert_allclose(health.type_share, share, rtol=1e-4)
    own = trace.lengths[-1][row, labels]
    for digit in range(10):
        mean = own[labels == digit].mean()
        assert health.digit_length[digit] == pytest.approx(float(mean), rel=1e-4)
        fed = coupling[labels == digit].mean()
        assert health.digit_coupling[digit] == pytest.approx(float(fed), rel=1e-4)


def test_a_silent_type_is_dead_and_an_unheard_one_starved(network):
    with torch.no_grad():
        types, dim = SMALLEST.primary_types, SMALLEST.primary_dim
        network.primary_capsules.conv.weight.view(types, dim, -1)[0] = 0
        network.primary_capsules.conv.bias.view(types, dim)[0] = 0
        places = SMALLEST.grid_size**2
        network.digit_capsules.weight[places:] *= 1e-3
    health = measured(network).health
    assert list(health.type_dead) == [True, False]
    assert list(health.type_starved) == [False, False]  # of two, one gets all that flows
    with torch.no_grad():
        network.primary_capsules.conv.bias.view(types, dim)[0] = 1.0
        network.digit_capsules.weight[:places] *= 1e3
    assert list(measured(network).health.type_starved) == [False, True]


def test_a_capsule_that_says_absent_of_its_own_digit_is_dead(network):
    with torch.no_grad():
        dim = SMALLEST.digit_dim
        network.digit_capsules.weight *= 30
        network.digit_capsules.weight[:, :, 3 * dim : 4 * dim] = 0
    health = measured(network).health
    assert health.digit_dead[3]
    assert health.digit_dead.sum() < 10
    assert health.digit_length[3] == 0


def test_a_capsule_that_routing_passes_by_is_starved(network):
    with torch.no_grad():
        network.digit_capsules.weight *= 100
    health = measured(network).health
    assert (health.digit_starved == (health.digit_coupling < 0.05)).all()
    assert health.digit_starved.any()


def test_a_validation_changes_no_weight(network):
    before = {name: weight.clone() for name, weight in network.state_dict().items()}
    measured(network)
    assert all(torch.equal(before[name], w) for name, w in network.state_dict().items())


def same(one: object, two: object) -> bool:
    if isinstance(one, Report | Health):
        return all(same(getattr(one, f.name), getattr(two, f.name)) for f in fields(one))
    if isinstance(one, np.ndarray):
        return one.dtype == two.dtype and np.array_equal(one, two)
    return one == two


def test_a_report_comes_back_from_its_file(tmp_path, network):
    report = measured(network)
    save_report(tmp_path / "r.safetensors", report)
    assert same(load_report(tmp_path / "r.safetensors"), report)


def test_another_file_is_no_report(tmp_path, tiny_file):
    with pytest.raises(CapsvizError) as caught:
        load_report(tiny_file)
    assert str(tiny_file) in str(caught.value)


def test_the_kept_report_is_of_the_kept_network(tmp_path):
    reports = [r.report for r in finish(make_plan(epochs=3), tmp_path / "run") if r.report]
    kept = load_report(tmp_path / "run" / "report.safetensors")
    best = min(reports, key=lambda report: (report.error, report.margin_loss))
    assert same(kept, best)
    about = load_checkpoint(tmp_path / "run" / "model.safetensors").provenance
    assert about.validation_error == pytest.approx(kept.error)


def test_a_run_without_validation_has_no_report(tmp_path):
    plan = make_plan(validation_images=0)
    assert all(r.report is None for r in finish(plan, tmp_path / "run"))
    assert not (tmp_path / "run" / "report.safetensors").exists()
    load_checkpoint(tmp_path / "run" / "model.safetensors")


def test_a_run_stopped_before_its_first_validation_leaves_a_network_and_its_report(tmp_path):
    run = steps_of(make_plan(), tmp_path / "run")
    next(run)
    next(run)
    run.close()
    checkpoint = load_checkpoint(tmp_path / "run" / "model.safetensors")
    assert "step 2" in checkpoint.provenance.purpose
    assert checkpoint.provenance.validation_error is None
    report = load_report(tmp_path / "run" / "report.safetensors")
    assert report.step == 2
    answers = answers_of(checkpoint.model)
    assert answers.shape == (60,)


@pytest.mark.parametrize(
    ("steps", "asked_since"),
    [(3, 0), (3, 1), (3, 2), (3, 3), (6, 0)],
    ids=["between", "forward", "half of backward", "backward", "in a validation"],
)
def test_a_run_that_breaks_off_by_its_team_leaves_a_network_too(tmp_path, steps, asked_since):
    """A team is asked before each step, thrice within it, and while validating."""

    class Quitting(Team):
        asked = 0

        def check(self) -> None:
            self.asked += 1
            if self.asked > 4 * steps + asked_since:
                raise CapsvizError("enough")

    run = loop.train(make_plan(), DIGITS, tmp_path / "run", CPU, team=Quitting())
    with pytest.raises(CapsvizError, match="enough"):
        list(run)
    assert step_of(tmp_path / "run") == steps
    checkpoint = load_checkpoint(tmp_path / "run" / "model.safetensors")
    assert f"step {steps}" in checkpoint.provenance.purpose


def test_a_stop_after_a_validation_keeps_the_best(tmp_path):
    run = steps_of(make_plan(), tmp_path / "run")
    validated = next(report for report in run if report.report is not None)
    next(run)
    run.close()
    assert same(load_report(tmp_path / "run" / "report.safetensors"), validated.report)


def stopped(folder, steps, *, measures_last=True, **changes):
    """Its lines of metrics after a run of so many steps, and the network that it leaves."""
    watch = Watch(measures_last=measures_last)
    run = loop.train(make_plan(**changes), DIGITS, folder, CPU, watch=watch)
    while next(run).step < steps:
        pass
    run.close()
    return read_metrics(folder), load_checkpoint(folder / "model.safetensors")


def test_a_stop_on_purpose_measures_the_last_weights_and_keeps_the_better(tmp_path):
    lines, kept = stopped(tmp_path / "run", EPOCH_STEPS + 3)
    first, last = (line for line in lines if line.validation_error is not None)
    assert (first.step, last.step) == (EPOCH_STEPS, EPOCH_STEPS + 3)
    assert last.best_validation_error == min(first.validation_error, last.validation_error)
    assert kept.provenance.validation_error == last.best_validation_error
    report = load_report(tmp_path / "run" / "report.safetensors")
    assert report.step in (first.step, last.step)
    assert report.error == last.best_validation_error
    ended = RunFolder(tmp_path / "run")
    learner = Learner(make_plan().settings, SMALLEST, CPU)
    assert ended.load_state(learner).step == last.step


def test_a_worse_end_leaves_the_better_network(tmp_path, monkeypatch):
    """Weights that are spoilt between the validation and the stop."""
    watch = Watch(measures_last=True)
    run = loop.train(make_plan(), DIGITS, tmp_path / "run", CPU, watch=watch)
    validated = next(report for report in run if report.report is not None)
    next(run)
    errors = iter((0.99,))
    monkeypatch.setattr(Report, "error", property(lambda _: next(errors)))
    run.close()
    monkeypatch.undo()
    assert same(load_report(tmp_path / "run" / "report.safetensors"), validated.report)
    assert read_metrics(tmp_path / "run")[-1].validation_error == 0.99


def test_a_stop_at_an_epochs_end_measures_nothing_twice(tmp_path):
    lines, _ = stopped(tmp_path / "run", EPOCH_STEPS)
    assert [line.step for line in lines if line.validation_error is not None] == [EPOCH_STEPS]


def test_a_run_that_is_interrupted_does_not_wait_for_a_measurement(tmp_path):
    lines, _ = stopped(tmp_path / "run", EPOCH_STEPS + 3, measures_last=False)
    assert [line.step for line in lines if line.validation_error is not None] == [EPOCH_STEPS]
