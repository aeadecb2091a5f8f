"""Help: the keys, made from the table of commands, and what a bug report needs."""

from __future__ import annotations

import platform
import sys
from math import ceil
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QGuiApplication, QKeySequence, QTextDocument
from PySide6.QtWidgets import QLabel, QMessageBox

from capsviz import __version__
from capsviz.gui.desktop.commands import COMMANDS, GESTURES, all_commands

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from capsviz.explore.models import LoadedModel

_PAPER = "https://arxiv.org/abs/1710.09829"
_COLUMNS: tuple[tuple[str, ...], ...] = (
    ("File", "Edit", "View"),
    ("Routing", "Pose", "Network"),
    ("Train", "Labs", "Help"),
)


class _Box(QMessageBox):
    """A box that nothing waits for."""

    def __init__(self, parent: QWidget, title: str, text: str) -> None:
        super().__init__(QMessageBox.Icon.NoIcon, title, text, parent=parent)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(False)
        self.setDefaultButton(self.addButton(QMessageBox.StandardButton.Close))

    def make_wide(self) -> None:
        """As wide as its text is with no line broken."""
        text = QTextDocument()
        text.setDefaultFont(self.font())
        text.setHtml(self.text())
        label = self.findChild(QLabel, "qt_msgbox_label")
        assert label is not None
        label.setMinimumWidth(ceil(text.idealWidth()))


class About(_Box):
    """What this is, and the versions; they can be copied."""

    def __init__(self, parent: QWidget, facts: list[str]) -> None:
        super().__init__(
            parent,
            "About capsviz",
            "<p>Draw a digit and watch a capsule network recognise it, after Sabour, Frosst and "
            f"Hinton, <a href='{_PAPER}'>Dynamic Routing Between Capsules</a> (2017).</p>"
            f"<p>{'<br>'.join(facts)}</p>",
        )
        self._facts = "\n".join(facts)
        self._copy = self.addButton("Copy versions", QMessageBox.ButtonRole.ActionRole)
        self._copy.clicked.connect(self._copy_facts)

    @Slot()
    def _copy_facts(self) -> None:
        QGuiApplication.clipboard().setText(self._facts)
        self._copy.setText("Copied")

    # Qt calls this

    def done(self, result: int) -> None:
        if self.clickedButton() is not self._copy:
            super().done(result)


def show_keys(parent: QWidget) -> None:
    """A table of every command that has a key, menu by menu."""
    tables = "".join(f"<td style='padding-right: 32px'>{_keys(menus)}</td>" for menus in _COLUMNS)
    box = _Box(parent, "Keys", f"<table><tr>{tables}</tr></table>")
    box.make_wide()
    box.show()


def show_about(parent: QWidget, model: LoadedModel | None) -> None:
    """What this is, and the versions for a bug report."""
    About(parent, facts(model)).show()


def facts(model: LoadedModel | None) -> list[str]:
    """What a bug report needs, line by line."""
    from importlib.metadata import version  # imports much, for what is rarely asked

    used = [f"{name} {version(name)}" for name in ("torch", "PySide6-Essentials", "pyqtgraph")]
    return [
        f"capsviz {__version__}",
        f"Python {sys.version.split()[0]} on {platform.platform()}",
        ", ".join(used),
        f"windows by {QGuiApplication.platformName()}",
        f"network: {model.path} on {model.device}" if model else "no network loaded",
    ]


def _keys(menus: tuple[str, ...]) -> str:
    rows = [row for menu in menus for row in _rows(menu)]
    if "Network" in menus:
        rows += _lab_rows()
    if menus == _COLUMNS[-1]:
        rows += [_heading("By hand"), *(_row(what, keys) for keys, what in GESTURES)]
    return f"<table>{''.join(rows)}</table>"


def _rows(menu: str) -> list[str]:
    keyed = [row for row in COMMANDS[menu] if row is not None and row.keys]
    lines = [_row(row.text, _spoken(row.keys)) for row in keyed]
    return [_heading(menu), *lines] if keyed else []


def _lab_rows() -> list[str]:
    """The lab's own keys; the others are those of the main window."""
    from capsviz.gui.labs.commands import COMMANDS as LAB_COMMANDS  # when they are asked for

    known = {command.text for command in all_commands()}
    lines = [_row(row.text, _spoken(row.keys)) for row in LAB_COMMANDS if row.text not in known]
    return [_heading("In Two digits"), *lines]


def _heading(text: str) -> str:
    return f"<tr><td colspan='2' style='padding-top: 8px'><b>{text}</b></td></tr>"


def _row(what: str, keys: str) -> str:
    first, second = (words.replace(" ", "&nbsp;") for words in (what, keys))  # never broken
    return f"<tr><td style='padding-right: 24px'>{first}</td><td>{second}</td></tr>"


def _spoken(keys: str) -> str:
    native = QKeySequence.SequenceFormat.NativeText
    return " or ".join(each.toString(native) for each in QKeySequence.listFromString(keys))
