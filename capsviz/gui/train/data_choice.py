"""Which images to train on, and a way to get them where they are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from capsviz.gui.look.card import quiet_label
from capsviz.gui.look.dialogs import ask_for_folder
from capsviz.gui.look.theme import GRID
from capsviz.gui.train.words import spoken_size
from capsviz.gui.training_source import Kind, Source
from capsviz.places import data_folder

if TYPE_CHECKING:
    from capsviz.data.download import Fetched
    from capsviz.gui.preparing import Found

_KINDS: tuple[tuple[Kind, str], ...] = (
    ("mnist", "MNIST, 60 000 handwritten digits"),
    ("folder", "A folder of class-named images"),
    ("personal", "The drawings I corrected"),
)
_PERMILLE = 1000


class DataChoice(QWidget):
    """A list of kinds, what was found, and what can be done if nothing was.

    Attributes:
        source: what is chosen.
        found: what is known of it; None while it is looked for.

    Signals:
        source_changed(object): Source; another one is chosen, or is to be looked at again.
        fetch_asked(str): MNIST is to be downloaded to this folder.
        cancel_asked(): the download is to end.
    """

    source_changed = Signal(object)
    fetch_asked = Signal(str)
    cancel_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.found: Found | None = None
        self._folders: dict[Kind, str] = {
            "mnist": str(data_folder()),
            "folder": "",
            "personal": "",
        }
        self.kinds = QComboBox()
        for kind, words in _KINDS:
            self.kinds.addItem(words, kind)
        self.folder, self.fetch = QPushButton("Choose folder…"), QPushButton("Download MNIST")
        self.cancel, self.bar, self.words = QPushButton("Cancel"), QProgressBar(), quiet_label()
        self._name_parts()
        self._lay_out()
        self.kinds.currentIndexChanged.connect(self._choose_kind)
        self.folder.clicked.connect(self._ask_for_folder)
        self.fetch.clicked.connect(self._ask_to_fetch)
        self.cancel.clicked.connect(self.cancel_asked)
        self._show_fetching(False)

    def _name_parts(self) -> None:
        self.kinds.setObjectName("run-data")
        self.kinds.setAccessibleName("Images")
        self.folder.setObjectName("run-data-folder")
        self.fetch.setObjectName("run-data-fetch")
        self.cancel.setObjectName("run-data-cancel")
        self.bar.setAccessibleName("Download")
        self.bar.setRange(0, _PERMILLE)
        self.words.setWordWrap(True)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(self.kinds)
        row.addWidget(self.folder)
        row.addWidget(self.fetch)
        row.addWidget(self.cancel)
        row.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID // 2)
        layout.addLayout(row)
        layout.addWidget(self.bar)
        layout.addWidget(self.words)

    @property
    def source(self) -> Source:
        """What is chosen."""
        kind: Kind = self.kinds.currentData()
        return Source(kind, self._folders[kind])

    def look(self) -> None:
        """Have the chosen images looked for."""
        self.found = None
        self.words.setText("")
        self.folder.setVisible(self.source.kind != "personal")
        self.source_changed.emit(self.source)

    def show_found(self, found: Found) -> None:
        """What was found of a source."""
        if found.source != self.source:
            return
        self.found = found
        is_missing = bool(found.problem)
        self.fetch.setVisible(is_missing and self.source.kind == "mnist")
        where = f" in {self.source.folder}" if self.source.folder else ""
        told = f"{found.images:,} images of {found.classes} classes{where}".replace(",", " ")
        self.words.setText("" if is_missing else told)  # the dialog says what keeps a run

    @Slot(object)
    def show_fetched(self, fetched: Fetched) -> None:
        """How far the download is."""
        self._show_fetching(True)
        self.bar.setValue(round(_PERMILLE * fetched.done / fetched.total))
        done, total = spoken_size(fetched.done), spoken_size(fetched.total)
        self.words.setText(f"Downloading {fetched.file}: {done} of {total}")

    @Slot(str)
    def show_fetch_ended(self, problem: str) -> None:
        """It is here, or why it is not."""
        self._show_fetching(False)
        if problem:
            self.fetch.show()
            self.fetch.setText("Try again")
            self.words.setText(problem)
        else:
            self.look()

    def _show_fetching(self, is_fetching: bool) -> None:
        self.bar.setVisible(is_fetching)
        self.cancel.setVisible(is_fetching)
        self.fetch.setVisible(False)
        self.kinds.setEnabled(not is_fetching)

    @Slot(int)
    def _choose_kind(self, _index: int) -> None:
        if self.source.kind == "folder" and not self.source.folder:
            self._ask_for_folder()
        self.look()

    @Slot()
    def _ask_for_folder(self) -> None:
        dialog = ask_for_folder(self, "Choose the folder of the images")
        dialog.fileSelected.connect(self.use_folder)
        dialog.open()

    @Slot(str)
    def use_folder(self, folder: str) -> None:
        """The images of the chosen kind lie there."""
        self._folders[self.source.kind] = folder
        self.look()

    @Slot()
    def _ask_to_fetch(self) -> None:
        self._show_fetching(True)
        self.bar.setValue(0)
        self.words.setText("Asking for MNIST …")
        self.fetch_asked.emit(self.source.folder)
