"""One image's answer and gradient, whatever stands beside it and in whatever precision."""

import pytest
import torch

from capsviz.network import CapsNet, CapsNetConfig
from capsviz.network.capsnet import DigitCapsules

CONFIG = CapsNetConfig(
    image_size=7,
    classes=3,
    conv_channels=2,
    kernel_size=3,
    primary_types=2,
    primary_dim=3,
    digit_dim=4,
    reconstruction=False,
)
INPUTS = CONFIG.primary_capsules


@pytest.mark.parametrize("batch", [1, 2, 16, 17, 33])  # the network routes 16 images at a time
def test_images_are_independent(tiny_model, batch):
    images = torch.rand(batch, 1, 28, 28)
    together = tiny_model(images)
    alone = torch.cat([tiny_model(image.unsqueeze(0)) for image in images])
    torch.testing.assert_close(together, alone, rtol=1e-5, atol=1e-7)


def test_no_images_give_no_poses(tiny_model):
    assert tiny_model(torch.rand(0, 1, 28, 28)).shape == (0, 10, 4)


def gradients(digits, primary):
    """The gradients of one mixed sum of all poses: of the weight, and of each input."""
    leaf = primary.clone().requires_grad_()
    digits.weight.grad = None
    poses = digits(leaf, 3)
    (poses * torch.linspace(-1, 1, poses[0].numel()).view_as(poses[0])).sum().backward()
    return digits.weight.grad.clone(), leaf.grad


def test_gradients_are_independent_across_chunks():
    digits = DigitCapsules(CONFIG).double()
    primary = torch.randn(17, INPUTS, 3, dtype=torch.float64)
    weight_grad, primary_grad = gradients(digits, primary)
    parts = [gradients(digits, one.unsqueeze(0)) for one in primary]
    torch.testing.assert_close(primary_grad, torch.cat([part[1] for part in parts]))
    torch.testing.assert_close(weight_grad, torch.stack([part[0] for part in parts]).sum(0))


@pytest.mark.parametrize("iterations", [1, 3])
def test_the_gradient_of_routing_is_that_of_finite_differences(iterations):
    digits = DigitCapsules(CONFIG).double()
    primary = torch.randn(2, INPUTS, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda u: digits(u, iterations), primary)


def test_the_gradient_of_a_whole_double_network_is_that_of_finite_differences():
    model = CapsNet(CONFIG).double()
    images = torch.rand(1, 1, 7, 7, dtype=torch.float64, requires_grad=True)
    names, parameters = zip(*model.named_parameters(), strict=True)

    def poses(*values):
        return torch.func.functional_call(model, dict(zip(names, values, strict=True)), images)

    assert torch.autograd.gradcheck(poses, parameters)


@pytest.mark.parametrize("iterations", [1, 2, 3, 10])
def test_forward_is_the_last_pose_of_the_trace(tiny_model, iterations):
    images = torch.rand(18, 1, 28, 28)
    last = tiny_model.trace(images, iterations).poses[-1]
    torch.testing.assert_close(tiny_model(images, iterations), last, rtol=1e-5, atol=1e-7)


def test_without_a_number_the_trained_iterations_are_run(tiny_model):
    image = torch.rand(1, 1, 28, 28)
    assert torch.equal(tiny_model(image), tiny_model(image, 3))
    assert len(tiny_model.trace(image).poses) == 3


def test_routing_stays_fp32_under_autocast(tiny_model):
    primary = torch.rand(2, tiny_model.config.primary_capsules, 4)
    plain = tiny_model.digit_capsules(primary, 3)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        low = tiny_model.digit_capsules(primary, 3)
        image = torch.rand(1, 1, 28, 28)
        assert tiny_model.conv1(image).dtype == torch.bfloat16  # so autocast is at work
        assert tiny_model.primary(image).dtype == torch.float32
        assert tiny_model(image).dtype == torch.float32
    assert torch.equal(low, plain)


def test_the_trace_stays_fp32_under_autocast(tiny_model):
    image = torch.rand(1, 1, 28, 28)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        trace = tiny_model.trace(image)
        poses = tiny_model(image)
    for part in (trace.primary, trace.votes, trace.logits, trace.couplings, trace.poses):
        assert part.dtype == torch.float32
    torch.testing.assert_close(trace.poses[-1], poses)
