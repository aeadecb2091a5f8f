"""Which screen a widget is on, how much of it views may have, and how a window stays on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QGuiApplication

from capsviz.gui.look.theme import BODY, GRID, font, is_enlarged

if TYPE_CHECKING:
    from PySide6.QtGui import QScreen
    from PySide6.QtWidgets import QWidget

_SMALLEST = QSize(1280, 720)  # of the screens on which nothing scrolls with text of usual size
_FRAME = QSize(GRID, 5 * GRID)  # of a window that is not on screen yet: nobody can say
_AMPLE, _SHARE = QSize(1600, 1000), 0.8  # of a window, at most, on a screen that has more room
_LINES = 9  # of text above, below and between the views of a column: bars, titles, first steps
_GAPS = QSize(22 * GRID, 13 * GRID)  # margins and separators beside and between them


def screen_under(widget: QWidget) -> QScreen:
    """The screen that the widget's middle is on.

    Not `widget.screen()`: PySide makes what that returns the widget's own, and the screen is
    destroyed when the widget's wrapper is collected.
    """
    middle = widget.mapToGlobal(widget.rect().center())
    return QGuiApplication.screenAt(middle) or QGuiApplication.primaryScreen()


def room_for_views(widget: QWidget) -> QSize:
    """What all views together may ask for; of larger text, what bars and titles of that size
    leave of the screen that the widget is on.
    """
    screen = screen_under(widget).availableSize().expandedTo(_SMALLEST)
    if not is_enlarged():
        return screen
    return screen - _GAPS - QSize(0, _LINES * QFontMetrics(font(BODY)).height())


def first_size(window: QWidget) -> QSize:
    """The size of a window that is about to be shown for the first time: its own, or more of a
    large screen, or what a frame leaves of a screen that is hardly larger, as far as the window
    can be so small.
    """
    least = window.minimumSize()
    screen = screen_under(window).availableSize()
    own = window.size().expandedTo((screen * _SHARE).boundedTo(_AMPLE))
    most = (screen - _FRAME).expandedTo(least)
    return QSize(
        min(own.width(), most.width()) if least.width() <= screen.width() else own.width(),
        min(own.height(), most.height()) if least.height() <= screen.height() else own.height(),
    )


def bring_up(window: QWidget) -> None:
    """Show a window in front of the others, even if it was minimized."""
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.show()
    window.activateWindow()


def keep_on_screen(window: QWidget, size: QSize) -> None:
    """Give a window this size, frame not included, or what its screen has room for; and move it
    to where all of it can be seen.
    """
    frame, inner = window.frameGeometry(), window.geometry()
    screen = screen_under(window).availableGeometry()
    around = frame.size() - inner.size()
    corner = inner.topLeft() - frame.topLeft()
    placed = within(QRect(frame.topLeft(), size + around), screen)
    window.setGeometry(QRect(placed.topLeft() + corner, placed.size() - around))


def within(frame: QRect, screen: QRect) -> QRect:
    """The same rectangle, moved into the screen and no larger than that."""
    size = frame.size().boundedTo(screen.size())
    left = min(max(frame.left(), screen.left()), screen.left() + screen.width() - size.width())
    top = min(max(frame.top(), screen.top()), screen.top() + screen.height() - size.height())
    return QRect(left, top, size.width(), size.height())
