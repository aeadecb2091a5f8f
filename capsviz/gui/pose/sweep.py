"""What each dimension of a digit capsule does: a row of pictures per dimension (figure 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QImage, QKeyEvent, QPainter
from PySide6.QtWidgets import QToolTip, QWidget

from capsviz.gui.look.theme import GRID
from capsviz.gui.look.view import Table, View
from capsviz.gui.pose.sweep_picture import Cell, Grid, SweepPicture, atlas, signed

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent, QHideEvent, QMouseEvent, QPaintEvent, QShowEvent

    from capsviz.explore.sweep import Sweep

_USUAL_SHAPE = (16, 11)  # until there is a sweep
_CHOOSE = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
_WAYS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}
_UNMODIFIED = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
_BY_KEYBOARD = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


class SweepView(View):
    """A table of one capsule decoded: dimensions downward, what is added to one rightward.

    Signals:
        cell_chosen(int, float): the dimension, 0 … D-1, and the value it has in that picture.
        sweep_wanted(bool): the view is on screen and wants its sweep, or no longer.
    """

    cell_chosen = Signal(int, float)
    sweep_wanted = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Dimension sweep", parent)
        self.setObjectName("sweep")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self._sweep: Sweep | None = None
        self._image: QImage | None = None
        self._lit: Cell | None = None
        self._cursor: Cell | None = None  # only while the keyboard is in use

    def show_sweep(self, sweep: Sweep | None) -> None:
        """Show a sweep, or say what would be here."""
        self._sweep = sweep
        if self._lit is not None and not self.grid.has(self._lit):
            self._lit = None
        if self._cursor is not None and not self.grid.has(self._cursor):
            self._cursor = self._begin()
        self.refresh()

    @property
    def grid(self) -> Grid:
        """Where the pictures stand now."""
        rows, columns = _USUAL_SHAPE if self._sweep is None else self._sweep.images.shape[:2]
        return Grid.inside(self.width(), self.height(), rows, columns)

    def draw(self) -> None:
        """Turn the sweep into one image; painting places it."""
        self._image = None if self._sweep is None else atlas(self._sweep.images, self.theme)
        self.update()

    def summary(self) -> str:
        """Which capsule, how far its dimensions are moved, and which of them matters most."""
        sweep = self._sweep
        if sweep is None:
            return "No sweep, because no capsule is decoded"
        far = sweep.changes.max(axis=1)
        here = "" if self._cursor is None else f"; on {self._said(self._cursor)}"
        return (
            f"Digit capsule {sweep.digit} decoded with each of its {len(sweep.pose)} dimensions "
            f"moved by {signed(sweep.offsets[0])} to {signed(sweep.offsets[-1])}; dimension "
            f"{int(far.argmax()) + 1} changes the picture most, RMS {far.max():.2f}{here}"
        )

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
        return Table(("dimension", "offset", "value", "RMS change"), rows)

    def _said(self, cell: Cell) -> str:
        assert self._sweep is not None
        row, column = cell
        offset = signed(self._sweep.offsets[column])
        return f"dimension {row + 1}, offset {offset}, value {self._sweep.value(*cell):.3f}"

    def _explain(self, cell: Cell | None) -> str:
        if cell is None or self._sweep is None:
            return ""
        change = self._sweep.changes[cell]
        words = self._said(cell)
        return (
            f"{words[0].upper()}{words[1:]}\nRMS change of the picture {change:.3f}\n"
            "Click to let the pose take this value."
        )

    def _choose(self, cell: Cell | None) -> None:
        if cell is not None and self._sweep is not None:
            self.cell_chosen.emit(cell[0], self._sweep.value(*cell))

    def _light(self, cell: Cell | None) -> None:
        cell = None if self._sweep is None else cell
        if cell != self._lit:
            self._lit = cell
            shape = (
                Qt.CursorShape.ArrowCursor if cell is None else Qt.CursorShape.PointingHandCursor
            )
            self.setCursor(shape)
            self.update()

    def _put_cursor(self, cell: Cell | None) -> None:
        self._cursor = None if self._sweep is None else cell
        self.setAccessibleDescription(self.summary())
        self.update()

    def _begin(self) -> Cell:
        """Where the keyboard begins: at the pose itself, of the first dimension."""
        return 0, 0 if self._sweep is None else self._sweep.middle

    def _cell_at(self, place: QPointF) -> Cell | None:
        return self.grid.at(place.x(), place.y())

    # Qt calls these

    def sizeHint(self) -> QSize:
        return QSize(42 * GRID, 50 * GRID)

    def minimumSizeHint(self) -> QSize:
        return QSize(28 * GRID, 28 * GRID)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        picture = SweepPicture(painter, self.grid, self.theme)
        if self._sweep is None or self._image is None:
            picture.paint_empty()
        else:
            picture.paint(self._sweep, self._image, self._lit, self._cursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, here = _key(event), self._cursor or self._begin()
        if key in _WAYS:
            down, right = _WAYS[key]
            there = here[0] + down, here[1] + right
            self._put_cursor(there if self.grid.has(there) else here)
        elif key is not None:
            self._choose(here)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._choose(self._cell_at(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._light(self._cell_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._light(None)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in _BY_KEYBOARD:
            self._put_cursor(self._begin())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._put_cursor(None)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            text = self._explain(self._cell_at(QPointF(event.pos())))
            QToolTip.showText(event.globalPos(), text, self)
            return True
        is_shortcut = event.type() == QEvent.Type.ShortcutOverride
        if is_shortcut and isinstance(event, QKeyEvent) and _key(event) is not None:
            event.accept()  # while this has the focus, no menu takes these keys
            return True
        return super().event(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.sweep_wanted.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.sweep_wanted.emit(False)


def _key(event: QKeyEvent) -> Qt.Key | None:
    """An arrow or a key that chooses, pressed alone; else None."""
    key, alone = Qt.Key(event.key()), event.modifiers() in _UNMODIFIED
    return key if alone and (key in _WAYS or key in _CHOOSE) else None
