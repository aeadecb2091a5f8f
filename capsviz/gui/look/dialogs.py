"""Asking for a file without making the rest of the window wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

if TYPE_CHECKING:
    from collections.abc import Sequence


def ask_for_file(parent: QWidget, title: str, kinds: Sequence[str]) -> QFileDialog:
    """A dialog for a file that is there; its `fileSelected` tells which. Call `open` on it."""
    dialog = QFileDialog(parent, title)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilters(list(kinds))
    return dialog


def ask_where_to_save(
    parent: QWidget, title: str, kinds: Sequence[str], name: str, suffix: str
) -> QFileDialog:
    """A dialog for a file to write, `name` until another is given; a bare name gets `suffix`."""
    dialog = QFileDialog(parent, title)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilters(list(kinds))
    dialog.setDefaultSuffix(suffix)
    dialog.selectFile(f"{name}{suffix}")
    return dialog
