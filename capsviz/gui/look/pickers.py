"""Choosing one of several things that take time to come: a list that shows what is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QWidget

from capsviz.gui.look.elided import Choice

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QWheelEvent

    from capsviz.explore.models import LoadedModel

_OPEN = "Open weights…"
_ABOUT = "The network that answers; listed anew whenever this opens"
_OPENS_LIST = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class Picker(Choice):
    """A list to choose from that shows what is, not what was asked for: a choice takes time, and
    may fail. Neither the wheel nor a stray arrow key chooses anything.

    Signals:
        about_to_list(): the list is about to open.
    """

    about_to_list = Signal()

    def __init__(self, object_name: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(object_name)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._shown = -1
        self.activated.connect(self._take)

    def _show(self, index: int) -> None:
        self._shown = index
        self.setCurrentIndex(index)

    @Slot(int)
    def _take(self, index: int) -> None:
        self.setCurrentIndex(self._shown)
        if index != self._shown:
            self.choose(index)

    def choose(self, index: int) -> None:
        """A person has chosen another line."""
        raise NotImplementedError

    # Qt calls these

    def showPopup(self) -> None:  # noqa: N802
        self.about_to_list.emit()
        super().showPopup()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _OPENS_LIST:
            self.showPopup()
        elif not event.text().isprintable() or event.text() in ("", " "):
            super().keyPressEvent(event)
        else:
            event.ignore()  # a letter is some command's key

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class ModelPicker(Picker):
    """The networks there are by name, and a file of one's own.

    Signals:
        chosen(str): the name of a network.
        open_asked(): a file of weights is to be opened.
    """

    chosen = Signal(str)
    open_asked = Signal()

    def __init__(self, object_name: str = "model-picker", about: str = _ABOUT) -> None:
        super().__init__(object_name, "Network")
        self._about = about
        self.setToolTip(about)
        self.setMinimumContentsLength(9)
        self.setPlaceholderText("loading …")
        self._name: str | None = None
        self._lines: list[str] = []
        self.show_names([])

    def show_names(self, names: list[str]) -> None:
        """Offer these, and the one that answers if it is from elsewhere."""
        is_known = self._name is None or self._name in names
        lines = names if is_known or self._name is None else [*names, self._name]
        if lines != self._lines or not self.count():
            self._make(lines)
        self._show(-1 if self._name is None else lines.index(self._name))

    def _make(self, lines: list[str]) -> None:
        self._lines = list(lines)
        self.clear()
        self.addItems(lines)
        if lines:
            self.insertSeparator(len(lines))
        self.addItem(_OPEN)

    @Slot(bool)
    def show_loading(self, loading: bool) -> None:
        """One is under way, or no longer; until the first has come, the line says so."""
        self.setPlaceholderText("loading …" if loading else "none")

    def show_model(self, model: LoadedModel) -> None:
        """This one answers now."""
        self._name = model.name
        self.setAccessibleDescription(f"{model.name} answers")
        self.setToolTip(f"{model.name}\n{self._about}")  # a long name has no room
        self.show_names(self._lines)

    def choose(self, index: int) -> None:
        """Ask for a network, or for a file."""
        if index == self.count() - 1:
            self.open_asked.emit()
        else:
            self.chosen.emit(self.itemText(index))
