"""The presets of a new run: each a title, and a line on what one learns from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QFrame, QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate

from capsviz.gui.look.theme import BODY, DARK, GRID, SMALL, Theme, font
from capsviz.training.presets import PRESETS, Preset

if TYPE_CHECKING:
    from PySide6.QtWidgets import QStyleOptionViewItem, QWidget

_WRAP = Qt.TextFlag.TextWordWrap
_MARGIN = GRID + GRID // 2


class _Lines(QStyledItemDelegate):
    """Paints a title and the line below it, as high as its words need."""

    theme = DARK

    def _place(self, room: QRect) -> QRect:
        return room.adjusted(_MARGIN, GRID, -_MARGIN, -GRID)

    # Qt calls these

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        view = self.parent()
        assert isinstance(view, QListWidget)
        width = view.viewport().width() - 2 * _MARGIN
        preset: Preset = index.data(Qt.ItemDataRole.UserRole)
        title = QFontMetrics(font(BODY, bold=True)).height()
        words = QFontMetrics(font(SMALL)).boundingRect(
            QRect(0, 0, width, 1000), _WRAP, preset.teaches
        )
        return QSize(width, title + words.height() + 2 * GRID + GRID // 2)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        preset: Preset = index.data(Qt.ItemDataRole.UserRole)
        room = option.rect
        state = option.state
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if state & QStyle.StateFlag.State_Selected:
            painter.setBrush(QColor(self.theme.raised))
            painter.drawRoundedRect(room.adjusted(1, 1, -1, -1), GRID, GRID)
            painter.setBrush(QColor(self.theme.accent))
            painter.drawRoundedRect(
                QRect(room.left() + 1, room.top() + GRID, 3, room.height() - 2 * GRID), 1, 1
            )
        place = self._place(room)
        painter.setPen(QColor(self.theme.text))
        painter.setFont(font(BODY, bold=True))
        painter.drawText(place, Qt.AlignmentFlag.AlignTop, preset.title)
        below = place.adjusted(0, QFontMetrics(painter.font()).height() + GRID // 2, 0, 0)
        painter.setPen(QColor(self.theme.quiet))
        painter.setFont(font(SMALL))
        painter.drawText(below, _WRAP, preset.teaches)


class PresetList(QListWidget):
    """One line per preset; the one chosen is put into the form.

    Signals:
        preset_chosen(object): Preset that is to be put into the form.
    """

    preset_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("presets")
        self.setAccessibleName("Presets")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.setSpacing(2)
        self._lines = _Lines(self)
        self.setItemDelegate(self._lines)
        for preset in PRESETS:
            item = QListWidgetItem(preset.title, self)
            item.setData(Qt.ItemDataRole.UserRole, preset)
            item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, preset.teaches)
        self.setCurrentRow(0)
        self.currentItemChanged.connect(self._choose)

    @property
    def preset(self) -> Preset:
        """The one that is chosen."""
        preset: Preset = self.currentItem().data(Qt.ItemDataRole.UserRole)
        return preset

    def choose(self, key: str) -> None:
        """Choose the preset of that key."""
        keys = [preset.key for preset in PRESETS]
        self.setCurrentRow(keys.index(key))

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._lines.theme = theme
        self.viewport().update()

    @Slot(QListWidgetItem, QListWidgetItem)
    def _choose(self, _item: QListWidgetItem, _before: QListWidgetItem) -> None:
        self.preset_chosen.emit(self.preset)
