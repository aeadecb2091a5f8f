"""Which network answers, what it is asked, and its newest answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, Signal, Slot

from capsviz.gui.jobs import Latest
from capsviz.gui.scene import Scene
from capsviz.gui.work import ExplainRequest, explain_image

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from capsviz.explore.answers import Explanation
    from capsviz.explore.models import LoadedModel
    from capsviz.gui.posing import Posing
    from capsviz.gui.studies import Studies

Extra = Literal["curve", "redrawn"]
"""What an answer brings only while some view shows it."""

_USUAL_SIZE = 28  # until a network says otherwise


class Answering(QObject):
    """Asks the network in a thread of its own; the newest input wins.

    Signals:
        input_changed(object): (S, S) array the network is shown, None when there is nothing.
        explanation_changed(object): Explanation of the present input, None when there is none.
        model_changed(LoadedModel): another network answers from now on.
        iterations_changed(int): routing iterations, 1 … 10.
        failed(object): the exception that kept an answer from coming.
    """

    input_changed = Signal(object)
    explanation_changed = Signal(object)
    model_changed = Signal(object)
    iterations_changed = Signal(int)
    failed = Signal(object)

    def __init__(self, posing: Posing, studies: Studies, parent: QObject) -> None:
        super().__init__(parent)
        self._posing, self._studies = posing, studies
        self._asked = Scene()  # with the mark under way, while the pen is down
        self.model: LoadedModel | None = None
        self.explanation: Explanation | None = None
        self.iterations = 3
        self.is_learning = False  # a run's network answers in place of the chosen one
        self._before: LoadedModel | None = None  # answers again when a run is followed no more
        self._extras: frozenset[Extra] = frozenset()
        self._input: NDArray[np.float32] | None = None
        self._explainer = Latest(explain_image, "explain", self)
        self._explainer.done.connect(self._show)
        self._explainer.failed.connect(self._give_up)

    @property
    def image_size(self) -> int:
        """Side of the present network's images, pixels."""
        return self.model.network.config.image_size if self.model else _USUAL_SIZE

    @property
    def border(self) -> int:
        """Of these, pixels kept free round a digit, where the network reads two in one image."""
        return self.model.network.config.border if self.model else 0

    @property
    def has_input(self) -> bool:
        """Whether there is anything that the network could be shown."""
        return self._input is not None

    @property
    def chosen_model(self) -> LoadedModel | None:
        """The network that was chosen, which answers unless a learning one is followed."""
        return self._before if self.is_learning else self.model

    @property
    def is_idle(self) -> bool:
        """Nothing is being answered."""
        return self._explainer.is_idle

    def ask(self, scene: Scene) -> None:
        """Answer this from now on."""
        self._asked = scene
        image = None if scene.is_empty else scene.network_input(self.image_size, self.border)
        self._input = (
            image if image is not None and image.any() else None
        )  # bare ground is no digit
        if self._input is not None and self.model is not None:
            self._explainer.submit(self._request(self.model, self._input))
        self.input_changed.emit(self._input)  # it is shown while the network is at work
        if self._input is None:
            self._drop()

    def want(self, extra: Extra, wanted: bool) -> None:
        """Let answers bring this from now on, or no longer."""
        extras = self._extras | {extra} if wanted else self._extras - {extra}
        if extras == self._extras:
            return
        self._extras = extras
        if wanted:
            self.ask(self._asked)

    def set_iterations(self, iterations: int) -> None:
        """Route with 1 … 10 iterations from now on."""
        if iterations != self.iterations:
            self._explainer.forget()  # what is under way is routed otherwise
            self.iterations = iterations
            self.iterations_changed.emit(iterations)
            self.ask(self._asked)

    def use(self, model: LoadedModel) -> None:
        """Let the network that was chosen answer."""
        self._before, self.is_learning = None, False
        is_other = self.model is None or model.identity != self.model.identity
        self.model = model
        self._posing.follow_model(model.identity)
        self._studies.follow_model(model)
        if is_other:
            self._drop()
        self.model_changed.emit(model)
        if is_other:
            self.set_iterations(model.network.config.routing_iterations)
        self.ask(self._asked)

    @Slot(object)
    def follow(self, model: LoadedModel) -> None:
        """A run's network answers in place of the chosen one; its states follow quickly."""
        is_first = not self.is_learning or self.model is None or model.path != self.model.path
        if not self.is_learning:
            self._before, self.is_learning = self.model, True
        self.model = model
        self._posing.follow_model(model.identity)
        self._studies.rest()
        if is_first:
            self._drop()
            self.model_changed.emit(model)
            self.set_iterations(model.network.config.routing_iterations)
        self.ask(self._asked)

    def let_go(self) -> LoadedModel | None:
        """No run is followed any longer; the network to go back to, if there was one."""
        self.is_learning = False
        return self._before

    def close(self) -> None:
        """End all work and join the thread."""
        self._explainer.close()

    def _request(self, model: LoadedModel, image: NDArray[np.float32]) -> ExplainRequest:
        return ExplainRequest(
            model.network,
            image,
            self.iterations,
            with_curve="curve" in self._extras,
            with_redrawn="redrawn" in self._extras,
        )

    def _drop(self) -> None:
        """Nothing is claimed of what is no longer there, or not answered yet."""
        self._explainer.forget()
        self._show(None)

    @Slot(object)
    def _show(self, explanation: Explanation | None) -> None:
        self.explanation = explanation
        self.explanation_changed.emit(explanation)
        self._posing.follow(self.model.network if self.model else None, explanation)

    @Slot(object)
    def _give_up(self, error: Exception) -> None:
        self._show(None)  # the one on show is of something else
        self.failed.emit(error)
