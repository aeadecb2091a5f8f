"""How to read the window: every card is explained, in the theme's colours, beside the window."""

import re

import numpy as np
import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QToolButton, QTreeWidget

from capsviz.explore.answers import SEEN
from capsviz.explore.describe import STEP
from capsviz.explore.explain import explain
from capsviz.explore.models import load_model
from capsviz.explore.sweep import OFFSETS
from capsviz.gui.desktop.guide import Guide
from capsviz.gui.desktop.menus import entries
from capsviz.gui.desktop.palette import Palette
from capsviz.gui.look.elided import Title
from capsviz.gui.look.theme import CONTRAST, DARK, LIGHT
from capsviz.network import CapsNetConfig
from capsviz.places import resources_folder
from capsviz.training.settings import TrainingSettings

TITLE = "How to read this window"


@pytest.fixture
def guide(qtbot, bare_window):
    bare_window.findChild(QAction, "action-guide").trigger()
    opened = bare_window.findChild(Guide)
    qtbot.waitExposed(opened)
    QApplication.processEvents()  # the page is laid out for the size that it is shown in
    return opened


def blocks(guide):
    """Every paragraph, heading and line of a list."""
    document = guide.page.document()
    return [document.findBlockByNumber(number) for number in range(document.blockCount())]


def headings(guide):
    return [block.text() for block in blocks(guide) if block.blockFormat().headingLevel() == 2]


def bold():
    """Words that stand out, as the names of pages do."""
    html = (resources_folder() / "docs" / "how-to-read.html").read_text("utf-8")
    return [" ".join(words.split()) for words in re.findall("<b>([^<]+)</b>", html)]


def colour_of(block):
    fragment = block.begin().fragment()
    return fragment.charFormat().foreground().color().name()


def test_menu_and_palette_lead_to_it(bare_window):
    found = {entry.action.text(): entry.path for entry in entries(bare_window.menuBar())}
    assert found[TITLE] == "Help"
    assert bare_window.findChild(Guide) is None, "made only when it is asked for"
    bare_window.findChild(QAction, "action-palette").trigger()
    palette = bare_window.findChild(Palette)
    QTest.keyClicks(palette.findChild(QLineEdit), "how read")
    assert palette.findChild(QTreeWidget).topLevelItem(0).text(0) == TITLE
    QTest.keyClick(palette.findChild(QLineEdit), Qt.Key.Key_Return)
    assert bare_window.findChild(Guide).isVisible()


def test_it_stands_beside_the_window_and_is_one(bare_window, guide):
    assert guide.isVisible()
    assert not guide.isModal()
    assert guide.windowTitle() == guide.page.accessibleName() == TITLE
    guide.page.verticalScrollBar().setValue(300)
    bare_window.findChild(QAction, "action-guide").trigger()
    QTest.keyClick(guide.page, Qt.Key.Key_Escape)
    assert not guide.isVisible()
    bare_window.findChild(QAction, "action-guide").trigger()
    assert bare_window.findChildren(Guide) == [guide]
    assert guide.isVisible()
    assert guide.page.verticalScrollBar().value() == 300, "where one read"


def test_every_card_has_a_section_in_the_order_of_the_window(bare_window, guide):
    first, *cards = headings(guide)
    assert first == "A digit's way through the network"
    shown = [title for card in bare_window._cards() for title in card.findChildren(Title)]
    assert cards == [*(title.text() for title in shown), "Two digits"]


def test_every_page_of_a_card_is_told_of(bare_window):
    views = bare_window.views
    tabs = [pages.tabs for pages in (*views.paged, views.training.pages)]
    pages = [bar.tabText(number) for bar in tabs for number in range(bar.count())]
    switch = [
        views.capsules.findChild(QToolButton, f"show-{name}") for name in ("lengths", "curve")
    ]
    assert {*pages, *(button.text() for button in switch)} <= set(bold())


