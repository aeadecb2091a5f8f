"""The network arranged for speed gives the plain one's answers and gradients."""

import copy
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import torch
from torch.nn.functional import conv2d
from torch.overrides import TorchFunctionMode

from capsviz.network import (
    CapsNet,
    CapsNetConfig,
    FastCapsNet,
    fast,
    load_checkpoint,
    routed,
)
from capsviz.network.fast import _pays
from capsviz.network.narrow import convolve_narrow, rounded
from capsviz.network.spectral import convolve, multiplications, spectrum
from capsviz.training.learner import Learner
from capsviz.training.settings import TrainingSettings

# so wide that Fourier coefficients pay from 64 images on, yet milliseconds a batch
WIDE = CapsNetConfig(conv_channels=32, primary_types=20, digit_dim=4, decoder_hidden=(8, 8))
BATCH = 64
ROUTED = CapsNetConfig(
    image_size=7,
    classes=3,
    conv_channels=2,
    kernel_size=3,
    primary_types=2,
    primary_dim=3,
    digit_dim=4,
)


@pytest.fixture
def plain():
    model = CapsNet(WIDE)
    with torch.no_grad():
        model.digit_capsules.weight *= 5  # so large that couplings leave 1/J
    return model


@pytest.fixture
def quick(plain):
    model = FastCapsNet(WIDE)
    model.load_state_dict(plain.state_dict())
    return model


@pytest.fixture
def convolved(monkeypatch):
    """Batches that took the Fourier way."""
    seen = []

    def spied(parts, *others):
        seen.append(parts.shape[2])
        return convolve(parts, *others)

    monkeypatch.setattr(fast, "convolve", spied)
    return seen


