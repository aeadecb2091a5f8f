"""What the decoder redraws of one digit capsule, beside the input and what differs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSize, Qt, Slot

from capsviz.gui.look.card import quiet_label
from capsviz.gui.look.theme import BODY, GRID, SMALL, Theme, font
from capsviz.gui.look.tile import Tile
from capsviz.gui.look.view import Table, View
from capsviz.gui.pose.legend import Legend

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QResizeEvent
    from PySide6.QtWidgets import QWidget

    from capsviz.explore.answers import Explanation, Redrawing
    from capsviz.gui.pose_edit import Pose

    Floats = NDArray[np.float32]

_NAMES = ("input", "decoded", "difference")
_EMPTY = "Draw a digit, and the decoder redraws it from the numbers of its capsule."
_NO_DECODER = "This network was trained without a decoder, so it cannot redraw."
_ERROR_TIP = (
    "squared error: Σ (decoded − input)² over all pixels, what training lowers (section 4.1)\n"
    "RMS: the root of its mean, in grey values of 0 to 1"
)
_TEXT_CELL = 18 * GRID  # narrowest cell that words may stand in, instead of below the tiles
_WIDE = 50 * GRID  # from this width on, gaps are wider
_LINES = 2  # of words below the tiles


class Reconstruction(View):
    """Three tiles: input, decoded, difference; and words on what is decoded and how well."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Reconstruction", parent)
        self.setObjectName("reconstruction")
        self._explanation: Explanation | None = None
        self._redrawing: Redrawing | None = None
        self._pinned: int | None = None
        self._pose: Pose | None = None
        self.tiles = [Tile(name, name == _NAMES[2], self) for name in _NAMES]
        self._names = [quiet_label(name) for name in _NAMES]
        self.words = quiet_label()
        self.words.setTextFormat(Qt.TextFormat.RichText)
        self.words.setWordWrap(True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.legend = Legend()
        for widget in (*self._names, self.words, self.legend):
            widget.setParent(self)

    def show_explanation(self, explanation: Explanation | None) -> None:
        """Take an answer's input, or none."""
        self._explanation = explanation
        if explanation is None:
            self._redrawing = None
        self.refresh()

    @Slot(object)
    def show_redrawing(self, redrawing: Redrawing | None) -> None:
        """Take what the decoder made of the pose; it may come after its answer, or alone."""
        self._redrawing = redrawing
        self.refresh()

    def show_pinned(self, digit: int | None) -> None:
        """Say whether a capsule was chosen, or the winner is followed."""
        self._pinned = digit
        self.refresh()

    def show_pose(self, pose: Pose | None) -> None:
        """Say whether the decoded pose was edited."""
        before, self._pose = self._pose, pose
        if _edited_digit(before) != _edited_digit(pose):
            self.refresh()

    @property
    def _input(self) -> Floats | None:
        return None if self._explanation is None else self._explanation.image

    @property
    def _decoded(self) -> tuple[int, Floats] | None:
        """Digit and image: the redrawing, or what the answer itself brought."""
        if self._redrawing is not None:
            return self._redrawing.digit, self._redrawing.image
        answer = self._explanation
        if answer is None or answer.reconstruction is None:
            return None
        return answer.digit, answer.reconstruction

    @property
    def _difference(self) -> Floats | None:
        shown, decoded = self._input, self._decoded
        if shown is None or decoded is None or decoded[1].shape != shown.shape:
            return None
        difference: Floats = decoded[1] - shown
        return difference

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        for tile in self.tiles:
            tile.set_theme(theme)
        self.legend.set_theme(theme)
        super().set_theme(theme)

    def draw(self) -> None:
        """Draw what is shown now."""
        decoded, difference = self._decoded, self._difference
        images = (self._input, None if decoded is None else decoded[1], difference)
        for tile, values in zip(self.tiles, images, strict=True):
            tile.show_values(values)
        self.legend.show_difference(difference)
        self.words.setText(self._words())
        self.words.setToolTip("" if difference is None else _ERROR_TIP)
        self._arrange()

    def summary(self) -> str:
        """Which capsule is decoded, and how far off it is."""
        decoded, difference = self._decoded, self._difference
        if decoded is None:
            return self._missing()
        said = f"Reconstruction from {self._source(decoded[0])}"
        return said if difference is None else f"{said}; {_error_words(difference)}"

    def table(self) -> Table | None:
        """Every pixel of the three tiles."""
        shown, decoded, difference = self._input, self._decoded, self._difference
        if shown is None or decoded is None or difference is None:
            return None
        rows = tuple(
            (x, y, float(shown[y, x]), float(decoded[1][y, x]), float(difference[y, x]))
            for y, x in np.ndindex(shown.shape)
        )
        return Table(("x", "y", *_NAMES), rows)

    def _words(self) -> str:
        decoded, difference = self._decoded, self._difference
        if decoded is None:
            return self._missing()
        colour = self.theme.digits[decoded[0] % len(self.theme.digits)]
        number = f"<b style='color:{colour}'>{decoded[0]}</b>"
        text = self._source(decoded[0]).replace(str(decoded[0]), number, 1)
        return text if difference is None else f"{text}<br>{_error_words(difference)}"

    def _missing(self) -> str:
        return _EMPTY if self._explanation is None else _NO_DECODER

    def _source(self, digit: int) -> str:
        """Such as "capsule 3, the winner, edited"; no digit seen has no winner."""
        parts, answer = [f"capsule {digit}"], self._explanation
        if digit == self._pinned:
            parts.append("pinned")
        elif answer is not None and digit == answer.digit:
            parts.append("the winner" if answer.is_seen else "the longest")
        if self._pose is not None and self._pose.is_edited and self._pose.digit == digit:
            parts.append("edited")
        return ", ".join(parts)

    def _arrange(self) -> None:
        """Three tiles in a row with the words below, or in two or four columns with the words as
        the last cell: whichever makes the tiles largest.
        """
        gap = GRID if self.width() < _WIDE else 2 * GRID
        name = self._names[0].sizeHint().height()
        side, columns = max(self._side(columns, gap, name) for columns in (2, 3, 4))
        down = side + name + GRID + GRID // 2
        corners = [(i % columns * (side + gap), i // columns * down) for i in range(4)]
        for tile, label, (x, y) in zip(self.tiles, self._names, corners, strict=False):
            tile.setGeometry(x, y, side, side)
            label.setGeometry(x, y + side + GRID // 2, side, name)
        self._place_words(corners[3], side, corners[2][0] if columns == 3 else None)

    def _side(self, columns: int, gap: int, name: int) -> tuple[int, int]:
        """The tiles' side in so many columns, 0 if words would not fit; and the columns."""
        rows, below = (1, 0) if columns == 4 else (2, 0) if columns == 2 else (1, _LINES * name)
        name += GRID // 2
        wide = (self.width() - (columns - 1) * gap) // columns
        high = (self.height() - below - rows * name - (GRID if below or rows > 1 else 0)) // rows
        side = max(min(wide, high), 0)
        return side if columns == 3 or side >= _TEXT_CELL else 0, columns

    def _place_words(self, corner: tuple[int, int], side: int, third: int | None) -> None:
        """Below the row, the legend under the third tile; or both in a cell."""
        x, y = corner
        legend = self.legend.sizeHint()
        self.words.setFont(font(SMALL if third is not None else BODY))
        if third is not None:
            right = third - GRID if self.legend.isVisibleTo(self) else self.width()
            self.words.setGeometry(x, y, right, self.height() - y)
            self.legend.setGeometry(third, y, side, legend.height())
        else:
            words = self.words.heightForWidth(self.width() - x)
            self.words.setGeometry(x, y, self.width() - x, words)
            self.legend.setGeometry(x, y + words + GRID, side, legend.height())

    # Qt calls these

    def minimumSizeHint(self) -> QSize:
        return QSize(28 * GRID, 18 * GRID)

    def sizeHint(self) -> QSize:
        return QSize(42 * GRID, 24 * GRID)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()


def _error_words(difference: Floats) -> str:
    squares = difference**2
    error, rms = float(squares.sum()), math.sqrt(float(squares.mean()))
    return f"squared\u00a0error\u00a0{error:.1f}, RMS\u00a0{rms:.3f}"


def _edited_digit(pose: Pose | None) -> int | None:
    """The capsule whose pose was edited, if any."""
    return pose.digit if pose is not None and pose.is_edited else None