def test_links_above_lead_to_every_section(guide):
    page, bar = guide.page, guide.page.verticalScrollBar()
    links = re.findall(r'href="#([\w-]+)"', page.toHtml())
    assert len(links) == len(headings(guide))
    places = []
    for link in links:
        page.setSource(QUrl(f"#{link}"))
        places.append(bar.value())
    assert places == sorted(places)
    assert len(set(places)) >= len(places) - 2, "the last ones stand at the foot together"


def test_the_keyboard_scrolls(guide):
    bar = guide.page.verticalScrollBar()
    assert guide.page.hasFocus()
    for key, way in ((Qt.Key.Key_PageDown, 1), (Qt.Key.Key_Down, 1), (Qt.Key.Key_PageUp, -1)):
        before = bar.value()
        QTest.keyClick(guide.page, key)
        assert (bar.value() - before) * way > 0
    QTest.keyClick(guide.page, Qt.Key.Key_End)
    assert bar.value() == bar.maximum()
    QTest.keyClick(guide.page, Qt.Key.Key_Home)
    assert bar.value() == bar.minimum()


@pytest.mark.parametrize("theme", [DARK, LIGHT, CONTRAST], ids=["dark", "light", "contrast"])
def test_it_wears_every_theme(bare_window, guide, theme):
    names = {DARK: "dark", LIGHT: "light", CONTRAST: "contrast"}
    bare_window.looks.set_appearance(names[theme])
    links, *others = blocks(guide)
    assert colour_of(links) == theme.accent
    assert {colour_of(block) for block in others if block.text()} == {theme.text}
    ground = guide.page.viewport().grab().toImage().pixelColor(4, 20)
    assert ground.name() == theme.card


def test_text_grows_with_the_window_s_and_breaks_its_lines(bare_window, guide):
    bar = guide.page.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    usual = guide.page.document().defaultFont().pointSizeF()
    QTest.keyClick(guide, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)  # while it is read
    for _ in range(5):
        bare_window.looks.zoom_in()
    assert guide.page.document().defaultFont().pointSizeF() == pytest.approx(2 * usual)
    assert guide.page.horizontalScrollBar().maximum() == 0
    assert bar.value() / bar.maximum() == pytest.approx(0.5, abs=0.05), "about where one read"
    bare_window.looks.zoom_reset()


def test_its_numbers_are_those_of_the_program(guide):
    told = guide.page.toPlainText()
    config, settings = CapsNetConfig(), TrainingSettings()
    assert f"Conv1 lays {config.conv_channels} filters" in told
    assert f"into {config.primary_capsules} primary capsules, {config.primary_types} types" in told
    assert f"vector u of {config.primary_dim} numbers" in told
    assert f"its {config.digit_dim} numbers tell" in told
    assert f"usually {config.routing_iterations}," in told
    assert f"m⁺ = {settings.m_plus}" in told
    assert f"m⁻ = {settings.m_minus}" in told
    assert f"weight {settings.reconstruction_weight}" in told
    assert f"at least {SEEN} long" in told
    assert f"moving it by {STEP} either way" in told
    assert f"by −{OFFSETS[-1]} to {OFFSETS[-1]} in steps of {OFFSETS[6]}" in told


def test_what_it_says_of_couplings_is_true_of_the_shipped_network():
    with np.load(resources_folder() / "mnist-sample.npz", allow_pickle=False) as samples:
        images = samples["images"][:3].astype(np.float32) / 255
    network = load_model("digits").network
    answers = [explain(network, image) for image in images]
    for answer in answers:
        couplings = answer.couplings[-1]
        assert (abs(couplings - 0.1) < 0.02).mean() > 0.98, "nearly all stay near 1/10"
        votes = np.linalg.norm(answer.votes, axis=-1)
        assert (votes < 0.5).mean() > 0.98, "most votes are short"
    assert max(answer.couplings.max() for answer in answers) > 0.9, "a few come close to 1"
