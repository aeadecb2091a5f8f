"""One dimension of a pose: its number, what it does, a slider in its distribution, its value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QSignalBlocker, QSize, Qt, Slot
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from capsviz.gui.look.theme import DARK, GRID, SMALL, Theme, font
from capsviz.gui.look.tips import shows_tip
from capsviz.gui.pose.grip import STEPS, Grip
from capsviz.gui.pose.groove import (
    Spread,
    SpreadPicture,
    paint_groove,
    paint_handle,
    paint_mark,
    paint_way,
)
from capsviz.gui.pose.row import (
    columns,
    number_text,
    paint_focus,
    paint_ground,
    paint_left,
    paint_right,
    told,
)
from capsviz.gui.pose_edit import PERTURBATION

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent, QResizeEvent

    from capsviz.explore.describe import Effect

_TALLEST = 5 * GRID
_BEYOND = "beyond ±{:g}, the reach of the other rows, so this row has a scale of its own"


class PoseSlider(Grip):
    """A slider over one number of the pose, painted as a whole row."""

    def __init__(self, dimension: int, parent: QWidget | None = None) -> None:
        super().__init__(dimension, parent)
        self.setObjectName(f"pose-slider-{dimension}")
        self.inferred: float | None = None
        self.beyond = 0
        self._told: tuple[float, float, float, int] | None = None
        self.spread: Spread | None = None
        self.effect: Effect | None = None
        self._theme, self._colour = DARK, DARK.quiet
        self._picture = SpreadPicture()
        self.setFont(font(SMALL))
        self.focused.connect(self._describe)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMaximumHeight(_TALLEST)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._lay_out()
        self.show_effect(None)

    def show_number(
        self, value: float, inferred: float, middle: float, reach: float, beyond: int = 0
    ) -> None:
        """Stand at a number, in a groove of `reach` about `middle`; mark what routing found.

        The groove is as long as it takes: `beyond` is 1 or -1 where that is longer than the
        others', upward or downward.
        """
        told, at = (inferred, middle, reach, beyond), round(value * STEPS)
        if told == self._told and at == self.value() and self.isEnabled():
            return  # as all but one are while that is dragged
        if (inferred, beyond) != (self.inferred, self.beyond):
            self.inferred, self.beyond = inferred, beyond
            self.update()
        self._told = told
        self.setEnabled(True)
        centre, half = round(middle * STEPS), round(reach * STEPS)
        with QSignalBlocker(self):
            self.setRange(centre - half, centre + half)
            self.setValue(at)
        if self.hasFocus():
            self._describe()

    def show_nothing(self) -> None:
        """There is no pose."""
        self.inferred = self._told = None
        self.setEnabled(False)
        self.update()

    def show_spread(self, spread: Spread | None) -> None:
        """The distribution of this number, if it is known."""
        if spread is not self.spread:
            self.spread = spread
            self.update()

    def show_effect(self, effect: Effect | None) -> None:
        """What the number does, if it is known."""
        if effect != self.effect or not self.accessibleName():
            self.effect = effect
            word = "" if effect is None else f", {effect.name}"
            self.setAccessibleName(f"Dimension {self.dimension + 1}{word}")
            self.update()

    def show_colours(self, theme: Theme, colour: str) -> None:
        """Take these colours, and the digit's own."""
        if (theme, colour) != (self._theme, self._colour):
            self._theme, self._colour = theme, colour
            self.update()

    @property
    def is_usual(self) -> bool:
        """Whether test digits of this class have such numbers, as far as that is known."""
        return self.spread is None or self.spread.is_usual(self.number)

    def told(self) -> str:
        """All that is known of this number, line by line."""
        known = told(self.dimension, self.number, self.inferred, self.spread, self.effect)
        return f"{known}\n{_BEYOND.format(PERTURBATION)}" if self.beyond else known

    @Slot()
    def _describe(self) -> None:
        self.setAccessibleDescription(self.told())

    def _lay_out(self) -> None:
        self._columns = columns(self.rect(), self.fontMetrics())
        self.track = self._columns.groove

    @property
    def _is_moved(self) -> bool:
        return self.inferred is not None and round(self.inferred * STEPS) != self.value()

    def _paint_words(self, painter: QPainter) -> None:
        """Number, effect and value; quiet unless they say something."""
        theme, effect, columns = self._theme, self.effect, self._columns
        is_on = self.isEnabled()
        number = str(self.dimension + 1)
        paint_right(painter, columns.number, number, theme.quiet if is_on else theme.faint)
        if is_on and effect is not None:
            colour = theme.text if effect.is_clear else theme.quiet
            paint_left(painter, columns.effect, effect.words, colour)
        if is_on:
            colour = theme.text if self._is_moved else theme.quiet
            paint_right(painter, columns.value, number_text(self.number), colour)

    def _paint_slider(self, painter: QPainter) -> None:
        groove = self.groove
        if self.isEnabled() and self.spread is not None:
            self._picture.paint(painter, groove, self.spread, self._colour)
        paint_groove(painter, groove, self._theme)
        if self.inferred is not None:
            usual = self.is_usual
            colour = self._colour if usual else self._theme.warning
            at = QPointF(groove.x(self.number), groove.middle)
            paint_mark(painter, groove, self.inferred, self._theme)
            if self._is_moved:
                paint_way(painter, groove, (self.inferred, self.number), colour)
            paint_handle(painter, at, colour, self._theme, usual, self.beyond)

    def _tip_at(self, _place: QPointF) -> str:
        how = "\ndouble click or Backspace: back to that" if self._is_moved else ""
        return self.told() + how if self.isEnabled() else ""

    # Qt calls these

    def sizeHint(self) -> QSize:
        return QSize(38 * GRID, self.minimumSizeHint().height() + 3)

    def minimumSizeHint(self) -> QSize:
        return QSize(30 * GRID, self.fontMetrics().height() + 3)

    def event(self, event: QEvent) -> bool:
        return shows_tip(self, event, self._tip_at) or super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._lay_out()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse() and self.isEnabled():
            paint_ground(painter, self.rect(), self._theme)
        self._paint_words(painter)
        self._paint_slider(painter)
        if self.hasFocus():
            paint_focus(painter, self.rect(), self._theme)
