"""The real window with larger text: nothing is cut off, out of reach, or off the screen."""

import pytest
from PySide6.QtCore import QRect, QSettings
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QSlider,
    QTabBar,
    QToolBar,
    QToolButton,
    QWidget,
)

from capsviz.gui.desktop.looks import take_zoom
from capsviz.gui.look import screens
from capsviz.gui.look.card import Scrolled
from capsviz.gui.look.contrast import contrast
from capsviz.gui.look.elided import Elided, Title, WholeLines
from capsviz.gui.look.more import More
from capsviz.gui.look.pages import Pages
from capsviz.gui.look.theme import ZOOMS, set_zoom, zoom
from capsviz.gui.routing.votes_legend import VotesLegend
from capsviz.gui.session import Session
from capsviz.gui.train.correction import Correction
from capsviz.gui.window import Window


@pytest.fixture
def start(qtbot, own_home):
    """A function that opens the window with this zoom in its settings."""
    made = []

    def open_it(remembered):
        (own_home / "settings.ini").write_text(f"[General]\nzoom={remembered}\n")
        session = Session()
        made.append(Window(session))
        qtbot.addWidget(made[-1])
        made[-1].show()
        made[-1].afterwards.finish()
        return made[-1]

    yield open_it
    for window in made:
        window.close()
        window.session.setParent(window)


def sizes(window):
    """Of the words in each part of the window, points."""
    parts = window, window.menuBar(), window.statusBar(), window.findChild(QToolBar, "tools")
    return [part.font().pointSizeF() for part in parts]


def test_a_zoom_is_remembered_by_every_part_of_the_window(qapp, start):
    usual = qapp.font().pointSizeF()
    window = start(1.5)
    assert sizes(window) == pytest.approx([1.5 * usual] * 4)
    assert zoom(qapp) == pytest.approx(1.5)


@pytest.mark.parametrize("edited", ["nan", "inf", "0", "-1", "1e9", "abc", "1,5"])
def test_what_is_no_zoom_leaves_text_as_it_is(qapp, own_home, edited):
    usual, file = qapp.font().pointSizeF(), own_home / "settings.ini"
    file.write_text(f"[General]\nzoom={edited}\n")
    take_zoom(QSettings(str(file), QSettings.Format.IniFormat))
    assert qapp.font().pointSizeF() == pytest.approx(usual)


class Screen:
    """One with a panel along its top edge."""

    def __init__(self, width, height):
        self._room = QRect(0, 30, width, height)

    def availableGeometry(self):  # noqa: N802
        return self._room

    def availableSize(self):  # noqa: N802
        return self._room.size()


@pytest.fixture
def on_screen(monkeypatch):
    """A function that puts every window on a screen with so much room."""

    def put(width, height):
        screen = Screen(width, height)
        monkeypatch.setattr(screens, "screen_under", lambda widget: screen)
        return screen.availableGeometry()

    return put


def zoom_in_to(window, factor):
    while zoom(QApplication.instance()) < factor - 0.01:
        window.looks.zoom_in()
        QApplication.processEvents()


def test_a_window_that_grows_with_its_text_stays_on_the_screen(start, on_screen):
    room = on_screen(1920, 1050)
    window = start(1)
    window.setGeometry(700, 400, 1280, 720)
    zoom_in_to(window, 2)
    assert room.contains(window.frameGeometry())
    window.setGeometry(100, 100, 1800, 900)
    window.looks.zoom_out()
    assert window.geometry().getRect() == (100, 100, 1800, 900), "it has all the room it needs"


@pytest.mark.parametrize("factor", [1.25, 1.5, 2.0])
def test_larger_text_leaves_the_window_within_a_small_screen(start, on_screen, factor):
    room = on_screen(1280, 690)
    window = start(factor)
    assert room.contains(window.frameGeometry().translated(room.topLeft()))


@pytest.mark.parametrize("factor", [1, 1.1, 1.25])
def test_slightly_larger_text_needs_no_scrolling_sideways(qtbot, start, on_screen, factor):
    on_screen(1280, 690)
    window = start(factor)
    window.resize(1280, 720)
    QApplication.processEvents()
    bars = [area.horizontalScrollBar() for area in window.findChildren(Scrolled)]
    assert len(bars) > 6
    assert [bar.maximum() for bar in bars] == [0] * len(bars)
    lock = window.findChild(QToolButton, "pose-lock")
    slider = window.findChild(QSlider, "routing-iteration")
    if factor > 1:  # words give way where they must, and come back
        window.resize(window.minimumSizeHint())
        QApplication.processEvents()
        assert lock.text() == "Lock"
        assert not slider.isVisible()
        window.resize(1700, 900)
    QApplication.processEvents()
    assert lock.text() == "Lock length"
    assert slider.isVisible()


