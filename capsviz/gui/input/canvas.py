"""The canvas: draws its own ink at once and tells what was drawn, in units of 28 to a side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from capsviz.data.drawing import CANVAS, Mark
from capsviz.data.pen import PEN_WIDTH
from capsviz.gui.input.smoothing import smooth_piece
from capsviz.gui.look.pictures import grey_image
from capsviz.gui.look.theme import BODY, DARK, GRID, Theme, font
from capsviz.gui.scene import Scene

if TYPE_CHECKING:
    from PySide6.QtGui import QEnterEvent, QMouseEvent, QPaintEvent, QResizeEvent

_LEAST_MOVE = 0.05  # canvas units between two kept points: a twentieth of a network's pixel


class Canvas(QWidget):
    """A square to draw on with pen and eraser.

    Signals:
        mark_moved(Mark): the pen is down and has moved; the mark as it would end here.
        mark_made(Mark): the pen was lifted.
    """

    mark_moved = Signal(Mark)
    mark_made = Signal(Mark)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("canvas")
        self.setAccessibleName("Canvas")
        self.setAccessibleDescription("Draw a digit here with the mouse or a pen")
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setMinimumSize(24 * GRID, 24 * GRID)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setMouseTracking(True)
        self._theme = DARK
        self._scene = Scene()
        self._ink = QImage()
        self._raw: list[tuple[float, float]] = []  # where the pointer was, while the pen is down
        self._points: list[tuple[float, float]] = []  # the smooth line through those
        self._erasing_now = False
        self._pointer: QPointF | None = None
        self.width_of_pen = 1.0
        self.erases = False

    def show_scene(self, scene: Scene) -> None:
        """Show what the session holds."""
        self._scene = scene
        self._repaint_ink()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme = theme
        self._repaint_ink()

    def set_pen(self, width: float, erases: bool) -> None:
        """Width relative to the usual pen, and whether it erases."""
        self.width_of_pen, self.erases = width, erases
        self.update()

    @property
    def square(self) -> QRectF:
        """The part of the widget that is drawn on, in its own pixels."""
        side = min(self.width(), self.height())
        return QRectF((self.width() - side) / 2, 0, side, side)

    def _mark(self) -> Mark:
        return Mark(tuple(self._points), self.width_of_pen, self._erasing_now)

    def _begin(self, point: tuple[float, float], erases: bool) -> None:
        self._erasing_now = erases
        self._raw, self._points = [point], [point]
        self._paint_piece(self._points)
        self.mark_moved.emit(self._mark())

    def _go_on(self, point: tuple[float, float]) -> None:
        last = self._raw[-1]
        if abs(point[0] - last[0]) + abs(point[1] - last[1]) < _LEAST_MOVE:
            return
        self._raw.append(point)
        piece = smooth_piece(self._raw)
        self._paint_piece([self._points[-1], *piece])
        self._points += piece
        self.mark_moved.emit(self._mark())

    def _end(self) -> None:
        mark = self._mark()
        self._raw, self._points = [], []
        self.mark_made.emit(mark)

    def _position(self, event: QMouseEvent) -> tuple[float, float]:
        square, at = self.square, event.position()
        unit = square.width() / CANVAS
        return (at.x() - square.left()) / unit, (at.y() - square.top()) / unit

    def _repaint_ink(self) -> None:
        density = self.devicePixelRatioF()
        side = max(1, round(self.square.width() * density))
        self._ink = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
        self._ink.setDevicePixelRatio(density)
        self._ink.fill(Qt.GlobalColor.transparent)
        painter = QPainter(self._ink)
        if self._scene.ground is not None:
            area = QRectF(0, 0, self.square.width(), self.square.width())
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(area, grey_image(self._scene.ground, self._theme))
        for mark in self._scene.drawing.marks:
            self._paint_mark(painter, list(mark.points), mark.width, mark.erases)
        painter.end()
        self.update()

    def _paint_piece(self, points: list[tuple[float, float]]) -> None:
        painter = QPainter(self._ink)
        self._paint_mark(painter, points, self.width_of_pen, self._erasing_now)
        painter.end()
        self.update()

    def _paint_mark(
        self, painter: QPainter, points: list[tuple[float, float]], width: float, erases: bool
    ) -> None:
        unit = self.square.width() / CANVAS
        places = [QPointF(x * unit, y * unit) for x, y in points]
        mode = QPainter.CompositionMode
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setCompositionMode(
            mode.CompositionMode_DestinationOut if erases else mode.CompositionMode_SourceOver
        )
        line = QPen(QColor(self._theme.ink), width * PEN_WIDTH * unit)
        line.setCapStyle(Qt.PenCapStyle.RoundCap)
        line.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(line)
        if len(places) == 1:
            painter.drawPoint(places[0])
        else:
            painter.drawPolyline(places)

    def _paint_hint(self, painter: QPainter) -> None:
        painter.setPen(QColor(self._theme.quiet))
        painter.setFont(font(BODY))
        painter.drawText(self.square, Qt.AlignmentFlag.AlignCenter, "Draw a digit here")

    def _paint_pointer(self, painter: QPainter, at: QPointF) -> None:
        """The size of the pen or eraser, where it would touch."""
        radius = self.width_of_pen * PEN_WIDTH / 2 * self.square.width() / CANVAS
        painter.setPen(QPen(QColor(self._theme.quiet), 1))
        painter.drawEllipse(at, radius, radius)

    # Qt calls these

    def sizeHint(self) -> QSize:
        return QSize(40 * GRID, 40 * GRID)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return width

    def mousePressEvent(self, event: QMouseEvent) -> None:
        button = event.button()
        if button not in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton) or self._raw:
            return
        self._begin(self._position(event), self.erases or button == Qt.MouseButton.RightButton)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer = event.position()
        if self._raw:
            self._go_on(self._position(event))
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._raw and not event.buttons():
            self._go_on(self._position(event))
            self._end()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._pointer = event.position()
        self.update()

    def leaveEvent(self, _event: object) -> None:
        self._pointer = None
        self.update()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        self._repaint_ink()

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._ink.devicePixelRatio() != self.devicePixelRatioF():  # moved to another screen
            self._repaint_ink()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        outline = QPainterPath()
        outline.addRoundedRect(self.square, GRID / 2, GRID / 2)
        painter.setClipPath(outline)
        painter.fillPath(outline, QColor(self._theme.paper))
        painter.drawImage(self.square.topLeft(), self._ink)
        if self._scene.is_empty and not self._raw:
            self._paint_hint(painter)
        if self._pointer is not None:
            self._paint_pointer(painter, self._pointer)
        if not self._theme.is_dark:
            painter.strokePath(outline, QPen(QColor(self._theme.line), 2))
