"""What the network sees: the framed image, pixel by pixel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from capsviz.gui.input.framing_ease import FramingEase, Way
from capsviz.gui.input.input_tile import SIDE, InputTile
from capsviz.gui.look.card import make_quiet
from capsviz.gui.look.elided import Elided
from capsviz.gui.look.theme import GRID
from capsviz.gui.look.view import Table, View
from capsviz.gui.scene import Scene, canvas_framing

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QHideEvent, QResizeEvent

    from capsviz.gui.look.theme import Theme

_CENTRED = (
    "<p>The drawing is brought to MNIST's frame, as every digit that the network learnt from: "
    "its longest side to {ink} of {size} pixels, its centre of mass to pixel "
    "({middle}, {middle}).</p>"
    "<p>Switch this off to leave the drawing where it is: draw off the middle, or small, and "
    "see how the answer suffers.</p>"
)
_FRAMED_ALREADY = "<p>An image stands under the drawing, and images are framed when opened.</p>"
_MNIST, _INK = 28, 20  # pixels of a side, and of the longest side of the ink in it
_NO_INK = 0.1  # of full ink: what is paler does not count for the extent


class NetworkInput(View):
    """The image as the network gets it, with the facts of its framing.

    Signals:
        framed_changed(bool): the person wants drawings centred, or left in their place.
    """

    framed_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("What the network sees", parent)
        self.tile = InputTile("What the network sees")
        self._facts = [Elided("") for _ in range(3)]
        self._size, self._border = _MNIST, 0
        self._centred = self._make_button()
        self._image: NDArray[np.float32] | None = None
        self._scene = Scene()
        self._coming: tuple[Scene, Scene] | None = None  # before and after, its input to come
        self._ease = FramingEase(self)
        self._ease.passed.connect(self.tile.show_passing)
        self._lay_out()

    def _make_button(self) -> QToolButton:
        button = QToolButton()
        button.setObjectName("framed")
        button.setText("Centred")
        button.setAccessibleName("Centred as MNIST's digits are")
        button.setToolTip(_centred(self._size, self._border))
        button.setCheckable(True)
        button.setChecked(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # after a click no ring stays
        button.clicked.connect(self.framed_changed)
        return button

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(GRID // 2)
        for label in self._facts:
            make_quiet(label)
            words.addWidget(label)
        words.addStretch()
        words.addWidget(self._centred, 0, Qt.AlignmentFlag.AlignLeft)
        beside = _Beside()
        beside.setLayout(words)
        words.setContentsMargins(0, 0, 0, 0)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * GRID)
        layout.addWidget(self.tile, 1)
        layout.addWidget(beside, 0, Qt.AlignmentFlag.AlignTop)
        layout.addStretch()

    @Slot(object)
    def show_input(self, image: NDArray[np.float32] | None) -> None:
        """Show an (S, S) image in 0 … 1, or none.

        After `show_scene` told of a new stroke, the drawing is seen moving into its frame; at any
        other time, and from the next call on, the image is shown at once.
        """
        self._ease.stop()
        self._image = image
        self.refresh()
        coming, self._coming = self._coming, None
        if coming is not None and image is not None and self.isVisible():
            self._ease.start(_way(*coming, len(image), self._border))

    def show_scene(self, scene: Scene) -> None:
        """What the next input will be made from."""
        before, self._scene = self._scene, scene
        is_moved = _is_next_stroke(before, scene) or before.framed != scene.framed
        self._coming = (before, scene) if is_moved else None
        self.show_framed(scene.framed)
        self._explain()
        if self._image is None:
            self.refresh()  # the words tell what will happen

    def show_size(self, size: int, border: int) -> None:
        """Pixels of a side; how many stay free round a digit, where the network reads two."""
        self._size, self._border = size, border
        self._explain()

    def _explain(self) -> None:
        is_drawing = self._scene.ground is None
        self._centred.setEnabled(is_drawing)
        about = _centred(self._size, self._border) if is_drawing else _FRAMED_ALREADY
        self._centred.setToolTip(about)

    def show_framed(self, framed: bool) -> None:
        """Whether drawings are centred."""
        with QSignalBlocker(self._centred):
            self._centred.setChecked(framed)

    def show_pointed(self, field: tuple[int, int, int] | None) -> None:
        """Outline a receptive field: row, column and side in pixels of the image; or none."""
        self.tile.show_pointed(field)

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        # a button that stands alone has to look like one when it is off, too
        self._centred.setStyleSheet(
            f"QToolButton:!checked {{ border-color: {theme.line}; }}"
            f"QToolButton:focus {{ border: 2px solid {theme.accent}; padding: 3px 7px; }}"
            f"QToolButton:checked:focus {{ border-color: {theme.text}; }}"
        )
        super().set_theme(theme)

    def draw(self) -> None:
        """Draw the input and its facts."""
        self.tile.set_theme(self.theme)
        self.tile.show_values(self._image)
        for label, fact in zip(self._facts, self._words(), strict=True):
            label.setText(fact)
            label.setToolTip(fact)

    def summary(self) -> str:
        """The facts in one sentence."""
        if self._image is None:
            return "The network sees nothing: nothing is drawn."
        return f"The network sees {', '.join(fact for fact in _facts(self._image) if fact)}."

    def _words(self) -> tuple[str, str, str]:
        """The facts, or what will become of a digit."""
        if self._image is not None:
            return _facts(self._image)
        if self._scene.framed:
            return "your digit will be framed", "as MNIST's digits are", ""
        return "your digit will stay", "where you draw it", ""

    def table(self) -> Table | None:
        """The image, a row of pixels a row."""
        if self._image is None:
            return None
        columns = ("row", *(f"column {x}" for x in range(self._image.shape[1])))
        return Table(columns, tuple((y, *map(float, row)) for y, row in enumerate(self._image)))

    # Qt calls these

    def resizeEvent(self, event: QResizeEvent) -> None:
        side = max(SIDE, min(self.height(), self.width() - self._centred.sizeHint().width()))
        self.tile.setMaximumSize(side, side)
        super().resizeEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self._ease.stop()
        super().hideEvent(event)


class _Beside(QWidget):
    """As high as the tile, or as its words are."""

    # Qt calls this

    def sizeHint(self) -> QSize:
        return super().sizeHint().expandedTo(QSize(0, SIDE))


def _is_next_stroke(before: Scene, after: Scene) -> bool:
    """Whether one mark was added to a drawing."""
    marks = after.drawing.marks
    return bool(marks) and after.ground is None and marks[:-1] == before.drawing.marks


def _way(before: Scene, after: Scene, size: int, border: int) -> Way:
    """A new stroke comes from the canvas; a drawing framed otherwise, from where it was."""
    is_same = after.drawing == before.drawing
    inner = size - 2 * border
    first = before.framing(inner) if is_same else canvas_framing(inner)
    return Way(after.drawing, first, after.framing(inner), inner, border)


def _centred(size: int, border: int) -> str:
    """What the frame is in an image of so many pixels, some of them free on every side."""
    ink = round(_INK * (size - 2 * border) / _MNIST)
    return _CENTRED.format(ink=ink, size=size, middle=f"{size / 2:g}")


def _facts(image: NDArray[np.float32]) -> tuple[str, str, str]:
    """Size, extent and centre of mass of the ink, in words."""
    side, ink = len(image), float(image.sum())
    if ink == 0:
        return f"{side} × {side} pixels", "no ink", ""
    rows, columns = (np.flatnonzero((image > _NO_INK).any(axis)) for axis in (1, 0))
    extent = f"ink {np.ptp(columns) + 1} × {np.ptp(rows) + 1}" if len(rows) else "faint ink"
    index = np.arange(side)
    x, y = float(image.sum(0) @ index) / ink, float(image.sum(1) @ index) / ink
    return f"{side} × {side} pixels", extent, f"centre of mass {x:.1f}, {y:.1f}"
