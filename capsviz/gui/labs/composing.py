"""What is laid together in the lab: two layers, drawn, taken or slid; all can be undone."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QUndoStack

from capsviz.data.drawing import touches_canvas
from capsviz.data.layer import Layer
from capsviz.data.overlay import Overlay, sampled
from capsviz.data.samples import sample_digits
from capsviz.gui.labs.steps import OverlayStep

if TYPE_CHECKING:
    from capsviz.data.marks import Mark

    Place = tuple[int, int]


class Composing(QObject):
    """Intents are methods, news are signals.

    Attributes:
        overlay: what is there.
        active: the layer that is drawn on and moved, 0 or 1.

    Signals:
        overlay_changed(object): Overlay, the canvas holds something else.
        active_changed(int): another layer is drawn on.
        changed(): another digit is there, is moved, or is the active one; told before `asked`.
        asked(object): Overlay to be answered: what is there, or with the mark under way.
    """

    overlay_changed = Signal(object)
    active_changed = Signal(int)
    changed = Signal()
    asked = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.overlay = Overlay()
        self.active = 0
        self.undo_stack = QUndoStack(self)
        self.random = Random()
        self._gesture = 0

    @property
    def layer(self) -> Layer:
        """The one that is drawn on."""
        return self.overlay.layers[self.active]

    @property
    def other(self) -> Layer:
        """The other one."""
        return self.overlay.layers[1 - self.active]

    @Slot(object)
    def preview_mark(self, mark: Mark) -> None:
        """The pen is down: answer as if the mark ended here."""
        if touches_canvas(mark) and not self._is_vain(mark):
            self.asked.emit(self.overlay.with_layer(self.active, self.layer.with_mark(mark)))

    @Slot(object)
    def add_mark(self, mark: Mark) -> None:
        """The pen was lifted: the mark becomes one step that can be undone."""
        if not touches_canvas(mark) or self._is_vain(mark):
            self.drop_preview()
            return
        after = self.layer.with_mark(mark)
        if not after.framed().any():  # all of it was erased
            after = Layer()
        what = "erase" if mark.erases else "stroke"
        self.change(self.overlay.with_layer(self.active, after), what)

    def _is_vain(self, mark: Mark) -> bool:
        """An eraser finds nothing to take, or a real digit is not reached."""
        if self.layer.digit is not None:
            return np.array_equal(self.layer.with_mark(mark).framed(), self.layer.digit)
        return mark.erases and self.layer.drawing.is_empty

    @Slot()
    def drop_preview(self) -> None:
        """The mark under way is not to be."""
        self.overlay_changed.emit(self.overlay)
        self.asked.emit(self.overlay)

    @Slot()
    def clear(self) -> None:
        """Empty both layers; can be undone."""
        if not self.overlay.is_empty:
            self.change(Overlay(is_one=self.overlay.is_one), "clear")

    @Slot()
    def show_sample(self) -> None:
        """Two real digits of different classes, laid together by chance."""
        self.change(sampled(sample_digits(), self.random), "sample")

    def set_active(self, index: int) -> None:
        """Draw on, and move, the first (0) or the second (1) digit; leaves a single drawing, which
        falls apart again into its layers if nothing was drawn since they were joined.
        """
        if self.overlay.is_one:
            step = OverlayStep(self, self.overlay.parted(), "two layers", index)
            self.undo_stack.push(step)
        elif index != self.active:
            self._activate(index)
            self.changed.emit()

    def join_layers(self) -> None:
        """Draw both digits in one drawing; real digits cannot be part of it."""
        if not self.overlay.is_one:
            self.undo_stack.push(OverlayStep(self, self.overlay.joined(), "one drawing", 0))

    @Slot()
    def begin_slide(self) -> None:
        """What follows is one step to undo."""
        self._gesture += 1

    def slide(self, to: Place) -> None:
        """Move the active digit to x and y, whole pixels from the middle."""
        if not self.overlay.is_one and not self.layer.is_empty and to != self.layer.stands():
            moved = self.overlay.with_layer(self.active, self.layer.moved(to))
            self.undo_stack.push(OverlayStep(self, moved, "slide", gesture=self._gesture))

    def change(self, overlay: Overlay, what: str) -> None:
        """Replace what is there as one undo step named `what`."""
        self.undo_stack.push(OverlayStep(self, overlay, what))

    def put_overlay(self, overlay: Overlay, active: int | None) -> None:
        """Show it, and perhaps another layer to draw on, without making an undo step."""
        self.overlay = overlay
        if active is not None and active != self.active:
            self._activate(active)
        self.changed.emit()
        self.overlay_changed.emit(overlay)
        self.asked.emit(overlay)

    def _activate(self, index: int) -> None:
        self.active = index
        self.active_changed.emit(index)
