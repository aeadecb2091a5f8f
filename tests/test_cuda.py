"""On a CUDA device: the answers, gradients and steps of a CPU; skipped where there is none."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

from capsviz.data.augment import random_affine, random_shift
from capsviz.data.habits import as_drawn
from capsviz.data.pairs import placed
from capsviz.explore import replaying
from capsviz.explore.explain import explain
from capsviz.network import CapsNet, CapsNetConfig, FastCapsNet, Recorded, routed
from capsviz.training.changes import Changes
from capsviz.training.learner import Learner
from capsviz.training.plan import Position
from capsviz.training.run import RunFolder
from capsviz.training.settings import TrainingSettings

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
CUDA = torch.device("cuda", 0) if torch.cuda.is_available() else torch.device("cpu")
SMALL = CapsNetConfig(conv_channels=32, primary_types=8, decoder_hidden=(32, 32))
BATCH = 32


@pytest.fixture(autouse=True)
def exact(monkeypatch):
    """fp32 as fp32; TF32 is for training."""
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)
    monkeypatch.setattr(torch.backends.cudnn, "benchmark", False)


def digits(count=BATCH, side=28):
    generator = torch.Generator().manual_seed(3)
    return torch.rand(count, 1, side, side, generator=generator)


def of_kind(kind, config=SMALL):
    torch.manual_seed(5)
    model = kind(config)
    with torch.no_grad():
        model.digit_capsules.weight *= 3  # so large that couplings leave 1/J
    return model


def gradients_of(model, images, iterations):
    poses = model(images, iterations)
    weights = torch.linspace(-1, 1, poses[0].numel(), device=poses.device, dtype=poses.dtype)
    (poses * weights.view_as(poses[0])).sum().backward()
    named = dict(model.named_parameters())
    found = {name: each.grad.cpu() for name, each in named.items() if each.grad is not None}
    return poses.detach().cpu(), found


@pytest.fixture(params=["by kernels", "plainly"])
def routing(request, monkeypatch):
    """Both ways to route: by Triton's kernels, and where there are none."""
    if request.param == "plainly":
        monkeypatch.setattr(routed, "can_route_streaming", lambda *_given: False)
    else:
        primary, weight = (
            torch.rand(2, 1152, 8, device=CUDA),
            torch.rand(1152, 8, 160, device=CUDA),
        )
        if not routed.can_route_streaming(primary, weight, 10):
            pytest.skip("Triton cannot compile here")


@pytest.mark.usefixtures("routing")
@pytest.mark.parametrize("iterations", [1, 3, 5])
@pytest.mark.parametrize("config", [SMALL, CapsNetConfig()], ids=["small", "paper"])
def test_poses_and_gradients_are_those_in_float64_on_a_cpu(config, iterations):
    exact = of_kind(CapsNet, config).double()
    images = digits(8)
    poses, gradients = gradients_of(exact, images.double(), iterations)
    there = of_kind(FastCapsNet, config).to(CUDA)
    found, found_gradients = gradients_of(there, images.to(CUDA), iterations)
    assert (found - poses).abs().max() < 2e-6
    assert found_gradients.keys() == gradients.keys()
    for name, gradient in gradients.items():
        difference = (found_gradients[name] - gradient).abs().max()
        assert difference < 2e-5 * gradient.abs().max(), name


@pytest.mark.usefixtures("routing")
def test_more_images_than_are_routed_at_once():
    model = of_kind(FastCapsNet, CapsNetConfig()).to(CUDA).requires_grad_(False)
    images = digits(300).to(CUDA)
    together = model(images)
    apart = torch.cat([model(part) for part in images.split(50)])
    assert (together - apart).abs().max() < 1e-5


@pytest.mark.parametrize("settled", [False, True])
def test_an_explanation_is_the_same_number_by_number(settled):
    """Image after image, so that most are replayed; then with other weights in the same place."""
    here = of_kind(FastCapsNet).eval().requires_grad_(False)
    there = copy.deepcopy(here)
    there = (there.settle() if settled else there).to(CUDA)
    chosen = ({}, {"with_curve": True, "with_redrawn": True}, {"iterations": 1})
    for round_, images in enumerate((digits(7), digits(2))):
        for image in images[:, 0].numpy():
            for options in chosen:
                compare_explanations(
                    explain(there, image, **options), explain(here, image, **options)
                )
        if not round_:
            answers = replaying._KEPT[there]._recorded
            assert len([graph for graph in answers._graphs.values() if graph]) == len(chosen)
            for model in (here, there):
                model.digit_capsules.weight.mul_(0.7)
                model.conv1.bias.add_(0.01)


def compare_explanations(found, wanted):
    for name in ("primary", "votes", "logits", "couplings", "poses", "lengths"):
        assert getattr(found, name).shape == getattr(wanted, name).shape
        assert np.abs(getattr(found, name) - getattr(wanted, name)).max() < 1e-5, name
    assert np.abs(found.reconstruction - wanted.reconstruction).max() < 1e-5
    assert found.digit == wanted.digit


