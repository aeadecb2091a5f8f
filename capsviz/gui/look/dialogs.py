"""Asking for a file, or yes or no, without making the rest of the window wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget


def ask_for_file(parent: QWidget, title: str, kinds: Sequence[str]) -> QFileDialog:
    """A dialog for a file that is there; its `fileSelected` tells which. Call `open` on it."""
    from PySide6.QtWidgets import QFileDialog

    dialog = QFileDialog(parent, title)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilters(list(kinds))
    return dialog


def ask_for_folder(parent: QWidget, title: str) -> QFileDialog:
    """A dialog for a folder that is there; its `fileSelected` tells which. Call `open` on it."""
    from PySide6.QtWidgets import QFileDialog

    dialog = QFileDialog(parent, title)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    return dialog


def ask_where_to_save(
    parent: QWidget, title: str, kinds: Sequence[str], name: str, suffix: str
) -> QFileDialog:
    """A dialog for a file to write, `name` until another is given; a bare name gets `suffix`."""
    from PySide6.QtWidgets import QFileDialog

    dialog = QFileDialog(parent, title)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilters(list(kinds))
    dialog.setDefaultSuffix(suffix)
    dialog.selectFile(f"{name}{suffix}")
    return dialog


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
