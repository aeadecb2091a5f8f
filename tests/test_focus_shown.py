"""Wherever the keyboard is can be seen: what has the focus looks different without it."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton, QTabBar, QToolButton, QVBoxLayout, QWidget

from capsviz.gui.look.style import style_sheet
from capsviz.gui.look.theme import CONTRAST, DARK, GRID, LIGHT


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


@pytest.mark.parametrize("theme", [DARK, LIGHT, CONTRAST], ids=["dark", "light", "contrast"])
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
