"""The one mutable state of the lab: intents are methods, news are signals."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QUndoStack

from capsviz.data.drawing import touches_canvas
from capsviz.data.marks import Drawing
from capsviz.data.overlay import Layer, Overlay, sampled
from capsviz.data.samples import sample_digits
from capsviz.explore.answers import Truth
from capsviz.files import CapsvizError
from capsviz.gui.jobs import Latest
from capsviz.gui.labs.networks import Networks
from capsviz.gui.labs.steps import OverlayStep
from capsviz.gui.labs.tries import Trying
from capsviz.gui.labs.work import Split, SplitRequest, split
from capsviz.gui.playhead import Playhead

if TYPE_CHECKING:
    from capsviz.data.marks import Mark
    from capsviz.explore.models import LoadedModel
    from capsviz.explore.separation import Separation

    Place = tuple[int, int]


class Study(QObject):
    """Two digits, the network that reads them, and how its answer is looked at.

    Its parts: `networks`, which one answers; `playhead`, the routing iteration shown; `trying`,
    where the split was tried. Nothing is asked of the network while the lab is hidden.

    Signals:
        overlay_changed(object): Overlay, the canvas holds something else.
        active_changed(int): the layer that is drawn on and moved, 0 or 1.
        separation_changed(object): Separation of what is there, None when there is none.
        iterations_changed(int): routing iterations, 1 … 10.
        noticed(str): one sentence for the person.
    """

    overlay_changed = Signal(object)
    active_changed = Signal(int)
    separation_changed = Signal(object)
    iterations_changed = Signal(int)
    noticed = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.overlay = Overlay()
        self.active = 0
        self.separation: Separation | None = None
        self.iterations = 3
        self.undo_stack = QUndoStack(self)
        self.playhead = Playhead(self.iterations, self)
        self.networks, self.trying = Networks(self), Trying(self)
        self._recent: list[int] = []  # the two chosen capsules, the newest last; none: the longest
        self._asked = self.overlay
        self._is_awake = False
        self._random = Random()
        self._splitter = Latest(split, "split", self)
        self._splitter.done.connect(self._show)
        self._splitter.failed.connect(self._give_up)
        self.networks.model_changed.connect(self._use_model)
        self.networks.left.connect(self.noticed)
        self.iterations_changed.connect(self.playhead.set_count)
        for part in (self.networks, self.trying):
            part.failed.connect(self._notice_failure)

    @property
    def is_settled(self) -> bool:
        """Whether what is shown answers what is there, and nothing is under way."""
        parts = (self._splitter, self.networks, self.trying)
        return all(part.is_idle for part in parts)

    @property
    def chosen(self) -> tuple[int, int] | None:
        """The two capsules that someone chose to decode; None: the two longest."""
        return (self._recent[0], self._recent[1]) if len(self._recent) == 2 else None

    @property
    def layer(self) -> Layer:
        """The one that is drawn on."""
        return self.overlay.layers[self.active]

    def wake(self) -> None:
        """The lab can be seen: answer what is there."""
        self._is_awake = True
        if self.networks.model is None:
            self.networks.look()
        self._ask(self._asked)

    def rest(self) -> None:
        """The lab is hidden: work out nothing."""
        self._is_awake = False
        self.playhead.pause()
        self.trying.stop()
        self._splitter.forget()

    # what is there

    @Slot(object)
    def preview_mark(self, mark: Mark) -> None:
        """The pen is down: answer as if the mark ended here."""
        if touches_canvas(mark) and not self._is_vain(mark):
            self._ask(self.overlay.with_layer(self.active, self.layer.with_mark(mark)))

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
        """An eraser finds nothing to take: a real digit is taken whole, or not at all."""
        return mark.erases and self.layer.drawing.is_empty

    @Slot()
    def drop_preview(self) -> None:
        """The mark under way is not to be."""
        self.overlay_changed.emit(self.overlay)
        self._ask(self.overlay)

    @Slot()
    def clear(self) -> None:
        """Empty both layers; can be undone."""
        if not self.overlay.is_empty:
            self.change(Overlay(is_one=self.overlay.is_one), "clear")

    @Slot()
    def show_sample(self) -> None:
        """Two real digits of different classes, laid together by chance."""
        self.change(sampled(sample_digits(), self._random), "sample")

    def set_active(self, index: int) -> None:
        """Draw on, and move, the first (0) or the second (1) digit; leaves a single drawing."""
        if self.overlay.is_one:
            self.change(replace(self.overlay, is_one=False), "two layers")
        if index != self.active:
            self.active = index
            self.active_changed.emit(index)
            self._begin_tries()

    def join_layers(self) -> None:
        """Draw both digits in one drawing; real digits cannot be part of it."""
        if self.overlay.is_one:
            return
        self.active = 0
        self.active_changed.emit(0)
        marks = tuple(mark for layer in self.overlay.layers for mark in layer.drawing.marks)
        self.change(Overlay((Layer(Drawing(marks)), Layer()), is_one=True), "one drawing")

    def slide(self, to: Place) -> None:
        """Move the active digit to x and y, whole pixels from the middle."""
        if not self.overlay.is_one and not self.layer.is_empty and to != self.layer.stands():
            moved = self.overlay.with_layer(self.active, self.layer.moved(to))
            self.undo_stack.push(OverlayStep(self, moved, "slide", self.active))

    def change(self, overlay: Overlay, what: str) -> None:
        """Replace what is there as one undo step named `what`."""
        self.undo_stack.push(OverlayStep(self, overlay, what))

    def put_overlay(self, overlay: Overlay, is_moved: bool) -> None:
        """Show it without making an undo step; `is_moved`: the same digits, one elsewhere."""
        self.overlay = overlay
        if not is_moved:
            self._begin_tries()
        self.overlay_changed.emit(overlay)
        self._ask(overlay)

    # how it is looked at

    @Slot(object)
    def choose(self, digit: int) -> None:
        """Decode this capsule, with the other one that was chosen last."""
        if self.separation is None:
            return
        recent = self._recent or sorted(
            self.separation.digits, key=self.separation.explanation.final_lengths.__getitem__
        )
        self._choose([*[each for each in recent if each != digit][-1:], digit])

    @Slot()
    def choose_longest(self) -> None:
        """Decode the two longest capsules again."""
        self._choose([])

    def _choose(self, recent: list[int]) -> None:
        self._recent = recent
        if self.separation is not None:
            self._set(self.separation.choosing(self.chosen))

    @Slot(int)
    def set_iterations(self, iterations: int) -> None:
        """Route with 1 … 10 iterations from now on."""
        if iterations != self.iterations:
            self.iterations = iterations
            self.iterations_changed.emit(iterations)
            self._begin_tries()
            self._ask(self._asked)

    @Slot()
    def try_all(self) -> None:
        """Read every place of the active digit over the other."""
        model, other = self.networks.model, self.overlay.layers[1 - self.active]
        if model is not None and self.overlay.is_pair:
            self.trying.try_all(model.network, self.layer.framed(), other.part(), self.iterations)

    def close(self) -> None:
        """End all work and join its threads; called again, it does nothing."""
        self.rest()
        self.networks.close()
        self.trying.close()
        self._splitter.close()

    def _begin_tries(self) -> None:
        self.trying.begin(self.overlay.labels() if self.overlay.is_pair else None)

    def _ask(self, overlay: Overlay) -> None:
        self._asked = overlay
        image = None if overlay.is_empty else overlay.image()
        if image is None or not image.any():
            self._splitter.forget()
            self._set(None)
        elif self.networks.model is not None and self._is_awake:
            parts = overlay.parts()
            truth = None if parts is None else Truth(parts, overlay.labels())
            network = self.networks.model.network
            key = self.trying.key if overlay is self.overlay and overlay.is_pair else 0
            request = SplitRequest(network, image, truth, self.iterations, overlay, key)
            self._splitter.submit(request)

    def _set(self, separation: Separation | None) -> None:
        self.separation = separation
        self.separation_changed.emit(separation)

    @Slot(object)
    def _show(self, answer: Split) -> None:
        separation = answer.separation
        if answer.key == self.trying.key:
            place = answer.overlay.layers[self.active].stands()
            self.trying.record(place, separation.longest)
        self._set(separation.choosing(self.chosen) if self.chosen else separation)

    @Slot(object)
    def _use_model(self, model: LoadedModel) -> None:
        self._splitter.forget()
        self._set(None)
        self._recent = []
        self._begin_tries()
        self.set_iterations(model.network.config.routing_iterations)
        self._ask(self._asked)

    @Slot(object)
    def _give_up(self, error: Exception) -> None:
        self._set(None)
        model, loading = self.networks.model, self.networks.loading
        if model is None or not loading.leave_device(model, error):
            self._notice_failure(error)

    @Slot(object)
    def _notice_failure(self, error: Exception) -> None:
        known = isinstance(error, CapsvizError)
        self.noticed.emit(str(error) if known else f"Unexpected error: {error!r:.300}")
