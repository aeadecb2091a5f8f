"""What each dimension of a digit capsule does: a row of pictures per dimension (figure 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Signal, Slot
from PySide6.QtGui import QImage, QPainter

from capsviz.gui.look.theme import GRID
from capsviz.gui.look.view import Table
from capsviz.gui.pose.choosing import Choosing
from capsviz.gui.pose.groove import ROUNDING
from capsviz.gui.pose.sweep_picture import (
    EMPTY,
    NO_DECODER,
    Cell,
    Grid,
    Marks,
    SweepPicture,
    atlas,
    signed,
)

if TYPE_CHECKING:
    from PySide6.QtCore import QPointF
    from PySide6.QtGui import QHideEvent, QPaintEvent, QShowEvent
    from PySide6.QtWidgets import QWidget

    from capsviz.explore.models import LoadedModel
    from capsviz.explore.sweep import Sweep
    from capsviz.gui.pose_edit import Pose

_USUAL_SHAPE = (16, 11)  # until there is a sweep


class SweepView(Choosing[Cell]):
    """A table of one capsule decoded: dimensions downward, what is added to one rightward.

    It is about the pose that routing found, whatever people make of it; where their pose stands
    is marked, so that a cell means the same before and after it was chosen.

    Signals:
        cell_chosen(int, float): the dimension, 0 … D-1, and the value it has in that picture.
        sweep_wanted(bool): the view is on screen and wants its sweep, or no longer.
    """

    cell_chosen = Signal(int, float)
    sweep_wanted = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Dimension sweep", parent)
        self.setObjectName("sweep")
        self._sweep: Sweep | None = None
        self._image: QImage | None = None
        self._pose: Pose | None = None
        self._can_decode = True

    @Slot(object)
    def show_sweep(self, sweep: Sweep | None) -> None:
        """Show a sweep, or say what would be here."""
        self._sweep = sweep
        if self.lit is not None and not self.grid.has(self.lit):
            self.lit = None
        if self.cursor_at is not None and not self.grid.has(self.cursor_at):
            self.cursor_at = self.begin()
        self.refresh()

    @Slot(object)
    def show_model(self, model: LoadedModel) -> None:
        """Learn whether the network that answers now has a decoder."""
        self._can_decode = model.network.config.reconstruction
        self.refresh()

    @Slot(object)
    def show_pose(self, pose: Pose | None) -> None:
        """Mark where this pose stands, as far as it is not what routing found."""
        before, self._pose = self.moves, pose
        if self.moves == before:
            return
        if self.isVisible():  # its pictures stay as they are
            self.setAccessibleDescription(self.summary())
            self.update()
        else:
            self.refresh()

    @property
    def moves(self) -> dict[int, float]:
        """By how much people have moved which dimensions of this capsule."""
        pose, sweep = self._pose, self._sweep
        if pose is None or sweep is None or pose.digit != sweep.digit:
            return {}
        offsets = (pose.values - pose.inferred).tolist()
        return {row: offset for row, offset in enumerate(offsets) if abs(offset) >= ROUNDING}

    def is_present(self, cell: Cell) -> bool:
        """Whether the pose has the value of this cell."""
        if self._sweep is None:
            return False
        offset = float(self._sweep.offsets[cell[1]])
        return abs(self.moves.get(cell[0], 0.0) - offset) < ROUNDING

    @property
    def grid(self) -> Grid:
        """Where the pictures stand now."""
        rows, columns = _USUAL_SHAPE if self._sweep is None else self._sweep.images.shape[:2]
        return Grid.inside(self.width(), self.height(), rows, columns)

    def draw(self) -> None:
        """Turn the sweep into one image; painting places it."""
        self._image = None if self._sweep is None else atlas(self._sweep.images, self.theme)
        self.update()

    @property
    def caption(self) -> str:
        sweep = self._sweep
        return "" if sweep is None else f"Digit capsule {sweep.digit}, one dimension moved per row"

    def summary(self) -> str:
        """Which capsule, how far its dimensions are moved, and which of them matters most."""
        sweep = self._sweep
        if sweep is None and not self._can_decode:
            return "No sweep, because this network was trained without a decoder"
        if sweep is None:
            return self.reason or "No sweep, because no capsule is decoded"
        far = sweep.changes.max(axis=1)
        here = "" if self.cursor_at is None else f"; on {self._said(self.cursor_at)}"
        return (
            f"Digit capsule {sweep.digit} decoded with each of its {len(sweep.pose)} dimensions "
            f"moved by {signed(sweep.offsets[0])} to {signed(sweep.offsets[-1])} from what "
            f"routing found; dimension {int(far.argmax()) + 1} changes the picture most, "
            f"RMS {far.max():.2f}{self._said_moves()}{here}"
        )

    def _said_moves(self) -> str:
        moved = (f"dimension {row + 1} by {signed(by)}" for row, by in self.moves.items())
        said = ", ".join(moved)
        return f"; you moved {said}" if said else ""

    def table(self) -> Table | None:
        """Dimension, offset, value, and RMS change of each picture."""
        sweep = self._sweep
        if sweep is None:
            return None
        changes = sweep.changes
        rows = tuple(
            (row + 1, float(offset), sweep.value(row, column), float(changes[row, column]))
            for row in range(len(sweep.pose))
            for column, offset in enumerate(sweep.offsets)
        )
        return Table(("dimension", "offset", "value", "RMS change"), rows).of(digit=sweep.digit)

    def _said(self, cell: Cell) -> str:
        assert self._sweep is not None
        row, column = cell
        offset = signed(self._sweep.offsets[column])
        return f"dimension {row + 1}, offset {offset}, value {self._sweep.value(*cell):.3f}"

    def explain(self, part: Cell) -> str:
        """Its numbers, and what a click does."""
        if self._sweep is None:
            return ""
        change = self._sweep.changes[part]
        words = self._said(part)
        return (
            f"{words[0].upper()}{words[1:]}\nRMS change of the picture {change:.3f}\n"
            f"{self._offer(part)}"
        )

    def _offer(self, part: Cell) -> str:
        """What a click does."""
        if self.is_present(part):
            return "The pose has this value."
        if self._sweep is not None and part[1] == self._sweep.middle:
            return "Click to go back to what routing found."
        others = self.moves.keys() - {part[0]}
        stay = "; the other numbers stay as you set them" if others else ""
        return f"Click to let the pose take this value{stay}."

    def part_at(self, place: QPointF) -> Cell | None:
        """The cell there, while there is a sweep."""
        return None if self._sweep is None else self.grid.at(place.x(), place.y())

    def begin(self) -> Cell | None:
        """The pose itself, of the first dimension."""
        return None if self._sweep is None else (0, self._sweep.middle)

    def neighbour(self, here: Cell, way: tuple[int, int]) -> Cell:
        """The cell beside this one."""
        there = here[0] + way[1], here[1] + way[0]
        return there if self.grid.has(there) else here

    def choose(self, part: Cell) -> None:
        """Let the pose take the value of this cell, if it has another."""
        if self._sweep is not None and not self.is_present(part):
            self.cell_chosen.emit(part[0], self._sweep.value(*part))

    # Qt calls these

    def sizeHint(self) -> QSize:
        return QSize(42 * GRID, 50 * GRID)

    def minimumSizeHint(self) -> QSize:
        return QSize(28 * GRID, 28 * GRID)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        picture = SweepPicture(painter, self.grid, self.theme)
        if not self._can_decode:
            picture.paint_empty(QRectF(self.rect()), NO_DECODER)
        elif self._sweep is None or self._image is None:
            picture.paint_empty(QRectF(self.rect()), self.reason or EMPTY)
        else:
            marks = Marks(self.moves, self.lit, self.cursor_at)
            picture.paint(self._sweep, self._image, marks)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.sweep_wanted.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.sweep_wanted.emit(False)
