"""Learning a hand: the mix of own drawings and MNIST, and before against after."""

from __future__ import annotations

import itertools

import msgspec
import numpy as np
import pytest
import torch

from capsviz.data.mnist import Digits
from capsviz.files import CapsvizError
from capsviz.gui.train.words import spoken_comparison
from capsviz.network import Provenance, load_checkpoint
from capsviz.training import loop
from capsviz.training.batches import split_of
from capsviz.training.finetune import (
    FINE_TUNING,
    fine_tune,
    fine_tune_plan,
    load_comparison,
    mixed,
    resume_fine_tuning,
)
from capsviz.training.reportfile import load_report
from capsviz.training.team import Team
from tests.runs import CPU, DIGITS, SMALLEST, make_plan, same_weights, weights_of

SETTINGS = make_plan(epochs=1, batch_size=16, own_share=0.25, augmentation="none").settings


KNOWN = Provenance(data="mnist 110", seed=1, held_out=20)


def own_digits(count: int) -> Digits:
    """Digits as nobody else draws them: each label has its own grey."""
    labels = np.resize(np.arange(10, dtype=np.uint8), count)
    images = np.zeros((count, 12, 12), np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[2:10, 5:7] = 20 * label + 55
        image[2 + label % 5 : 4 + label % 5, 2 : 6 + label // 5 * 4] = 255
    return Digits(images, labels)


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    """A network that has learnt DIGITS, not the own ones."""
    folder = tmp_path_factory.mktemp("network") / "run"
    plan = make_plan(epochs=12, learning_rate=0.01)
    list(loop.train(plan, DIGITS, folder, CPU))
    return load_checkpoint(folder / "model.safetensors").model


def plan_for(own: Digits, **changes):
    settings = msgspec.structs.replace(SETTINGS, **changes)
    return msgspec.structs.replace(make_plan(), settings=settings, own=len(own), start="x")


@pytest.mark.parametrize(("count", "measured"), [(1, 0), (9, 0), (10, 2), (24, 4), (25, 5)])
def test_a_fifth_of_the_drawings_is_held_out_from_ten_on(count, measured):
    own = own_digits(count)
    split = split_of(plan_for(own), mixed(DIGITS, own))
    assert len(split.own_held_out) in {measured, measured + (measured and count % 5 > 0)}
    assert count - len(split.own) in {count // 5, -(-count // 5)}
    mine = torch.cat((split.own, split.own_held_out)).tolist()
    assert len(set(mine)) == len(mine)
    assert set(mine) <= set(range(110, 110 + count))
    assert split.kept.max() < 110
    assert split.held_out.max() < 110


def test_a_set_that_grows_holds_out_nothing_that_was_trained_on():
    trained: set[int] = set()
    aside = []
    for count in range(1, 61):
        split = split_of(plan_for(own_digits(count)), mixed(DIGITS, own_digits(count)))
        if count > 1:  # of a single drawing nothing can be set aside
            trained |= set(split.own.tolist())
        assert not trained & set(split.own_held_out.tolist())
        aside = split.own_held_out.tolist()
    assert len({place % 5 for place in aside}) > 2, "not always the same place of five"


@pytest.mark.parametrize(
    ("share", "count", "per_batch"), [(0.25, 10, 4), (0.5, 3, 8), (0.01, 30, 1), (0.99, 2, 15)]
)
def test_each_batch_has_its_share_of_own_drawings(share, count, per_batch):
    own = own_digits(count)
    plan = plan_for(own, own_share=share)
    split = split_of(plan, mixed(DIGITS, own))
    batches = split.batches(plan.settings, 0)
    assert len(batches) == split.epoch_steps(plan.settings)
    assert [int((batch >= 110).sum()) for batch in batches] == [per_batch] * len(batches)
    assert max(map(len, batches)) == 16
    seen = torch.cat(batches)
    mnist = seen[seen < 110].sort().values
    assert torch.equal(mnist, split.kept.sort().values)  # each once an epoch
    times = seen[seen >= 110].bincount(minlength=110 + count)[split.own]
    assert int(times.max() - times.min()) <= 1  # every own drawing as often as the others


def test_epochs_mix_anew_and_repeat_themselves():
    own = own_digits(12)
    plan = plan_for(own)
    split = split_of(plan, mixed(DIGITS, own))
    first, second, again = (split.batches(plan.settings, epoch) for epoch in (0, 1, 0))
    assert all(torch.equal(*pair) for pair in zip(first, again, strict=True))
    assert not all(torch.equal(*pair) for pair in zip(first, second, strict=True))


def test_fine_tuning_learns_the_hand_and_keeps_the_rest(tmp_path, network):
    own = own_digits(60)
    before = weights_of(network)
    settings = msgspec.structs.replace(SETTINGS, epochs=15, learning_rate=0.004, own_share=0.5)
    plan = fine_tune_plan(network, "digits", KNOWN, DIGITS, own, settings)
    reports = list(fine_tune(plan, network, mixed(DIGITS, own), tmp_path / "run", CPU))
    found = reports[-1].comparison
    assert [report.comparison for report in reports[:-1]] == [None] * (len(reports) - 1)
    assert (found.before.own_n, found.after.own_n) == (12, 12)
    assert (found.before.mnist_n, found.after.mnist_n) == (20, 20)
    assert found.before.own_error > 0.5
    assert found.after.own_error < found.before.own_error / 2
    assert found.after.mnist_error <= found.before.mnist_error + 0.25
    assert load_comparison(tmp_path / "run") == found
    assert same_weights(weights_of(network), before)
    report = load_report(tmp_path / "run" / "report.safetensors")
    assert report.own_error == found.after.own_error
    about = load_checkpoint(tmp_path / "run" / "model.safetensors").provenance
    assert "60 own drawings" in about.data


def test_with_few_drawings_only_mnist_is_measured(tmp_path, network):
    own = own_digits(3)
    plan = fine_tune_plan(network, "digits", KNOWN, DIGITS, own, SETTINGS)
    *_, last = fine_tune(plan, network, mixed(DIGITS, own), tmp_path / "run", CPU)
    assert last.comparison.after.own_error is None
    assert last.comparison.after.own_n == 0


def test_a_fine_tuning_that_is_stopped_has_no_comparison_but_a_network(
    tmp_path, network, monkeypatch
):
    monkeypatch.setattr(loop, "_SHORTEST_REPORT", 0.0)
    own = own_digits(12)
    plan = fine_tune_plan(network, "digits", KNOWN, DIGITS, own, SETTINGS)
    run = fine_tune(plan, network, mixed(DIGITS, own), tmp_path / "run", CPU)
    list(itertools.islice(run, 2))
    run.close()
    assert load_comparison(tmp_path / "run") is None
    load_checkpoint(tmp_path / "run" / "model.safetensors")


def test_a_fine_tuning_can_be_broken_off_while_it_measures_first(tmp_path, network):
    class Closed(Team):
        def check(self):
            raise CapsvizError("the window closes")

    own = own_digits(12)
    plan = fine_tune_plan(network, "digits", KNOWN, DIGITS, own, SETTINGS)
    with pytest.raises(CapsvizError, match="closes"):
        next(fine_tune(plan, network, mixed(DIGITS, own), tmp_path / "run", CPU, team=Closed()))
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("seed", [1, 7])
def test_nothing_that_the_network_was_trained_on_is_measured(tmp_path, seed):
    """Whatever seed the network was trained with; and so on for what is tuned from it."""
    first = msgspec.structs.replace(make_plan(seed=seed, epochs=1), data="mnist 110")
    list(loop.train(first, DIGITS, tmp_path / "first", CPU))
    trained = set(split_of(first, DIGITS).kept.tolist())
    own, before = own_digits(12), "first"
    for name, asked, held_out in (("second", 12, 12), ("third", 20, 12)):
        start = load_checkpoint(tmp_path / before / "model.safetensors")
        settings = msgspec.structs.replace(SETTINGS, validation_images=asked)
        plan = fine_tune_plan(start.model, name, start.provenance, DIGITS, own, settings)
        split = split_of(plan, mixed(DIGITS, own))
        assert len(split.held_out) == held_out
        assert not trained & set(split.held_out.tolist())
        run = fine_tune(plan, start.model, mixed(DIGITS, own), tmp_path / name, CPU)
        assert list(run)[-1].comparison.is_unseen
        trained |= set(split.kept.tolist())
        about = load_checkpoint(tmp_path / name / "model.safetensors").provenance
        assert (about.seed, about.held_out) == (seed, held_out)
        before = name


@pytest.mark.parametrize(
    "about",
    [
        Provenance(),
        Provenance(data="mnist 110", seed=4),
        Provenance(data="pets 24", seed=4, held_out=20),
        Provenance(data="mnist 110", seed=4, held_out=0),
    ],
)
def test_it_is_said_where_it_is_not_known_what_the_network_was_trained_on(
    tmp_path, network, about
):
    own = own_digits(3)
    plan = fine_tune_plan(network, "x", about, DIGITS, own, SETTINGS)
    assert len(split_of(plan, mixed(DIGITS, own)).held_out) == SETTINGS.validation_images
    *_, last = fine_tune(plan, network, mixed(DIGITS, own), tmp_path / "run", CPU)
    assert not last.comparison.is_unseen
    assert "may have been trained on" in spoken_comparison(last.comparison)


def test_a_network_that_held_out_fewer_is_measured_on_fewer(network):
    about = msgspec.structs.replace(KNOWN, held_out=5)
    plan = fine_tune_plan(network, "x", about, DIGITS, own_digits(3), SETTINGS)
    assert plan.settings.validation_images == 5


@pytest.mark.parametrize(("held_out", "is_unseen"), [(20, True), (19, False), (None, False)])
def test_it_is_said_where_only_some_are_known_not_to_have_been_trained_on(
    tmp_path, network, held_out, is_unseen
):
    own = own_digits(3)
    plan = fine_tune_plan(network, "x", KNOWN, DIGITS, own, SETTINGS)
    assert plan.settings.validation_images == 20
    plan = msgspec.structs.replace(plan, start_held_out=held_out)
    *_, last = fine_tune(plan, network, mixed(DIGITS, own), tmp_path / "run", CPU)
    assert last.comparison.is_unseen is is_unseen


def test_a_resumed_fine_tuning_compares_with_what_was_measured_before_it(tmp_path, network):
    own = own_digits(12)
    data = mixed(DIGITS, own)
    plan = fine_tune_plan(network, "digits", KNOWN, DIGITS, own, SETTINGS)
    *_, whole = fine_tune(plan, network, data, tmp_path / "whole", CPU)
    run = fine_tune(plan, network, data, tmp_path / "run", CPU)
    next(run)
    run.close()
    *_, last = resume_fine_tuning(plan, data, tmp_path / "run", CPU)
    assert last.comparison == whole.comparison
    assert load_comparison(tmp_path / "run") == whole.comparison


def test_a_comparison_that_a_kill_prevented_is_made_when_the_run_is_continued(tmp_path, network):
    own = own_digits(12)
    data, run = mixed(DIGITS, own), tmp_path / "run"
    plan = fine_tune_plan(network, "digits", KNOWN, DIGITS, own, SETTINGS)
    *_, whole = fine_tune(plan, network, data, run, CPU)
    (run / "comparison.json").unlink()  # as if killed just before it was written
    (last,) = resume_fine_tuning(plan, data, run, CPU)
    assert last.comparison == load_comparison(run) == whole.comparison
    assert (last.step, last.report.step) == (whole.step, whole.step)
    assert list(resume_fine_tuning(plan, data, run, CPU)) == []  # it is there now


def test_what_was_measured_before_another_run_stays(tmp_path, network):
    own = own_digits(12)
    plan = fine_tune_plan(network, "digits", KNOWN, DIGITS, own, SETTINGS)
    (tmp_path / "run.json").write_text("{}")
    (tmp_path / "before.json").write_text("mine")
    with pytest.raises(CapsvizError, match="already holds a run"):
        next(fine_tune(plan, network, mixed(DIGITS, own), tmp_path, CPU))
    assert (tmp_path / "before.json").read_text() == "mine"


def test_no_drawings_is_one_sentence(network):
    with pytest.raises(CapsvizError, match="at least one drawing"):
        fine_tune_plan(network, "digits", KNOWN, DIGITS, own_digits(0))


def test_a_batch_of_one_cannot_be_shared(tmp_path):
    own = own_digits(3)
    with pytest.raises(CapsvizError, match="batch of 2 or more"):
        split_of(plan_for(own, batch_size=1), mixed(DIGITS, own))


def test_more_classes_than_the_network_tells_apart_are_refused():
    few = msgspec.structs.replace(SMALLEST, classes=5)
    with pytest.raises(CapsvizError, match="5 classes"):
        split_of(make_plan(few), DIGITS)


def test_a_damaged_comparison_is_named(tmp_path):
    (tmp_path / "comparison.json").write_bytes(b"{")
    with pytest.raises(CapsvizError, match="comparison"):
        load_comparison(tmp_path)


def test_the_usual_fine_tuning_is_short():
    own = own_digits(20)
    big = Digits(np.zeros((60_000, 12, 12), np.uint8), np.resize(DIGITS.labels, 60_000))
    plan = msgspec.structs.replace(make_plan(), settings=FINE_TUNING, own=len(own))
    assert split_of(plan, mixed(big, own)).epoch_steps(plan.settings) == 50
