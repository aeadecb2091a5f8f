"""Take pictures of the real program: the whole window and every view, dark and light.

python scripts/screenshots.py [FOLDER]
"""

import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["CAPSVIZ_HOME"] = tempfile.mkdtemp()  # no one's own settings

from PySide6.QtCore import QEventLoop
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from capsviz.data.drawing import Mark, on_canvas
from capsviz.data.strokes import read_strokes
from capsviz.gui.app import make_application
from capsviz.gui.input.smoothing import smooth_line
from capsviz.gui.session import Session
from capsviz.gui.window import Window

ROOT = Path(__file__).resolve().parent.parent
DIGIT = 3
EASE_MS = 700  # until nothing moves any more


def settle(session: Session) -> None:
    """Until every answer is on screen."""
    while session.model is None or not session.is_settled:
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 50)
    QTest.qWait(EASE_MS)


def draw(session: Session) -> None:
    """The sample digit, stroke by stroke."""
    entries = read_strokes(ROOT / "resources" / "sample-strokes.jsonl")
    drawing = on_canvas(next(entry.drawing for entry in entries if entry.label == DIGIT))
    for mark in drawing.marks:
        session.add_mark(Mark(tuple(smooth_line(list(mark.points)))))


def take_views(window: Window, folder: Path, name: str) -> None:
    """Each page of each card."""
    views = window.views
    cards = {"routing": views.routing.pages, "reconstruction": views.decoded, "pose": views.posed}
    for card, pages in cards.items():
        for index in range(pages.tabs.count()):
            pages.tabs.setCurrentIndex(index)
            settle(window.session)
            title = pages.tabs.tabText(index).lower().replace(" ", "-")
            window.docks[card].grab().save(str(folder / f"{title}-{name}.png"))
        pages.tabs.setCurrentIndex(0)
    views.capsules.findChild(object, "show-curve").click()
    settle(window.session)
    views.capsules.parentWidget().parentWidget().grab().save(
        str(folder / f"over-iterations-{name}.png")
    )
    views.capsules.findChild(object, "show-lengths").click()


def open_window(width: int, height: int) -> Window:
    """The real window with the shipped network, past its first steps."""
    make_application()
    window = Window(Session())
    window.resize(width, height)
    window.views.hints.hide()
    window.show()
    window.session.load_model("digits", "cpu")
    settle(window.session)
    return window


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "resources" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    window = open_window(1440, 900)
    session = window.session
    draw(session)
    settle(session)
    for name in ("dark", "light"):
        window.set_appearance(name)
        settle(session)
        window.grab().save(str(folder / f"window-{name}.png"))
        take_views(window, folder, name)
    window.close()


if __name__ == "__main__":
    main()