@pytest.mark.parametrize(
    ("room", "size"),
    [
        ((1280, 720), (1272, 680)),  # what a frame leaves
        ((1366, 768), (1280, 720)),
        ((1920, 1080), (1536, 864)),
        ((3840, 2160), (1600, 1000)),
    ],
)
def test_a_first_window_leaves_room_for_its_frame_and_uses_more_of_a_large_screen(
    start, on_screen, room, size
):
    on_screen(*room)
    assert start(1).size().toTuple() == size


def colours_of(picture):
    return {
        picture.pixelColor(x, y).name()
        for x in range(picture.width())
        for y in range(picture.height())
    }


def tools_in(window, factor):
    """The tool bar of a window 1280 pixels wide, and which of its controls can be reached."""
    zoom_in_to(window, factor)
    window.resize(1280, window.height())
    QApplication.processEvents()
    bar = window.findChild(QToolBar, "tools")
    controls = [
        *(bar.widgetForAction(action) for action in bar.actions() if action.objectName()),
        *(bar.pen_size, bar.iterations, bar.models, bar.devices),
    ]
    return bar, [
        control.isVisible() and bar.rect().contains(control.geometry()) for control in controls
    ]


def test_every_tool_is_within_reach_however_large_its_words(start, on_screen):
    on_screen(1280, 720)
    window = start(1)
    for factor in (factor for factor in ZOOMS if factor >= 1):
        bar, reached = tools_in(window, factor)
        assert len(reached) == 11
        assert all(reached), factor
    assert not any(label.isVisible() for label in bar.findChildren(QLabel))
    window.looks.zoom_reset()
    QApplication.processEvents()
    assert all(label.isVisible() for label in bar.findChildren(QLabel)), "at the usual size"
    assert bar.pen_size.width() == 96
    _, reached = tools_in(start(2), 2)
    assert all(reached), "from the start"


def test_what_is_left_of_a_narrow_tool_bar_is_behind_an_arrow_that_can_be_seen(start):
    window = start(1)
    bar = window.findChild(QToolBar, "tools")
    bar.setMaximumWidth(300)
    window.resize(1280, 720)
    QApplication.processEvents()
    more = bar.findChild(QToolButton, "qt_toolbar_ext_button")
    assert more.isVisible()
    colours = colours_of(more.grab().toImage())
    assert max(contrast(colour, window.looks.theme.ground) for colour in colours) >= 3


def test_what_stands_in_cards_has_room_for_larger_letters(start):
    window = start(2)
    QApplication.processEvents()  # what was made after the first frame is laid out with the next
    parts = [
        *window.findChildren(Title),
        *window.findChildren(More),
        *window.views.correction.findChildren(QToolButton),
        window.findChild(QToolButton, "framed"),
    ]
    visible = [part for part in parts if part.isVisible()]
    assert len(visible) == 7 + 6 + 10 + 1
    for part in visible:
        assert part.height() >= part.fontMetrics().height(), part
    for part in visible[7:]:
        assert part.width() > part.fontMetrics().horizontalAdvance(part.text()), part
    whole = window.findChild(QToolButton, "framed")
    assert whole.height() == whole.sizeHint().height()


def test_titles_and_buttons_are_as_large_as_their_letters(qtbot):
    title, more, correction = (
        Title("Digit capsules"),
        More("Pose", Pages("Pose", {})),
        Correction(),
    )
    for widget in (title, more, correction):
        qtbot.addWidget(widget)
    digit = correction.findChild(QToolButton)
    for widget in (title, more, digit):
        large = QFont(widget.font())
        large.setPointSizeF(30)
        widget.setFont(large)
        letters = widget.fontMetrics()
        assert widget.minimumSizeHint().height() >= letters.height()
        if widget is not title:
            assert widget.minimumSizeHint().width() > letters.horizontalAdvance(widget.text())
    assert Title("Pose").minimumSizeHint().width() >= Title("Pose").sizeHint().width()
    assert title.minimumSizeHint().width() == 0


def test_the_iteration_is_told_whole_after_a_zoom(start):
    window = start(1)
    zoom_in_to(window, 2)
    words = window.views.routing.control.findChild(QLabel)
    words.setText("3 of 3")
    assert words.minimumWidth() >= words.fontMetrics().horizontalAdvance("3 of 3")


