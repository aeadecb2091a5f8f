"""A view of many small pictures, any of which can be chosen by mouse or keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QKeyEvent

from capsviz.gui.look.keys import BY_KEYBOARD, CHOOSE, UNMODIFIED
from capsviz.gui.look.tips import shows_tip
from capsviz.gui.look.view import View

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent, QMouseEvent
    from PySide6.QtWidgets import QWidget

    Way = tuple[int, int]

Part = TypeVar("Part")
"""What names a picture: the number of a capsule, the row and column of a cell."""

_WAYS: dict[Qt.Key, Way] = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class Choosing(View, Generic[Part]):
    """Knows which picture the pointer is on, and which the keyboard; a subclass, where each is.

    Attributes:
        lit: the picture that the pointer is on.
        cursor_at: the one that the keyboard is on, while it is in use.
    """

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.lit: Part | None = None
        self.cursor_at: Part | None = None

    def part_at(self, place: QPointF) -> Part | None:
        """The picture there."""
        raise NotImplementedError

    def begin(self) -> Part | None:
        """Where the keyboard begins; None while there is nothing to choose."""
        raise NotImplementedError

    def neighbour(self, here: Part, way: Way) -> Part:
        """The picture that lies that way, one to the right or down; `here` if there is none."""
        raise NotImplementedError

    def choose(self, part: Part) -> None:
        """Ask for this one, or do nothing if it cannot be had."""
        raise NotImplementedError

    def explain(self, part: Part) -> str:
        """The tooltip of this one, "" for none."""
        raise NotImplementedError

    def _tip_at(self, place: QPointF) -> str:
        part = self.part_at(place)
        return "" if part is None else self.explain(part)

    def _light(self, part: Part | None) -> None:
        if part != self.lit:
            self.lit = part
            shape = Qt.CursorShape
            self.setCursor(shape.ArrowCursor if part is None else shape.PointingHandCursor)
            self.update()

    def _put_cursor(self, part: Part | None) -> None:
        self.cursor_at = part
        self.setAccessibleDescription(self.summary())
        self.update()

    # Qt calls these

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, here = _key(event), self.begin() if self.cursor_at is None else self.cursor_at
        if key is None:
            super().keyPressEvent(event)
        elif here is not None and key in _WAYS:
            self._put_cursor(self.neighbour(here, _WAYS[key]))
        elif here is not None:
            self.choose(here)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        part = self.part_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and part is not None:
            self.choose(part)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._light(self.part_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._light(None)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in BY_KEYBOARD:
            self._put_cursor(self.begin())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._put_cursor(None)

    def event(self, event: QEvent) -> bool:
        is_shortcut = event.type() == QEvent.Type.ShortcutOverride
        if is_shortcut and isinstance(event, QKeyEvent) and _key(event) is not None:
            event.accept()  # while this has the focus, no menu takes these keys
            return True
        return shows_tip(self, event, self._tip_at) or super().event(event)


def _key(event: QKeyEvent) -> Qt.Key | None:
    """An arrow or a key that chooses, pressed alone; else None."""
    key, alone = Qt.Key(event.key()), event.modifiers() in UNMODIFIED
    return key if alone and (key in _WAYS or key in CHOOSE) else None
