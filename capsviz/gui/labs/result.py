"""The picture of figure 5: an image, its two digits redrawn together and apart, and the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QFrame, QScrollArea

from capsviz.gui.labs import words
from capsviz.gui.labs.numbers import numbers_of
from capsviz.gui.labs.pictures import mass_colours, overlaid_colours
from capsviz.gui.labs.tiles import ColourTile
from capsviz.gui.look.card import make_quiet, quiet_label
from capsviz.gui.look.elided import Elided
from capsviz.gui.look.theme import BODY, GRID, SMALL, Theme, font
from capsviz.gui.look.tile import Tile
from capsviz.gui.look.view import View
from capsviz.gui.look.viewport import use_own_viewport

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QResizeEvent
    from PySide6.QtWidgets import QLabel, QWidget

    from capsviz.explore.separation import Separation
    from capsviz.gui.look.view import Table

    Floats = NDArray[np.float32]

_EMPTY = "Draw two digits over one another, or take a sample."
_INPUT, _BOTH, _REST, _MASS, _FIRST, _FIRST_TRUTH, _SECOND, _SECOND_TRUTH = range(8)
_NAMES = (
    "input",
    "both redrawn",
    "ink nobody explains",
    "where it is routed",
    "first redrawn",
    "first truth",
    "second redrawn",
    "second truth",
)
_COLUMNS, _ROWS = 4, 2
_WORDS = 24 * GRID  # least width of the words beside the tiles
_UNBROKEN = "squared error 888.8,"  # the longest of them that stay together
_TIP = (
    "<p>squared error: Σ (redrawn − truth)² over all pixels.</p>"
    "<p>Ink that nobody explains: max(0, input − min(1, both redrawn)).</p>"
    "<p>Where it is routed: each place in the colours of the two digits, mixed by their shares in "
    "M<sub>j</sub> = Σ<sub>i</sub> ‖u<sub>i</sub>‖ (c<sub>ij</sub> − 1/J) w, as far as that is "
    "above 0; brightness is how much it is. In iteration 1 every capsule splits evenly.</p>"
)


class Result(View):
    """Eight tiles in two rows, and words on what became of each part."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Two digits taken apart", parent)
        self.setObjectName("two-digits-result")
        self._separation: Separation | None = None
        self._iteration: int | None = None
        self.tiles: list[Tile] = []
        for number, name in enumerate(_NAMES):
            made = ColourTile(name) if number not in (_INPUT, _REST) else Tile(name)
            made.setObjectName(f"two-digits-{name.replace(' ', '-')}")
            made.setParent(self)
            self.tiles.append(made)
        self._names = [Elided(name) for name in _NAMES]
        for label in self._names:
            make_quiet(label)
        self.words = quiet_label()
        self.words.setTextFormat(Qt.TextFormat.RichText)
        self.words.setWordWrap(True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.words.setToolTip(_TIP)
        self.scrolled = self._scrolling(self.words)
        for part in (*self._names, self.scrolled):
            part.setParent(self)

    @staticmethod
    def _scrolling(words: QLabel) -> QScrollArea:
        """Large text has no room for every sentence."""
        made = QScrollArea()
        use_own_viewport(made)
        made.setFrameShape(QFrame.Shape.NoFrame)
        made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        made.setWidgetResizable(True)
        made.setWidget(words)
        made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for part in (words, made.viewport()):
            part.setAutoFillBackground(False)
        return made

    @Slot(object)
    def show_separation(self, separation: Separation | None) -> None:
        """Show an answer, or that there is none."""
        self._separation = separation
        self.refresh()

    @Slot(int)
    def show_iteration(self, iteration: int) -> None:
        """Show where it is routed in this iteration, 1 … R."""
        self._iteration = iteration
        self.refresh()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        for tile in self.tiles:
            tile.set_theme(theme)
        for label in self._names:
            label.setFont(font(SMALL))
        super().set_theme(theme)

    def draw(self) -> None:
        """Draw what is shown now."""
        answer = self._separation
        if answer is None:
            for tile, name, label in zip(self.tiles, _NAMES, self._names, strict=True):
                tile.show_values(None)
                label.setText(name)
            self.words.setText(_EMPTY)
        else:
            self._draw_tiles(answer)
            self._name_tiles(answer)
            self.words.setText("<br><br>".join(self._told(answer, self._colours(answer))))
        self._arrange()

    def _draw_tiles(self, answer: Separation) -> None:
        self.tiles[_INPUT].show_values(answer.image)
        self.tiles[_REST].show_values(answer.unexplained)
        colours = self._colours(answer)
        decoded, parts = answer.decoded, None if answer.truth is None else answer.truth.parts
        self._colour(_BOTH, decoded, colours)
        true = self._true_colours(answer)
        for place, layers, index, worn in (
            (_FIRST, decoded, 0, colours),
            (_SECOND, decoded, 1, colours),
            (_FIRST_TRUTH, parts, 0, true),
            (_SECOND_TRUTH, parts, 1, true),
        ):
            one = None if layers is None else layers[index : index + 1]
            self._colour(place, one, worn[index : index + 1])
        self._draw_mass(answer, colours)

    def _draw_mass(self, answer: Separation, colours: tuple[str, ...]) -> None:
        theme, shown = self.theme, self.iteration_of(answer)
        count = answer.explanation.iterations
        maps = [answer.mass(step, difference=True) for step in range(1, count + 1)]
        most = max(float(np.clip(each, 0, None).sum(axis=0).max()) for each in maps)
        pixels = mass_colours(maps[shown - 1], most, answer.image, colours, theme.paper, theme.ink)
        tile = self.tiles[_MASS]
        assert isinstance(tile, ColourTile)
        tile.show_colours(maps[shown - 1], pixels)

    def _colour(self, place: int, layers: Floats | None, colours: tuple[str, ...]) -> None:
        tile = self.tiles[place]
        assert isinstance(tile, ColourTile)
        pixels = None if layers is None else overlaid_colours(layers, colours, self.theme.paper)
        tile.show_colours(layers, pixels)

    def _colours(self, answer: Separation) -> tuple[str, ...]:
        return tuple(self.theme.digits[digit % 10] for digit in answer.digits)

    def _true_colours(self, answer: Separation) -> tuple[str, ...]:
        """Of the parts: what they are; where nobody has said, what they are seen as."""
        labels = None if answer.truth is None else answer.truth.labels
        true = labels or answer.choosing(None).digits
        return tuple(self.theme.digits[digit % 10] for digit in true)

    def _name_tiles(self, answer: Separation) -> None:
        first, second = answer.digits
        labels = (None, None) if answer.truth is None else answer.truth.labels or (None, None)
        names = list(_NAMES)
        names[_MASS] = _routed(self.iteration_of(answer))
        names[_FIRST] = f"{first} redrawn{words.presence(answer, first)}"
        names[_SECOND] = f"{second} redrawn{words.presence(answer, second)}"
        for place, label in ((_FIRST_TRUTH, labels[0]), (_SECOND_TRUTH, labels[1])):
            known = "as drawn" if label is None else f"the {label} itself"
            names[place] = "truth unknown" if answer.truth is None else known
        for label_, tile, name in zip(self._names, self.tiles, names, strict=True):
            label_.setText(name)
            tile.setAccessibleDescription(name)

    def iteration_of(self, answer: Separation) -> int:
        """The iteration shown, 1 … R; until told, the last."""
        count = answer.explanation.iterations
        return count if self._iteration is None else min(max(self._iteration, 1), count)

    def summary(self) -> str:
        """The answer, and what became of each part."""
        if self._separation is None:
            return _EMPTY
        return "; ".join((words.verdict(self._separation), *self._told(self._separation)))

    def _told(self, answer: Separation, colours: tuple[str, ...] | None = None) -> list[str]:
        return words.told(answer, self.iteration_of(answer), colours)

    def table(self) -> Table | None:
        """Every pixel of the tiles; the mass of both digits in the iteration on show."""
        answer = self._separation
        return None if answer is None else numbers_of(answer, self.iteration_of(answer))

    def _arrange(self) -> None:
        """Tiles as large as there is room for, words on their right."""
        gap, name = GRID + GRID // 2, self._names[0].sizeHint().height()
        wide = (self.width() - self._room_for_words() - _COLUMNS * gap) // _COLUMNS
        high = (self.height() - gap) // _ROWS - name - GRID // 2
        side = max(min(wide, high), 0)
        down = side + name + GRID // 2 + gap
        for number, (tile, label) in enumerate(zip(self.tiles, self._names, strict=True)):
            x, y = number % _COLUMNS * (side + gap), number // _COLUMNS * down
            tile.setGeometry(x, y, side, side)
            label.setGeometry(x, y + side + GRID // 2, side + gap // 2, name)
        self._name_routed(side + gap // 2)
        left = _COLUMNS * (side + gap) + GRID
        room = max(self.width() - left, 0)
        self.words.setFont(font(BODY))
        if self.words.heightForWidth(room) > self.height():
            self.words.setFont(font(SMALL))
        self.scrolled.setGeometry(left, 0, room, self.height())

    def _room_for_words(self) -> int:
        """Whatever they are: that the tiles stay as they are."""
        words = QFontMetrics(font(SMALL)).horizontalAdvance(_UNBROKEN)
        return max(_WORDS, words + self.scrolled.verticalScrollBar().sizeHint().width() + 2 * GRID)

    def _name_routed(self, room: int) -> None:
        """The iteration is never what gives way."""
        answer, label = self._separation, self._names[_MASS]
        if answer is None:
            label.setToolTip("")
            return
        step = self.iteration_of(answer)
        whole = _routed(step)
        has_room = label.fontMetrics().horizontalAdvance(whole) <= room
        label.setText(whole if has_room else f"routed ({step})")
        label.setToolTip("" if has_room else whole)

    # Qt calls these

    def minimumSizeHint(self) -> QSize:
        return QSize(_WORDS + _COLUMNS * 12 * GRID, 34 * GRID)

    def sizeHint(self) -> QSize:
        return QSize(_WORDS + _COLUMNS * 21 * GRID, 46 * GRID)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()


def _routed(iteration: int) -> str:
    return f"routed, iteration {iteration}"
