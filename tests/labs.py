"""The lab of two digits, driven through the real window."""

from __future__ import annotations

from contextlib import contextmanager

from PySide6.QtGui import QAction

from tests.qt import draw

SEVEN = [(10, 8), (18, 8), (13, 20)]
ONE = [(15, 9), (15, 21)]


def lab_of(window):
    """The lab's window; opened by the command if it is not there yet."""
    window.findChild(QAction, "action-two-digits").trigger()
    return window.findChild(object, "two-digits-lab")


def settle(qtbot, lab):
    """Until every answer is on screen."""
    qtbot.waitUntil(lambda: lab.study.is_settled, timeout=20_000)


def open_lab(qtbot, window):
    """The lab, with its network there."""
    opened = lab_of(window)
    qtbot.waitExposed(opened)
    qtbot.waitUntil(lambda: opened.study.networks.model is not None, timeout=20_000)
    settle(qtbot, opened)
    return opened


def act(lab, name):
    """One of its commands."""
    lab.tools.named[name].trigger()


def draw_two(qtbot, lab):
    """A digit in each layer; the second is the active one."""
    draw(lab.canvas, SEVEN)
    act(lab, "second")
    draw(lab.canvas, ONE)
    settle(qtbot, lab)


def sample(qtbot, lab, seed=1):
    """Two real digits."""
    lab.study.composing.random.seed(seed)
    act(lab, "sample")
    settle(qtbot, lab)


@contextmanager
def asked(monkeypatch):
    """The requests that the lab's network is asked while this lasts."""
    from capsviz.explore import separation

    seen, real = [], separation.separate

    def spied(*args, **options):
        seen.append(args[1])
        return real(*args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(separation, "separate", spied)
        yield seen
