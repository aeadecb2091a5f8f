"""The small "⋯" of a card: copy its picture, save its picture, save its numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolButton

from capsviz.files import CapsvizError
from capsviz.gui.look.dialogs import ask_where_to_save
from capsviz.gui.look.theme import GRID

if TYPE_CHECKING:
    from PySide6.QtWidgets import QFileDialog

    from capsviz.gui.look.view import View

_PICTURES = {
    "Picture, twice as fine (*.png)": ".png",
    "Drawing without pixels (*.svg)": ".svg",
    "Page (*.pdf)": ".pdf",
}
_EDGES = 2  # pixels, left and right
_NUMBERS = "Comma-separated values (*.csv)"


class More(QToolButton):
    """A menu with what can be taken from a view.

    Signals:
        noticed(str): one sentence: where it was saved, or what could not be written, and why.
    """

    noticed = Signal(str)

    def __init__(self, title: str, view: View) -> None:
        super().__init__()
        self._title, self._view = title, view
        self.setText("⋯")
        self.setAccessibleName(f"{title}: copy and save")
        self.setToolTip("Copy or save this picture and its numbers")
        self.setProperty("quiet", True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        menu.addAction("Copy picture").triggered.connect(self._copy)
        menu.addAction("Save picture…").triggered.connect(self._ask_for_picture)
        self._numbers = menu.addAction("Save numbers…")
        self._numbers.triggered.connect(self._ask_for_numbers)
        menu.aboutToShow.connect(self._see_what_there_is)
        self.setMenu(menu)

    @Slot()
    def _see_what_there_is(self) -> None:
        has_numbers = self._view.table() is not None
        self._numbers.setEnabled(has_numbers)
        self._numbers.setToolTip("" if has_numbers else "There are no numbers yet")

    @Slot()
    def _copy(self) -> None:
        from capsviz.gui.look.export import copy_picture

        copy_picture(self._view)

    @Slot()
    def _ask_for_picture(self) -> None:
        dialog = self._asking("Save the picture", list(_PICTURES), ".png")
        dialog.filterSelected.connect(self._follow_kind)
        dialog.fileSelected.connect(self._save_picture)
        dialog.open()

    @Slot()
    def _ask_for_numbers(self) -> None:
        dialog = self._asking("Save the numbers", [_NUMBERS], ".csv")
        dialog.fileSelected.connect(self._save_numbers)
        dialog.open()

    def _asking(self, what: str, kinds: list[str], suffix: str) -> QFileDialog:
        title = self._view.page_name or self._title
        name = title.lower().replace(" ", "-")
        return ask_where_to_save(self, f"{what}: {title}", kinds, name, suffix)

    @Slot(str)
    def _follow_kind(self, kind: str) -> None:
        """The name takes the suffix of the kind that is chosen."""
        from PySide6.QtWidgets import QFileDialog

        dialog = self.findChild(QFileDialog)
        assert dialog is not None
        suffix = _PICTURES[kind]
        dialog.setDefaultSuffix(suffix)
        name = Path(dialog.selectedFiles()[0]).with_suffix(suffix).name
        dialog.selectFile(name)

    @Slot(str)
    def _save_picture(self, path: str) -> None:
        from capsviz.gui.look.export import save_picture

        try:
            save_picture(self._view, Path(path))
        except CapsvizError as error:
            self.noticed.emit(str(error))
        else:
            self.noticed.emit(f"Saved as {Path(path)}.")

    @Slot(str)
    def _save_numbers(self, path: str) -> None:
        from capsviz.gui.look.export import save_numbers

        table = self._view.table()
        if table is None:  # cleared while the dialog was open
            self.noticed.emit(f"There are no numbers of “{self._title}” to save any more.")
            return
        try:
            save_numbers(table, Path(path))
        except CapsvizError as error:
            self.noticed.emit(str(error))
        else:
            self.noticed.emit(f"Saved as {Path(path)}.")

    # Qt calls this

    def sizeHint(self) -> QSize:
        letters = self.fontMetrics()
        return QSize(
            max(4 * GRID, letters.horizontalAdvance(self.text()) + 2 * GRID + _EDGES),
            max(3 * GRID, letters.height()),
        )