def by_parity(images):
    """(B, C, 2·N, 2·N) → (4, N·N, B, C)."""
    count, channels, side, _ = images.shape
    split = images.view(count, channels, side // 2, 2, side // 2, 2)
    return split.permute(3, 5, 2, 4, 0, 1).reshape(4, -1, count, channels)


def gradients_of(model, images):
    """The poses, and the gradient of one mixed sum of them by every weight."""
    model.zero_grad()
    poses = model(images)
    (poses * torch.linspace(-1, 1, poses[0].numel()).view_as(poses[0])).sum().backward()
    weights = dict(model.named_parameters())
    return poses.detach(), {name: w.grad for name, w in weights.items() if w.grad is not None}


@contextmanager
def own_convolutions():
    """What torch's own convolution is asked for."""
    seen = []

    class Watch(TorchFunctionMode):
        def __torch_function__(self, func, types, args=(), kwargs=None):
            if func is conv2d:
                seen.append(func)
            return func(*args, **(kwargs or {}))

    with Watch():
        yield seen


# The convolution


@pytest.mark.parametrize(
    ("grid", "kernel"), [(6, 9), (6, 8), (1, 1), (2, 1), (1, 3), (3, 4), (4, 5), (5, 2)]
)
def test_fourier_coefficients_give_the_convolution(grid, kernel):
    side = 2 * (grid + (kernel + 1) // 2 - 1)
    images = torch.randn(3, 4, side, side, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(5, 4, kernel, kernel, dtype=torch.float64, requires_grad=True)
    bias = torch.randn(5, dtype=torch.float64, requires_grad=True)
    expected = conv2d(images, weight, bias, stride=2)[:, :, :grid, :grid]
    found = convolve(by_parity(images), weight, bias).permute(1, 2, 0).view_as(expected)
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)
    arriving = torch.randn_like(expected)
    torch.testing.assert_close(
        torch.autograd.grad(found, (images, weight, bias), arriving),
        torch.autograd.grad(expected, (images, weight, bias), arriving),
        rtol=1e-11,
        atol=1e-11,
    )


def test_the_gradient_of_the_convolution_is_that_of_finite_differences():
    parts = torch.randn(4, 9, 2, 2, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(2, 2, 3, 3, dtype=torch.float64, requires_grad=True)
    bias = torch.randn(2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(convolve, (parts, weight, bias))


def test_the_papers_convolution_takes_a_third_of_the_multiplications():
    assert spectrum(6, 9).ins.shape == (148, 100)
    channels, maps, images = 256, 256, 128
    direct = images * 36 * 81 * channels * maps
    assert multiplications(6, 9, images, channels, maps) < direct / 3
    for grid, kernel in ((6, 9), (3, 4), (1, 1)):  # none but a product for each of them
        products = len(spectrum(grid, kernel).ins)
        more = multiplications(grid, kernel, 2, 1, 2) - multiplications(grid, kernel, 2, 1, 1)
        half = (kernel + 1) // 2
        assert more == products * (2 * (4 + grid**2) + 4 * half**2)
    assert _pays(CapsNetConfig(), images)
    assert not _pays(CapsNetConfig(), 1)  # all the kernels' coefficients for a single image
    assert not _pays(CapsNetConfig(image_size=128), images)  # the transforms would cost more


# The whole network


@pytest.mark.parametrize("image_size", [28, 29])  # 29: the last row and column of maps go unseen
def test_poses_and_gradients_are_those_of_the_plain_network(image_size, convolved):
    config = CapsNetConfig(
        **{name: getattr(WIDE, name) for name in WIDE.__struct_fields__}
        | {"image_size": image_size}
    )
    plain, quick = CapsNet(config), FastCapsNet(config)
    quick.load_state_dict(plain.state_dict())
    double = copy.deepcopy(plain).double()
    images = torch.rand(BATCH, 1, image_size, image_size)
    exact_poses, exact = gradients_of(double, images.double())
    poses, found = gradients_of(quick, images)
    assert convolved == [BATCH]
    torch.testing.assert_close(poses.double(), exact_poses, rtol=0, atol=1e-6)
    assert found.keys() == exact.keys()
    for name, gradient in exact.items():
        error = (found[name] - gradient).abs().max() / gradient.abs().max()
        assert float(error) < 1e-5, name


def test_the_gradient_of_the_images_is_that_of_the_plain_network(plain, quick):
    found, expected = (
        torch.rand(BATCH, 1, 28, 28, generator=torch.Generator().manual_seed(1)).requires_grad_()
        for _ in range(2)
    )
    gradients_of(quick, found)
    gradients_of(plain, expected)
    scale = float(expected.grad.abs().max())
    torch.testing.assert_close(found.grad, expected.grad, rtol=0, atol=1e-4 * scale)


@pytest.mark.parametrize("settled", [False, True])
@pytest.mark.parametrize("batch", [0, 1, 5, BATCH])
@pytest.mark.parametrize("iterations", [1, 3, 10])
def test_answers_without_gradients_are_those_of_the_plain_network(
    plain, quick, batch, iterations, settled
):
    if settled:
        quick.settle()
    images = torch.rand(batch, 1, 28, 28)
    with torch.inference_mode():
        found = quick(images, iterations)
    expected = copy.deepcopy(plain).double()(images.double(), iterations)
    torch.testing.assert_close(found.double(), expected, rtol=0, atol=1e-6 * iterations)


@torch.inference_mode()
def test_every_number_of_a_settled_networks_trace_is_that_of_the_plain_network(plain, quick):
    image = torch.rand(1, 1, 28, 28)
    with own_convolutions() as seen:
        found = quick.settle().trace(image)
    assert not seen  # the products of patches have done it
    exact = copy.deepcopy(plain).double().trace(image.double())
    for name in ("primary", "votes", "logits", "couplings", "poses", "lengths"):
        expected = getattr(exact, name)
        assert getattr(found, name).shape == expected.shape
        torch.testing.assert_close(getattr(found, name).double(), expected, rtol=0, atol=1e-6)


def test_a_settled_network_still_trains(plain, quick):
    images = torch.rand(3, 1, 28, 28)
    found, expected = gradients_of(quick.settle(), images), gradients_of(plain, images)
    torch.testing.assert_close(found, expected)


def test_what_inference_left_behind_does_not_spoil_training(quick):
    spectrum.cache_clear()
    images = torch.rand(BATCH, 1, 28, 28)
    with torch.inference_mode():
        quick(images)
    gradients_of(quick, images)


def test_two_threads_do_not_disturb_each_other(quick):
    batches = [torch.rand(BATCH, 1, 28, 28) for _ in range(6)]
    alone = [quick(batch).detach() for batch in batches]
    with ThreadPoolExecutor(2) as threads:
        together = list(threads.map(lambda batch: quick(batch).detach(), batches))
    for ours, theirs in zip(together, alone, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-6)


def test_doubles_and_exporters_take_the_plain_way(quick, convolved, monkeypatch):
    images = torch.rand(BATCH, 1, 28, 28)
    copy.deepcopy(quick).double()(images.double())
    monkeypatch.setattr(torch.compiler, "is_compiling", lambda: True)
    quick(images)
    assert convolved == []


def test_a_loaded_network_and_a_learner_are_fast(tiny_file, tiny_model, tiny_config):
    loaded = load_checkpoint(tiny_file).model
    assert isinstance(loaded, FastCapsNet)
    for name, weight in loaded.state_dict().items():
        assert torch.equal(weight, tiny_model.state_dict()[name])
    learner = Learner(TrainingSettings(), tiny_config, torch.device("cpu"))
    assert isinstance(learner.model, FastCapsNet)


# Routing


@pytest.mark.parametrize("iterations", [1, 2, 3, 10])
@pytest.mark.parametrize("batch", [1, 16, 33])  # sixteen are routed at a time
def test_routing_and_its_gradient_are_those_of_the_plain_network(iterations, batch):
    digits = CapsNet(ROUTED).digit_capsules.double()
    primary = torch.randn(batch, ROUTED.primary_capsules, 3, dtype=torch.float64)
    primary.requires_grad_()
    expected = digits(primary, iterations)
    found = routed.routed(primary, digits.weight, digits.classes, iterations)
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-14)
    arriving = torch.randn_like(expected)
    torch.testing.assert_close(
        torch.autograd.grad(found, (primary, digits.weight), arriving),
        torch.autograd.grad(expected, (primary, digits.weight), arriving),
        rtol=1e-10,
        atol=1e-13,
    )


@pytest.mark.parametrize("iterations", [1, 3])
def test_the_gradient_of_routing_is_that_of_finite_differences(iterations, monkeypatch):
    per_image = ROUTED.primary_capsules * ROUTED.classes * ROUTED.digit_dim
    monkeypatch.setattr(routed, "_VOTES_ROUTED", 2 * per_image)
    weight = CapsNet(ROUTED).digit_capsules.weight.detach().double().requires_grad_()
    primary = torch.randn(3, ROUTED.primary_capsules, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(
        lambda u, w: routed.routed(u, w, 3, iterations), (primary, weight)
    )


@pytest.mark.parametrize("iterations", [0, 11])
def test_iterations_out_of_range_are_refused(quick, iterations):
    with pytest.raises(ValueError, match=f"1 to 10, not {iterations}"):
        quick(torch.rand(1, 1, 28, 28), iterations)


def test_primary_capsules_of_zero_have_a_finite_gradient():
    primary = torch.zeros(2, 6, 3, requires_grad=True)
    weight = torch.randn(6, 3, 8, requires_grad=True)
    poses = routed.routed(primary, weight, 2, 3)
    poses.sum().backward()
    assert not poses.detach().any()
    assert bool(primary.grad.isfinite().all())


# bf16


@pytest.fixture(params=[False, True], ids=["rounded", "native"])
def has_units(request, monkeypatch):
    """Whether the processor is thought to multiply bf16; if it does not, it emulates."""
    monkeypatch.setattr(fast, "has_fast_bf16", lambda _: request.param)
    monkeypatch.setattr(fast, "_WORTH_ROWS", 0)
    return request.param


@pytest.mark.parametrize("is_worth_it", [False, True])
def test_a_small_network_is_left_to_autocast_alone(plain, quick, monkeypatch, is_worth_it):
    taken, convolve = [], fast.convolve_narrow
    monkeypatch.setattr(fast, "convolve_narrow", lambda *x: taken.append(1) or convolve(*x))
    monkeypatch.setattr(fast, "has_fast_bf16", lambda _: True)
    weights = quick.primary_capsules.conv.weight.numel()
    monkeypatch.setattr(fast, "_WORTH_ROWS", weights if is_worth_it else weights + 1)
    images = torch.rand(2, 1, 28, 28)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found, wanted = quick(images), plain(images)
    assert taken == [1] * is_worth_it
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-3)


def test_bf16_rounds_the_convolutions_and_nothing_else(plain, quick, convolved, has_units):
    images = torch.rand(BATCH, 1, 28, 28)
    exact = quick(images).detach()
    convolved.clear()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        primary = quick.primary(images)
        poses, low = gradients_of(quick, images)
        plain_poses, plain_low = gradients_of(plain, images)
    assert convolved == ([] if has_units else [BATCH] * 2)
    assert primary.dtype == poses.dtype == torch.float32
    torch.testing.assert_close(quick.poses(primary, 3), poses, rtol=0, atol=1e-6)
    assert 1e-6 < float((poses - exact).abs().max()) < 2e-2
    # torch's own bf16 convolutions round the same numbers, all of them
    effect = float((plain_poses - exact).abs().max())
    assert float((poses - plain_poses).abs().max()) < 0.1 * effect
    for name, gradient in plain_low.items():
        error = (low[name] - gradient).norm() / gradient.norm()
        assert float(error) < 0.01, name


@pytest.mark.parametrize("shape", [(3, 4, 11, 3), (2, 5, 12, 3), (1, 3, 9, 9), (2, 2, 8, 4)])
def test_a_narrow_convolution_is_the_rounded_one(shape):
    images, channels, side, kernel = shape
    torch.manual_seed(5)
    features = torch.randn(images, channels, side, side).bfloat16().requires_grad_()
    weight = torch.randn(6, channels, kernel, kernel, requires_grad=True)
    bias = torch.randn(6, requires_grad=True)
    found = convolve_narrow(features, weight, bias)
    wanted = rounded(conv2d(features.float(), rounded(weight), rounded(bias), stride=2))
    assert found.dtype == torch.bfloat16
    torch.testing.assert_close(found.float(), wanted, rtol=2**-7, atol=2**-7)
    leaves, arriving = (features, weight, bias), torch.randn_like(wanted).bfloat16()
    ours = torch.autograd.grad(found, leaves, arriving)
    theirs = torch.autograd.grad(wanted, leaves, arriving.float())
    for one, other, leaf in zip(ours, theirs, leaves, strict=True):
        assert one.dtype == leaf.dtype
        torch.testing.assert_close(one.float(), other.float(), rtol=2**-6, atol=2**-5)


def test_another_half_precision_takes_the_plain_way(plain, quick, convolved, has_units):
    images = torch.rand(BATCH, 1, 28, 28)
    with torch.autocast("cpu", dtype=torch.float16):
        found, gradients = gradients_of(quick, images)
        wanted, others = gradients_of(plain, images)
    assert not convolved
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-5)
    assert gradients.keys() == others.keys()


def test_rounding_rounds_the_gradient_too():
    numbers = torch.tensor([1.0, 1.001, -3.3], requires_grad=True)
    found = rounded(numbers)
    assert torch.equal(found, numbers.bfloat16().float())
    arriving = torch.tensor([0.3, 1.0, 7.7777])
    (gradient,) = torch.autograd.grad(found, numbers, arriving)
    assert torch.equal(gradient, arriving.bfloat16().float())


def test_the_bias_as_a_pixel_that_is_always_1():
    """As a CUDA device has it, for the sake of whole rows."""
    torch.manual_seed(2)
    images, conv = torch.rand(3, 1, 11, 11, requires_grad=True), torch.nn.Conv2d(1, 5, 9)
    windows = images[:, 0].unfold(1, 9, 1).unfold(2, 9, 1)
    rows = fast._padded(windows)
    assert rows.shape == (3, 3, 3, 88)
    found = rows @ fast._beside(conv.weight.flatten(1), conv.bias).T
    wanted = conv(images).permute(0, 2, 3, 1)
    leaves, arriving = (images, conv.weight, conv.bias), torch.randn_like(wanted)
    torch.testing.assert_close(found, wanted)
    for one, other in zip(
        torch.autograd.grad(found, leaves, arriving),
        torch.autograd.grad(wanted, leaves, arriving),
        strict=True,
    ):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-5)
