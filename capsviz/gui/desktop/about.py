"""What the program is, and what a bug report needs."""

from __future__ import annotations

import platform
import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox

from capsviz import __version__

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from capsviz.explore.models import LoadedModel

_PAPER = "https://arxiv.org/abs/1710.09829"


class About(QMessageBox):
    """What this is, and the versions; they can be copied. Nothing waits for it."""

    def __init__(self, parent: QWidget, facts: list[str]) -> None:
        super().__init__(QMessageBox.Icon.NoIcon, "About capsviz", "", parent=parent)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setText(
            "<p>Draw a digit and watch a capsule network recognise it, after Sabour, Frosst and "
            f"Hinton, <a href='{_PAPER}'>Dynamic Routing Between Capsules</a> (2017).</p>"
            f"<p>{'<br>'.join(facts)}</p>"
        )
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(False)
        self.setDefaultButton(self.addButton(QMessageBox.StandardButton.Close))
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
