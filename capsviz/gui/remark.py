"""A sentence about what is shown, and for how long it is true."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

if TYPE_CHECKING:
    from capsviz.gui.offer import Offer


class Remark(QObject):
    """The last thing said of what is shown.

    Signals:
        told(str): one sentence for the person.
        offered(object): Offer, a sentence with something that can be done about it.
        outdated(str): what this sentence told is no longer so.
    """

    told = Signal(str)
    offered = Signal(object)
    outdated = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._sentence = ""

    def tell(self, sentence: str) -> None:
        """It is so."""
        self._sentence = sentence
        self.told.emit(sentence)

    def offer(self, offer: Offer) -> None:
        """It is so, and this can be done about it."""
        self._sentence = offer.sentence
        self.offered.emit(offer)

    @Slot()
    def withdraw(self) -> None:
        """It is so no longer; nothing if nothing was told."""
        if self._sentence:
            self.outdated.emit(self._sentence)
            self._sentence = ""