def test_numbers_of_the_votes_legend_are_whole(qapp, qtbot):
    try:
        set_zoom(qapp, 2)
        legend = VotesLegend()
        qtbot.addWidget(legend)
        legend.show_scale(10, 4)
        legend.resize(legend.sizeHint())
        legend.show()
        picture = legend.grab().toImage()
    finally:
        set_zoom(qapp, 1)
    edge = picture.copy(picture.width() - 2, 0, 2, picture.height())
    assert len(colours_of(picture)) > 2
    assert len(colours_of(edge)) == 1


def test_letters_of_the_usual_size_leave_buttons_as_small_as_they_were(start):
    window = start(1)
    digits = window.views.correction.findChildren(QToolButton)
    assert {digit.size().toTuple() for digit in digits} == {(16, 24)}
    assert {more.size().toTuple() for more in window.findChildren(More) if more.isVisible()} == {
        (32, 24)
    }


def test_of_the_words_beside_the_digits_as_many_are_seen_as_fit(qtbot):
    correction = Correction()
    qtbot.addWidget(correction)
    words, first = correction.findChild(QLabel), correction.findChild(QToolButton)
    whole = words.sizeHint().width()
    for lacking, seen in ((0, "No, it's a "), (4, "No: "), (whole, "")):
        correction.setFixedWidth(correction.sizeHint().width() - lacking)
        correction.show()
        QApplication.processEvents()
        assert words.shown == seen
        pixels = words.grab().toImage() if words.width() else None
        assert (pixels is not None and len(colours_of(pixels)) > 1) == bool(seen)
        assert first.width() == 16


@pytest.mark.parametrize("factor", [1.1, 1.25])
def test_with_larger_text_digits_are_not_without_a_word_and_training_is_whole(start, factor):
    window = start(factor)
    window.resize(1280, 720)
    training = window.docks["training"]
    training.show()
    training.raise_()
    QApplication.processEvents()
    assert window.views.correction.findChild(QLabel).shown.startswith("No")
    assert [area.horizontalScrollBar().maximum() for area in training.findChildren(Scrolled)] == [
        0
    ]
    tabs = training.findChild(QTabBar)
    assert tabs.rect().contains(tabs.tabRect(tabs.count() - 1))


def test_no_line_is_cut_through(qtbot):
    label = WholeLines("Mass per\ndigit, in %\n±0.0023/px")
    qtbot.addWidget(label)
    line = label.fontMetrics().lineSpacing()
    for room, count in ((3 * line, 3), (3 * line - 1, 2), (line, 1), (1, 1)):
        label.resize(200, room)
        assert label.shown.splitlines() == label.text().splitlines()[:count]
    label.resize(200, 2 * line)
    two = label.grab().toImage()
    label.setText("Mass per\ndigit, in %")
    assert label.grab().toImage() == two


def test_words_that_do_not_fit_are_told_to_who_points_at_them(qtbot):
    label = Elided("type 23, row 6, column 4")
    qtbot.addWidget(label)
    label.show()
    whole = label.sizeHint()
    for width, tip in ((whole.width() // 2, label.text()), (whole.width(), "")):
        label.resize(width, whole.height())
        label.grab()
        assert label.toolTip() == tip
    label.setToolTip("something else")
    label.resize(whole.width() // 2, whole.height())
    label.grab()
    assert label.toolTip() == "something else"


def test_where_a_capsule_stands_is_cut_by_no_edge(start):
    window = start(1.25)
    page = window.views.routing.pages.view("Calculation")
    assert isinstance(page.where, Elided)


@pytest.mark.parametrize("factor", ZOOMS)
def test_words_that_give_way_come_to_rest_at_every_width(qtbot, start, factor):
    window = start(factor)
    for part in (window.views.pose.controls, window.views.routing):
        holder = QWidget()
        qtbot.addWidget(holder)
        part.setParent(holder)
        part.show()
        holder.show()
        least = part.minimumSizeHint().width()
        for width in range(least, least + 90):
            part.resize(width, 200)
            seen = []
            for _ in range(6):
                QApplication.processEvents()
                seen.append((part.minimumSizeHint().width(), _looks(part)))
            assert len(set(seen[2:])) == 1, width
            assert seen[-1][0] == least or part is window.views.routing, width
        part.setParent(window)


def _looks(part):
    buttons = [button.text() for button in part.findChildren(QToolButton)]
    return (*buttons, *[slider.isHidden() for slider in part.findChildren(QSlider)])
