"""A run on two digits through the real window: its cost, its answers, what its views say."""

import numpy as np
import pytest
import torch

from capsviz.gui.preparing import CostRequest, _measure
from capsviz.network.config import two_digit_config
from capsviz.training.presets import preset
from tests.learning import tiny_request, wanted, write_tiny_mnist
from tests.qt import SEVEN, draw

PAIRED = two_digit_config(
    conv_channels=8, primary_types=2, primary_dim=4, digit_dim=4, decoder_hidden=(16, 24)
)


@pytest.fixture
def data(tmp_path):
    return write_tiny_mnist(tmp_path / "mnist")


def test_a_run_on_pairs_is_followed_and_its_views_tell_of_both_digits(qtbot, bare_window, data):
    session, run = bare_window.session, bare_window.session.learning
    run.following.follow(True)
    with qtbot.waitSignal(run.training.state_changed):
        run.training.start(tiny_request(data, PAIRED, wanted, epochs=1))
    qtbot.waitUntil(lambda: run.training.is_idle, timeout=60_000)
    draw(bare_window.canvas, SEVEN)
    qtbot.waitUntil(lambda: session.is_settled, timeout=20_000)
    image = session.explanation.image
    assert np.array_equal(image[4:-4, 4:-4], session.scene.network_input(28))
    panel = bare_window.views.training
    said = [view.summary() for view in panel.pages.findChildren(object) if _tells(view)]
    assert any("both digits must be found" in words for words in said)
    assert any("first digits are right" in words for words in said)


def _tells(view):
    return getattr(view, "report", None) is not None and hasattr(view, "summary")


def test_the_cost_of_the_preset_can_be_estimated():
    chosen = preset("two-digits")
    assert chosen.config.digits_per_image == 2
    threads = torch.get_num_threads()
    settings = type(chosen.settings)(epochs=2, batch_size=4, validation_images=20)
    request = CostRequest(settings, PAIRED, 120, "cpu")
    (*_, cost) = _measure(request)
    torch.set_num_threads(threads)
    assert cost.seconds_total > 0
    assert cost.peak_bytes > 0
