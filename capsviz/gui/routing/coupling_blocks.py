"""Where the cells of T × G × G places stand: T blocks of G × G, as large as fits."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF

from capsviz.gui.routing.coupling_paint import snap

_GAP = 0.5  # between two blocks, in cells


@dataclass(frozen=True, slots=True)
class Blocks:
    """A layout of cells.

    Attributes:
        types, side: T blocks of side × side cells.
        columns: blocks side by side.
        cell, gap: lengths in device-independent pixels, both of whole device pixels.
        left, top: where the first block, or its name, begins.
        header: height kept free above each block for its name.
    """

    types: int
    side: int
    columns: int
    cell: float
    gap: float
    left: float = 0.0
    top: float = 0.0
    header: float = 0.0

    @property
    def rows(self) -> int:
        """Blocks one below the other."""
        return -(-self.types // self.columns)

    @property
    def _across(self) -> float:
        return self.side * self.cell + self.gap

    @property
    def _down(self) -> float:
        return self._across + self.header

    @property
    def area(self) -> QRectF:
        """What all blocks and their names cover together."""
        width, height = self.columns * self._across, self.rows * self._down
        return QRectF(self.left, self.top, width - self.gap, height - self.gap)

    @property
    def least_height(self) -> float:
        """Of an area in which cells are as large as here."""
        cells = self.rows * self.side + (self.rows - 1) * _GAP
        return self.rows * self.header + cells * self.cell

    @property
    def least_width(self) -> float:
        """Of an area in which cells are as large as here."""
        return (self.columns * self.side + (self.columns - 1) * _GAP) * self.cell

    def block(self, kind: int) -> QRectF:
        """The block of one type."""
        row, column = divmod(kind, self.columns)
        length = self.side * self.cell
        x, y = self.left + column * self._across, self.top + row * self._down
        return QRectF(x, y + self.header, length, length)

    def cell_of(self, capsule: int) -> QRectF:
        """The cell of primary capsule (type · side + row) · side + column."""
        kind, place = divmod(capsule, self.side**2)
        row, column = divmod(place, self.side)
        block = self.block(kind)
        x, y = block.left() + column * self.cell, block.top() + row * self.cell
        return QRectF(x, y, self.cell, self.cell)

    def capsule_at(self, x: float, y: float) -> int | None:
        """The primary capsule whose cell is there; None between the blocks and beyond them."""
        across, right = divmod(x - self.left, self._across)
        down, below = divmod(y - self.top, self._down)
        column, row = int(right // self.cell), int((below - self.header) // self.cell)
        is_in_block = column < self.side and 0 <= row < self.side
        if not is_in_block or not 0 <= across < self.columns or down < 0:
            return None
        kind = int(down) * self.columns + int(across)
        return None if kind >= self.types else (kind * self.side + row) * self.side + column

    def stepped(self, capsule: int, right: int, down: int) -> int:
        """The neighbour on screen, across the gaps between blocks; itself at the border."""
        kind, place = divmod(capsule, self.side**2)
        block_row, block_column = divmod(kind, self.columns)
        row, column = divmod(place, self.side)
        y, x = block_row * self.side + row + down, block_column * self.side + column + right
        (block_row, row), (block_column, column) = divmod(y, self.side), divmod(x, self.side)
        kind = block_row * self.columns + block_column
        if not (0 <= block_column < self.columns and 0 <= block_row and kind < self.types):
            return capsule
        return (kind * self.side + row) * self.side + column


def fitted(
    types: int,
    side: int,
    area: tuple[float, float],
    density: float,
    corner: tuple[float, float] = (0, 0),
    header: float = 0,
) -> Blocks:
    """The blocks as large as an area (width, height) allows, preferring rows that are full.

    Args:
        types: T, the number of blocks.
        side: G, the cells along one side of a block.
        area: in device-independent pixels.
        density: device pixels to one of those.
        corner: (left, top) of the area.
        header: height to keep free above each block.
    """

    def cell(columns: int) -> float:
        rows = -(-types // columns)
        return min(_cell(area[0], columns, side), _cell(area[1] - rows * header, rows, side))

    def merit(columns: int) -> float:
        share_filled = types / (columns * -(-types // columns))
        return cell(columns) * share_filled**3

    columns = max(range(1, types + 1), key=merit)
    length = snap(cell(columns), density)
    gap = snap(_GAP * length, density)
    return Blocks(types, side, columns, length, gap, *corner, header)


def _cell(length: float, blocks: int, side: int) -> float:
    """How long a cell can be where so many blocks share a length."""
    return length / (blocks * side + (blocks - 1) * _GAP)
