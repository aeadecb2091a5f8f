"""One step of training against a reference of its own, and every setting that shapes a step."""

from __future__ import annotations

import copy
import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from capsviz.data.samples import sample_digits
from capsviz.network import CapsNet, CapsNetConfig, FastCapsNet, lengths_of
from capsviz.training import learner as learner_module
from capsviz.training.learner import Learner, has_fast_bf16, learning_rate, step_generator
from capsviz.training.loop import train
from capsviz.training.settings import TrainingSettings
from tests.idx import blocks
from tests.runs import (
    CPU,
    DIGITS,
    EPOCH_STEPS,
    SMALLEST,
    finish,
    make_plan,
    numbers_of,
    same_weights,
    tensors_of,
    watch_forwards,
    watch_steps,
)


@pytest.fixture
def steps(monkeypatch):
    return watch_steps(monkeypatch)


@pytest.fixture
def forwards(monkeypatch):
    return watch_forwards(monkeypatch)


def reference_loss(model: CapsNet, images, labels, chosen: TrainingSettings) -> torch.Tensor:
    """Equation 4 and section 4.1 of the paper, written out once more, image by image."""
    poses = model(images)
    total = torch.zeros(())
    for pose, label, image, drawn in zip(
        poses, labels, images, model.decode(poses, labels), strict=True
    ):
        for digit in range(10):
            length = pose[digit].square().sum().sqrt()
            if digit == label:
                total = total + max(length * 0, chosen.m_plus - length) ** 2
            else:
                total = total + chosen.down_weight * max(length * 0, length - chosen.m_minus) ** 2
        total = total + chosen.reconstruction_weight * ((drawn - image) ** 2).sum()
    return total / len(images)


def reference_gradients(model: CapsNet, images, labels, chosen: TrainingSettings):
    """Equations 2 and 3 of Foret et al. 2021, where a radius is set; else plain gradients."""
    model = copy.deepcopy(model)
    weights = list(model.parameters())
    first = torch.autograd.grad(reference_loss(model, images, labels, chosen), weights)
    if not chosen.sam_radius:
        return first
    length = math.sqrt(sum(gradient.double().square().sum().item() for gradient in first))
    moved = [w + chosen.sam_radius / length * g for w, g in zip(weights, first, strict=True)]
    torch.nn.utils.vector_to_parameters(torch.nn.utils.parameters_to_vector(moved), weights)
    return torch.autograd.grad(reference_loss(model, images, labels, chosen), weights)


class ReferenceAdam:
    """Kingma & Ba 2015, algorithm 1, with their β1 = 0.9, β2 = 0.999, ε = 1e-8, in float64."""

    def __init__(self, model: CapsNet):
        self.steps = 0
        self.first = [np.zeros(tuple(weight.shape)) for weight in model.parameters()]
        self.second = [np.zeros(tuple(weight.shape)) for weight in model.parameters()]

    def updates(self, gradients, rate: float) -> list[np.ndarray]:
        self.steps += 1
        found = []
        for index, gradient in enumerate(gradient.double().numpy() for gradient in gradients):
            self.first[index] = 0.9 * self.first[index] + 0.1 * gradient
            self.second[index] = 0.999 * self.second[index] + 0.001 * gradient**2
            mean = self.first[index] / (1 - 0.9**self.steps)
            spread = np.sqrt(self.second[index] / (1 - 0.999**self.steps)) + 1e-8
            found.append(-rate * mean / spread)
        return found


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"reconstruction_weight": 0.05},
        {"m_plus": 0.6, "m_minus": 0.0, "down_weight": 0.9},
        {"weight_decay": 2.0},
        {"sam_radius": 0.3},
    ],
    ids=["the paper's", "heavier drawing", "other margins", "decayed weights", "uphill"],
)
def test_steps_equal_a_reference(changes):
    chosen = make_plan(augmentation="none", **changes).settings
    learner = Learner(chosen, SMALLEST, CPU)
    adam = ReferenceAdam(learner.model)
    pictures = torch.from_numpy(DIGITS.images).unsqueeze(1).float() / 255
    digits = torch.from_numpy(DIGITS.labels.astype("int64"))
    for number in range(3):
        images, labels = (part[8 * number : 8 * number + 8] for part in (pictures, digits))
        before = copy.deepcopy(learner.model)
        loss = reference_loss(before, images, labels, chosen)
        wrong = (before(images).norm(dim=-1).argmax(1) != labels).sum()
        rate = learning_rate(chosen, number, 3)
        expected = adam.updates(reference_gradients(before, images, labels, chosen), rate)
        found = learner.step(images, labels, number, 3)
        total = found[0] + chosen.reconstruction_weight * found[1]
        assert total.item() == pytest.approx(loss.item(), rel=1e-4)
        assert found[2] == wrong
        for old, new, update in zip(
            before.parameters(), learner.model.parameters(), expected, strict=True
        ):
            kept = old * (1 - rate * chosen.weight_decay)
            change = (new - kept).detach().double().numpy()
            # where a gradient is all but 0, Adam divides rounding errors by rounding errors
            close = np.isclose(change, update, rtol=0.01, atol=0.01 * chosen.learning_rate)
            assert close.mean() > 0.98


