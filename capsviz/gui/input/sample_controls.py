"""The row of controls above the sample digits: which label, one by chance, the next mistake."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QBoxLayout,
    QButtonGroup,
    QHBoxLayout,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from capsviz.gui.look.icons import icon
from capsviz.gui.look.theme import GRID, SMALL, Theme, font

_ALL = 10  # the number of the button of all labels, after those of the ten digits
_SEARCH, _SEARCHING = "Next mistake", "Searching…"
_WHAT_MISTAKE = "The next test digit that this network gets wrong"
_WHAT_SEARCHING = "Test digits are shown to this network until it gets one wrong"


class _Button(QToolButton):
    """As wide as the widest of its texts, and no wider."""

    def __init__(self, padding: int, *texts: str) -> None:
        super().__init__()
        self._padding, self._texts = padding, texts
        self.setText(texts[0])
        self.setFont(font(SMALL))
        self.setProperty("segment", True)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def is_icon_only(self) -> bool:
        """Whether there is no room for its text."""
        return self.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonIconOnly

    # Qt calls these

    def sizeHint(self) -> QSize:
        words = max(self.fontMetrics().horizontalAdvance(text) for text in self._texts)
        has_icon = not self.icon().isNull()
        picture = self.iconSize().width() if has_icon else 0
        between = GRID // 2 if has_icon else 0
        width = picture if self.is_icon_only() else words + picture + between
        return QSize(width + 2 * self._padding, self.fontMetrics().height() + GRID + 2)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


class SampleControls(QWidget):
    """Gives way where there is little room: first a word, then a second row.

    Signals:
        label_chosen(object): 0 … 9, or None for all.
        random_asked(), mistake_asked(): as the buttons say.
    """

    label_chosen = Signal(object)
    random_asked = Signal()
    mistake_asked = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._is_busy = False
        self._labels = QButtonGroup(self)
        self.random = _Button(GRID // 2, "Random")
        self.mistake = _Button(GRID - 2, _SEARCH, _SEARCHING)
        self.random.clicked.connect(self.random_asked)
        self.mistake.clicked.connect(self._ask_for_mistake)
        self._labels.idClicked.connect(self._choose_label)
        self._lay_out()
        self._explain()

    def _lay_out(self) -> None:
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(GRID // 2)
        labels, searches = QHBoxLayout(), QHBoxLayout()
        labels.setSpacing(0)
        searches.setSpacing(GRID // 2)
        for number in (_ALL, *range(10)):
            button = _Button(GRID // 2, "all" if number == _ALL else str(number))
            button.setCheckable(True)
            self._labels.addButton(button, number)
            labels.addWidget(button)
        labels.addStretch()
        searches.addWidget(self.random)
        searches.addWidget(self.mistake)
        searches.addStretch()
        self._box.addLayout(labels, 1)
        self._box.addLayout(searches)
        self.button(None).setChecked(True)
        self.setStyleSheet("QToolButton { padding: 0; }")  # their own size has it

    def _explain(self) -> None:
        for number in range(10):
            what = f"Show only digits labelled {number}; or type {number}"
            self.button(number).setAccessibleName(f"Only {number}")
            self.button(number).setToolTip(what)
        self.button(None).setAccessibleName("All digits")
        self.button(None).setToolTip("Show digits of every label; or press Escape")
        self.random.setAccessibleName("Random digit")
        self.random.setToolTip("One of these digits by chance")
        self.mistake.setToolTip(_WHAT_MISTAKE)

    def button(self, label: int | None) -> QToolButton:
        """That of a label, or that of all."""
        button = self._labels.button(_ALL if label is None else label)
        assert isinstance(button, QToolButton)
        return button

    def show_label(self, label: int | None) -> None:
        """Tick the label that is shown."""
        self.button(label).setChecked(True)

    def show_busy(self, is_busy: bool) -> None:
        """Whether a mistake is being searched; meanwhile the button keeps the focus, but rests."""
        self._is_busy = is_busy
        self.mistake.setText(_SEARCHING if is_busy else _SEARCH)
        self.mistake.setToolTip(_WHAT_SEARCHING if is_busy else _WHAT_MISTAKE)

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self.random.setIcon(icon("sample", theme.quiet, theme.faint))
        self.random.setIconSize(QSize(2 * GRID, 2 * GRID))

    def fit(self, width: int) -> None:
        """Use this much room: all words, or one less, or two rows."""
        style, gaps = Qt.ToolButtonStyle, 2 * self._box.spacing()
        for words in (style.ToolButtonTextBesideIcon, style.ToolButtonIconOnly):
            self.random.setToolButtonStyle(words)
            searches = self.random.sizeHint().width() + self.mistake.sizeHint().width()
            if self._width_of_labels() + searches + gaps <= width:
                self._box.setDirection(QBoxLayout.Direction.LeftToRight)
                return
        self.random.setToolButtonStyle(style.ToolButtonTextBesideIcon)
        self._box.setDirection(QBoxLayout.Direction.TopToBottom)

    def _width_of_labels(self) -> int:
        return sum(self.button(label).sizeHint().width() for label in (None, *range(10)))

    @Slot(int)
    def _choose_label(self, number: int) -> None:
        self.label_chosen.emit(None if number == _ALL else number)

    @Slot()
    def _ask_for_mistake(self) -> None:
        if not self._is_busy:
            self.mistake_asked.emit()

    # Qt calls this

    def minimumSizeHint(self) -> QSize:
        """Of two rows: no more is asked of the window."""
        return QSize(self._width_of_labels(), self.mistake.sizeHint().height())
