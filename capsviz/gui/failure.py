"""What a person is told of an exception, and for how long it is true."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from capsviz.files import CapsvizError


class Failure(QObject):
    """The last failure of something that is tried again and again.

    Signals:
        told(str): it has failed; one sentence for the person.
        mended(str): since this was told, it has succeeded.
    """

    told = Signal(str)
    mended = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._sentence = ""

    @Slot(object)
    def tell(self, error: Exception) -> None:
        """It has failed."""
        self._sentence = sentence_of(error)
        self.told.emit(self._sentence)

    @Slot()
    def mend(self) -> None:
        """It has succeeded."""
        if self._sentence:
            self.mended.emit(self._sentence)
            self._sentence = ""


def sentence_of(error: Exception) -> str:
    """One sentence; of an exception that nobody expected, its name and what it says."""
    is_known = isinstance(error, CapsvizError)
    return str(error) if is_known else f"Unexpected error: {error!r:.300}"
