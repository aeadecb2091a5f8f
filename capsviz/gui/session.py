"""The one mutable state of the window: intents are methods, news are signals."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QUndoCommand, QUndoStack

from capsviz.data.samples import sample_digits
from capsviz.files import CapsvizError
from capsviz.gui.jobs import Latest
from capsviz.gui.scene import Scene
from capsviz.places import model_files

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from capsviz.data.drawing import Mark
    from capsviz.explore.answers import Explanation
    from capsviz.explore.models import LoadedModel
    from capsviz.network import CapsNet

_USUAL_SIZE = 28  # until a network says otherwise


@dataclass(frozen=True, slots=True, eq=False)
class ExplainRequest:
    """All that the explain thread needs: network, (S, S) image in 0 … 1, routing iterations."""

    network: CapsNet
    image: NDArray[np.float32]
    iterations: int


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """All that the open thread needs: the file and the network's image size."""

    path: Path
    size: int


@dataclass(frozen=True, slots=True)
class LoadRequest:
    """All that the load thread needs: a model's name or path and a device's name."""

    model: str
    device: str


class Session(QObject):
    """Scene, network and settings of one window; everything on screen follows from them.

    Signals:
        scene_changed(Scene): the canvas holds something else.
        input_changed(object): (S, S) array the network is shown, None when there is nothing.
        explanation_changed(object): Explanation of the present input, None when there is none.
        model_changed(LoadedModel): another network answers from now on.
        iterations_changed(int): routing iterations, 1 … 10.
        noticed(str): one sentence for the person.
    """

    scene_changed = Signal(Scene)
    input_changed = Signal(object)
    explanation_changed = Signal(object)
    model_changed = Signal(object)
    iterations_changed = Signal(int)
    noticed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.scene = Scene()
        self._asked = self.scene  # with the mark under way, while the pen is down
        self.model: LoadedModel | None = None
        self.explanation: Explanation | None = None
        self.iterations = 3
        self.undo_stack = QUndoStack(self)
        self._input: NDArray[np.float32] | None = None
        self._explainer = Latest(_explain, "explain", self)
        self._loader = Latest(_load, "load", self)
        self._opener = Latest(_open, "open", self)
        self._connect_jobs()

    def _connect_jobs(self) -> None:
        self._explainer.done.connect(self._show_explanation)
        self._loader.done.connect(self._use_model)
        self._opener.done.connect(self._show_opened)
        for job in (self._explainer, self._loader, self._opener):
            job.failed.connect(self._notice_failure)

    @property
    def image_size(self) -> int:
        """Side of the present network's images, pixels."""
        return self.model.network.config.image_size if self.model else _USUAL_SIZE

    @property
    def is_settled(self) -> bool:
        """Whether what is shown answers what is on the canvas, and nothing is under way."""
        return all(job.is_idle for job in (self._explainer, self._loader, self._opener))

    def preview_mark(self, mark: Mark) -> None:
        """The pen is down: answer as if the mark ended here."""
        self._ask(self.scene.with_mark(mark))

    def add_mark(self, mark: Mark) -> None:
        """The pen was lifted: the mark becomes one step that can be undone."""
        self.change_scene(self.scene.with_mark(mark), "erase" if mark.erases else "stroke")

    def clear(self) -> None:
        """Empty the canvas; can be undone."""
        if not self.scene.is_empty:
            self.change_scene(Scene(), "clear")

    def change_scene(self, scene: Scene, what: str) -> None:
        """Replace the canvas's content as one undo step named `what`."""
        self.undo_stack.push(_SceneStep(self, self.scene, scene, what))

    def open_file(self, path: Path) -> None:
        """Show an image or the first drawing of a strokes file; a notice tells what fails."""
        self._opener.submit(OpenRequest(path, self.image_size))

    def show_random_sample(self) -> None:
        """Show one of the real MNIST digits that ship with the program."""
        digits = sample_digits()
        index = random.randrange(len(digits))
        ground = digits.images[index].astype("float32") / 255
        self.change_scene(Scene(ground=ground), "sample digit")

    def load_model(self, name: str, device: str = "auto") -> None:
        """Let another network answer; until it is loaded, the present one does."""
        self._loader.submit(LoadRequest(name, device))

    def model_names(self) -> list[str]:
        """The networks that can be loaded by name now."""
        return [path.stem for path in model_files()]

    def set_iterations(self, iterations: int) -> None:
        """Route with 1 … 10 iterations from now on."""
        if iterations != self.iterations:
            self.iterations = iterations
            self.iterations_changed.emit(iterations)
            self._ask(self._asked)

    def close(self) -> None:
        """End all work and join its threads; called again, it does nothing."""
        for job in (self._explainer, self._loader, self._opener):
            job.close()

    def put_scene(self, scene: Scene) -> None:
        """Show a scene without making an undo step."""
        self.scene = scene
        self.scene_changed.emit(scene)
        self._ask(scene)

    def _ask(self, scene: Scene) -> None:
        self._asked = scene
        self._input = None if scene.is_empty else scene.network_input(self.image_size)
        self.input_changed.emit(self._input)
        if self._input is None:
            self._explainer.forget()  # its answer would be of what is no longer there
            self._set_explanation(None)
        elif self.model is not None:
            self._explainer.submit(
                ExplainRequest(self.model.network, self._input, self.iterations)
            )

    def _set_explanation(self, explanation: Explanation | None) -> None:
        self.explanation = explanation
        self.explanation_changed.emit(explanation)

    @Slot(object)
    def _show_explanation(self, explanation: Explanation) -> None:
        self._set_explanation(explanation)

    @Slot(object)
    def _use_model(self, model: LoadedModel) -> None:
        self._explainer.forget()
        self.model = model
        self.model_changed.emit(model)
        self.set_iterations(model.network.config.routing_iterations)
        self._ask(self._asked)

    @Slot(object)
    def _show_opened(self, opened: tuple[Scene, str]) -> None:
        self.change_scene(*opened)

    @Slot(object)
    def _notice_failure(self, error: Exception) -> None:
        known = isinstance(error, CapsvizError)
        self.noticed.emit(str(error) if known else f"Unexpected error: {error!r:.300}")


class _SceneStep(QUndoCommand):
    """One step of the undo history: from a scene to another."""

    def __init__(self, session: Session, before: Scene, after: Scene, what: str) -> None:
        super().__init__(what)
        self._session, self._before, self._after = session, before, after

    def undo(self) -> None:
        self._session.put_scene(self._before)

    def redo(self) -> None:
        self._session.put_scene(self._after)


# The work of the threads. torch takes seconds to import, so the rooms that need it are imported
# here, in the thread that needs them first, while the window is already on screen.


def _explain(request: ExplainRequest) -> Explanation:
    from capsviz.explore.explain import explain

    return explain(request.network, request.image, request.iterations)


def _load(request: LoadRequest) -> LoadedModel:
    from capsviz.explore.models import load_model

    return load_model(request.model, request.device)


def _open(request: OpenRequest) -> tuple[Scene, str]:
    from capsviz.data.drawing import on_canvas
    from capsviz.data.images import image_to_input
    from capsviz.data.strokes import read_strokes

    name = request.path.name
    if request.path.suffix.lower() == ".jsonl":
        return Scene(on_canvas(read_strokes(request.path)[0].drawing)), f"open {name}"
    return Scene(ground=image_to_input(request.path, request.size)), f"open {name}"
