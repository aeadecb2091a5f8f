"""The one mutable state of the lab: intents are methods, news are signals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from capsviz.explore.answers import Truth
from capsviz.gui.failure import Failure, sentence_of
from capsviz.gui.jobs import Latest
from capsviz.gui.labs.composing import Composing
from capsviz.gui.labs.networks import Networks
from capsviz.gui.labs.tries import Question, Trying
from capsviz.gui.labs.work import Split, SplitRequest, split
from capsviz.gui.playhead import Playhead
from capsviz.gui.pose_step import ChoiceStep

if TYPE_CHECKING:
    from capsviz.data.overlay import Overlay
    from capsviz.explore.models import LoadedModel
    from capsviz.explore.separation import Separation


class Study(QObject):
    """Two digits, the network that reads them, and how its answer is looked at.

    Its parts: `composing`, the two digits; `networks`, which one answers; `playhead`, the routing
    iteration shown; `trying`, where the split was tried. Nothing is asked of the network while
    the lab is hidden.

    Signals:
        separation_changed(object): Separation of what is there, None when there is none.
        iterations_changed(int): routing iterations, 1 … 10.
        noticed(str): one sentence for the person.
        outdated(str): what this sentence told is no longer so.
    """

    separation_changed = Signal(object)
    iterations_changed = Signal(int)
    noticed = Signal(str)
    outdated = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.separation: Separation | None = None
        self.iterations = 3
        self.composing = Composing(self)
        self.playhead = Playhead(self.iterations, self)
        self.networks, self.trying = Networks(self), Trying(self)
        self._recent: tuple[int, ...] = ()  # the two chosen, the newest last; none: the longest
        self._asked = self.composing.overlay
        self._is_awake = False
        self._splitter = Latest(split, "split", self)
        self.composing.changed.connect(self._begin_tries)
        self.composing.asked.connect(self._ask)
        self._splitter.done.connect(self._show)
        self._splitter.failed.connect(self._give_up)
        self.networks.model_changed.connect(self._use_model)
        self.networks.left.connect(self.noticed)
        self.iterations_changed.connect(self.playhead.set_count)
        self.trying.failed.connect(self._notice_failure)
        failure = Failure(self)
        self.networks.failed.connect(failure.tell)
        self.networks.model_changed.connect(failure.mend)
        failure.told.connect(self.noticed)
        failure.mended.connect(self.outdated)

    @property
    def is_settled(self) -> bool:
        """Whether what is shown answers what is there, and nothing is under way."""
        parts = (self._splitter, self.networks, self.trying)
        return all(part.is_idle for part in parts)

    @property
    def chosen(self) -> tuple[int, int] | None:
        """The two capsules that someone chose to decode; None: the two longest."""
        return (self._recent[0], self._recent[1]) if self._recent else None

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

    @Slot(object)
    def choose(self, digit: int) -> None:
        """Decode this capsule, with the other one that was chosen last."""
        if self.separation is None:
            return
        recent = self._recent or sorted(
            self.separation.digits, key=self.separation.explanation.final_lengths.__getitem__
        )
        other = [each for each in recent if each != digit][-1]
        self._change_choice((other, digit), f"decode capsules {other} and {digit}")

    @Slot()
    def choose_longest(self) -> None:
        """Decode the two longest capsules again."""
        self._change_choice((), "decode the longest two")

    def _change_choice(self, after: tuple[int, ...], what: str) -> None:
        if after != self._recent:
            step = ChoiceStep(self._choose, self._recent, after, what, 2)
            step.join(self.composing.undo_stack)

    def _choose(self, recent: tuple[int, ...]) -> None:
        model = self.networks.model
        is_known = model is not None and all(d < model.network.config.classes for d in recent)
        self._recent = recent if is_known else ()
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
        self.trying.try_all()

    def close(self) -> None:
        """End all work and join its threads; called again, it does nothing."""
        self.rest()
        self.networks.close()
        self.trying.close()
        self._splitter.close()
        self.composing.undo_stack.clear()  # as the session's

    @Slot()
    def _begin_tries(self) -> None:
        model, there = self.networks.model, self.composing
        if model is None or not there.overlay.is_pair:
            self.trying.begin(None)
        else:
            question = Question(model.network, self.iterations, there.layer, there.other)
            self.trying.begin(question)

    @Slot(object)
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
            is_there = overlay is self.composing.overlay and overlay.is_pair
            key = self.trying.key if is_there else 0
            request = SplitRequest(network, image, truth, self.iterations, overlay, key)
            self._splitter.submit(request)

    def _set(self, separation: Separation | None) -> None:
        self.separation = separation
        self.separation_changed.emit(separation)

    @Slot(object)
    def _show(self, answer: Split) -> None:
        separation = answer.separation
        if answer.key == self.trying.key:
            place = answer.overlay.layers[self.composing.active].stands()
            self.trying.record(place, separation.longest)
        self._set(separation.choosing(self.chosen) if self.chosen else separation)

    @Slot(object)
    def _use_model(self, model: LoadedModel) -> None:
        self._splitter.forget()
        self._set(None)
        self._recent = ()
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
        self.noticed.emit(sentence_of(error))
