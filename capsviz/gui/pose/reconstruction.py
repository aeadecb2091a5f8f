"""What the decoder redraws of one digit capsule, beside the input and what differs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPoint, QRect, QSize, Qt, Slot
from PySide6.QtGui import QFontMetrics

from capsviz.gui.look.card import make_quiet, quiet_label
from capsviz.gui.look.elided import Elided
from capsviz.gui.look.theme import BODY, GRID, SMALL, Theme, font, is_enlarged
from capsviz.gui.look.tile import Tile
from capsviz.gui.look.view import Table, View
from capsviz.gui.look.viewport import cover
from capsviz.gui.pose.arrangement import LONGEST_LINE, UNBROKEN, advance, beside, largest
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
_LINES = 2  # of words below the tiles
_MOST_LINES = 6  # where the legend has no room beside them


class Reconstruction(View):
    """Three tiles: input, decoded, difference; and words on what is decoded and how well."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Reconstruction", parent)
        self.setObjectName("reconstruction")
        self._explanation: Explanation | None = None
        self._redrawing: Redrawing | None = None
        self._pinned: int | None = None
        self._pose: Pose | None = None
        self._arranged: tuple[object, ...] = ()
        self.tiles = [Tile(name, name == _NAMES[2], self) for name in _NAMES]
        self._names = [Elided(name) for name in _NAMES]
        self.words = quiet_label()
        self.words.setTextFormat(Qt.TextFormat.RichText)
        self.words.setWordWrap(True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.legend = Legend()
        for label in self._names:
            make_quiet(label)
        for widget in (*self._names, self.words, self.legend):
            widget.setParent(self)
        for widget in (*self.tiles, self.words, self.legend):
            cover(widget)

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
        words = self._words()
        self.words.setText(words)
        self.words.setToolTip("" if difference is None else _ERROR_TIP)
        legend, letters = self.legend.sizeHint().width(), font(SMALL).pointSizeF()
        key = (self.width(), self.height(), letters, legend, len(words), difference is None)
        if key != self._arranged:  # as at most moves of a slider it is not
            self._arranged = key
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
        colour = self.theme.word(decoded[0])
        number = f"<b style='color:{colour}'>{decoded[0]}</b>"
        text = self._source(decoded[0]).replace(str(decoded[0]), number, 1)
        return text if difference is None else f"{text}<br>{_error_words(difference)}"

    def _missing(self) -> str:
        if self._explanation is None:
            return self.reason or _EMPTY
        return _NO_DECODER

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
        name = self._names[0].sizeHint().height()
        widths = [advance(words) for words in _NAMES]
        made = largest(self.width(), self.height(), name, _LINES * name)
        words, legend = self._foot(made.corners(max(widths))[2][0], name)
        needed = max(words.height(), legend.y() + _LINES * name)
        if needed > _LINES * name:
            made = largest(self.width(), self.height(), name, needed)
        corners = made.corners(max(widths))
        for tile, (x, y) in zip(self.tiles, corners, strict=False):
            tile.setGeometry(x, y, made.side, made.side)
        for label, place in zip(self._names, made.names(corners, widths), strict=True):
            label.setGeometry(place)
        if made.has_words_below:
            self._place_below(corners[3][1], words, legend)
        else:
            self._place_in_cell(*corners[3])

    def _foot(self, third: int, name: int) -> tuple[QSize, QPoint]:
        """The size of the words below a row, and where the legend begins, from there."""
        if not self.legend.isVisibleTo(self):
            return self._words_of(self.width(), name), QPoint(self.width(), 0)
        at = beside(self.width(), third, self.legend.sizeHint().width())
        words = self._words_of(self.width() if at is None else at - GRID, name)
        return words, QPoint(0, words.height()) if at is None else QPoint(at, 0)

    def _words_of(self, width: int, name: int) -> QSize:
        if self._difference is not None and advance(LONGEST_LINE) + GRID <= width:
            return QSize(width, _LINES * name)  # no need to set them, which takes its time
        self.words.setFont(font(SMALL))
        return QSize(width, self.words.heightForWidth(width))

    def _place_below(self, y: int, words: QSize, legend: QPoint) -> None:
        self.words.setFont(font(SMALL))
        at = QPoint(0, y)
        is_beside = legend.y() == 0
        high = self.height() - y if is_beside else words.height()
        self.words.setGeometry(QRect(at, QSize(words.width(), high)))
        room = QSize(self.width() - legend.x(), self.legend.sizeHint().height())
        self.legend.setGeometry(QRect(at + legend, room))

    def _place_in_cell(self, x: int, y: int) -> None:
        self.words.setFont(font(BODY))
        wide = self.width() - x
        high = self.words.heightForWidth(wide)
        self.words.setGeometry(x, y, wide, high)
        self.legend.setGeometry(x, y + high + GRID, wide, self.legend.sizeHint().height())

    # Qt calls these

    def minimumSizeHint(self) -> QSize:
        line = QFontMetrics(font(SMALL)).height()
        lines = _MOST_LINES if is_enlarged() else _LINES + 1
        wide = max(28 * GRID, advance(UNBROKEN) + GRID)
        return QSize(wide, max(18 * GRID, 11 * GRID + (1 + lines) * line))

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
