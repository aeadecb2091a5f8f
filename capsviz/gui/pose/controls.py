"""What can be done to the whole pose at once: a row of small buttons."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from capsviz.gui.look.fitting import Fitting
from capsviz.gui.look.icons import icon
from capsviz.gui.look.theme import DARK, GRID, SMALL, Theme, font

_RESET = "Every number back to what routing found"
_RANDOM = (
    "Draw every number at random from its distribution over the test digits of this class, "
    "between the 1st and the 99th percentile"
)
_NO_STATISTICS = (
    "This network has no pose statistics: how its numbers are distributed over test digits is not "
    "known, so none can be drawn"
)
_LOCK = (
    "Keep the length ‖v‖, the probability that the digit is there: when one number moves, "
    "all others are scaled by the same factor"
)
_LOCK_WORDS = "Lock length", "Lock"
_ANIMATE = "Let numbers swing up and down by ±0.25; the arrow beside it chooses which"
_CHOICE = "Whether one number is animated or all in turn"
_STYLE = f"""
    QToolButton {{ padding: {GRID // 2}px {GRID // 4}px; }}
    #pose-animate-choice {{ padding: {GRID // 2}px {GRID // 4}px; }}
"""
_WIDE = (
    "Reach of the sliders: ±0.25 about the number that routing found, as in the paper's figure 4, "
    "or, when pressed, one wide scale about 0 for all rows"
)


class Controls(Fitting):
    """Reset, Random, Lock, animate, Wide.

    Signals:
        reset_asked(), random_asked(): buttons.
        lock_asked(bool): keep the length, or no longer.
        animation_asked(bool): begin, also with another choice of numbers, or end.
        wide_changed(bool): the reach of the sliders.
    """

    reset_asked = Signal()
    random_asked = Signal()
    lock_asked = Signal(bool)
    animation_asked = Signal(bool)
    wide_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK
        self._measured_in = ""
        self._measured: tuple[int, ...] = ()
        self.reset = self._button("Reset", "pose-reset", _RESET)
        self.random = self._button("Random", "pose-random", _RANDOM)
        self.lock = self._button(_LOCK_WORDS[0], "pose-lock", _LOCK, checkable=True)
        self.animation = self._button("", "pose-animate", _ANIMATE, checkable=True)
        self.choice = self._button("", "pose-animate-choice", _CHOICE)
        self.wide = self._button("Wide", "pose-wide", _WIDE, checkable=True)
        self.animation.setAccessibleName("Animate")
        self.choice.setAccessibleName("What is animated")
        self.wide.setAccessibleName("Wide range")
        self.setStyleSheet(_STYLE)
        self.choice.setIconSize(QSize(GRID, GRID))
        self._add_menu()
        self._lay_out()
        self._connect()

    def _connect(self) -> None:
        self.reset.clicked.connect(self._ask_reset)
        self.random.clicked.connect(self._ask_random)
        self.lock.clicked.connect(self.lock_asked)  # by people alone: setChecked does not click
        self.animation.clicked.connect(self.animation_asked)
        self.wide.clicked.connect(self.wide_changed)

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID // 2)
        for button in (self.reset, self.random, self.lock, self.animation, self.choice):
            layout.addWidget(button)
        layout.addStretch()
        layout.addWidget(self.wide)

    def fit(self) -> None:
        """Where there is no room for all words, with fewer of them."""
        is_roomy = self._widths()[0] <= self.width()
        self.lock.setText(_LOCK_WORDS[0 if is_roomy else 1])

    def _widths(self) -> tuple[int, ...]:
        """What the row needs with all words and with fewer, pixels; by its letters alone."""
        letters = self.lock.font().key()
        if letters != self._measured_in:
            self._measured_in, now = letters, self.lock.text()
            self._measured = tuple(self._width_with(words) for words in _LOCK_WORDS)
            self.lock.setText(now)
        return self._measured

    def _width_with(self, words: str) -> int:
        self.lock.setText(words)
        return super().minimumSizeHint().width()

    def _add_menu(self) -> None:
        """Which numbers are animated."""
        menu = QMenu(self)
        group = QActionGroup(self)
        self.one = QAction("This dimension", self, checkable=True)
        self.each = QAction("All in turn", self, checkable=True, checked=True)
        for action in (self.one, self.each):
            group.addAction(action)
            menu.addAction(action)
        group.triggered.connect(self._choose)
        self.choice.setMenu(menu)
        self.choice.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)

    def _button(self, text: str, name: str, tip: str, checkable: bool = False) -> QToolButton:
        button = QToolButton()
        button.setObjectName(name)
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(text)
        button.setCheckable(checkable)
        button.setFont(font(SMALL))
        button.setIconSize(QSize(2 * GRID, 2 * GRID))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # after a click no ring stays
        return button

    def show_possible(self, pose: bool, random: bool) -> None:
        """Whether there is a pose, and whether its distribution is known."""
        for button, possible in {
            self.reset: pose,
            self.random: random,
            self.lock: pose,
            self.animation: pose,
            self.choice: pose,
        }.items():
            button.setEnabled(possible)
        self.random.setToolTip(_RANDOM if random or not pose else _NO_STATISTICS)

    def show_animated(self, animated: bool) -> None:
        """Offer to end the animation, or to begin it."""
        self.animation.setChecked(animated)
        self._paint_icon()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme = theme
        self._paint_icon()

    def _paint_icon(self) -> None:
        name = "pause" if self.animation.isChecked() else "play"
        self.animation.setIcon(icon(name, self._theme.text, self._theme.faint))
        self.choice.setIcon(icon("arrow-down", self._theme.text, self._theme.faint))

    @Slot()
    def _ask_reset(self) -> None:
        self.reset_asked.emit()

    @Slot()
    def _ask_random(self) -> None:
        self.random_asked.emit()

    @Slot(QAction)
    def _choose(self, _action: QAction) -> None:
        self.animation_asked.emit(True)

    # Qt calls these

    def minimumSizeHint(self) -> QSize:
        return QSize(self._widths()[1], super().minimumSizeHint().height())
