"""A slider that is taken hold of by mouse, wheel or keys, and tells people's moves from code's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt, Signal, Slot
from PySide6.QtWidgets import QSlider, QWidget

from capsviz.gui.look.keys import BY_KEYBOARD
from capsviz.gui.pose.groove import RADIUS, Groove

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QWheelEvent

STEPS = 1000
"""The slider's whole numbers are thousandths of the pose's."""

_SMALL_STEP, _LARGE_STEP = 5, 25  # thousandths
_NEAR = RADIUS + 3  # pixels: so near to its middle the handle is held where it is taken
_NOTCH = 120  # of a wheel, in Qt's unit
_RESET = (Qt.Key.Key_Backspace, Qt.Key.Key_Delete)


class Grip(QSlider):
    """A slider over one number; a subclass paints it, and says where its groove is.

    Attributes:
        dimension: 0 … D-1.
        track: where the middle of the handle may be.
        wheel_needs_focus: leave the wheel to whatever scrolls, until the slider has the focus.

    Signals:
        begun(): the person takes hold of it, by mouse or by keyboard.
        moved(int, float): dimension and its new number; by the person, never by code.
        reset_asked(int): the dimension is to go back to what routing found.
        focused(int): the dimension has the keyboard's focus.
    """

    begun = Signal()
    moved = Signal(int, float)
    reset_asked = Signal(int)
    focused = Signal(int)

    def __init__(self, dimension: int, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.dimension = dimension
        self.track = QRectF()
        self.wheel_needs_focus = False
        self._held = 0.0  # pixels from the handle's middle to where the mouse took it
        self._turned = 0  # of the wheel, less than a notch
        self.setSingleStep(_SMALL_STEP)
        self.setPageStep(_LARGE_STEP)
        self.setRange(-STEPS, STEPS)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.sliderPressed.connect(self.begun)
        self.valueChanged.connect(self._tell_moved)

    @property
    def number(self) -> float:
        """Where the slider stands, in the pose's unit."""
        return self.value() / STEPS

    @property
    def groove(self) -> Groove:
        """What the handle runs in."""
        return Groove(self.track, self.minimum() / STEPS, self.maximum() / STEPS)

    def _move_to(self, x: float) -> None:
        self.setSliderPosition(round(self.groove.value(x - self._held) * STEPS))

    @Slot(int)
    def _tell_moved(self, _value: int) -> None:
        self.moved.emit(self.dimension, self.number)

    # Qt calls these

    def mousePressEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        groove = self.track.adjusted(-2 * RADIUS, 0, 2 * RADIUS, 0)
        if event.button() != Qt.MouseButton.LeftButton or not groove.contains(event.position()):
            return
        away = x - self.groove.x(self.number)
        self._held = away if abs(away) <= _NEAR else 0.0
        self.setSliderDown(True)
        self._move_to(x)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self._move_to(event.position().x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(False)
            self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.reset_asked.emit(self.dimension)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _RESET:
            self.reset_asked.emit(self.dimension)
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.wheel_needs_focus and not self.hasFocus():
            event.ignore()  # the rows scroll
            return
        self._turned += event.angleDelta().y() or event.angleDelta().x()
        notches = int(self._turned / _NOTCH)
        self._turned -= notches * _NOTCH
        self.setValue(self.value() + notches * self.singleStep())
        event.accept()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focused.emit(self.dimension)
        if event.reason() in BY_KEYBOARD:
            self.begun.emit()