def test_each_seed_has_its_own_weights():
    models = [Learner(make_plan(seed=seed).settings, SMALLEST, CPU).model for seed in range(4)]
    firsts = {model.conv1.weight.flatten()[0].item() for model in models}
    assert len(firsts) == 4


@pytest.mark.parametrize("kind", [CapsNet, FastCapsNet])
def test_weights_are_those_of_torchs_own_seed_and_of_no_other_thread(monkeypatch, kind):
    """Another thread draws from the generator that all share, between any two draws of this."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        expected = kind(SMALLEST).state_dict()
        real = torch.nn.init.kaiming_uniform_

        def disturbed(*args, **kwargs):
            torch.rand(3)
            torch.default_generator.manual_seed(0)
            return real(*args, **kwargs)

        monkeypatch.setattr(torch.nn.init, "kaiming_uniform_", disturbed)
        learner = Learner(make_plan(seed=7).settings, SMALLEST, CPU, kind=kind)
    assert same_weights(learner.model.state_dict(), expected)


def test_no_two_draws_share_their_random_numbers():
    """The split, the orders and the augmentations of a few seeds: all must differ."""
    draws = {
        (seed, stream, number): tuple(
            torch.randint(
                0,
                2**31,
                (4,),
                generator=step_generator(TrainingSettings(seed=seed), stream, number),
            ).tolist()
        )
        for seed, stream, number in itertools.product(
            (0, 1, 2, 3, 4, 2**31 - 1), range(3), range(4)
        )
    }
    assert len(set(draws.values())) == len(draws)


@pytest.mark.parametrize("augmentation", ["none", "shift", "affine"])
def test_augmentation_is_the_one_asked_for(tmp_path, steps, forwards, augmentation):
    finish(make_plan(augmentation=augmentation), tmp_path / "run")
    given_images, shown = torch.cat(steps.images), torch.cat(forwards.trained)
    kept = [torch.equal(a, b) for a, b in zip(given_images, shown, strict=True)]
    assert all(kept) if augmentation == "none" else np.mean(kept) < 0.2
    whole_levels = bool(((shown * 255).round() - shown * 255).abs().max() < 1e-3)
    assert whole_levels == (augmentation != "affine")  # bilinear makes levels in between
    numbers_of(forwards.evaluated)  # validation images are always as they are


def test_a_reconstruction_is_compared_with_the_augmented_image(forwards, monkeypatch):
    compared = []
    real = learner_module.reconstruction_loss

    def spied(decoded, images):
        compared.append(images.clone())
        return real(decoded, images)

    monkeypatch.setattr(learner_module, "reconstruction_loss", spied)
    learner = Learner(make_plan().settings, SMALLEST, CPU)
    learner.step(torch.rand(8, 1, 12, 12), torch.arange(8), 0, 1)
    assert torch.equal(compared[0], forwards.trained[0])


@given(
    rate=st.floats(1e-6, 1.0),
    decay=st.floats(0.1, 1.0),
    every=st.integers(1, 10_000),
    step=st.integers(0, 100_000),
)
def test_the_exponential_schedule_is_its_formula(rate, decay, every, step):
    chosen = TrainingSettings(
        learning_rate=rate, decay_rate=decay, decay_steps=every, warmup_steps=300
    )
    expected = rate * math.exp(step / every * math.log(decay)) * min(1, (step + 1) / 300)
    assert learning_rate(chosen, step, 100_001) == pytest.approx(expected, rel=1e-9)


def test_the_exponential_schedule_by_hand():
    chosen = TrainingSettings(learning_rate=0.001, decay_rate=0.96, decay_steps=2000)
    assert learning_rate(chosen, 0, 5000) == 0.001 / 200
    assert learning_rate(chosen, 99, 5000) == pytest.approx(0.0005, rel=0.003)
    assert learning_rate(chosen, 0, 1) == 0.001, "nothing to rise over"
    assert learning_rate(chosen, 2000, 5000) == pytest.approx(0.00096)
    assert learning_rate(chosen, 4000, 5000) == pytest.approx(0.0009216)


@given(rate=st.floats(1e-6, 1.0), warmup=st.integers(0, 300), total=st.integers(1, 2000))
def test_the_cosine_schedule_rises_then_falls_to_nothing(rate, warmup, total):
    chosen = TrainingSettings(learning_rate=rate, schedule="cosine", warmup_steps=warmup)
    rates = np.array([learning_rate(chosen, step, total) for step in range(total)])
    assert (rates > 0).all()
    assert rates.max() == pytest.approx(rate)
    top = int(rates.argmax())
    assert top <= min(warmup, total // 2)
    assert (np.diff(rates[: top + 1]) > 0).all()
    assert (np.diff(rates[top:]) <= 0).all()
    assert learning_rate(chosen, total, total) == pytest.approx(0, abs=1e-12 * rate + 1e-15)


def test_the_cosine_schedule_by_hand():
    chosen = TrainingSettings(learning_rate=0.01, schedule="cosine", warmup_steps=4)
    found = [learning_rate(chosen, step, 12) for step in (0, 1, 3, 4, 6, 8, 10)]
    half = math.sqrt(0.5)
    expected = [0.0025, 0.005, 0.01, 0.01, 0.005 * (1 + half), 0.005, 0.005 * (1 - half)]
    assert found == pytest.approx(expected)
    assert learning_rate(chosen, 11, 12) < 0.04 * 0.01


@pytest.mark.parametrize("schedule", ["exponential", "cosine"])
def test_adam_runs_at_the_scheduled_rate(tmp_path, steps, schedule):
    plan = make_plan(schedule=schedule)
    finish(plan, tmp_path / "run")
    total = 2 * EPOCH_STEPS
    assert steps.numbers == [(number, total) for number in range(total)]
    assert steps.rates == [learning_rate(plan.settings, number, total) for number in range(total)]
    assert len(set(steps.rates)) > total - 2


@pytest.mark.parametrize("decay", [0.3, 0.9])
def test_best_weights_are_the_moving_average(tmp_path, steps, decay):
    finish(make_plan(averaging=decay), tmp_path / "run")
    average = {name: weight.double().numpy() for name, weight in steps.weights[0].items()}
    for weights, best in zip(steps.weights, steps.best, strict=True):
        for name, weight in weights.items():
            average[name] = decay * average[name] + (1 - decay) * weight.double().numpy()
            np.testing.assert_allclose(best[name], average[name], rtol=1e-4, atol=1e-7)
    assert not same_weights(steps.best[-1], steps.weights[-1])


def test_without_averaging_the_network_itself_is_kept(tmp_path, steps):
    finish(make_plan(), tmp_path / "run")
    assert all(
        same_weights(best, own) for best, own in zip(steps.best, steps.weights, strict=True)
    )


def test_bf16_on_a_cpu_ends_near_fp32(tmp_path, tiny_config, forwards):
    ends = {}
    for precision in ("fp32", "bf16"):
        forwards.dtypes.clear()
        plan = make_plan(
            tiny_config, epochs=3, learning_rate=0.01, precision=precision, validation_images=100
        )
        ends[precision] = list(train(plan, blocks(300), tmp_path / precision, CPU))[-1]
        expected = torch.bfloat16 if precision == "bf16" else torch.float32
        assert set(forwards.dtypes) == {expected}
        kept = tensors_of(tmp_path / precision / "state.safetensors")
        assert {tensor.dtype for tensor in kept.values()} == {torch.float32}
    assert ends["bf16"].validation_error == pytest.approx(ends["fp32"].validation_error, abs=0.1)
    assert ends["bf16"].validation_error < 0.5
    assert ends["bf16"].reconstruction_loss == pytest.approx(
        ends["fp32"].reconstruction_loss, rel=0.25
    )


@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize("precision", ["auto", "fp32", "bf16"])
def test_autocast_follows_the_precision(monkeypatch, precision, fast):
    monkeypatch.setattr(learner_module, "has_fast_bf16", lambda _: fast)
    learner = Learner(make_plan(precision=precision).settings, SMALLEST, CPU)
    with learner.autocast():
        inside = torch.is_autocast_enabled("cpu")
    assert inside == (precision == "bf16" or (precision == "auto" and fast))
    assert not torch.is_autocast_enabled("cpu")


@pytest.mark.parametrize("kind", ["cpu", "mps", "meta"])
def test_has_fast_bf16_answers_yes_or_no(kind):
    answer = has_fast_bf16(torch.device(kind))
    assert isinstance(answer, bool)
    assert kind == "cpu" or not answer


@pytest.mark.parametrize(("warmup", "is_healthy"), [(200, True), (0, False)])
def test_primary_capsules_are_not_all_long_after_the_first_steps(warmup, is_healthy):
    """Of the paper's network at the paper's rate."""
    settings = TrainingSettings(batch_size=16, warmup_steps=warmup)
    learner = Learner(settings, CapsNetConfig(), CPU)
    images = torch.from_numpy(sample_digits().images[:16].copy()).unsqueeze(1).float() / 255
    labels = torch.from_numpy(sample_digits().labels[:16].astype("int64"))
    for number in range(2):
        learner.step(images, labels, number, 4000)
    with torch.no_grad():
        mean = float(lengths_of(learner.model.primary(images)).mean())
    assert mean < 0.4 if is_healthy else mean > 0.9
