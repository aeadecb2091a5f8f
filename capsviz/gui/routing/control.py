"""◀ slider ▶ play: the control that moves every routing view to one iteration."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from capsviz.gui.look.icons import icon
from capsviz.gui.look.theme import DARK, GRID, SMALL, Theme, font


class IterationControl(QWidget):
    """◀ slider ▶ play: which of the routing iterations 1 … R is shown.

    Signals:
        scrubbed(int): show this iteration.
        back_asked(), on_asked(): one earlier, one later.
        play_asked(): play, or pause.
    """

    scrubbed = Signal(int)
    back_asked = Signal()
    on_asked = Signal()
    play_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_playing = False
        self._theme = DARK
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setObjectName("routing-iteration")
        self.slider.setAccessibleName("Routing iteration shown")
        self.slider.setToolTip("Which routing iteration every view shows (keys , and .)")
        self.slider.setRange(1, 1)
        self.slider.setPageStep(1)
        self.slider.setFixedWidth(8 * GRID)
        self.slider.valueChanged.connect(self.scrubbed)
        self._back = self._button("back", "One iteration back  ( , )", self.back_asked)
        self._on = self._button("on", "One iteration on  ( . )", self.on_asked)
        self._play = self._button("play", "Play the iterations  ( / )", self.play_asked)
        self._words = QLabel()
        self._fit_text()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID // 2)
        for part in (self._back, self.slider, self._on, self._words, self._play):
            layout.addWidget(part)

    def full_width(self) -> int:
        """Of all its parts, pixels, even if the slider is hidden."""
        spared = self.slider.maximumWidth() + GRID // 2 if self.slider.isHidden() else 0
        return self.sizeHint().width() + spared

    @Slot(int)
    def show_iteration(self, iteration: int) -> None:
        """Stand here."""
        with QSignalBlocker(self.slider):
            self.slider.setValue(iteration)
        self._tell()

    @Slot(int)
    def show_count(self, count: int) -> None:
        """There are so many."""
        with QSignalBlocker(self.slider):
            self.slider.setRange(1, count)
        self._tell()

    @Slot(bool)
    def show_playing(self, playing: bool) -> None:
        """Offer to pause, or to play."""
        self._is_playing = playing
        self._play.setAccessibleName("Pause" if playing else "Play the iterations")
        self._paint_icons()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme = theme
        self._fit_text()
        self._paint_icons()

    def _fit_text(self) -> None:
        """As wide as for three iterations, so that nothing beside it moves; text can zoom."""
        self._words.setFont(font(SMALL))
        self._words.setMinimumWidth(self._words.fontMetrics().horizontalAdvance("3 of 3"))

    def _button(self, name: str, tip: str, asked: object) -> QToolButton:
        button = QToolButton()
        button.setObjectName(f"iteration-{name}")
        button.setIconSize(QSize(18, 18))
        button.setAccessibleName(tip.split("  ")[0])
        button.setToolTip(tip)
        button.setAutoRaise(True)
        button.clicked.connect(asked)
        return button

    def _tell(self) -> None:
        iteration, count = self.slider.value(), self.slider.maximum()
        self._words.setText(f"{iteration} of {count}")
        self._back.setEnabled(iteration > 1)
        self._on.setEnabled(iteration < count)
        self._play.setEnabled(count > 1)

    def _paint_icons(self) -> None:
        names = {
            self._back: "step-back",
            self._on: "step-on",
            self._play: "pause" if self._is_playing else "play",
        }
        for button, name in names.items():
            button.setIcon(icon(name, self._theme.text, self._theme.line))