@pytest.mark.parametrize("change", ["shift", "affine", "drawn", "placed"])
def test_augmentation_draws_the_same_on_every_device(change):
    images, labels = digits(), torch.arange(BATCH) % 10

    def changed(images, labels):
        generator = torch.Generator().manual_seed(11)
        if change == "shift":
            return random_shift(images, generator)
        if change == "affine":
            return random_affine(images, generator)
        if change == "drawn":
            return as_drawn(images, labels, generator)
        return placed(images.unflatten(0, (-1, 2)), generator)

    wanted, found = changed(images, labels), changed(images.to(CUDA), labels.to(CUDA)).cpu()
    assert (found - wanted).abs().max() < 2e-3


def made(device, recorded, precision="fp32", **choices):
    settings = TrainingSettings(batch_size=BATCH, precision=precision, **choices)
    learner = Learner(settings, SMALL, device)
    if not recorded:
        learner._recorded = None
    return learner


def taught(learner, steps, since=0, until=None):
    """Losses of the steps from `since` to `until` of so many."""
    told = []
    for step in range(since, steps if until is None else until):
        generator = torch.Generator().manual_seed(step)
        count = 5 if step % 4 == 3 else BATCH  # an epoch's last batch is smaller
        images = torch.rand(count, 1, 28, 28, generator=generator).to(learner.device)
        labels = torch.randint(10, (count,), generator=generator).to(learner.device)
        losses = learner.step(images, labels, step, steps)
        told.append([float(loss) for loss in losses])
    return torch.tensor(told)


def learnt(device, steps, recorded, **choices):
    learner = made(device, recorded, **choices)
    return learner, taught(learner, steps)


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("kind", ["shift", "slight", "affine", "rotation", "drawn"])
def test_recorded_changes_are_the_plain_changes(kind, count):
    change = Changes(kind, count)
    recorded = Recorded(lambda *inputs: (change(*inputs),))
    labels = torch.arange(BATCH).view(-1, count) % 10
    images = digits().unflatten(0, (-1, count))
    for seed in range(6):
        draws = change.draws(len(images), 28, torch.Generator().manual_seed(seed))
        given = [each.to(CUDA) for each in (images, labels, *draws)]
        assert (recorded(*given)[0] - change(*given)).abs().max() < 1e-5
    assert recorded._graphs


@pytest.mark.parametrize(
    "choice",
    [
        {},
        {"averaging": 0.9},
        {"augmentation": "drawn"},
        {"sam_radius": 0.05, "weight_decay": 0.1},
    ],
    ids=["plain", "averaged", "drawn", "flat"],
)
def test_recorded_steps_are_the_plain_steps(choice):
    choices = {"schedule": "cosine", "warmup_steps": 4, **choice}
    plain, plain_told = learnt(CUDA, 40, recorded=False, **choices)
    quick, quick_told = learnt(CUDA, 40, recorded=True, **choices)
    assert len(quick._recorded._graphs) == 2, "one for each size of batch"
    # steps amplify rounding; those of the first ten are still next to each other
    assert (quick_told[:10] - plain_told[:10]).abs()[:, :2].max() < 1e-3
    for name, weight in plain.best_weights.state_dict().items():
        apart = (quick.best_weights.state_dict()[name] - weight).abs().max()
        assert apart < 5e-3, name
    assert int(quick.optimizer.state_dict()["state"][0]["step"]) == 40


def test_steps_are_those_of_a_cpu():
    here, told = learnt(torch.device("cpu"), 12, recorded=False)
    there, there_told = learnt(CUDA, 12, recorded=True)
    assert (there_told - told).abs()[:, :2].max() < 1e-3
    for name, weight in here.best_weights.state_dict().items():
        assert (there.best_weights.state_dict()[name].cpu() - weight).abs().max() < 5e-3, name


def test_a_recording_works_on_what_it_is_given():
    state = torch.zeros(3, device=CUDA)

    def work(given):
        state.add_(given)
        return (state * 2,)

    recorded = Recorded(work)
    outputs = [recorded(torch.full((3,), float(number), device=CUDA))[0] for number in range(8)]
    sums = [2.0 * sum(range(number + 1)) for number in range(8)]
    assert [each.tolist() for each in outputs] == [[total] * 3 for total in sums]


def test_recorded_steps_in_bf16_learn_as_plain_ones():
    choices = {"precision": "bf16", "averaging": 0.9}
    plain, plain_told = learnt(CUDA, 30, recorded=False, **choices)
    quick, quick_told = learnt(CUDA, 30, recorded=True, **choices)
    assert quick._recorded._graphs
    assert (quick_told[:6] - plain_told[:6]).abs()[:, :2].max() < 2e-2
    # bf16 tips Adam's first steps one way or the other, weight by weight
    for name, weight in plain.best_weights.state_dict().items():
        assert (quick.best_weights.state_dict()[name] - weight).abs().mean() < 2e-3, name


def test_a_run_goes_on_from_its_state(tmp_path):
    """As a resumed run: a new learner, the old one's state, then steps that are recorded."""
    whole, _ = learnt(CUDA, 24, recorded=True, averaging=0.9)
    first, second = (made(CUDA, recorded=True, averaging=0.9) for _ in range(2))
    taught(first, 24, until=12)
    RunFolder(tmp_path).save_state(first, Position(step=12))
    assert RunFolder(tmp_path).load_state(second).step == 12
    taught(second, 24, since=12)
    assert second._recorded._graphs
    for name, weight in whole.best_weights.state_dict().items():
        assert (second.best_weights.state_dict()[name] - weight).abs().max() < 5e-3, name
    assert int(second.optimizer.state_dict()["state"][0]["step"]) == 24
