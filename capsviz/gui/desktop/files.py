"""Commands that open and save: which file is asked for, and who is given it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QGuiApplication

from capsviz.data.sessions import SESSION_SUFFIX
from capsviz.gui.look.dialogs import ask_for_file, ask_where_to_save
from capsviz.gui.look.export import png_bytes
from capsviz.gui.saving import Saving

if TYPE_CHECKING:
    from PySide6.QtGui import QClipboard

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
        self._saving = Saving(session)

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
    def ask_for_weights(self) -> None:
        """Load a network."""
        dialog = ask_for_file(self._window, "Open weights", [_WEIGHTS])
        dialog.fileSelected.connect(self.weights_chosen)
        dialog.open()

    @Slot()
    def ask_where_to_save(self) -> None:
        """Save the session."""
        dialog = ask_where_to_save(
            self._window, "Save the session", [_SESSIONS], "drawing", SESSION_SUFFIX
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
        clipboard = QGuiApplication.clipboard()
        path, picture = _file_on(clipboard), clipboard.image()
        if path is not None:
            self._session.open_file(path)
        elif not picture.isNull():
            self._session.open_picture(png_bytes(picture), "the pasted picture")
        else:
            self._session.noticed.emit(
                "There is no picture on the clipboard; copy an image of a digit, then paste again."
            )

    @Slot(str)
    def _open_image(self, path: str) -> None:
        self._session.open_file(Path(path))

    @Slot(str)
    def _open_session(self, path: str) -> None:
        self._saving.open(Path(path))

    @Slot(str)
    def _save_session(self, path: str) -> None:
        self._saving.save(Path(path))

    @Slot(str)
    def _save_picture(self, path: str) -> None:
        self._window.save_picture_or_say(Path(path))


def _file_on(clipboard: QClipboard) -> Path | None:
    content = clipboard.mimeData()  # None where the desktop has nothing to give
    urls = [] if content is None else content.urls()
    files = [url.toLocalFile() for url in urls if url.isLocalFile()]
    return Path(files[0]) if files else None
