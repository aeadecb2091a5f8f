"""Faults that nobody caught are said once and logged; who listened before listens again."""

import faulthandler
import logging
import subprocess
import sys
import threading

import pytest
from PySide6.QtCore import QObject, Signal, qDebug, qInstallMessageHandler, qWarning

from capsviz.gui.desktop.faults import Faults, watch_faults
from capsviz.gui.desktop.messages import Messages
from capsviz.places import user_folder

CRASH = """
import faulthandler, sys
from PySide6.QtCore import QCoreApplication, QObject, Signal
from capsviz.gui.desktop.faults import watch_faults
class Listener(QObject):
    noticed = Signal(str)
application, listener = QCoreApplication([]), Listener()
faults = watch_faults(listener.noticed)
if sys.argv[1] == "crash":
    faulthandler._sigsegv()
faults.stop()
print(faulthandler.is_enabled())
"""


class Listener(QObject):
    noticed = Signal(str)


@pytest.fixture
def said():
    """What Messages tells, while it has Qt's messages; pytest-qt does not see these."""
    told = []
    messages = Messages(told.append)
    messages.start()
    yield told
    messages.stop()


def test_a_warning_of_qt_is_told_once_and_logged_each_time(said, caplog):
    with caplog.at_level(logging.DEBUG, "capsviz.qt"):
        qWarning("QPainter::begin: Paint device returned engine == 0.")
        qWarning("QPainter::begin: Paint device returned engine == 0.")
        qDebug("of no interest")
    assert said == [
        "Qt warns: QPainter::begin: Paint device returned engine == 0; the window goes on."
    ]
    levels = [(record.levelname, record.getMessage()[:8]) for record in caplog.records]
    assert levels == [("WARNING", "QPainter"), ("WARNING", "QPainter"), ("DEBUG", "of no in")]


def test_who_took_the_messages_before_takes_them_again():
    heard = []

    def handler(_kind, _context, message):
        heard.append(message)

    before = qInstallMessageHandler(handler)
    messages = Messages(lambda _text: None)
    messages.start()
    qWarning("during")
    messages.stop()
    qWarning("after")
    qInstallMessageHandler(before)
    assert heard == ["after"]


def test_the_hooks_are_given_back(qapp):
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    was_enabled = faulthandler.is_enabled()
    faults = Faults()
    faults.start()
    assert sys.excepthook != hooks[0]
    faults.stop()
    assert (sys.excepthook, threading.excepthook, sys.unraisablehook) == hooks
    assert faulthandler.is_enabled() == was_enabled


def test_a_fault_is_a_notice_a_moment_later(qtbot, caplog):
    listener = Listener()
    faults = watch_faults(listener.noticed)
    try:
        with qtbot.waitSignal(listener.noticed) as heard:
            sys.excepthook(ValueError, ValueError("seven"), None)
            assert not heard.signal_triggered, "a fault may happen while a view is painted"
    finally:
        faults.stop()
    assert heard.args == ["Unexpected error (ValueError: seven); the window goes on."]
    assert "Unexpected error" in caplog.text


@pytest.mark.parametrize("end", ["crash", "usual"])
def test_a_crash_leaves_its_last_words_and_a_usual_end_none(own_home, end):
    command = (sys.executable, "-c", CRASH, end)
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    file = user_folder() / "crash.log"
    if end == "crash":
        assert done.returncode != 0
        assert "Segmentation fault" in file.read_text()
        assert "most recent call first" in file.read_text()
    else:
        assert done.stdout == "False\n", done.stderr
        assert not file.exists()
