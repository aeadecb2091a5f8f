"""A list of digits as thumbnails: one row that runs sideways, or as many rows as there is room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QModelIndex, QPoint, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPixmap, QPixmapCache, QTransform
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from capsviz.data.samples import sample_digits
from capsviz.gui.input.sample_model import SampleModel
from capsviz.gui.look.keys import CHOOSE
from capsviz.gui.look.pictures import grey_image
from capsviz.gui.look.theme import DARK, GRID, Theme
from capsviz.gui.look.viewport import use_own_viewport

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent
    from PySide6.QtWidgets import QStyle

    from capsviz.gui.input.sample_model import Index

_GAP = GRID // 2
_SMALLEST, _USUAL = 4 * GRID, 5 * GRID + GRID // 2  # side of a thumbnail, pixels
_ALL = 1 << 20  # in a line: more than there are
_TURN = (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
_MOVE = (
    Qt.Key.Key_Left,
    Qt.Key.Key_Right,
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
)
LIST_KEYS = (*CHOOSE, *_TURN, *_MOVE)
"""What the list answers to while it has the focus."""


class _Thumbnails(QStyledItemDelegate):
    """Paints each digit in the theme's grey, made when it first comes into sight."""

    def __init__(self, parent: SampleList) -> None:
        super().__init__(parent)
        self.theme = DARK
        self.shown: int | None = None
        self.side = _USUAL

    def _picture(self, sample: int, density: float) -> QPixmap:
        """From the pixmap cache, which forgets what has long been out of sight."""
        looks = f"{self.side}-{density}-{self.theme.paper}-{self.theme.ink}-{self.theme.line}"
        key = f"capsviz-sample-{sample}-{looks}"
        picture = QPixmap()
        if not QPixmapCache.find(key, picture):
            picture = self._painted(sample, density)
            QPixmapCache.insert(key, picture)
        return picture

    def _painted(self, sample: int, density: float) -> QPixmap:
        values = sample_digits().images[sample].astype(np.float32) / np.float32(255)
        brush = QBrush(grey_image(values, self.theme))
        brush.setTransform(QTransform.fromScale(*[self.side / len(values)] * 2))
        picture = QPixmap(*[round(self.side * density)] * 2)
        picture.setDevicePixelRatio(density)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setBrush(brush)
        stands_out = self.theme.paper != self.theme.card
        painter.setPen(Qt.PenStyle.NoPen if stands_out else QColor(self.theme.line))
        square = QRectF(0, 0, self.side, self.side)
        self._outline(painter, square, 0 if stands_out else 0.5)
        painter.end()
        return picture

    def _rings(self, sample: int, state: QStyle.StateFlag) -> list[tuple[float, QPen]]:
        """Insets and pens: of the digit on the canvas, of the keyboard's, of the pointer's."""
        from PySide6.QtWidgets import QStyle  # its many names are not made for the first frame

        rings, is_shown = [], sample == self.shown
        if is_shown:
            rings.append((1.0, QPen(QColor(self.theme.accent), 2)))
        if state & QStyle.StateFlag.State_HasFocus:
            rings.append((3.0 if is_shown else 1.0, QPen(QColor(self.theme.text), 2)))
        elif state & QStyle.StateFlag.State_MouseOver and not is_shown:
            rings.append((0.5, QPen(QColor(self.theme.quiet), 1)))
        return rings

    def _outline(self, painter: QPainter, square: QRectF, inset: float) -> None:
        inner = square.adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(inner, GRID / 2, GRID / 2)

    # Qt calls these

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(self.side + _GAP, self.side + _GAP)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        assert isinstance(model, SampleModel)
        sample = int(model.samples[index.row()])
        density = painter.device().devicePixelRatioF()
        painter.drawPixmap(option.rect.topLeft(), self._picture(sample, density))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        square = QRectF(option.rect.x(), option.rect.y(), self.side, self.side)
        for inset, pen in self._rings(sample, option.state):
            painter.setPen(pen)
            self._outline(painter, square, inset)


