"""What a start imports and makes, in which order, and what it must not."""

import gc
import os
import subprocess
import sys

import pytest
from PySide6.QtCore import QCoreApplication, QPoint
from PySide6.QtWidgets import QWidget

from capsviz.data.drawing import Drawing, Mark
from capsviz.data.sessions import SavedSession, write_session
from capsviz.gui.afterwards import Afterwards
from capsviz.gui.app import Beginning
from capsviz.gui.awaited import Paintings
from capsviz.gui.input.sample_model import SampleModel
from capsviz.gui.session import Session
from capsviz.gui.window import Window
from capsviz.starting import settle
from tests.qt import THREE, draw_and_settle
from tests.qt import settle as settle_session

ANSWER = """
import sys
from capsviz.explore.explain import explain
from capsviz.explore.models import load_model
from capsviz.explore.sweep import sweep
import numpy as np
network = load_model(sys.argv[1], "cpu").network
answer = explain(network, np.zeros((28, 28), np.float32))
sweep(network, answer.poses[-1, 0], 0)
slow = {"torchvision", "torch._dynamo", "torch._inductor", "PIL", "rich", "matplotlib"}
print(sorted(slow & set(sys.modules)))
"""

FRAME = """
import sys
from capsviz.starting import hasten
hasten()
from capsviz.gui.app import make_application
from capsviz.gui.session import Session
from capsviz.gui.window import Window
application, session = make_application(), Session()
window = Window(session)
window.show()
window.grab()
unseen = [
    *("torch", "pyqtgraph", "PIL", "msgspec", "typer", "rich", "csv"),
    *("capsviz.gui.learning", "capsviz.gui.training_work", "capsviz.gui.training_wiring"),
    *("capsviz.gui.train.panel", "capsviz.gui.desktop.training", "capsviz.gui.saving"),
    *("capsviz.gui.desktop.palette", "capsviz.gui.desktop.about", "capsviz.gui.look.export"),
    *("capsviz.gui.desktop.key_table", "capsviz.gui.desktop.guide"),
    *("capsviz.gui.routing.votes", "capsviz.gui.routing.agreement"),
    *("capsviz.gui.routing.calculation", "capsviz.gui.pose.wheel", "capsviz.gui.pose.sweep"),
]
print([name for name in unseen if name in sys.modules])
from PySide6 import QtWidgets
from capsviz.data.samples import sample_digits
print({"QStyle", "QCalendarWidget"} & set(vars(QtWidgets)), sample_digits.cache_info().currsize)
window.close()
"""

COMMAND = """
import sys
sys.argv = ["capsviz"]
from capsviz.__main__ import main
from capsviz.gui import app
app.run_window = lambda *words: print(words) or 0
try:
    main()
finally:
    print(sorted({"typer", "rich", "torch"} & set(sys.modules)))
"""

NAMES = (
    *("window", "canvas", "network-input", "lengths", "prediction", "routing-iteration"),
    *("coupling", "votes", "agreement", "reconstruction", "sample-picker", "device-picker"),
    *("model-picker", "routing-iterations", "training-progress", "training-curves"),
    *(f"pose-slider-{dimension}" for dimension in range(16)),
)


def run(code, *words):
    command = (sys.executable, "-c", code, *words)
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.split("\n")


def test_the_first_answer_imports_nothing_slow_that_it_does_not_need(tiny_file):
    assert run(ANSWER, str(tiny_file))[0] == "[]"


def test_the_first_frame_imports_nothing_that_it_does_not_show(own_home):
    assert run(FRAME)[:2] == ["[]", "set() 0"]


def test_the_application_is_born_in_its_style(own_home):
    code = (
        "from capsviz.gui.app import make_application\n"
        "application = make_application()\nprint(application.style().name())"
    )
    assert run(code)[0] == "fusion"


def test_without_a_command_line_none_is_read():
    assert run(COMMAND)[:2] == ["(None, None, None)", "[]"]


def test_a_hastened_start_leaves_no_trace_in_the_environment():
    code = (
        "import gc, os\nfrom capsviz.starting import hasten\n"
        "hasten()\nprint(gc.isenabled(), os.environ.get('OPENBLAS_NUM_THREADS'))"
    )
    kept = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    for before, after in ((None, "None"), ("2", "2")):
        given = {} if before is None else {"OPENBLAS_NUM_THREADS": before}
        command = (sys.executable, "-c", code)
        done = subprocess.run(command, capture_output=True, text=True, env=kept | given)
        assert done.stdout.strip() == f"False {after}", done.stderr


def test_a_start_that_is_over_lets_garbage_be_collected_again():
    gc.disable()
    settle()
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0
    gc.unfreeze()


def test_later_nothing_more_is_left_out_of_the_search():
    before = gc.get_freeze_count()
    settle()
    assert gc.isenabled()
    assert gc.get_freeze_count() == before


@pytest.mark.parametrize("name", ["tiny", "nosuch"])
def test_garbage_is_collected_again_once_torch_is_there(name, tiny_file, own_home):
    """Whatever becomes of the network, in a process where torch has not been imported."""
    code = (
        "import gc, sys\nfrom capsviz.starting import hasten\nhasten()\n"
        "from capsviz.gui.work import LoadRequest, load\n"
        "try:\n    load(LoadRequest(sys.argv[1], 'cpu'))\nexcept Exception:\n    print('failed')\n"
        "print(gc.isenabled(), gc.get_freeze_count() > 100_000)"
    )
    told = run(code, str(tiny_file) if name == "tiny" else name)
    assert told[-2] == "True True"
    assert ("failed" in told) == (name == "nosuch")


