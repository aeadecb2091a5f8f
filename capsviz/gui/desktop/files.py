"""Commands that open and save: which file is asked for, and who is given it."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QGuiApplication, QImage

from capsviz.gui.look.dialogs import ask_for_file, ask_where_to_save
from capsviz.places import MODEL_SUFFIX, SESSION_SUFFIX

if TYPE_CHECKING:
    from PySide6.QtCore import QMimeData
    from PySide6.QtWidgets import QFileDialog, QWidget

    from capsviz.gui.saving import Saving
    from capsviz.gui.session import Session
    from capsviz.gui.window import Window

_IMAGES = "Images and strokes (*.png *.jpg *.jpeg *.bmp *.gif *.tif *.tiff *.webp *.jsonl)"
_WEIGHTS = "Networks (*.safetensors)"
_SESSIONS = f"Sessions (*{SESSION_SUFFIX})"


class Files(QObject):
    """Asks for files, and hands them to the session.

    Signals:
        weights_chosen(str): a file of weights is to answer.
    """

    weights_chosen = Signal(str)

    def __init__(self, window: Window, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._window, self._session = window, session

    @cached_property
    def _saving(self) -> Saving:
        from capsviz.gui.saving import Saving

        return Saving(self._session)

    @Slot()
    def ask_for_image(self) -> None:
        """Open an image or strokes."""
        dialog = ask_for_file(self._window, "Open a digit", [_IMAGES])
        dialog.fileSelected.connect(self._open_image)
        dialog.open()

    @Slot()
    def ask_for_session(self) -> None:
        """Bring a saved session back."""
        dialog = ask_for_file(self._window, "Open a session", [_SESSIONS])
        dialog.fileSelected.connect(self._open_session)
        dialog.open()

    @Slot()
    def bring_back(self) -> None:
        """Show what the last window closed with."""
        from capsviz.gui.last_drawing import bring_back

        bring_back(self._session)

    @Slot()
    def ask_for_weights(self) -> None:
        """Load a network."""
        self.weights_dialog(self._window).fileSelected.connect(self.weights_chosen)

    def weights_dialog(self, parent: QWidget) -> QFileDialog:
        """An open dialog for a file of weights; its `fileSelected` tells which."""
        dialog = ask_for_file(parent, "Open weights", [_WEIGHTS])
        dialog.open()
        return dialog

    @Slot()
    def ask_where_to_save(self) -> None:
        """Save the session."""
        dialog = ask_where_to_save(
            self._window, "Save the session", [_SESSIONS], self._saving.name, SESSION_SUFFIX
        )
        dialog.fileSelected.connect(self._save_session)
        dialog.open()

    @Slot()
    def ask_for_picture(self) -> None:
        """Save the window's picture."""
        dialog = ask_where_to_save(
            self._window, "Save the window's picture", ["Picture (*.png)"], "capsviz", ".png"
        )
        dialog.fileSelected.connect(self._save_picture)
        dialog.open()

    @Slot()
    def copy_picture(self) -> None:
        """The window as it looks now, to the clipboard."""
        QGuiApplication.clipboard().setPixmap(self._window.grab())

    @Slot()
    def paste(self) -> None:
        """Show the network the picture, or the file, that is on the clipboard."""
        content = QGuiApplication.clipboard().mimeData()  # None where there is nothing to give
        if content is None or not self.take(content, "the pasted picture"):
            self._session.noticed.emit(
                "There is no picture on the clipboard; copy an image of a digit, then paste again."
            )

    @staticmethod
    def can_take(content: QMimeData) -> bool:
        """Whether there is a file or a picture in it."""
        return bool(_files_in(content)) or content.hasImage()

    def take(self, content: QMimeData, name: str) -> bool:
        """Open what was dropped or pasted, by its kind; False if there is nothing in it.

        Args:
            content: a file, or a picture without one, as browsers give it.
            name: what to call such a picture.
        """
        files = _files_in(content)
        if files:
            self._open_first(files)
            return True
        picture = QImage(content.imageData()) if content.hasImage() else QImage()
        if not picture.isNull():
            from capsviz.gui.look.export import png_bytes

            self._session.opening.open_picture(png_bytes(picture), name)
        return not picture.isNull()

    def _open_first(self, files: list[Path]) -> None:
        self.open_by_kind(files[0])
        if len(files) > 1:
            self._session.noticed.emit(
                f"{files[0].name} is opened, the first of {len(files)} files; open the others one "
                "by one."
            )

    def open_by_kind(self, path: Path) -> None:
        """Weights, a session, an image or strokes, as its name says."""
        name = path.name.lower()
        if name.endswith(MODEL_SUFFIX):
            self.weights_chosen.emit(str(path))
        elif name.endswith(SESSION_SUFFIX):
            self._saving.open(path)
        else:
            self._session.opening.open_file(path)

    @Slot(str)
    def _open_image(self, path: str) -> None:
        self._session.opening.open_file(Path(path))

    @Slot(str)
    def _open_session(self, path: str) -> None:
        self._saving.open(Path(path))

    @Slot(str)
    def _save_session(self, path: str) -> None:
        self._saving.save(Path(path))

    @Slot(str)
    def _save_picture(self, path: str) -> None:
        self._window.save_picture_or_say(Path(path))


def _files_in(content: QMimeData) -> list[Path]:
    return [Path(url.toLocalFile()) for url in content.urls() if url.isLocalFile()]
