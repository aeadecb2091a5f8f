"""The second convolution from active units alone gives what the whole one gives."""

import pytest
import torch
from torch.nn.functional import conv2d

from capsviz.network import CapsNet, CapsNetConfig, FastCapsNet, active
from capsviz.network.active import convolve_active, table_of

WIDE = CapsNetConfig(conv_channels=32, primary_types=20, digit_dim=4, decoder_hidden=(8, 8))


@pytest.fixture
def plain():
    """A network of which few units are active on the images below."""
    model = CapsNet(WIDE)
    with torch.no_grad():
        model.digit_capsules.weight *= 5  # so large that couplings leave 1/J
        model.conv1.bias.fill_(-0.35)
    return model.eval().requires_grad_(False)


@pytest.fixture
def quick(plain):
    model = FastCapsNet(WIDE)
    model.load_state_dict(plain.state_dict())
    return model.eval().requires_grad_(False)


@pytest.fixture
def looked_at(monkeypatch):
    """Whether each batch of features was convolved from its active units."""
    seen = []

    def spied(features, *others):
        found = convolve_active(features, *others)
        seen.append((len(features), found is not None))
        return found

    monkeypatch.setattr("capsviz.network.fast.convolve_active", spied)
    monkeypatch.setattr("capsviz.network.fast._INPUTS_AT_ONCE", 16 * 36 * 81 * 32)
    return seen


def sparse(*shape, share=0.05):
    return torch.rand(shape) * (torch.rand(shape) < share)


@pytest.mark.parametrize(("side", "kernel"), [(20, 9), (12, 5), (11, 4), (7, 3), (9, 9)])
def test_equals_the_convolution(side, kernel):
    features = sparse(3, side, side, 6) - sparse(3, side, side, 6, share=0.5)
    weight, bias = torch.randn(10, 6, kernel, kernel), torch.randn(10)
    found = convolve_active(features, table_of(weight), bias)
    whole = conv2d(
        features.relu().double().permute(0, 3, 1, 2), weight.double(), bias.double(), stride=2
    )
    assert found.shape == (3, whole[0, 0].numel(), 10)
    torch.testing.assert_close(found.double(), whole.flatten(2).transpose(1, 2), rtol=0, atol=2e-6)


def test_no_active_unit_leaves_the_bias():
    bias = torch.randn(10)
    found = convolve_active(torch.zeros(2, 7, 7, 4), torch.randn(36, 10), bias)
    assert (found == bias).all()


def test_many_active_units_are_refused():
    table, bias = torch.randn(36, 10), torch.zeros(10)
    few, many = torch.zeros(800), torch.zeros(800)
    few[:80], many[:81] = 1, 1
    assert convolve_active(few.view(2, 10, 10, 4), table, bias) is not None
    assert convolve_active(many.view(2, 10, 10, 4), table, bias) is None


def test_a_settled_network_needs_no_copy_of_its_weights(quick):
    before = {name: tensor.clone() for name, tensor in quick.state_dict().items()}
    weight = quick.settle().primary_capsules.conv.weight
    assert table_of(weight).data_ptr() == weight.data_ptr()
    after = quick.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


@pytest.mark.parametrize("images", [1, 5, 16, 40])
def test_answers_equal_the_plain_network_s(plain, quick, looked_at, images):
    quick.settle()
    seen = torch.rand(images, 1, 28, 28)
    with torch.no_grad():
        wanted = plain.double()(seen.double())
        found = quick(seen)
    assert [part for part, _ in looked_at] == [16] * (images // 16) + [images % 16] * (
        images % 16 > 0
    )
    assert all(was_taken for _, was_taken in looked_at)
    torch.testing.assert_close(found.double(), wanted, rtol=0, atol=1e-6)


def test_the_routing_is_that_of_the_plain_network(plain, quick):
    quick.settle()
    image = torch.rand(1, 1, 28, 28)
    with torch.no_grad():
        wanted, found = plain.double().trace(image.double()), quick.trace(image)
    for name in ("primary", "votes", "logits", "couplings", "poses"):
        torch.testing.assert_close(
            getattr(found, name).double(), getattr(wanted, name), rtol=0, atol=2e-6
        )


def test_one_busy_image_makes_the_batch_take_the_dense_way(plain, quick, looked_at, monkeypatch):
    monkeypatch.setattr(active, "_MOST_ACTIVE", 0.001)
    seen = torch.zeros(40, 1, 28, 28)
    seen[-1] = torch.rand(1, 28, 28)  # an empty image has no active unit
    with torch.no_grad():
        found, wanted = quick(seen), plain.double()(seen.double())
    assert looked_at == [(16, True), (16, True), (8, False)]
    torch.testing.assert_close(found.double(), wanted, rtol=0, atol=1e-6)


def test_gradients_bf16_and_weights_in_training_order_take_other_ways(quick, looked_at):
    many, few = torch.rand(16, 1, 28, 28), torch.rand(15, 1, 28, 28)
    quick(many)
    with torch.no_grad():
        quick(few)  # the table would cost more than it saves
        with torch.autocast("cpu", torch.bfloat16):
            quick(many)
    assert not looked_at
    with torch.no_grad():
        quick(many)
    assert looked_at == [(16, True)]


def test_a_settled_network_takes_other_ways_for_bf16(plain, quick, looked_at):
    quick.settle()
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        quick(torch.rand(3, 1, 28, 28))
    assert not looked_at


@pytest.mark.parametrize("shape", [(1, 28, 27), (1, 27, 28), (3, 28, 28)])
def test_images_of_another_shape_fare_as_with_the_plain_network(plain, quick, shape):
    quick.settle()
    images = torch.rand(2, *shape)
    with torch.no_grad():
        try:
            wanted = plain(images)
        except RuntimeError:
            with pytest.raises(RuntimeError):
                quick(images)
        else:
            torch.testing.assert_close(quick(images), wanted)


@pytest.mark.parametrize("images", [1, 17])
def test_what_is_no_number_is_told(plain, quick, images):
    quick.settle()
    seen = torch.rand(images, 1, 28, 28)
    seen[0, 0, 14, 14] = float("nan")
    with torch.no_grad():
        assert torch.equal(quick(seen).isnan(), plain(seen).isnan())


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::torch.jit.TracerWarning")
def test_tracing_sees_plain_operations(plain, quick):
    quick.settle()
    first, second = torch.rand(2, 1, 1, 28, 28)
    with torch.no_grad():
        traced = torch.jit.trace(quick, first, check_trace=False)
        torch.testing.assert_close(traced(second), plain(second))


def test_large_images_are_looked_at_in_smaller_chunks(looked_at):
    large = CapsNetConfig(
        image_size=64, conv_channels=256, primary_types=2, digit_dim=4, reconstruction=False
    )
    model = FastCapsNet(large).eval().requires_grad_(False)
    model.conv1.bias.fill_(-0.5)
    with torch.no_grad():
        model(torch.rand(16, 1, 64, 64))
    assert sum(count for count, _ in looked_at) == 16
    assert max(count for count, _ in looked_at) == 1