@pytest.fixture
def begun(qtbot, own_home):
    """A window on screen of which only what its first frame shows has been made."""
    session = Session()
    made = Window(session)
    made.removeEventFilter(made.afterwards)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.close()
    session.setParent(made)


def places(window):
    """Where every widget stands that can be seen, by the widget."""
    return {
        widget: (widget.mapTo(window, QPoint(0, 0)), widget.size())
        for widget in window.findChildren(QWidget)
        if widget.isVisible()
    }


def test_the_rest_is_made_after_the_first_frame(qtbot, bare_window, own_home):
    session = Session()
    made = Window(session)
    qtbot.addWidget(made)
    assert made.views.routing.pages.unmade == ("Votes", "Agreement", "Calculation")
    assert "training" not in vars(made.views)
    with qtbot.waitSignals([made.afterwards.begun, made.afterwards.done], timeout=20_000):
        made.show()
    assert not any(pages.unmade for pages in made.views.paged)
    assert made.docks["training"].isAncestorOf(made.views.training)
    made.close()
    session.setParent(made)


def test_a_window_that_closes_leaves_the_rest_unmade(qtbot, own_home):
    session = Session()
    made = Window(session)
    qtbot.addWidget(made)
    loads = []
    made.afterwards.begun.connect(lambda: made.close())
    made.afterwards.done.connect(lambda: loads.append("all"))
    with qtbot.waitSignal(made.afterwards.begun, timeout=20_000):
        made.show()
    QCoreApplication.processEvents()
    assert made.views.routing.pages.unmade == ("Votes", "Agreement", "Calculation")
    assert not loads
    session.setParent(made)


def test_a_window_closed_before_its_first_frame_begins_nothing(qtbot):
    window, begun = QWidget(), []
    qtbot.addWidget(window)
    rest = Afterwards(iter(()), window)
    rest.begun.connect(lambda: begun.append(1))
    window.show()
    rest.stop()
    window.grab()
    QCoreApplication.processEvents()
    QCoreApplication.processEvents()
    assert not begun


def test_all_that_tests_and_assistive_tools_rely_on_is_there_then(begun):
    begun.afterwards.finish()
    missing = {
        name
        for name in NAMES
        if begun.objectName() != name and begun.findChild(QWidget, name) is None
    }
    assert not missing


def test_the_sample_digits_come_after_the_first_frame(qtbot, begun):
    samples = begun.views.samples
    assert samples.list.samples.rowCount() == 0
    samples.show_label(4)
    begun.afterwards.finish()
    assert samples.list.samples.rowCount() == 200
    samples.show_label(None)
    assert samples.list.samples.rowCount() == 2000


def test_sample_digits_that_cannot_be_read_leave_the_rest(qtbot, begun, monkeypatch):
    def fail():
        raise ValueError("no zip")

    monkeypatch.setattr("capsviz.gui.input.sample_model.sample_digits", fail)
    said = []
    begun.session.noticed.connect(said.append)
    begun.afterwards.finish()
    assert "sample digits cannot be read (no zip)" in said[0]
    assert "training" in vars(begun.views)


def test_nothing_on_screen_moves_when_the_rest_is_made(qtbot, begun):
    begun.resize(1280, 720)
    begun.grab()
    before = places(begun)
    begun.afterwards.finish()
    begun.grab()
    after = places(begun)
    assert before
    assert {widget for widget in before if before[widget] != after.get(widget)} == set()


def test_a_page_made_late_is_told_what_it_missed(qtbot, begun, tiny_file):
    with qtbot.waitSignal(begun.session.model_changed, timeout=20_000):
        begun.session.load_model("tiny", "cpu")
    draw_and_settle(qtbot, begun)
    begun.session.posing.pin(4)
    begun.session.playhead.scrub(2)
    begun.session.point_at(5)
    answer, views = begun.session.explanation, begun.views
    assert views.votes.explanation is answer
    assert (views.votes.iteration_of(answer), views.votes.digit_of(answer)) == (2, 4)
    assert views.calculation.capsule_of(answer) == 5
    assert views.wheel._explanation is answer
    assert views.wheel._pinned == 4
    assert views.votes.theme is views.wheel.theme is begun.looks.theme


def test_a_session_can_be_told_of_at_the_start(qtbot, begun, tiny_file, tmp_path):
    kept = SavedSession(Drawing((Mark(tuple(THREE)),)), model="tiny", iterations=5, pinned=4)
    write_session(tmp_path / "kept.capsviz.json", kept)
    Beginning(begun, "tiny", tmp_path / "kept.capsviz.json")
    session = begun.session
    with qtbot.waitSignal(session.model_changed, timeout=20_000):
        begun.afterwards.begun.emit()
    settle_session(qtbot, session)
    assert session.scene.drawing == kept.drawing
    assert (session.iterations, session.posing.pinned) == (5, 4)


def test_qt_counts_the_samples_itself():
    """A list that lays itself out asks for their number twice a row, some ten times a start."""
    assert "rowCount" not in vars(SampleModel)


def test_the_lengths_are_painted_before_other_views_draw(qtbot, window, monkeypatch):
    draw_and_settle(qtbot, window)
    lengths, seen = Paintings(window.views.capsules.picture), []
    show = window.views.coupling.show_explanation

    def note_and_show(explanation):
        seen.append(lengths.latest)
        show(explanation)

    monkeypatch.setattr(window.views.coupling, "show_explanation", note_and_show)
    draw_and_settle(qtbot, window, [(6, 20), (20, 22)])
    assert seen
    assert seen[-1] > 0
