"""Whatever a card shows can be had: its picture and its numbers, whole or not at all."""

import csv
import re
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QColor, QFontMetrics, QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLabel, QScrollBar, QToolButton, QWidget

from capsviz.files import CapsvizError
from capsviz.gui.look.card import card, dock
from capsviz.gui.look.export import copy_picture, picture_of, save_numbers, save_picture
from capsviz.gui.look.more import More
from capsviz.gui.look.theme import GRID, LIGHT, SMALL, font
from capsviz.gui.look.view import Table, View

MARK = QColor("#ce4c37")
TABLE = Table(("digit", "length"), ((3, 0.875), ("a, b", -1.5)))


class Marked(View):
    """A view of 120 × 80 with a rectangle of one colour and a word."""

    def __init__(self, numbers=TABLE):
        super().__init__("Marked view")
        self.setFixedSize(120, 80)
        self.numbers = numbers

    def draw(self):
        self.update()

    def summary(self):
        return "one mark & a word"

    def table(self):
        return self.numbers

    def paintEvent(self, _event):
        painter = QPainter(self)
        painter.fillRect(10, 10, 30, 20, MARK)
        painter.drawText(60, 40, "word")


@pytest.fixture
def view(qtbot):
    made = Marked()
    made.set_theme(LIGHT)
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def offered(qtbot):
    """A card with a view on it, and the card's menu."""
    made = card("Digit capsules", Marked())
    qtbot.addWidget(made)
    made.show()
    return made, made.findChild(More)


def choose(more, text):
    menu = more.menu()
    menu.aboutToShow.emit()
    action = next(action for action in menu.actions() if action.text() == text)
    action.trigger()
    return action


def test_a_png_is_twice_as_fine_on_the_card_s_ground(view, tmp_path):
    path = tmp_path / "a" / "picture.PNG"
    save_picture(view, path)
    image = QImage(str(path))
    assert (image.width(), image.height()) == (2 * (120 + 32), 2 * (80 + 32))
    assert image.pixelColor(0, 0).name() == LIGHT.card
    assert image.pixelColor(2 * (16 + 20), 2 * (16 + 20)) == MARK
    assert not image.hasAlphaChannel()


def test_an_svg_is_a_drawing_with_words(view, tmp_path):
    path = tmp_path / "picture.svg"
    save_picture(view, path)
    root = ElementTree.fromstring(path.read_bytes())
    assert root.get("viewBox") == "0 0 152 112"
    text = path.read_text(encoding="utf-8")
    assert "Marked view" in text
    assert "one mark &amp; a word" in text
    assert "<image" not in text, "it is drawn, not photographed"
    shown = QImage(152, 112, QImage.Format.Format_RGB32)
    painter = QPainter(shown)
    renderer = QSvgRenderer(QByteArray(path.read_bytes()))
    renderer.render(painter)
    painter.end()
    assert shown.pixelColor(1, 1).name() == LIGHT.card
    assert shown.pixelColor(16 + 20, 16 + 20) == MARK


def test_a_picture_is_without_scroll_bars(qtbot, view):
    bar = QScrollBar(Qt.Orientation.Vertical, view)
    bar.setGeometry(100, 0, 20, 80)
    bar.show()
    image = picture_of(view)
    seen = {image.pixelColor(2 * (16 + 110), 2 * (16 + y)).name() for y in range(80)}
    assert seen == {LIGHT.card}


