"""The one mutable state of the window: intents are methods, news are signals."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QUndoStack

from capsviz.data.drawing import touches_canvas
from capsviz.gui.answering import Answering
from capsviz.gui.failure import Failure, sentence_of
from capsviz.gui.jobs import Job
from capsviz.gui.loading import Loading
from capsviz.gui.opening import Opening
from capsviz.gui.playhead import Playhead
from capsviz.gui.posing import Posing
from capsviz.gui.scene import Scene
from capsviz.gui.scene_step import SceneStep
from capsviz.gui.studies import Studies

if TYPE_CHECKING:
    from capsviz.data.drawing import Mark
    from capsviz.explore.answers import Explanation
    from capsviz.explore.models import LoadedModel
    from capsviz.gui.learning import Learning
    from capsviz.gui.pose_edit import Edit


class Session(QObject):
    """Scene, network and settings of one window; everything on screen follows from them.

    Its parts: `answering`, the network that is asked; `loading`, where networks come from;
    `opening`, what comes onto the canvas without being drawn; `playhead`, the routing iteration
    shown; `posing`, the capsule decoded; `studies`, what is worked out beside the live answer;
    `learning`, the networks that are trained.

    Signals:
        scene_changed(Scene): the canvas holds something else.
        input_changed(object): (S, S) array the network is shown, None when there is nothing.
        explanation_changed(object): Explanation of the present input, None when there is none.
        model_changed(LoadedModel): another network answers from now on.
        iterations_changed(int): routing iterations, 1 … 10.
        pointed_changed(object): the primary capsule pointed at, 0 … I-1, or None.
        noticed(str): one sentence for the person.
        outdated(str): what this sentence told is no longer so.
        offered(object): Offer, a sentence with something that can be done about it.
        closing(): all work is to end; windows with work of their own end theirs.
    """

    scene_changed = Signal(Scene)
    input_changed = Signal(object)
    explanation_changed = Signal(object)
    model_changed = Signal(object)
    iterations_changed = Signal(int)
    pointed_changed = Signal(object)
    noticed = Signal(str)
    outdated = Signal(str)
    offered = Signal(object)
    closing = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.scene = Scene()
        self.pointed: int | None = None
        self.undo_stack = QUndoStack(self)
        self.loading = Loading(self)
        self.posing = Posing(self.undo_stack, self)
        self.studies = Studies(self)
        self.answering = Answering(self.posing, self.studies, self)
        self.playhead = Playhead(self.iterations, self)
        self.opening = Opening(self.answering, self.studies, self)
        self._connect_answers()
        self._connect_parts()

    def _connect_answers(self) -> None:
        answering = self.answering
        answering.input_changed.connect(self.input_changed)
        answering.explanation_changed.connect(self.explanation_changed)
        answering.model_changed.connect(self.model_changed)
        answering.iterations_changed.connect(self.playhead.set_count)
        answering.iterations_changed.connect(self.iterations_changed)
        for part in (answering, self.posing):
            part.failed.connect(self._fall_back)

    def _connect_parts(self) -> None:
        self.loading.loaded.connect(self._use_model)
        self.opening.opened.connect(self.change_scene)
        self.scene_changed.connect(self.opening.follow_scene)
        self.iterations_changed.connect(self.studies.forget_search)
        self.posing.pose_changed.connect(self.studies.follow_pose)
        self.studies.statistics_changed.connect(self.posing.take_statistics)
        self.loading.left.connect(self.noticed)
        self.opening.noticed.connect(self.noticed)
        self.opening.outdated.connect(self.outdated)
        self.opening.offered.connect(self.offered)
        self.studies.failed.connect(self._notice_failure)
        for part, success in (
            (self.loading, self.loading.loaded),
            (self.opening, self.opening.opened),
        ):
            failure = Failure(self)
            part.failed.connect(failure.tell)
            success.connect(failure.mend)
            failure.told.connect(self.noticed)
            failure.mended.connect(self.outdated)

    @cached_property
    def learning(self) -> Learning:
        """The networks that are trained; made when somebody first asks for it."""
        from capsviz.gui.learning import Learning

        made = Learning(self)
        made.following.weights_changed.connect(self.answering.follow)
        made.following.let_go.connect(self._let_go)
        made.offered.connect(self.offered)
        made.noticed.connect(self.noticed)
        made.failed.connect(self._notice_failure)
        return made

    @property
    def _parts(self) -> tuple[Loading | Posing | Studies | Answering | Opening, ...]:
        """Those that have a thread and are always there."""
        return self.loading, self.posing, self.studies, self.answering, self.opening

    @property
    def _made_learning(self) -> Learning | None:
        return self.learning if "learning" in vars(self) else None

    @property
    def is_training(self) -> bool:
        """Whether a run is under way."""
        learning = self._made_learning
        return learning is not None and not learning.training.is_idle

    @property
    def model(self) -> LoadedModel | None:
        """The network that answers."""
        return self.answering.model

    @property
    def explanation(self) -> Explanation | None:
        """The answer to what is on the canvas, when it has come."""
        return self.answering.explanation

    @property
    def iterations(self) -> int:
        """How often the network routes, 1 … 10."""
        return self.answering.iterations

    @property
    def is_settled(self) -> bool:
        """Whether what is shown answers what is on the canvas, and nothing is under way."""
        learning = self._made_learning
        is_settled = learning is None or learning.is_settled
        return is_settled and all(part.is_idle for part in self._parts)

    @Slot(object)
    def preview_mark(self, mark: Mark) -> None:
        """The pen is down: answer as if the mark ended here."""
        if touches_canvas(mark):
            self.answering.ask(self.scene.with_mark(mark))

    @Slot(object)
    def add_mark(self, mark: Mark) -> None:
        """The pen was lifted: the mark becomes one step that can be undone."""
        after = self.scene.marked(mark, self.answering.image_size, self.answering.border)
        if after is self.scene:
            self.drop_preview()
        else:
            self.change_scene(after, "erase" if mark.erases else "stroke")

    @Slot()
    def drop_preview(self) -> None:
        """The mark under way is not to be: answer what stands on the canvas again."""
        self.answering.ask(self.scene)

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

    @Slot(Scene, str)
    def change_scene(self, scene: Scene, what: str) -> None:
        """Replace the canvas's content as one undo step named `what`; edits of the pose end."""
        before = self.scene, self.posing.edit
        self.undo_stack.push(SceneStep(self.put_scene, before, scene, what))

    def load_model(self, name: str, device: str | None = None) -> None:
        """Let another network answer, on this device or the one in use; until then, the present
        one does.
        """
        self.loading.load(name, device)

    @Slot(int)
    def set_iterations(self, iterations: int) -> None:
        """Route with 1 … 10 iterations from now on."""
        self.answering.set_iterations(iterations)

    @Slot(object)
    def point_at(self, capsule: int | None) -> None:
        """Mark one primary capsule in every view."""
        if capsule != self.pointed:
            self.pointed = capsule
            self.pointed_changed.emit(capsule)

    @Slot()
    def close(self) -> None:
        """End all work and join its threads; called again, it does nothing."""
        self.closing.emit()
        self.playhead.pause()
        if self._made_learning is not None:
            self.learning.training.give_up()
        for job in self.findChildren(Job):  # all at once, so that none waits for another's end
            job.wind_down()
        if self._made_learning is not None:
            self.learning.close()
        for part in self._parts:
            part.close()
        # its steps know this session: collected together with it they would be freed twice
        self.undo_stack.clear()

    def put_scene(self, scene: Scene, edit: Edit | None) -> None:
        """Show a scene and an edit of its pose without making an undo step."""
        self.scene = scene
        self.posing.put_edit(edit)
        self.scene_changed.emit(scene)
        self.answering.ask(scene)

    @Slot(object)
    def _use_model(self, model: LoadedModel) -> None:
        if self._made_learning is not None:
            self.learning.following.drop()
        self.answering.use(model)

    @Slot()
    def _let_go(self) -> None:
        before = self.answering.let_go()
        if before is not None:
            self._use_model(before)

    @Slot(object)
    def _fall_back(self, error: Exception) -> None:
        """A device that fails is left for the CPU, once; the answer still comes."""
        if self.model is None or not self.loading.leave_device(self.model, error):
            self._notice_failure(error)

    @Slot(object)
    def _notice_failure(self, error: Exception) -> None:
        self.noticed.emit(sentence_of(error))
