"""The network around its routing: sizes, capsule layout; the whole against loops."""

import msgspec
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from capsviz.network import CapsNet, CapsNetConfig
from tests import reference

# every size differs from every other, so a mistaken axis cannot fit
ODD = CapsNetConfig(
    image_size=11,
    classes=5,
    conv_channels=6,
    kernel_size=3,
    primary_types=2,
    primary_dim=3,
    digit_dim=7,
    routing_iterations=2,
    decoder_hidden=(8, 9),
)


@pytest.fixture(scope="module")
def odd_model():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        return CapsNet(ODD).eval().requires_grad_(False)


def array(tensor):
    return tensor.detach().double().numpy()


def reference_primary(model, image):
    conv1, conv2 = model.conv1, model.primary_capsules.conv
    features = reference.convolution(array(image), array(conv1.weight), array(conv1.bias), 1)
    features = np.maximum(features, 0)
    maps = reference.convolution(features, array(conv2.weight), array(conv2.bias), 2)
    return reference.primary_capsules(maps, model.config.primary_types, model.config.primary_dim)


def reference_weight(model):
    """W as (I, J, D, P), from the stored (I, P, J·D)."""
    config = model.config
    stored = array(model.digit_capsules.weight)
    split = stored.reshape(-1, config.primary_dim, config.classes, config.digit_dim)
    return split.transpose(0, 2, 3, 1)


# Sizes


def parameters(module):
    return sum(parameter.numel() for parameter in module.parameters())


def test_the_papers_network_has_8_215_568_parameters():
    model = CapsNet()
    parts = (model.conv1, model.primary_capsules, model.digit_capsules, model.decoder)
    assert [parameters(part) for part in parts] == [
        256 * 81 + 256,
        256 * 256 * 81 + 256,
        1152 * 10 * 16 * 8,
        160 * 512 + 512 + 512 * 1024 + 1024 + 1024 * 784 + 784,
    ]
    assert parameters(model) == 8_215_568


def test_without_reconstruction_there_is_no_decoder():
    model = CapsNet(CapsNetConfig(reconstruction=False))
    assert parameters(model) == 6_804_224
    with pytest.raises(ValueError, match="no decoder"):
        model.decode(torch.zeros(1, 10, 16), torch.zeros(1, dtype=torch.int64))


def assert_shapes(model, grid, batch=2):
    config = model.config
    images = torch.rand(batch, 1, config.image_size, config.image_size)
    inputs = config.primary_types * grid * grid
    outputs, dim, rounds = config.classes, config.digit_dim, config.routing_iterations
    trace = model.trace(images)
    assert trace.primary.shape == (batch, inputs, config.primary_dim)
    assert trace.votes.shape == (batch, inputs, outputs, dim)
    assert trace.logits.shape == (rounds, batch, inputs, outputs)
    assert trace.couplings.shape == (rounds, batch, inputs, outputs)
    assert trace.poses.shape == (rounds, batch, outputs, dim)
    assert trace.lengths.shape == (rounds, batch, outputs)
    assert model(images).shape == (batch, outputs, dim)
    if config.reconstruction:
        digits = torch.arange(batch) % outputs
        assert model.decode(trace.poses[-1], digits).shape == images.shape


def test_shapes_of_the_papers_network():
    with torch.no_grad():
        assert_shapes(CapsNet().eval(), grid=6, batch=1)


@given(
    kernel=st.integers(1, 4),
    room=st.integers(0, 5),
    sizes=st.tuples(*[st.integers(1, 3)] * 5),
    classes=st.integers(2, 4),
    reconstruction=st.booleans(),
)
def test_shapes_of_odd_networks(kernel, room, sizes, classes, reconstruction):
    channels, types, units, dim, rounds = sizes
    side = max(5, 2 * kernel - 1 + room)
    config = CapsNetConfig(
        image_size=side,
        classes=classes,
        conv_channels=channels,
        kernel_size=kernel,
        primary_types=types,
        primary_dim=units,
        digit_dim=dim,
        routing_iterations=rounds,
        reconstruction=reconstruction,
        decoder_hidden=(2, 3),
    )
    grid = len(range(0, side - kernel + 1 - kernel + 1, 2))
    assert config.primary_capsules == types * grid * grid
    assert_shapes(CapsNet(config).eval(), grid)