class Captioned(Marked):
    caption = "Of digit capsule 3, in as many words as two lines of it take at least"


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_a_caption_stands_above_the_picture(qtbot, tmp_path, suffix):
    view, path = Captioned(), tmp_path / f"captioned{suffix}"
    qtbot.addWidget(view)
    view.set_theme(LIGHT)
    view.resize(120, 80)
    view.show()
    save_picture(view, path)
    if suffix == ".pdf":
        box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", path.read_bytes())
        assert float(box.group(2)) > 112 * 0.75 + 20
        return
    if suffix == ".svg":
        assert "digit capsule 3" in path.read_text(encoding="utf-8")
        return
    image = QImage(str(path))
    scale = image.width() / 152
    above = image.height() / scale - 112
    assert above > 2 * QFontMetrics(font(SMALL)).height()
    assert image.pixelColor(int(scale * (16 + 20)), int(scale * (16 + above + 20))) == MARK
    words = image.copy(0, int(scale * 16), image.width(), int(scale * above))
    colours = {words.pixel(x, y) for x in range(words.width()) for y in range(words.height())}
    assert len(colours) > 5, "letters, with soft edges"


def test_a_pdf_is_one_page_of_the_view_s_size(view, tmp_path):
    path = tmp_path / "picture.pdf"
    save_picture(view, path)
    content = path.read_bytes()
    assert content.startswith(b"%PDF-")
    assert content.rstrip().endswith(b"%%EOF")
    assert content.count(b"/MediaBox") == 1
    width, height = (
        float(number)
        for number in re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", content).groups()
    )
    assert (width, height) == pytest.approx((152 * 0.75, 112 * 0.75), abs=1), "in points"
    assert b"/Font" in content, "words stay words"


def test_another_ending_is_refused_with_the_ones_there_are(view, tmp_path):
    with pytest.raises(CapsvizError, match=r"\.png, \.svg, \.pdf.*please") as raised:
        save_picture(view, tmp_path / "picture.bmp")
    assert "picture.bmp" in str(raised.value)
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_written_is_said_in_one_sentence(view, tmp_path, assert_clear):
    (tmp_path / "file").write_text("")
    for name in ("picture.png", "picture.svg", "picture.pdf"):
        path = tmp_path / "file" / name
        with pytest.raises(CapsvizError) as raised:
            save_picture(view, path)
        assert_clear(raised.value, path)


def test_numbers_are_comma_separated_and_quoted_where_needed(tmp_path):
    path = tmp_path / "numbers.csv"
    save_numbers(TABLE, path)
    assert path.read_bytes() == b'digit,length\n3,0.875\n"a, b",-1.5\n'
    with path.open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file))[2] == ["a, b", "-1.5"]


def test_a_copied_picture_is_on_the_clipboard(view):
    copy_picture(view)
    image = QGuiApplication.clipboard().image()
    assert (image.width(), image.height()) == (304, 224)
    assert image.pixelColor(0, 0).name() == LIGHT.card


def test_only_a_view_s_card_offers_its_picture(qtbot, offered):
    made, more = offered
    assert more.accessibleName() == "Digit capsules: copy and save"
    plain = card("Plain", QLabel("no view"))
    qtbot.addWidget(plain)
    assert plain.findChild(More) is None
    inside = QWidget()
    wrapped = card("Wrapped", inside, offered=made.findChild(View))
    qtbot.addWidget(wrapped)
    assert wrapped.findChild(More) is not None


def test_a_dock_offers_the_same(qtbot):
    made = dock("marked", "Marked", Marked())
    qtbot.addWidget(made)
    assert made.objectName() == "dock-marked"
    assert made.titleBarWidget().findChild(More) is not None


def test_a_header_holds_more_controls_before_its_menu(qtbot, offered):
    made, more = offered
    button = QToolButton()
    made.header.add_widget(button)
    qtbot.waitUntil(lambda: 0 < button.x() < more.x())


