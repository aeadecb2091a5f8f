"""Every key at a glance, made from the table of commands."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout

from capsviz.gui.desktop.commands import COMMANDS, GESTURES, all_commands
from capsviz.gui.look.theme import GRID

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

_ARRANGEMENTS: tuple[tuple[tuple[str, ...], ...], ...] = (
    (
        ("File", "Edit", "View"),
        ("Routing", "Pose", "In Two digits"),
        ("Train", "Labs", "Help", "By hand"),
    ),
    (
        ("File", "Edit", "View", "Routing", "Pose"),
        ("Train", "Labs", "Help", "In Two digits", "By hand"),
    ),
    (
        (
            *("File", "Edit", "View", "Routing", "Pose", "Train", "Labs", "Help"),
            *("In Two digits", "By hand"),
        ),
    ),
)
_SHARE = 0.9  # of the screen, at most


class KeyTable(QDialog):
    """Arranged in as many columns as the screen has room for; it scrolls if it is too tall.
    Nothing waits for it.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("key-table")
        self.setWindowTitle("Keys")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.table = QTextBrowser()
        self.table.setAccessibleName("Keys")
        self.table.setLineWrapMode(QTextBrowser.LineWrapMode.NoWrap)
        self.table.document().setDefaultFont(self.font())
        self.table.document().setDocumentMargin(2 * GRID)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(self.table)
        layout.addWidget(buttons)
        screen = QGuiApplication.screenAt(parent.geometry().center())
        self._fit((screen or QGuiApplication.primaryScreen()).availableSize() * _SHARE)

    def _fit(self, most: QSize) -> None:
        for columns in _ARRANGEMENTS:
            self.table.setHtml(_table(columns))
            needed = self._needed()
            if needed.width() <= most.width():
                break
        self.resize(needed.boundedTo(most))

    def _needed(self) -> QSize:
        """For a table with no line broken and no bar."""
        document, layout = self.table.document(), self.layout()
        assert layout is not None
        document.setTextWidth(-1)  # no line broken
        frame = 2 * self.table.frameWidth() + self.table.verticalScrollBar().sizeHint().width()
        table = QSize(ceil(document.idealWidth()), ceil(document.size().height()))
        return table + QSize(frame, frame) + layout.sizeHint() - self.table.sizeHint()


def show_keys(parent: QWidget) -> None:
    """A table of every command that has a key, menu by menu."""
    KeyTable(parent).show()


def _table(columns: tuple[tuple[str, ...], ...]) -> str:
    cells = (f"<td style='padding-right: 32px'>{_column(blocks)}</td>" for blocks in columns)
    return f"<table><tr>{''.join(cells)}</tr></table>"


def _column(blocks: tuple[str, ...]) -> str:
    rows = (row for block in blocks for row in (_heading(block), *_rows(block)))
    return f"<table>{''.join(rows)}</table>"


def _rows(block: str) -> list[str]:
    """Of a menu, of the lab, or of what is no command."""
    if block == "By hand":
        return [_row(what, keys) for keys, what in GESTURES]
    if block not in COMMANDS:
        return _lab_rows()
    lines = [_row(row.text, _spoken(row.keys)) for row in COMMANDS[block] if row and row.keys]
    return lines + [_digit_row(menu) for menu in COMMANDS if menu.startswith(f"{block}/")]


def _digit_row(menu: str) -> str:
    """One line for the ten commands of a menu below another."""
    commands = [command for command in COMMANDS[menu] if command is not None]
    last = commands[-1].value
    return _row(f"{commands[0].text} … {last}", f"{_spoken(commands[0].keys)} … {last}")


def _lab_rows() -> list[str]:
    """The lab's own keys; the others are those of the main window."""
    from capsviz.gui.labs.commands import COMMANDS as LAB_COMMANDS  # when they are asked for

    known = {command.text for command in all_commands()}
    return [_row(row.text, _spoken(row.keys)) for row in LAB_COMMANDS if row.text not in known]


def _heading(text: str) -> str:
    return f"<tr><td colspan='2' style='padding-top: 8px'><b>{text}</b></td></tr>"


def _row(what: str, keys: str) -> str:
    first, second = (words.replace(" ", "&nbsp;") for words in (what, keys))  # never broken
    return f"<tr><td style='padding-right: 24px'>{first}</td><td>{second}</td></tr>"


def _spoken(keys: str) -> str:
    native = QKeySequence.SequenceFormat.NativeText
    return " or ".join(each.toString(native) for each in QKeySequence.listFromString(keys))
