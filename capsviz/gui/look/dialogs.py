"""Asking for a file, or yes or no, without making the rest of the window wait."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget


LAST_FOLDER = "last-folder"
"""The application's property with the folder that a file was chosen in last."""


def ask_for_file(parent: QWidget, title: str, kinds: Sequence[str]) -> QFileDialog:
    """A dialog for a file that is there; its `fileSelected` tells which. Call `open` on it."""
    from PySide6.QtWidgets import QFileDialog

    dialog = _made(parent, title)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilters(list(kinds))
    return dialog


def ask_for_folder(parent: QWidget, title: str) -> QFileDialog:
    """A dialog for a folder that is there; its `fileSelected` tells which. Call `open` on it."""
    from PySide6.QtWidgets import QFileDialog

    dialog = _made(parent, title)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    return dialog


def ask_where_to_save(
    parent: QWidget, title: str, kinds: Sequence[str], name: str, suffix: str
) -> QFileDialog:
    """A dialog for a file to write, `name` until another is given; a bare name gets `suffix`."""
    from PySide6.QtWidgets import QFileDialog

    dialog = _made(parent, title)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilters(list(kinds))
    dialog.setDefaultSuffix(suffix)
    dialog.selectFile(f"{name}{suffix}")
    return dialog


def _made(parent: QWidget, title: str) -> QFileDialog:
    """Begins where a file was chosen last, whatever for; else where Qt's dialogs do."""
    from PySide6.QtWidgets import QFileDialog

    dialog = QFileDialog(parent, title, last_folder())
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(_remember_folder_of)
    return dialog


def last_folder() -> str:
    """Where a file was chosen last; "" before the first one, or if it is gone."""
    folder = str(_application().property(LAST_FOLDER) or "")
    return folder if os.path.isdir(folder) else ""  # Path.is_dir raises where it may not look


def remember_folder(folder: str) -> None:
    """The next dialog begins there."""
    _application().setProperty(LAST_FOLDER, folder)


def _remember_folder_of(path: str) -> None:
    remember_folder(str(Path(path).parent))


def _application() -> QCoreApplication:
    application = QCoreApplication.instance()
    assert application is not None
    return application


def ask_whether(parent: QWidget, question: str, more: str, yes: str, no: str) -> QMessageBox:
    """A question, `no` unless one says `yes`; its `accepted` tells. Call `open` on it."""
    from PySide6.QtWidgets import QMessageBox

    box = QMessageBox(QMessageBox.Icon.NoIcon, parent.windowTitle(), question, parent=parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setInformativeText(more)
    box.addButton(yes, QMessageBox.ButtonRole.AcceptRole)
    other = box.addButton(no, QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(other)
    box.setEscapeButton(other)
    return box
