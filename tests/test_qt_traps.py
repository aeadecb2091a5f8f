"""Traps of Qt with torch and Python that once bit others stay shut."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtGui import QGuiApplication, QImage, QPainter

PACKAGE = Path(__file__).resolve().parent.parent / "capsviz"


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal from 3.12 on")
def test_the_binding_returns_none_without_losing_it(qapp):
    """PySide6 6.12 lost one reference of None per call and died within hundreds of repaints."""
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    before = sys.getrefcount(None)
    for _ in range(1000):
        painter.save()
        painter.restore()
    painter.end()
    assert sys.getrefcount(None) > before - 100


def test_no_view_takes_the_screen_with_it_when_it_is_collected(window):
    """`QWidget.screen()` makes the widget's wrapper the owner of the screen (PySide6 6.10)."""
    window.resize(1280, 770)
    screen = QGuiApplication.primaryScreen()
    assert "hasOwnership...... 0" in shiboken6.dump(screen)
    assert "parent" not in shiboken6.dump(screen)


def test_nothing_is_asked_for_that_the_binding_gives_away():
    """What these return, PySide6 6.10 makes the child of whom was asked, whose end is then its."""
    gives = {"screen", "nextInFocusChain", "previousInFocusChain", "menu", "buddy"}
    found = [
        f"{path.name}:{node.lineno}"
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in gives
        and not node.args
    ]
    assert found == []


def test_on_windows_torch_is_imported_before_qt():
    """Else its libraries fail to load there: pytorch issue 166628."""
    tree = ast.parse((PACKAGE / "gui" / "app.py").read_text(encoding="utf-8"))
    guard = next(
        node for node in tree.body if isinstance(node, ast.If) and "win32" in ast.dump(node)
    )
    assert "torch" in ast.dump(guard)
    qt = [
        node.lineno
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith(("PySide6", "capsviz"))
    ]
    assert guard.lineno < min(qt)


@pytest.mark.parametrize("words", [("capsviz.gui.window",), ("capsviz.gui.session",)])
def test_the_window_does_not_wait_for_torch(words):
    if sys.platform == "win32":
        pytest.skip("there torch comes first")
    code = f"import sys, {words[0]}; sys.exit('torch' in sys.modules)"
    assert subprocess.run((sys.executable, "-c", code), check=False).returncode == 0


def test_threads_live_in_one_file():
    users = [
        path.name
        for path in PACKAGE.rglob("*.py")
        if any(makes_threads(node) for node in ast.walk(ast.parse(path.read_text("utf-8"))))
    ]
    assert sorted(users) == ["faults.py", "jobs.py"]  # faults only hooks into threads' failures


def makes_threads(node):
    """Whether it imports what can; a lock only waits for threads that others made."""
    if not isinstance(node, ast.Import | ast.ImportFrom):
        return False
    named = [each.name for each in node.names]
    home = getattr(node, "module", None)
    if home == "threading" and named == ["Lock"]:
        return False
    homes = {name.split(".")[0] for name in [home or "", *named]}
    return bool(homes & {"threading", "concurrent", "multiprocessing"})
