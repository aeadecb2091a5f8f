"""The one mutable state of the window: intents are methods, news are signals."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QUndoStack

from capsviz.data.drawing import touches_canvas
from capsviz.data.samples import sample_digits
from capsviz.files import CapsvizError
from capsviz.gui.jobs import Job, Latest
from capsviz.gui.learning import Learning
from capsviz.gui.loading import Loading
from capsviz.gui.playhead import Playhead
from capsviz.gui.posing import Posing
from capsviz.gui.scene import Scene
from capsviz.gui.steps import Step
from capsviz.gui.studies import Studies
from capsviz.gui.work import ExplainRequest, OpenRequest, explain_image, open_file

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from capsviz.data.drawing import Mark
    from capsviz.explore.answers import Explanation
    from capsviz.explore.mistakes import Mistake
    from capsviz.explore.models import LoadedModel
    from capsviz.gui.pose_edit import Edit
    from capsviz.gui.work import Opened

Extra = Literal["curve", "redrawn"]
"""What an answer brings only while some view shows it."""

_USUAL_SIZE = 28  # until a network says otherwise


class Session(QObject):
    """Scene, network and settings of one window; everything on screen follows from them.

    Its parts: `loading`, where networks come from; `playhead`, the routing iteration shown;
    `posing`, the capsule decoded; `studies`, what is worked out beside the live answer;
    `learning`, the networks that are trained.

    Signals:
        scene_changed(Scene): the canvas holds something else.
        input_changed(object): (S, S) array the network is shown, None when there is nothing.
        explanation_changed(object): Explanation of the present input, None when there is none.
        model_changed(LoadedModel): another network answers from now on.
        iterations_changed(int): routing iterations, 1 … 10.
        pointed_changed(object): the primary capsule pointed at, 0 … I-1, or None.
        noticed(str): one sentence for the person.
        offered(object): Offer, a sentence with something that can be done about it.
    """

    scene_changed = Signal(Scene)
    input_changed = Signal(object)
    explanation_changed = Signal(object)
    model_changed = Signal(object)
    iterations_changed = Signal(int)
    pointed_changed = Signal(object)
    noticed = Signal(str)
    offered = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.scene = Scene()
        self._asked = self.scene  # with the mark under way, while the pen is down
        self.model: LoadedModel | None = None
        self.explanation: Explanation | None = None
        self.iterations = 3
        self.pointed: int | None = None
        self.undo_stack = QUndoStack(self)
        self.loading = Loading(self)
        self.playhead = Playhead(self.iterations, self)
        self.posing = Posing(self.undo_stack, self)
        self.studies = Studies(self)
        self.learning = Learning(self)
        self._before: LoadedModel | None = None  # answers again when a run is followed no more
        self._is_learning = False
        self._extras: frozenset[Extra] = frozenset()
        self._input: NDArray[np.float32] | None = None
        self._explainer = Latest(explain_image, "explain", self)
        self._opener = Latest(open_file, "open", self)
        self._jobs = (self._explainer, self._opener)
        self._connect_jobs()

    def _connect_jobs(self) -> None:
        self._explainer.done.connect(self._show_explanation)
        self.loading.loaded.connect(self._use_model)
        self._opener.done.connect(self._show_opened)
        self.iterations_changed.connect(self.playhead.set_count)
        self.posing.pose_changed.connect(self.studies.follow_pose)
        self.studies.statistics_changed.connect(self.posing.take_statistics)
        self.studies.mistake_found.connect(self._show_mistake)
        self.loading.left.connect(self.noticed)
        self._explainer.failed.connect(self._give_up_answer)
        self._opener.failed.connect(self._notice_failure)
        self.posing.failed.connect(self._fall_back)
        self.learning.following.weights_changed.connect(self._show_weights)
        self.learning.following.let_go.connect(self._let_go)
        self.learning.offered.connect(self.offered)
        self.learning.noticed.connect(self.noticed)
        for part in (self.loading, self.studies, self.learning):
            part.failed.connect(self._notice_failure)

    @property
    def image_size(self) -> int:
        """Side of the present network's images, pixels."""
        return self.model.network.config.image_size if self.model else _USUAL_SIZE

    @property
    def has_input(self) -> bool:
        """Whether there is anything that the network could be shown."""
        return self._input is not None

    @property
    def chosen_model(self) -> LoadedModel | None:
        """The network that was chosen, which answers unless a learning one is followed."""
        return self._before if self._is_learning else self.model

    @property
    def is_settled(self) -> bool:
        """Whether what is shown answers what is on the canvas, and nothing is under way."""
        parts = (*self._jobs, self.loading, self.posing, self.studies)
        return all(part.is_idle for part in parts) and self.learning.is_settled

    def preview_mark(self, mark: Mark) -> None:
        """The pen is down: answer as if the mark ended here."""
        if touches_canvas(mark):
            self._ask(self.scene.with_mark(mark))

    def add_mark(self, mark: Mark) -> None:
        """The pen was lifted: the mark becomes one step that can be undone."""
        after = self.scene.with_mark(mark)
        if not after.network_input(self.image_size).any():  # all of it was erased
            after = Scene(framed=self.scene.framed)
        if not touches_canvas(mark) or (after.is_empty and self.scene.is_empty):
            self.drop_preview()
        else:
            self.change_scene(after, "erase" if mark.erases else "stroke")

    @Slot()
    def drop_preview(self) -> None:
        """The mark under way is not to be: answer what stands on the canvas again."""
        self._ask(self.scene)

    @Slot()
    def clear(self) -> None:
        """Empty the canvas; can be undone."""
        if not self.scene.is_empty:
            self.change_scene(Scene(framed=self.scene.framed), "clear")

    @Slot(bool)
    def set_framed(self, framed: bool) -> None:
        """Bring drawings to MNIST's frame, or leave them where they are drawn."""
        if framed != self.scene.framed:
            what = "centre the drawing" if framed else "leave the drawing in its place"
            self.change_scene(replace(self.scene, framed=framed), what)

    def change_scene(self, scene: Scene, what: str) -> None:
        """Replace the canvas's content as one undo step named `what`; edits of the pose end."""
        self.undo_stack.push(_SceneStep(self, scene, what))

    def open_file(self, path: Path) -> None:
        """Show an image or the first drawing of a strokes file; a notice tells what fails."""
        self._opener.submit(OpenRequest(path, path.name, self.image_size))

    def open_picture(self, content: bytes, name: str) -> None:
        """The same for the bytes of an image file, such as a pasted one."""
        self._opener.submit(OpenRequest(content, name, self.image_size))

    @Slot()
    def show_random_sample(self, label: int | None = None) -> None:
        """Show one of the real MNIST digits that ship with the program, perhaps of one class."""
        labels = sample_digits().labels
        self.show_sample(random.choice([i for i, at in enumerate(labels) if label in (None, at)]))

    def show_sample(self, index: int) -> None:
        """Show this one of the digits that ship with the program."""
        ground = sample_digits().images[index].astype("float32") / 255
        scene = Scene(ground=ground, framed=self.scene.framed, sample=index)
        self.change_scene(scene, "sample digit")

    @Slot()
    def show_next_mistake(self) -> None:
        """Show the next of these digits that the network gets wrong."""
        if self._is_learning:
            self.noticed.emit("The learning network changes; stop following it to see mistakes.")
        after = -1 if self.scene.sample is None else self.scene.sample
        self.studies.search(after, self.iterations)

    def load_model(self, name: str, device: str | None = None) -> None:
        """Let another network answer, on this device or the one in use; until then, the present
        one does.
        """
        self.loading.load(name, device)

    def set_iterations(self, iterations: int) -> None:
        """Route with 1 … 10 iterations from now on."""
        if iterations != self.iterations:
            self.iterations = iterations
            self.iterations_changed.emit(iterations)
            self._ask(self._asked)

    def point_at(self, capsule: int | None) -> None:
        """Mark one primary capsule in every view."""
        if capsule != self.pointed:
            self.pointed = capsule
            self.pointed_changed.emit(capsule)

    def want(self, extra: Extra, wanted: bool) -> None:
        """Let answers bring this from now on, or no longer."""
        extras = self._extras | {extra} if wanted else self._extras - {extra}
        if extras == self._extras:
            return
        self._extras = extras
        if wanted:
            self._ask(self._asked)

    def close(self) -> None:
        """End all work and join its threads; called again, it does nothing."""
        self.playhead.pause()
        self.learning.training.give_up()
        for job in self.findChildren(Job):  # all at once, so that none waits for another's end
            job.wind_down()
        self.learning.close()
        self.loading.close()
        self.posing.close()
        self.studies.close()
        for job in self._jobs:
            job.close()

    def put_scene(self, scene: Scene, edit: Edit | None) -> None:
        """Show a scene and an edit of its pose without making an undo step."""
        self.scene = scene
        self.posing.put_edit(edit)
        self.scene_changed.emit(scene)
        self._ask(scene)

    def _ask(self, scene: Scene) -> None:
        self._asked = scene
        image = None if scene.is_empty else scene.network_input(self.image_size)
        self._input = (
            image if image is not None and image.any() else None
        )  # bare ground is no digit
        self.input_changed.emit(self._input)
        if self._input is None:
            self._drop_answer()
        elif self.model is not None:
            self._explainer.submit(self._request(self.model, self._input))

    def _drop_answer(self) -> None:
        """Nothing is claimed of what is no longer there, or not answered yet."""
        self._explainer.forget()
        self._set_explanation(None)

    def _request(self, model: LoadedModel, image: NDArray[np.float32]) -> ExplainRequest:
        return ExplainRequest(
            model.network,
            image,
            self.iterations,
            with_curve="curve" in self._extras,
            with_redrawn="redrawn" in self._extras,
        )

    def _set_explanation(self, explanation: Explanation | None) -> None:
        self.explanation = explanation
        self.explanation_changed.emit(explanation)
        self.posing.follow(self.model.network if self.model else None, explanation)

    @Slot(object)
    def _show_explanation(self, explanation: Explanation) -> None:
        self._set_explanation(explanation)

    @Slot(object)
    def _use_model(self, model: LoadedModel) -> None:
        self._before, self._is_learning = None, False
        self.learning.following.drop()
        is_other = self.model is None or model.path != self.model.path  # not on another device
        self.model = model
        self.posing.follow_model(str(model.path))
        self.studies.follow_model(model)
        if is_other:
            self._drop_answer()
        self.model_changed.emit(model)
        if is_other:
            self.set_iterations(model.network.config.routing_iterations)
        self._ask(self._asked)

    @Slot(object)
    def _show_weights(self, model: LoadedModel) -> None:
        """A run's network answers in place of the present one; its states follow quickly."""
        is_first = not self._is_learning or self.model is None or model.path != self.model.path
        if not self._is_learning:
            self._before, self._is_learning = self.model, True
        self.model = model
        self.posing.follow_model(str(model.path))
        self.studies.rest()
        if is_first:
            self._drop_answer()
            self.model_changed.emit(model)
            self.set_iterations(model.network.config.routing_iterations)
        self._ask(self._asked)

    @Slot()
    def _let_go(self) -> None:
        self._is_learning = False
        if self._before is not None:
            self._use_model(self._before)

    @Slot(object)
    def _show_opened(self, opened: Opened) -> None:
        self.change_scene(replace(opened.scene, framed=self.scene.framed), opened.what)
        if opened.note:
            self.noticed.emit(opened.note)

    @Slot(object)
    def _show_mistake(self, mistake: Mistake | None) -> None:
        if mistake is None:
            self.noticed.emit("This network reads every one of the sample digits as labelled.")
            return
        self.show_sample(mistake.index)
        self.noticed.emit(
            f"MNIST labels this digit {mistake.label}; the network reads {mistake.answer}."
        )

    @Slot(object)
    def _give_up_answer(self, error: Exception) -> None:
        self._set_explanation(None)  # the one on show is of something else
        self._fall_back(error)

    @Slot(object)
    def _fall_back(self, error: Exception) -> None:
        """A device that fails is left for the CPU, once; the answer still comes."""
        if self.model is None or not self.loading.leave_device(self.model, error):
            self._notice_failure(error)

    @Slot(object)
    def _notice_failure(self, error: Exception) -> None:
        known = isinstance(error, CapsvizError)
        self.noticed.emit(str(error) if known else f"Unexpected error: {error!r:.300}")


class _SceneStep(Step):
    """From a scene, and an edit of its pose, to another scene."""

    def __init__(self, session: Session, after: Scene, what: str) -> None:
        super().__init__(what)
        self._session, self._after = session, after
        self._before, self._edit = session.scene, session.posing.edit

    def take_back(self) -> None:
        self._session.put_scene(self._before, self._edit)

    def take(self) -> None:
        self._session.put_scene(self._after, None)