@pytest.mark.qt_log_ignore("This plugin does not support")  # says the offscreen platform of menus
def test_the_menu_is_opened_by_keyboard(qtbot, offered):
    _, more = offered
    assert more.focusPolicy() & Qt.FocusPolicy.TabFocus
    opened = []
    more.menu().aboutToShow.connect(lambda: opened.append(True))
    more.menu().aboutToShow.connect(more.menu().close, Qt.ConnectionType.QueuedConnection)
    more.setFocus()
    QTest.keyClick(more, Qt.Key.Key_Space)
    assert opened


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_a_picture_is_saved_where_the_person_says(qtbot, offered, tmp_path, suffix):
    made, more = offered
    choose(more, "Save picture…")
    dialog = more.findChild(QFileDialog)
    assert dialog.selectedFiles()[0].endswith("digit-capsules.png")
    dialog.setDirectory(str(tmp_path))
    kind = next(kind for kind in dialog.nameFilters() if f"*.{suffix}" in kind)
    dialog.selectNameFilter(kind)
    dialog.filterSelected.emit(kind)
    with qtbot.waitSignal(made.header.noticed) as said:
        dialog.accept()
    assert said.args == [f"Saved as {tmp_path / f'digit-capsules.{suffix}'}."]
    assert (tmp_path / f"digit-capsules.{suffix}").stat().st_size > 100


def test_numbers_are_saved_where_the_person_says(qtbot, offered, tmp_path):
    made, more = offered
    choose(more, "Save numbers…")
    dialog = more.findChild(QFileDialog)
    dialog.selectFile(str(tmp_path / "mine"))
    with qtbot.waitSignal(made.header.noticed) as said:
        dialog.accept()
    assert said.args == [f"Saved as {tmp_path / 'mine.csv'}."]
    assert (tmp_path / "mine.csv").read_text().startswith("digit,length")


def test_numbers_that_are_not_there_cannot_be_saved(offered):
    made, more = offered
    made.findChild(View).numbers = None
    more.menu().aboutToShow.emit()
    numbers = more.menu().actions()[-1]
    assert not numbers.isEnabled()
    assert numbers.toolTip() == "There are no numbers yet"


def test_numbers_that_went_while_the_dialog_was_open_are_told_of(qtbot, offered, tmp_path):
    made, more = offered
    choose(more, "Save numbers…")
    made.findChild(View).numbers = None
    dialog = more.findChild(QFileDialog)
    dialog.selectFile(str(tmp_path / "mine"))
    with qtbot.waitSignal(made.header.noticed) as said:
        dialog.accept()
    assert "no numbers" in said.args[0]


def test_a_failure_reaches_the_header(qtbot, offered, tmp_path):
    made, more = offered
    (tmp_path / "folder.png").mkdir()
    with qtbot.waitSignal(made.header.noticed) as said:
        more._save_picture(str(tmp_path / "folder.png"))
    assert "folder.png" in said.args[0]
    with qtbot.waitSignal(made.header.noticed) as said:
        more._save_numbers(str(tmp_path / "folder.png"))
    assert "folder.png" in said.args[0]


def test_copying_from_the_menu(offered):
    _, more = offered
    QGuiApplication.clipboard().clear()
    choose(more, "Copy picture")
    assert not QGuiApplication.clipboard().image().isNull()


@pytest.mark.parametrize("suffix", [".png", ".svg"])
def test_what_is_only_there_to_be_pressed_is_not_in_the_picture(view, tmp_path, suffix):
    button, word = QToolButton(view), QLabel("█", view)
    button.setStyleSheet("background: #00ff00; border: 0;")
    word.setStyleSheet("background: #0000ff;")
    button.setGeometry(50, 50, 30, 20)
    word.setGeometry(90, 50, 20, 20)
    for part in (button, word):
        part.show()
    save_picture(view, tmp_path / f"view{suffix}")
    picture = QImage(view.width() + 4 * GRID, view.height() + 4 * GRID, QImage.Format.Format_RGB32)
    painter = QPainter(picture)
    if suffix == ".svg":
        QSvgRenderer(str(tmp_path / "view.svg")).render(painter)
    else:
        painter.drawImage(picture.rect(), QImage(str(tmp_path / "view.png")))
    painter.end()
    at = 2 * GRID
    assert picture.pixelColor(at + 65, at + 60) == QColor(view.theme.card)
    assert picture.pixelColor(at + 91, at + 51).blue() > 200
    assert picture.pixelColor(at + 20, at + 20).red() > 180
