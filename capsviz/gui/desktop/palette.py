"""The command palette: type a few letters of a command, press Enter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QBrush, QColor, QKeySequence
from PySide6.QtWidgets import (
    QFrame,
    QHeaderView,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from capsviz.gui.look.theme import DARK, GRID, SMALL, Theme, font

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QAction, QFocusEvent, QKeyEvent

    from capsviz.gui.desktop.menus import Entry

_WIDTH = 72 * GRID
_LINES = 11  # shown at once
_WITHIN, _SCATTERED, _MENU = 1, 10, 100  # what worse ways of matching cost
_TEXT, _PATH, _KEY = range(3)


class Palette(QFrame):
    """Hangs from the top of its window while it is open; gone by Escape or by a click elsewhere.

    It is part of the window, not a window of its own: so it needs no leave of the desktop to
    stand where it does, and nothing behind it waits.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("palette")
        self.setAccessibleName("Commands")
        self._theme = DARK
        self._entries: Sequence[Entry] = ()
        self._before: QWidget | None = None  # what had the focus
        self._query = _Query(self)
        self._list = _list()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GRID, GRID, GRID, GRID)
        layout.setSpacing(GRID)
        layout.addWidget(self._query)
        layout.addWidget(self._list)
        self._connect()
        window.installEventFilter(self)
        self.hide()

    def _connect(self) -> None:
        self._query.textChanged.connect(self._filter)
        self._query.moved.connect(self._move)
        self._query.accepted.connect(self._run_current)
        self._query.left.connect(self.close_quietly)
        self._list.itemClicked.connect(self._run)

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme = theme

    def open_with(self, entries: Sequence[Entry]) -> None:
        """Offer these; open already, it closes."""
        if self.isVisible():
            self.close_quietly()
            return
        self._entries = entries
        self._before = self.window().focusWidget()
        self._query.clear()
        self._filter("")
        self._place()
        self.show()
        self.raise_()
        self._query.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @Slot()
    def close_quietly(self) -> None:
        """Go, and give the focus back."""
        had_focus = self.isAncestorOf(self.window().focusWidget())
        before, self._before = self._before, None
        self.hide()  # its line loses the focus, and asks for this again
        if had_focus and before is not None:
            before.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(str)
    def _filter(self, query: str) -> None:
        """List what matches, the best first; the order of the menus where two match alike."""
        ranked = [(rank(query, _name(entry.action), entry.path), entry) for entry in self._entries]
        found = sorted(
            ((place, entry) for place, entry in ranked if place is not None),
            key=lambda pair: pair[0],
        )
        self._list.clear()
        self._list.addTopLevelItems([self._line(entry) for _, entry in found] or [_nothing()])
        self._list.setCurrentIndex(self._list.model().index(0, 0))

    def _line(self, entry: Entry) -> QTreeWidgetItem:
        action = entry.action
        key = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        tick = " ✓" if action.isChecked() else ""
        line = QTreeWidgetItem([_name(action) + tick, entry.path, key])
        line.setData(_TEXT, Qt.ItemDataRole.UserRole, action)
        line.setDisabled(not action.isEnabled())
        line.setTextAlignment(_KEY, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for column in range(3):
            line.setToolTip(column, action.toolTip())
        for column in (_PATH, _KEY):
            line.setFont(column, font(SMALL))
            line.setForeground(column, QBrush(QColor(self._theme.quiet)))
        return line

    def _place(self) -> None:
        """In the middle, below the menus."""
        window = self.window()
        width = min(_WIDTH, window.width() - 4 * GRID)
        lines = self._list.sizeHintForRow(0) * _LINES
        height = self._query.sizeHint().height() + lines + 3 * GRID + 2
        top = 10 * GRID
        self.setGeometry(
            (window.width() - width) // 2, top, width, min(height, window.height() - 2 * top)
        )

    @Slot(int)
    def _move(self, steps: int) -> None:
        """Up or down, round the ends."""
        count = self._list.topLevelItemCount()
        if count:
            at = self._list.currentIndex().row()
            self._list.setCurrentIndex(self._list.model().index((at + steps) % count, 0))

    @Slot()
    def _run_current(self) -> None:
        line = self._list.currentItem()
        if line is not None:
            self._run(line)

    @Slot(QTreeWidgetItem)
    def _run(self, line: QTreeWidgetItem) -> None:
        action: QAction | None = line.data(_TEXT, Qt.ItemDataRole.UserRole)
        if action is not None and action.isEnabled():
            self.close_quietly()
            action.trigger()

    # Qt calls this

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)


class _Query(QLineEdit):
    """Where the letters are typed; arrows, Enter and Escape belong to the list."""

    moved = Signal(int)
    accepted = Signal()
    left = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Search commands")
        self.setPlaceholderText("Search commands")
        self.setClearButtonEnabled(False)

    # Qt calls these

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_PageUp: -_LINES,
            Qt.Key.Key_PageDown: _LINES,
        }.get(Qt.Key(event.key()))
        if steps is not None:
            self.moved.emit(steps)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.accepted.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:  # its own context menu
            self.left.emit()


def rank(query: str, text: str, path: str) -> int | None:
    """How badly a command matches, 0 for best; None if it does not.

    Every word of the query has to be the beginning of a word of the text, else be within it,
    else be scattered over it letter by letter; or be in the path of its menus.
    """
    costs = [_cost(word, text.casefold(), path.casefold()) for word in query.casefold().split()]
    return None if None in costs else sum(cost for cost in costs if cost is not None)


def _cost(word: str, text: str, path: str) -> int | None:
    if f" {word}" in f" {text}":
        return 0
    if word in text:
        return _WITHIN
    if f" {word}" in f" {path}":
        return _MENU
    letters = iter(text)
    return _SCATTERED if all(letter in letters for letter in word) else None


def _name(action: QAction) -> str:
    return action.text().replace("&", "").removesuffix("…")


def _nothing() -> QTreeWidgetItem:
    line = QTreeWidgetItem(["No command is called that"])
    line.setDisabled(True)
    return line


def _list() -> QTreeWidget:
    made = QTreeWidget()
    made.setAccessibleName("Commands")
    made.setColumnCount(3)
    made.setHeaderHidden(True)
    made.setRootIsDecorated(False)
    made.setIndentation(0)
    made.setUniformRowHeights(True)
    made.setAllColumnsShowFocus(True)
    made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    made.setFrameShape(QFrame.Shape.NoFrame)
    made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    header = made.header()
    header.setStretchLastSection(False)
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(_TEXT, QHeaderView.ResizeMode.Stretch)
    return made
