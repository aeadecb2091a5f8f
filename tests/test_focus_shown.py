"""Wherever the keyboard is can be seen: what has the focus looks different without it."""

import pytest
from PySide6.QtCore import QDir, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QTabBar, QToolButton, QVBoxLayout, QWidget

from capsviz.gui.input.network_input import NetworkInput
from capsviz.gui.look.contrast import contrast
from capsviz.gui.look.style import style_sheet, switched_on
from capsviz.gui.look.theme import CONTRAST, DARK, GRID, LIGHT
from capsviz.gui.pose.controls import Controls
from capsviz.places import resources_folder


def tabs():
    made = QTabBar()
    for words in ("One", "Two"):
        made.addTab(words)
    return made


def button(kind, segment=False):
    made = kind()
    made.setText("Words")
    made.setCheckable(True)
    made.setProperty("segment", segment)
    return made


MADE = {
    "tabs": tabs,
    "tool button": lambda: button(QToolButton),
    "one of several": lambda: button(QToolButton, segment=True),
    "push button": lambda: button(QPushButton),
}


THEMES = pytest.mark.parametrize(
    "theme", [DARK, LIGHT, CONTRAST], ids=["dark", "light", "contrast"]
)


@THEMES
@pytest.mark.parametrize("checked", [False, True], ids=["plain", "checked"])
@pytest.mark.parametrize("kind", MADE)
def test_the_focus_is_seen(qtbot, theme, kind, checked):
    holder = QWidget()
    qtbot.addWidget(holder)
    holder.setStyleSheet(style_sheet(theme, GRID))
    part, other = MADE[kind](), QPushButton("Other")
    layout = QVBoxLayout(holder)
    for each in (part, other):
        each.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        layout.addWidget(each)
    if not isinstance(part, QTabBar):
        part.setChecked(checked)
    holder.show()
    qtbot.waitExposed(holder)
    holder.activateWindow()
    looks = []
    for each in (other, part):
        each.setFocus()
        QApplication.processEvents()
        assert each.hasFocus()
        looks.append(part.grab().toImage())
    assert looks[0] != looks[1]
    size = looks[0].size()
    places = [(x, y) for x in range(size.width()) for y in range(size.height())]
    changed = sum(looks[0].pixel(*place) != looks[1].pixel(*place) for place in places)
    assert changed >= size.width(), "more than a dot"


def ground(button):
    """The colour between a button's ring and its words."""
    return button.grab().toImage().pixelColor(QPoint(button.width() // 2, 3)).name()


@pytest.fixture
def dressed(qtbot):
    """The buttons of a pose and the network's input, and a function that gives them a theme."""
    holder, controls, seen = QWidget(), Controls(), NetworkInput()
    qtbot.addWidget(holder)
    layout = QVBoxLayout(holder)
    QDir.setSearchPaths("icons", [str(resources_folder() / "icons")])  # of ticks and arrows

    def show(theme):
        holder.setStyleSheet(style_sheet(theme, GRID))
        for widget in (controls, seen):
            layout.addWidget(widget)
            widget.set_theme(theme)
        controls.show_possible(pose=True, random=True)
        holder.show()
        qtbot.waitExposed(holder)
        holder.activateWindow()
        qtbot.waitUntil(holder.isActiveWindow)
        return controls, seen.findChild(QToolButton, "framed")

    return show


@THEMES
def test_what_is_on_is_told_by_its_ground_and_what_has_the_focus_is_not(dressed, theme):
    controls, framed = dressed(theme)
    for part in (controls.lock, controls.wide, framed):
        part.setChecked(True)
        assert ground(part) == switched_on(theme)
        part.setChecked(False)
        part.setFocus(Qt.FocusReason.TabFocusReason)
        assert part.hasFocus()
        assert ground(part) != switched_on(theme)
    assert contrast(theme.text, switched_on(theme)) >= 4.5
    assert contrast(switched_on(theme), theme.card) >= 1.5


def test_a_click_leaves_no_ring_and_tab_still_comes(dressed):
    controls, framed = dressed(DARK)
    for part in (controls.random, controls.animation, controls.lock, framed):
        QTest.mouseClick(part, Qt.MouseButton.LeftButton)
        assert not part.hasFocus()
        assert part.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert not framed.isChecked()
