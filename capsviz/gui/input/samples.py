"""Real digits to choose from: by sight, by label, by chance, or by the network's mistakes."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from capsviz.data.samples import sample_digits, sample_indices
from capsviz.gui.input.sample_controls import SampleControls
from capsviz.gui.input.sample_list import LIST_KEYS, SampleList
from capsviz.gui.look.articles import a_digit
from capsviz.gui.look.keys import NUMERALS, UNMODIFIED
from capsviz.gui.look.theme import GRID, Theme
from capsviz.gui.look.view import Table, View


class Samples(View):
    """A gallery of the MNIST test digits that ship with the program, once it is filled.

    Typing a digit shows those labelled so, Escape shows all again.

    Attributes:
        label: the digits that are shown, 0 … 9; None: all.

    Signals:
        sample_chosen(int): index into `sample_digits()`.
        random_asked(): one by chance, of `label` if there is one.
        mistake_asked(): the next test digit that the network gets wrong.
    """

    sample_chosen = Signal(int)
    random_asked = Signal()
    mistake_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Sample digits", parent)
        self.setObjectName("sample-picker")
        self.label: int | None = None
        self._shown: int | None = None
        self.controls = SampleControls(self)
        self.list = SampleList(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(self.controls)
        layout.addWidget(self.list, 1)
        self.list.chosen.connect(self.sample_chosen)
        self.controls.label_chosen.connect(self.show_label)
        self.controls.random_asked.connect(self.random_asked)
        self.controls.mistake_asked.connect(self.mistake_asked)

    def fill(self) -> None:
        """Read and show the digits; before that there is an empty list, which costs no time."""
        self.list.show_label(self.label)
        self.list.show_sample(self._shown)
        self.refresh()

    @Slot(object)
    def show_label(self, label: int | None) -> None:
        """Show only digits of this label; None: all."""
        if label != self.label:
            self.label = label
            self.controls.show_label(label)
            self.list.show_label(label)
            self.refresh()

    def show_sample(self, sample: int | None) -> None:
        """Mark the digit that is on the canvas; None: none of these is."""
        if sample != self._shown:
            self._shown = sample
            self.list.show_sample(sample)
            self.refresh()

    @Slot(bool)
    def show_busy(self, is_busy: bool) -> None:
        """Whether the next mistake is being searched."""
        self.controls.show_busy(is_busy)

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self.controls.set_theme(theme)
        self.controls.fit(self.width())
        self.list.set_theme(theme)
        super().set_theme(theme)

    def draw(self) -> None:
        """The list paints itself."""
        self.list.viewport().update()

    @property
    def pictured(self) -> QWidget:
        """The digits alone."""
        return self.list

    def summary(self) -> str:
        """How many there are, and which is on the canvas."""
        count = self.list.samples.rowCount()
        if not count:
            return "The test digits are being read"
        those = "" if self.label is None else f" labelled {self.label}"
        if self._shown is None:
            return f"{count} test digits of MNIST{those} to choose from"
        label = sample_digits().labels[self._shown]
        at = f"number {sample_indices()[self._shown]}, {a_digit(label)}"
        return f"{count} test digits of MNIST{those}; on the canvas is {at}"

    def table(self) -> Table | None:
        """Where the digits on show stand in MNIST's test set, and their labels."""
        if not self.list.samples.rowCount():
            return None
        places, labels = sample_indices(), sample_digits().labels
        return Table(
            ("test digit", "label"),
            tuple((int(places[s]), int(labels[s])) for s in self.list.samples.samples),
        )

    def _is_ours(self, event: QKeyEvent) -> bool:
        """Keys that would else go to a command of the window."""
        if event.modifiers() not in UNMODIFIED:
            return False
        in_list = self.list.hasFocus() and event.key() in LIST_KEYS
        leaves = event.key() == Qt.Key.Key_Escape and self.label is not None
        return in_list or leaves or event.text() in NUMERALS

    # Qt calls these

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            event.setAccepted(self._is_ours(event))
            return event.isAccepted()
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._is_ours(event) and event.text() in NUMERALS:
            self.show_label(int(event.text()))
        elif self._is_ours(event) and event.key() == Qt.Key.Key_Escape:
            self.show_label(None)
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.controls.fit(self.width())
        super().resizeEvent(event)
