"""The pose card: the D instantiation parameters of the decoded capsule, each to be moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from capsviz.gui.look.articles import a_digit
from capsviz.gui.look.card import quiet_label
from capsviz.gui.look.theme import GRID, Theme
from capsviz.gui.look.view import Table, View
from capsviz.gui.pose.controls import Controls
from capsviz.gui.pose.filmstrip import FilmStrip
from capsviz.gui.pose.row import number_text
from capsviz.gui.pose.sliders import Sliders
from capsviz.gui.pose_edit import length_of

if TYPE_CHECKING:
    from PySide6.QtGui import QHideEvent, QShowEvent

    from capsviz.explore.answers import PoseStatistics, Redrawing
    from capsviz.explore.describe import Effect
    from capsviz.gui.pose_edit import Pose

_NO_POSE = "Draw a digit: the numbers of its capsule stand here, and each of them can be moved."
_NO_FILMS = "Move a number: the drawings that the decoder makes of it are kept here."


class PosePanel(View):
    """A slider for each number of the pose, buttons for all of them, and the last drawings.

    Signals:
        gesture_begun(): a slider was taken hold of; what follows is one step to undo.
        dimension_moved(int, float): dimension 0 … D-1 and its new number.
        dimension_reset(int): this number back to what routing found.
        reset_asked(), random_asked(): all numbers.
        lock_asked(bool): keep the length ‖v‖, or no longer.
        animate_asked(tuple): let these dimensions move by themselves.
        stop_asked(): end that.
        film_chosen(object): (D,) the pose of an earlier drawing.
        effects_wanted(bool): the view is on screen and says what each number does, or no longer.
    """

    gesture_begun = Signal()
    dimension_moved = Signal(int, float)
    dimension_reset = Signal(int)
    reset_asked = Signal()
    random_asked = Signal()
    lock_asked = Signal(bool)
    animate_asked = Signal(tuple)
    stop_asked = Signal()
    film_chosen = Signal(object)
    effects_wanted = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Pose", parent)
        self.setObjectName("pose")
        self._pose: Pose | None = None
        self._statistics: PoseStatistics | None = None
        self._effects: tuple[Effect, ...] | None = None
        self._films: tuple[Redrawing, ...] = ()
        self.controls = Controls()
        self.sliders = Sliders()
        self.films = FilmStrip()
        self._hint = quiet_label(_NO_POSE)
        self._hint.setWordWrap(True)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self._foot = QStackedWidget()
        self._foot.addWidget(self._hint)
        self._foot.addWidget(self.films)
        self._fit_foot()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID // 2)
        layout.addWidget(self.controls)
        layout.addWidget(self.sliders, 1)
        layout.addWidget(self._foot)

    def _fit_foot(self) -> None:
        """As tall as a film, or as two lines of words, so that rows keep their places."""
        words = 2 * self._hint.fontMetrics().lineSpacing() + GRID // 2
        self._foot.setFixedHeight(max(self.films.sizeHint().height(), words))

    def _connect(self) -> None:
        self.sliders.begun.connect(self.gesture_begun)
        self.sliders.moved.connect(self.dimension_moved)
        self.sliders.reset_asked.connect(self.dimension_reset)
        self.films.chosen.connect(self.film_chosen)
        self.controls.reset_asked.connect(self.reset_asked)
        self.controls.random_asked.connect(self.random_asked)
        self.controls.lock_asked.connect(self.lock_asked)
        self.controls.animation_asked.connect(self._ask_animation)
        self.controls.wide_changed.connect(self._change_reach)

    def show_pose(self, pose: Pose | None) -> None:
        """Show these numbers, or none."""
        self._pose = pose
        self.refresh()

    @Slot(object)
    def show_statistics(self, statistics: PoseStatistics | None) -> None:
        """Show where such numbers usually lie; None: it is not known."""
        self._statistics = statistics
        self.refresh()

    @Slot(object)
    def show_effects(self, effects: tuple[Effect, ...] | None) -> None:
        """Show what each number does to the drawing; None: it is not known."""
        self._effects = effects
        self.refresh()

    @Slot(tuple)
    def show_films(self, films: tuple[Redrawing, ...]) -> None:
        """Show the last drawings, oldest first; those of other capsules are left out."""
        self._films = films
        if self.isVisible():
            self._draw_films()  # the rows stay as they are
        else:
            self.refresh()

    @Slot(bool)
    def show_animated(self, animated: bool) -> None:
        """Whether numbers move by themselves."""
        self.controls.show_animated(animated)

    @Slot(bool)
    def show_locked(self, locked: bool) -> None:
        """Whether the length is kept."""
        self.controls.lock.setChecked(locked)

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self.controls.set_theme(theme)
        self.films.set_theme(theme)
        self._fit_foot()
        super().set_theme(theme)

    def draw(self) -> None:
        """Rows, buttons and films of the present pose."""
        pose = self._pose
        self.sliders.show_pose(pose, self._statistics, self.controls.wide.isChecked())
        self.sliders.show_effects(None if pose is None else self._effects)
        digit = 0 if pose is None else pose.digit
        self.sliders.show_colours(self.theme, self.theme.digits[digit % 10])
        self.controls.show_possible(pose is not None, pose is not None and self._has_statistics)
        self._draw_films()

    @property
    def caption(self) -> str:
        pose = self._pose
        if pose is None:
            return ""
        dashes = "dashes: as routing found it"
        if self._has_statistics:
            dashes += f", shape: how test digits of {a_digit(pose.digit)} have it"
        wide = self.controls.wide.isChecked()
        reach = (
            "All lines have one scale about 0" if wide else "Lines reach ±0.25 about the dashes"
        )
        return f"Digit capsule {pose.digit}. Dot: the number now, {dashes}. {reach}."

    @property
    def pictured(self) -> QWidget:
        """All rows, even if there is no room for some of them."""
        return self.sliders.content

    @property
    def _has_statistics(self) -> bool:
        return bool(self.sliders.spreads.rows)

    def _draw_films(self) -> None:
        pose = self._pose
        own = [film for film in self._films if pose is not None and film.digit == pose.digit]
        self.films.show_films(tuple(own))
        self._foot.setCurrentWidget(self.films if own else self._hint)
        self._hint.setText(_NO_FILMS if pose is not None else self.reason or _NO_POSE)

    def summary(self) -> str:
        """The capsule, its length, and what was moved."""
        pose = self._pose
        if pose is None:
            return self.reason or "No digit is drawn, so there is no pose"
        count, length = len(pose.values), length_of(pose.values)
        changed = [
            f"dimension {index + 1} from {number_text(before)} to {number_text(now)}"
            for index, (before, now) in enumerate(pose.pairs)
            if before != now
        ]
        moved = ("moved: " + ", ".join(changed)) if changed else "as routing found them"
        return f"{count} numbers of capsule {pose.digit}, length {length:.2f}, {moved}"

    def table(self) -> Table | None:
        """One row for each dimension."""
        if self._pose is None:
            return None
        columns = ("dimension", "value", "inferred", "percentile", "effect")
        rows = tuple(
            (index + 1, value, inferred, self._percentile(index, value), self._word(index))
            for index, (inferred, value) in enumerate(self._pose.pairs)
        )
        return Table(columns, rows).of(digit=self._pose.digit)

    def _percentile(self, dimension: int, value: float) -> float | str:
        spreads = self.sliders.spreads.renewed(self._statistics, self._pose).rows
        return round(100 * spreads[dimension].level(value), 1) if spreads else ""

    def _word(self, dimension: int) -> str:
        known = self._effects is not None and dimension < len(self._effects)
        effect = self._effects[dimension] if self._effects is not None and known else None
        return "" if effect is None else effect.words

    @Slot(bool)
    def _ask_animation(self, wanted: bool) -> None:
        if not wanted:
            self.stop_asked.emit()
        elif self._pose is not None:
            each = tuple(range(len(self._pose.values)))
            one = self.controls.one.isChecked()
            self.animate_asked.emit((self.sliders.current,) if one else each)

    @Slot(bool)
    def _change_reach(self, _wide: bool) -> None:
        self.refresh()

    # Qt calls these

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.effects_wanted.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.effects_wanted.emit(False)