class SampleList(QListView):
    """The thumbnails; none before `show_label`. Arrows move, Enter and Space choose; other keys
    are left to the owner.

    Signals:
        chosen(int): which of the sample digits.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        use_own_viewport(self)
        self.setObjectName("sample-list")
        self.setAccessibleName("Sample digits")
        self.setStyleSheet("QListView { border: 0; }")
        self.samples = SampleModel(self)
        self._thumbnails = _Thumbnails(self)
        self._columns = 1
        self.setModel(self.samples)
        self.setItemDelegate(self._thumbnails)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setDragEnabled(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(self._choose)

    def show_label(self, label: int | None) -> None:
        """Only digits of this label; None: all."""
        self.samples.show_label(label)
        self._lay_out()
        shown = self.samples.row_of(self._thumbnails.shown)
        self.setCurrentIndex(shown)
        self.scrollTo(shown if shown.isValid() else self.samples.index(0))

    def show_sample(self, sample: int | None) -> None:
        """Mark this one and bring it into sight."""
        self._thumbnails.shown = sample
        index = self.samples.row_of(sample)
        if index.isValid():
            self.setCurrentIndex(index)
            self.scrollTo(index)
        self.viewport().update()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._thumbnails.theme = theme
        self.viewport().update()

    @Slot(QModelIndex)
    def _choose(self, index: Index) -> None:
        if index.isValid():
            self.chosen.emit(int(self.samples.samples[index.row()]))

    def _place_after(self, key: int) -> int:
        """The row that an arrow leads to: along the digits, or from line to line."""
        here, last = self.currentIndex().row(), self.samples.rowCount() - 1
        moves = (-1, 1, -self._columns, self._columns, -here, last - here)
        steps = dict(zip(_MOVE, moves, strict=True))
        there = here + steps[Qt.Key(key)]
        if here < 0:
            return 0
        return there if 0 <= there <= last else here

    def _lay_out(self) -> None:
        """Cells that fill the width; one row of the list's height if there is no room for two."""
        bar = self.verticalScrollBar().sizeHint().width()
        width, height = self.width() - bar, self.height() - bar
        is_row = height < 2 * _USUAL
        per_line = max(1, width // (_USUAL + _GAP))
        side = max(_SMALLEST, height if is_row else width // per_line - _GAP)
        self._columns = _ALL if is_row else per_line
        self._thumbnails.side = side
        policy = Qt.ScrollBarPolicy
        # an empty list keeps the room that the bar of a full one takes
        shown = policy.ScrollBarAsNeeded if self.samples.rowCount() else policy.ScrollBarAlwaysOn
        self.setVerticalScrollBarPolicy(policy.ScrollBarAlwaysOff if is_row else shown)
        self.setHorizontalScrollBarPolicy(shown if is_row else policy.ScrollBarAlwaysOff)
        self.setWrapping(not is_row)
        self.setGridSize(QSize(side + _GAP, side if is_row else side + _GAP))

    # Qt calls these

    def sizeHint(self) -> QSize:
        return QSize(38 * GRID, 12 * GRID)

    def minimumSizeHint(self) -> QSize:
        return QSize(2 * _USUAL, _USUAL)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._lay_out()
        super().resizeEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        is_clicked = event.reason() == Qt.FocusReason.MouseFocusReason  # and chooses by itself
        if not self.currentIndex().isValid() and not is_clicked:  # the keyboard stands nowhere
            self.setCurrentIndex(self.indexAt(QPoint(_GAP, _GAP)))  # the first in sight

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in CHOOSE:
            self._choose(self.currentIndex())
        elif event.key() in _MOVE:
            self.setCurrentIndex(self.samples.index(self._place_after(event.key())))
        elif event.key() in _TURN:
            super().keyPressEvent(event)
        else:
            event.ignore()  # the list would search its items for a text they do not have