def test_an_image_too_small_for_its_kernels_is_refused():
    with pytest.raises(ValueError, match="at least 17"):
        CapsNetConfig(image_size=16)
    assert CapsNetConfig(image_size=17).grid_size == 1


def test_a_config_cannot_be_changed_once_made():
    with pytest.raises(AttributeError):
        ODD.classes = 3
    assert msgspec.json.decode(msgspec.json.encode(ODD), type=CapsNetConfig) == ODD


def test_votes_begin_small():
    weight = CapsNet(msgspec.structs.replace(ODD, image_size=28)).digit_capsules.weight.detach()
    assert abs(float(weight.mean())) < 0.02
    assert 0.01 < float(weight.std()) < 0.2


# Primary capsules: what belongs to one capsule


def only_bias(model, channel, value):
    """The primary capsules of `model` when map `channel` is `value` everywhere, the others 0."""
    module = CapsNet(model.config).primary_capsules
    with torch.no_grad():
        module.conv.weight.zero_()
        module.conv.bias.zero_()
        module.conv.bias[channel] = value
        side = model.config.conv_size
        capsules = module(torch.zeros(1, model.config.conv_channels, side, side))[0]
    places = model.config.grid_size**2
    return capsules.view(model.config.primary_types, places, model.config.primary_dim)


def test_the_units_of_a_capsule_are_neighbouring_channels_of_its_type(odd_model):
    for channel in range(ODD.primary_types * ODD.primary_dim):
        kind, unit = divmod(channel, ODD.primary_dim)
        expected = torch.zeros(ODD.primary_types, ODD.grid_size**2, ODD.primary_dim)
        expected[kind, :, unit] = 0.8  # the length 2 squashed: 4/5
        torch.testing.assert_close(only_bias(odd_model, channel, 2.0), expected)


def test_primary_capsules_have_no_relu(odd_model):
    assert float(only_bias(odd_model, 4, -2.0).min()) == pytest.approx(-0.8)


def test_the_units_of_a_capsule_share_their_place(odd_model):
    module = CapsNet(ODD).primary_capsules
    torch.nn.init.ones_(module.conv.weight)
    torch.nn.init.zeros_(module.conv.bias)
    grid = ODD.grid_size
    with torch.no_grad():
        for y in range(grid):
            for x in range(grid):
                features = torch.zeros(1, ODD.conv_channels, ODD.conv_size, ODD.conv_size)
                features[0, 0, 2 * y + 1, 2 * x + 1] = 1  # odd pixels lie in one window only
                capsules = module(features)[0].view(ODD.primary_types, grid, grid, -1)
                touched = torch.zeros(grid, grid, dtype=torch.bool)
                touched[y, x] = True
                assert torch.equal((capsules != 0).all(dim=(0, 3)), touched)
                assert torch.equal((capsules != 0).any(dim=3).any(dim=0), touched)


def test_the_first_convolution_has_a_relu(odd_model):
    model = CapsNet(ODD).eval()
    image = torch.rand(1, 1, 11, 11)
    with torch.no_grad():
        model.conv1.bias.fill_(-100)
        dark = model.primary(image)
        nothing = model.primary_capsules(torch.zeros(1, ODD.conv_channels, 9, 9))
    assert torch.equal(dark, nothing)


def test_primary_capsules_equal_the_loops(odd_model):
    images = torch.rand(2, 1, 11, 11)
    got = array(odd_model.primary(images))
    for index, image in enumerate(images):
        np.testing.assert_allclose(got[index], reference_primary(odd_model, image), atol=2e-6)


def test_the_whole_network_equals_the_loops(odd_model):
    image = torch.rand(1, 1, 11, 11)
    votes = reference.predictions(
        reference_primary(odd_model, image[0]), reference_weight(odd_model)
    )
    for rounds in (1, 3):
        expected = reference.routing(votes, rounds)[-1]["v"]
        np.testing.assert_allclose(array(odd_model(image, rounds))[0], expected, atol=2e-6)


def test_a_network_made_double_computes_in_double(odd_model):
    model = CapsNet(ODD).double().eval().requires_grad_(False)
    image = torch.rand(1, 1, 11, 11, dtype=torch.float64)
    votes = reference.predictions(reference_primary(model, image[0]), reference_weight(model))
    expected = reference.routing(votes, 3)[-1]["v"]
    np.testing.assert_allclose(model(image, 3)[0].numpy(), expected, atol=1e-12)
