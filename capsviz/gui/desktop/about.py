"""Help: the keys, made from the actions themselves, and what a bug report needs."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import version
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox

from capsviz import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtGui import QAction
    from PySide6.QtWidgets import QWidget

    from capsviz.explore.models import LoadedModel

_PAPER = "https://arxiv.org/abs/1710.09829"


def show_keys(parent: QWidget, actions: Iterable[QAction]) -> None:
    """A table of every action that has a key."""
    rows = "".join(
        f"<tr><td style='padding-right: 24px'>{action.iconText()}</td>"
        f"<td><b>{action.shortcut().toString()}</b></td></tr>"
        for action in actions
        if not action.shortcut().isEmpty()
    )
    erase = "<tr><td>Erase while drawing</td><td><b>right button</b></td></tr>"
    _show(parent, "Keys", f"<table>{rows}{erase}</table>")


def show_about(parent: QWidget, model: LoadedModel | None) -> None:
    """What this is, and the versions for a bug report."""
    used = [f"{name} {version(name)}" for name in ("torch", "PySide6-Essentials", "pyqtgraph")]
    facts = [
        f"capsviz {__version__}",
        f"Python {sys.version.split()[0]} on {platform.platform()}",
        ", ".join(used),
        f"network: {model.path} on {model.device}" if model else "no network loaded",
    ]
    _show(
        parent,
        "About capsviz",
        "<p>Draw a digit and watch a capsule network recognise it, after Sabour, Frosst and "
        f"Hinton, <a href='{_PAPER}'>Dynamic Routing Between Capsules</a> (2017).</p>"
        f"<p>{'<br>'.join(facts)}</p>",
    )


def _show(parent: QWidget, title: str, text: str) -> None:
    box = QMessageBox(QMessageBox.Icon.NoIcon, title, text, parent=parent)
    box.setTextFormat(Qt.TextFormat.RichText)
    box.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setModal(False)
    box.show()
