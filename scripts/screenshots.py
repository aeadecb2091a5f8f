"""Take pictures of the real program: the whole window and every view, dark and light.

python scripts/screenshots.py [FOLDER] [--training | --labs]

With --training, a series of one run instead: its dialog, the window while it learns, every picture
of the run, and the list of runs. Needs MNIST; see CAPSVIZ_DATA. With --labs, the labs; that of two
digits needs a network that reads two.
"""

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path
from random import Random

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["CAPSVIZ_HOME"] = tempfile.mkdtemp()  # no one's own settings, and no one's own runs

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow, QToolButton, QWidget

from capsviz.data.drawing import Mark, on_canvas
from capsviz.data.overlay import sampled
from capsviz.data.samples import sample_digits
from capsviz.data.strokes import read_strokes
from capsviz.gui.app import make_application
from capsviz.gui.input.smoothing import smooth_line
from capsviz.gui.look.card import Card
from capsviz.gui.session import Session
from capsviz.gui.training import Training
from capsviz.gui.window import Window

atexit.register(shutil.rmtree, os.environ["CAPSVIZ_HOME"], ignore_errors=True)

ROOT = Path(__file__).resolve().parent.parent
DIGIT, PINNED = 3, (5, 8, 2, 3)
PAIR = 12  # seed of the pair that the lab is shown with
BUTTONS = {"over-iterations": "show-curve", "lengths": "show-lengths"}
DIALOG_MS = 15_000  # until the cost has been measured
EASE_MS = 700  # until nothing moves any more


def settle(session: Session) -> None:
    """Until every answer is on screen."""
    while session.model is None or not session.is_settled:
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 50)
    QTest.qWait(EASE_MS)


def draw(session: Session, digit: int = DIGIT) -> None:
    """A sample digit, stroke by stroke."""
    entries = read_strokes(ROOT / "resources" / "sample-strokes.jsonl")
    drawing = on_canvas(next(entry.drawing for entry in entries if entry.label == digit))
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
    for title in ("over-iterations", "lengths"):  # the last of them stays
        views.capsules.findChild(QToolButton, BUTTONS[title]).click()
        settle(window.session)
        card_of(views.capsules).grab().save(str(folder / f"{title}-{name}.png"))
    for dock in ("draw", "input", "samples"):
        window.docks[dock].grab().save(str(folder / f"{dock}-{name}.png"))


def card_of(view: QWidget) -> Card:
    """The card that a view stands on."""
    while not isinstance(view, Card):
        view = view.parentWidget()
    return view


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


def wait(milliseconds: int) -> None:
    """Let the program go on; unlike QTest's wait, this lets its threads work too."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def take_training(window: Window, folder: Path) -> None:
    """A run of the preset "minute" on pinned drawings, followed from its first steps on."""
    session, commands = window.session, window.actions_.training
    for digit in PINNED:
        session.clear()
        draw(session, digit)
        commands.pin()
    commands.new_run()
    dialog = window.findChild(QDialog, "new-run")
    wait(DIALOG_MS)
    if dialog.data.found.problem:
        raise SystemExit(dialog.data.found.problem)
    dialog.grab().save(str(folder / "new-run.png"))
    training = session.learning.training
    dialog.start.click()
    for share in (0.05, 0.25, 0.6, 1.0):
        while training.latest is None or not reaches(training, share):
            wait(50)
        wait(EASE_MS)
        window.grab().save(str(folder / f"learning-{share:.0%}.png".replace("%", "")))
    settle(session)
    take_run(window, folder)


def reaches(training: Training, share: float) -> bool:
    """Whether a run has come so far, or has ended."""
    return training.is_idle or training.latest.step >= share * training.latest.total_steps


def take_run(window: Window, folder: Path) -> None:
    """Every picture of the run, in both appearances, and the list of runs."""
    pages = window.views.training.pages
    for name in ("dark", "light"):
        window.looks.set_appearance(name)
        for index in range(pages.tabs.count()):
            pages.tabs.setCurrentIndex(index)
            wait(EASE_MS)
            title = pages.tabs.tabText(index).lower()
            window.docks["training"].grab().save(str(folder / f"run-{title}-{name}.png"))
        window.actions_.training.show_runs()
        runs = window.findChild(QDialog, "runs")
        wait(EASE_MS)
        runs.table.selectAll()
        wait(EASE_MS)
        runs.grab().save(str(folder / f"runs-{name}.png"))
        runs.close()


def take_lab(window: Window, folder: Path) -> None:
    """Two digits taken apart, in both appearances, with every place tried."""
    window.actions_.labs.two_digits()
    lab = window.findChild(QMainWindow, "two-digits-lab")
    lab.resize(1280, 720)
    settle_lab(lab)
    lab.study.composing.change(sampled(sample_digits(), Random(PAIR)), "sample")
    settle_lab(lab)
    lab.study.try_all()
    settle_lab(lab)
    for name in ("dark", "light"):
        window.looks.set_appearance(name)
        settle_lab(lab)
        lab.grab().save(str(folder / f"two-digits-{name}.png"))
    lab.close()


def settle_lab(lab: QMainWindow) -> None:
    """Until every answer of the lab is on screen."""
    study = lab.study
    while not study.is_settled:
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 50)
    if study.networks.model is None:
        raise SystemExit(lab.notice.text)
    QTest.qWait(EASE_MS)


def main() -> None:
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    folder = Path(words[0]) if words else ROOT / "resources" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    window = open_window(1440, 900)
    session = window.session
    if "--training" in sys.argv:
        take_training(window, folder)
        window.close()
        return
    if "--labs" in sys.argv:
        take_lab(window, folder)
        window.close()
        return
    draw(session)
    settle(session)
    for name in ("dark", "light"):
        window.looks.set_appearance(name)
        settle(session)
        window.grab().save(str(folder / f"window-{name}.png"))
        take_views(window, folder, name)
    window.close()


if __name__ == "__main__":
    main()
