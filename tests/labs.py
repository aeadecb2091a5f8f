"""The lab of two digits, driven through the real window."""

from __future__ import annotations

from contextlib import contextmanager

from PySide6.QtGui import QAction

SEVEN = [(10, 8), (18, 8), (13, 20)]
ONE = [(15, 9), (15, 21)]


def lab_of(window):
    """The lab's window; opened by the command if it is not there yet."""
    window.findChild(QAction, "action-two-digits").trigger()
    return window.findChild(object, "two-digits-lab")


def settle(qtbot, lab):
    """Until every answer is on screen."""
    qtbot.waitUntil(lambda: lab.study.is_settled, timeout=20_000)


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
