"""The canvas: mouse, pen, finger and arrow keys draw on it; it tells what was drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPointingDevice, QTouchEvent

from capsviz.data.drawing import CANVAS, Mark
from capsviz.gui.input.pressure import Pressure, feels_pressure
from capsviz.gui.input.stroke import Drawer, Stroke
from capsviz.gui.input.surface import Surface
from capsviz.gui.input.touch import Finger

if TYPE_CHECKING:
    from PySide6.QtGui import QEnterEvent, QFocusEvent, QHideEvent, QMouseEvent, QTabletEvent
    from PySide6.QtWidgets import QWidget

_WORDS = (
    "Draw a digit here with mouse, pen or finger; the right button and a pen's other end erase. "
    "By keys: arrows move the pen, Shift moves it faster, Space puts it down and lifts it, "
    "Escape takes the line back."
)
_BY_KEYS = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)
_FOR_A_WHILE = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)
_BUTTONS = (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton)


class Canvas(Surface):
    """A square to draw on, in units of 28 to a side.

    Signals:
        mark_moved(Mark): the pen is down and has moved; the mark as it would end here.
        mark_made(Mark): the pen was lifted.
        mark_dropped(): the mark under way is taken back, as if it had never begun.
    """

    mark_moved = Signal(Mark)
    mark_made = Signal(Mark)
    mark_dropped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("canvas")
        self.setAccessibleName("Canvas")
        self.setAccessibleDescription(_WORDS)
        self.setWhatsThis(_WORDS)
        self.setMouseTracking(True)
        self.setTabletTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._finger = Finger()
        self._pressure = Pressure()

    def _begin(
        self,
        by: Drawer,
        place: tuple[float, float],
        erases: bool = False,
        factor: float | None = None,
    ) -> None:
        if by == "pen" and self._is_drawn_by("finger"):
            self.drop_stroke()  # it was the palm
        self._end()  # one begun otherwise, or whose end was never told
        self._ready_ink()
        self._stroke = Stroke(by, place, self.width_of_pen, erases or self.erases, factor)
        if self._scene.is_empty:
            self.update()  # the invitation goes
        self._ink.begin_mark()
        self._show_growth(1)

    def _is_drawn_by(self, by: Drawer) -> bool:
        return self._stroke is not None and self._stroke.by == by

    def _may_begin(self, by: Drawer, event: QMouseEvent | QTabletEvent) -> bool:
        """Whether this is more than another button, pressed during the same one's stroke."""
        return not self._is_drawn_by(by) or event.buttons() == event.button()

    def _go_on(
        self, by: Drawer, place: tuple[float, float], factor: float = 1.0, *, exactly: bool = False
    ) -> None:
        if self._stroke is not None and self._stroke.by == by:
            self._show_growth(self._stroke.go_on(place, factor, exactly=exactly))

    def _lift(self, by: Drawer, place: tuple[float, float], factor: float = 1.0) -> None:
        self._go_on(by, place, factor, exactly=True)
        if self._is_drawn_by(by):
            self._end()

    def _show_growth(self, count: int) -> None:
        if self._stroke is not None and count:
            mark = self._stroke.mark
            self._ready_ink()
            self._update_ink(self._ink.grow_mark(mark, count))
            self.mark_moved.emit(mark)

    def _end(self) -> None:
        if self._stroke is not None:
            mark, self._stroke = self._stroke.mark, None
            self._ink.end_mark(mark)
            self._key_pen.is_down = False
            if self._scene.is_empty:
                self.update()  # the invitation comes back, if nothing came of it
            self.mark_made.emit(mark)

    def drop_stroke(self) -> bool:
        """Take the stroke under way back, if there is one; whether there was."""
        if self._stroke is None:
            return False
        self._stroke = None
        self._ink.drop_mark()
        self._key_pen.is_down = False
        self.update()
        self.mark_dropped.emit()
        return True

    def _place(self, position: QPointF) -> tuple[float, float]:
        """Canvas units of a place in the widget."""
        square = self.square
        unit = square.width() / CANVAS
        return (position.x() - square.left()) / unit, (position.y() - square.top()) / unit

    def _touch(self, event: QTouchEvent) -> None:
        """One finger draws; several mean something else, and take back what the first began."""
        event.accept()  # else Qt would make mouse events of it
        step = self._finger.follow(event, self._stroke)
        place = self._place(step.position)
        if step.kind == "begin":
            self._begin("finger", place)
        elif step.kind == "move":
            self._go_on("finger", place)
        elif step.kind == "end":
            self._lift("finger", place)
        elif step.kind == "drop":
            self.drop_stroke()

    def _lead(self, event: QKeyEvent) -> None:
        """Move the pen of the keys, and draw with it if it is down."""
        fast = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self._key_pen.press(event.key(), fast)
        self._go_on("keys", self._key_pen.place, exactly=True)
        self._announce()

    def _toggle_key_pen(self) -> None:
        self._key_pen.is_shown = True
        if self._key_pen.is_down:
            self._end()
        elif self._stroke is None:
            self._begin("keys", self._key_pen.place)
            self._key_pen.is_down = True
        self._announce()

    def _announce(self) -> None:
        self.setAccessibleDescription(f"{self._key_pen.words} {_WORDS}")
        self.update()

    # Qt calls these

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QTouchEvent) and _is_screen(event):
            self._touch(event)
            return True
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            key = event.key()  # the window may know these keys too
            if self._key_pen.leads(key) or (key == Qt.Key.Key_Escape and self._stroke):
                event.accept()
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        button = event.button()
        self._shows_focus = self._key_pen.is_shown = False
        if button in _BUTTONS and self._may_begin("mouse", event):
            erases = button == Qt.MouseButton.RightButton
            self._begin("mouse", self._place(event.position()), erases)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._move_pointer(event.position())
        if event.buttons():
            self._go_on("mouse", self._place(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if not event.buttons():
            self._lift("mouse", self._place(event.position()))

    def tabletEvent(self, event: QTabletEvent) -> None:
        event.accept()  # else Qt would make mouse events of it
        place = self._place(event.position())
        self._move_pointer(event.position())
        if event.type() == QEvent.Type.TabletPress and self._may_begin("pen", event):
            erases = event.pointerType() == QPointingDevice.PointerType.Eraser
            right = event.button() == Qt.MouseButton.RightButton
            factor = self._pressure.begin(event.pressure()) if feels_pressure(event) else None
            self._begin("pen", place, erases or right, factor)
        elif event.buttons():
            self._go_on("pen", place, self._pressure.go_on(event.pressure()))
        elif event.type() == QEvent.Type.TabletRelease:
            self._lift("pen", place, self._pressure.last)
        elif self._is_drawn_by("pen"):
            self._end()  # it hovers: that it was lifted was never told

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._key_pen.leads(event.key()):
            self._lead(event)
        elif event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._toggle_key_pen()
        elif event.key() == Qt.Key.Key_Escape and self._stroke is not None:
            self.drop_stroke()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if not event.isAutoRepeat():
            self._key_pen.release(event.key())
        super().keyReleaseEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        if event.reason() in _BY_KEYS:
            self._shows_focus = self._key_pen.is_shown = True
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        if self._key_pen.is_down:
            self._end()
        self._key_pen.rest()
        if event.reason() not in _FOR_A_WHILE:
            self._shows_focus = self._key_pen.is_shown = False
        super().focusOutEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self._end()  # its end would never be seen
        super().hideEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._move_pointer(event.position())

    def leaveEvent(self, _event: object) -> None:
        self._move_pointer(None)


def _is_screen(event: QTouchEvent) -> bool:
    """Whether a finger touches what it sees; a touchpad's fingers move the pointer."""
    return event.device().type() == QPointingDevice.DeviceType.TouchScreen
