"""The surface of the canvas: ink, and what is shown over and under it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from capsviz.data.drawing import CANVAS
from capsviz.data.pen import PEN_WIDTH
from capsviz.gui.input import hints
from capsviz.gui.input.ink import Ink
from capsviz.gui.input.key_pen import KeyPen
from capsviz.gui.look.theme import DARK, GRID, Theme, is_enlarged
from capsviz.gui.scene import Scene

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from capsviz.gui.input.stroke import Stroke


class Surface(QWidget):
    """A square that shows a scene, the stroke under way, and hints; takes no input."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self._theme = DARK
        self._scene = Scene()
        self._ink = Ink()
        self._is_stale = True  # the ink is not what is to be shown
        self._stroke: Stroke | None = None
        self._field: hints.Field | None = None
        self._pointer: QPointF | None = None
        self._key_pen = KeyPen()
        self._shows_focus = self._is_offered = False
        self.width_of_pen = 1.0
        self.erases = False

    def show_scene(self, scene: Scene) -> None:
        """Show what the session holds; a stroke under way goes on upon it."""
        is_painted = not self._is_stale and self._ink.holds(scene)
        self._scene = scene
        self._is_stale = not is_painted
        self.update()

    def show_pointed(self, field: hints.Field | None) -> None:
        """Light up a receptive field on the drawing, or none.

        Args:
            field: row, column, side in pixels of the image, the `Framing` by which the canvas
                lies in it, and the image's side.
        """
        self._field = field
        self.update()

    def show_offer(self, is_there: bool) -> None:
        """Light the rim up while a picture hovers over the window that could be dropped."""
        self._is_offered = is_there
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme = theme
        self._is_stale = True
        self.update()

    def set_pen(self, width: float, erases: bool) -> None:
        """Width relative to the usual pen, and whether it erases."""
        self.width_of_pen, self.erases = width, erases
        self.update()

    @property
    def square(self) -> QRectF:
        """The part of the widget that is drawn on, in its own pixels."""
        side = min(self.width(), self.height())
        return QRectF((self.width() - side) / 2, 0, side, side)

    @property
    def _radius(self) -> float:
        """Half the pen's width, in the widget's pixels."""
        return self.width_of_pen * PEN_WIDTH / 2 * self.square.width() / CANVAS

    def _move_pointer(self, to: QPointF | None) -> None:
        for place in (self._pointer, to):
            if place is not None:
                reach = self._radius + 2
                area = QRectF(place.x() - reach, place.y() - reach, 2 * reach, 2 * reach)
                self.update(area.toAlignedRect())
        self._pointer = to

    def _ready_ink(self) -> None:
        """Paint the ink anew if it is of another scene, size, screen or theme."""
        side = max(1, round(self.square.width() * self.devicePixelRatioF()))
        if not self._is_stale and self._ink.image.width() == side:
            return
        self._is_stale = False
        self._ink.paint_scene(self._scene, side, self._theme)
        if self._stroke is not None:
            mark = self._stroke.mark
            self._ink.begin_mark()
            self._ink.grow_mark(mark, len(mark.points))

    def _update_ink(self, area: QRect) -> None:
        """Bring a part of the ink, given in its own pixels, to the screen."""
        part = self.square.width() / self._ink.image.width()
        place, size = area.topLeft().toPointF() * part, area.size().toSizeF() * part
        on_widget = QRectF(place + self.square.topLeft(), size)
        self.update(on_widget.toAlignedRect().adjusted(-1, -1, 1, 1))

    def _paint_below(self, painter: QPainter) -> None:
        """What lies under the ink."""
        if not self._scene.framed and self._scene.ground is None:
            hints.paint_guide(painter, self.square, self._theme)

    def _paint_invitation(self, painter: QPainter) -> None:
        """What is to be done here, while nothing is."""
        hints.paint_invitation(painter, self.square, self._theme)

    def _paint_above(self, painter: QPainter) -> None:
        square, theme = self.square, self._theme
        if self._scene.is_empty and self._stroke is None:
            self._paint_invitation(painter)
        if self._field is not None:
            hints.paint_field(painter, square, self._field, theme)
        if self._pointer is not None and (self._stroke is None or self._stroke.erases):
            hints.paint_ring(painter, self._pointer, self._radius, theme)
        if self._key_pen.is_shown:
            unit = square.width() / CANVAS
            at = square.topLeft() + QPointF(*self._key_pen.place) * unit
            hints.paint_key_cursor(painter, at, self._radius, self._key_pen.is_down, theme)

    def _paint_rim(self, painter: QPainter, outline: QPainterPath) -> None:
        if self._shows_focus or self._is_offered:
            painter.strokePath(outline, QPen(QColor(self._theme.accent), 4))
        elif self._theme.is_outlined:
            painter.strokePath(outline, QPen(QColor(self._theme.line), 2))

    # Qt calls these

    def sizeHint(self) -> QSize:
        return QSize(40 * GRID, 40 * GRID)

    def minimumSizeHint(self) -> QSize:
        side = (12 if is_enlarged() else 24) * GRID  # a small square rather than one that scrolls
        return QSize(side, side)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return width

    def paintEvent(self, event: QPaintEvent) -> None:
        self._ready_ink()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        outline = QPainterPath()
        outline.addRoundedRect(self.square, GRID / 2, GRID / 2)
        round_ = round(GRID / 2)
        if self.square.toRect().adjusted(round_, round_, -round_, -round_).contains(event.rect()):
            painter.fillRect(event.rect(), QColor(self._theme.paper))  # as with most ink
        else:
            painter.setClipPath(outline)
            painter.fillPath(outline, QColor(self._theme.paper))
        self._paint_below(painter)
        painter.drawImage(self._ink_area(), self._ink.image)
        self._paint_above(painter)
        self._paint_rim(painter, outline)

    def _ink_area(self) -> QRectF:
        """Where the ink lies, each of its pixels upon one of the screen's."""
        side = self._ink.image.width() / self.devicePixelRatioF()
        return QRectF(self.square.topLeft(), QSizeF(side, side))
