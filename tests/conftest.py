import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import gc
import sys
import threading

import pytest
import torch  # before Qt, as the program does on Windows
from hypothesis import settings
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication

from capsviz import cli
from capsviz.gui.look.theme import STYLE, set_zoom
from capsviz.network import CapsNet, CapsNetConfig, Provenance, save_checkpoint
from capsviz.network.config import two_digit_config

torch.set_num_threads(1)
# the same examples on every run, and no example database left in the tree
settings.register_profile("capsviz", deadline=None, derandomize=True, max_examples=50)
settings.load_profile("capsviz")


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the command line in this process: exit code, stdout, stderr."""

    def run_it(*words):
        monkeypatch.setattr(sys, "argv", ["capsviz", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        streams = capsys.readouterr()
        return ended.value.code or 0, streams.out, streams.err

    return run_it


@pytest.fixture(scope="session")
def qapp_args():
    return ["pytest", *STYLE]


@pytest.fixture(autouse=True)
def own_home(monkeypatch, tmp_path_factory):
    """No test reads or writes the user's own folder; CAPSVIZ_DATA stays as it is."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("CAPSVIZ_HOME", str(home))
    return home


@pytest.fixture(autouse=True)
def same_random_numbers():
    torch.manual_seed(0)


@pytest.fixture(scope="session")
def tiny_config():
    return CapsNetConfig(
        conv_channels=8, primary_types=2, primary_dim=4, digit_dim=4, decoder_hidden=(16, 24)
    )


@pytest.fixture(scope="session")
def tiny_model(tiny_config):
    """An untrained network of 28×28, the same in every run; shared, so never changed by a test."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return CapsNet(tiny_config).eval().requires_grad_(False)


@pytest.fixture(scope="session")
def assert_clear():
    """A function that checks an error a person sees: one short line that names the path."""

    def check(error, path):
        message = str(error)
        assert "\n" not in message, message
        assert len(message) < 400, message
        assert str(path) in message, message

    return check


@pytest.fixture(autouse=True)
def nothing_left_behind():
    """Every test joins its threads and deletes its windows; the check names what it left."""
    before = set(threading.enumerate())
    yield
    _take_off_the_theme()
    _park_the_pointer()
    threads = [thread.name for thread in threading.enumerate() if thread not in before]
    assert not threads, f"threads left running: {threads}"
    if QApplication.instance() is not None:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        if _left_open():
            gc.collect()  # what only cycles hold is no leak; but it takes a tenth of a second
        left = _left_open()
        assert not left, f"widgets left open: {left}"


def _take_off_the_theme():
    """A window dresses the whole application; the next test finds it as it was."""
    application = QApplication.instance()
    if application is not None and application.styleSheet():
        set_zoom(application, 1.0)
        application.setStyleSheet("")
        application.setPalette(application.style().standardPalette())


def _park_the_pointer():
    """A widget of the next test that opened under it would be painted as pointed at."""
    if QApplication.instance() is not None:
        QCursor.setPos(QApplication.primaryScreen().geometry().bottomRight())


def _left_open():
    return [widget for widget in QApplication.topLevelWidgets() if widget.parent() is None]


@pytest.fixture
def tiny_file(own_home, tiny_model):
    """A network called "tiny" among the user's own models."""
    path = own_home / "models" / "tiny.safetensors"
    save_checkpoint(path, tiny_model, Provenance(test_error=0.5, purpose="testing"))
    return path


@pytest.fixture(scope="session")
def pair_model():
    """An untrained network that reads two digits in 36×36; shared, so never changed by a test.

    Its weights are large, so that answers differ from one image and iteration to the next.
    """
    sizes = {"conv_channels": 8, "primary_types": 2, "primary_dim": 4, "digit_dim": 4}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = CapsNet(two_digit_config(decoder_hidden=(16, 24), **sizes))
        network.requires_grad_(False)
        network.primary_capsules.conv.weight.mul_(4)
        network.digit_capsules.weight.mul_(4)
        return network.eval()


@pytest.fixture
def pair_file(own_home, pair_model):
    """A network called "two-digits" among the user's own models."""
    path = own_home / "models" / "two-digits.safetensors"
    save_checkpoint(path, pair_model, Provenance(test_error=0.25, purpose="testing"))
    return path


@pytest.fixture(scope="session")
def answer(tiny_model):
    """A whole explanation by the tiny network, as a view is handed it; shared, never changed."""
    from capsviz.data.samples import sample_digits
    from capsviz.explore.explain import explain

    image = sample_digits().images[0].astype("float32") / 255
    return explain(tiny_model, image, 3, with_curve=True, with_redrawn=True)


@pytest.fixture
def bare_window(qtbot):
    """The real window and session with no network asked for yet."""
    from capsviz.gui.session import Session
    from capsviz.gui.window import Window

    session = Session()
    window = Window(session)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    window.afterwards.finish()
    yield window
    window.close()
    session.setParent(window)  # one owner, so that both go together


@pytest.fixture
def window(qtbot, bare_window, tiny_file):
    """The real window with a tiny network that answers."""
    with qtbot.waitSignal(bare_window.session.model_changed, timeout=20_000):
        bare_window.session.load_model("tiny", "cpu")
    return bare_window
