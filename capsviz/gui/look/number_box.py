"""A box for a whole number that keeps the keyboard no longer than it is needed."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QSpinBox

from capsviz.gui.look.keys import NUMERALS, UNMODIFIED

_TAKEN = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_TYPED_BY = (*UNMODIFIED, Qt.KeyboardModifier.ShiftModifier)


class NumberBox(QSpinBox):
    """Takes digits and the keys that edit them; letters and signs are the window's shortcuts.

    Signals:
        finished(): Return, Escape or a click on the arrows: the keyboard is wanted elsewhere.
    """

    finished = Signal()

    def _is_on_arrows(self, place: QPoint) -> bool:
        # only now: PySide makes all the names of a QStyle at its first use, in 8 ms
        from PySide6.QtWidgets import QStyle, QStyleOptionSpinBox

        arrows = (QStyle.SubControl.SC_SpinBoxUp, QStyle.SubControl.SC_SpinBoxDown)
        option = QStyleOptionSpinBox()
        self.initStyleOption(option)
        control = QStyle.ComplexControl.CC_SpinBox
        return self.style().hitTestComplexControl(control, option, place, self) in arrows

    def _forget_typing(self) -> None:
        """What was typed and not taken gives way to the number that holds."""
        self.lineEdit().setText(self.textFromValue(self.value()))

    # Qt calls these

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            if _is_sign(event):
                event.ignore()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_left = event.key() == Qt.Key.Key_Escape
        if is_left:
            self._forget_typing()
        else:
            super().keyPressEvent(event)
        if is_left or event.key() in _TAKEN:
            event.accept()
            self.finished.emit()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if self._is_on_arrows(event.position().toPoint()):
            self.finished.emit()


def _is_sign(event: QKeyEvent) -> bool:
    """Whether it would type something that is no part of a number."""
    text = event.text()
    return text.isprintable() and text not in ("", *NUMERALS) and event.modifiers() in _TYPED_BY
