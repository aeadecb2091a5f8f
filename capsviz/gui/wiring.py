"""Which signal reaches which slot: intents up to the session, news down to the views."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Slot

from capsviz.explore.couplings import receptive_field
from capsviz.gui.joining import Joining
from capsviz.gui.playing import join_playhead

if TYPE_CHECKING:
    from collections.abc import Mapping

    from capsviz.explore.answers import Explanation
    from capsviz.explore.models import LoadedModel
    from capsviz.gui.look.card import Dock
    from capsviz.gui.offer import Offer
    from capsviz.gui.pose.reconstruction import Reconstruction
    from capsviz.gui.pose.wheel import Wheel
    from capsviz.gui.pose_edit import Pose
    from capsviz.gui.routing.agreement import Agreement
    from capsviz.gui.routing.calculation import Calculation
    from capsviz.gui.routing.coupling import Coupling
    from capsviz.gui.routing.votes import Votes
    from capsviz.gui.scene import Scene
    from capsviz.gui.session import Session
    from capsviz.gui.views import Views

_COMING = "Getting the network ready …"
_NO_ANSWER = "The network has not answered yet."
_NO_NETWORK = "There is no network to answer: choose one in the tool bar."


class Wiring(QObject):
    """Connects a session with the views of its window; they know nothing of each other."""

    def __init__(
        self, session: Session, views: Views, docks: Mapping[str, Dock], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session, self._views, self._docks = session, views, docks
        self._connect_input()
        self._connect_answers()
        self._connect_routing()
        self._connect_pose()
        self._connect_studies()
        self._connect_hints()
        self._joining = Joining(session, views, self)
        session.noticed.connect(views.notice.show_sentence)
        session.outdated.connect(views.notice.withdraw)
        session.offered.connect(self._show_offer)
        for one in docks.values():
            one.header.noticed.connect(session.noticed)
        self._say_what_to_do()

    def _connect_input(self) -> None:
        session, views = self._session, self._views
        views.canvas.mark_moved.connect(session.preview_mark)
        views.canvas.mark_made.connect(session.add_mark)
        views.canvas.mark_dropped.connect(session.drop_preview)
        views.network_input.framed_changed.connect(session.set_framed)
        views.samples.sample_chosen.connect(session.opening.show_sample)
        views.samples.random_asked.connect(self._show_random_sample)
        views.samples.mistake_asked.connect(session.opening.show_next_mistake)
        session.scene_changed.connect(self._show_scene)
        session.input_changed.connect(views.network_input.show_input)

    def _connect_answers(self) -> None:
        session, views = self._session, self._views
        views.capsules.digit_chosen.connect(session.posing.choose)
        views.capsules.curve_wanted.connect(self._want_curve)
        session.explanation_changed.connect(self._show_explanation)
        session.model_changed.connect(self._show_model)
        session.loading.loading_changed.connect(self._show_loading)
        session.posing.pinned_changed.connect(self._show_pinned)

    def _connect_routing(self) -> None:
        session, views = self._session, self._views
        join_playhead(session.playhead, views.routing.control, views.capsules, views.coupling)
        views.coupling.digit_chosen.connect(session.posing.choose)
        views.coupling.pointed.connect(session.point_at)
        views.coupling.places.chosen.connect(self._hold)
        session.pointed_changed.connect(self._show_pointed)

    def _connect_pose(self) -> None:
        posing, pose, views = self._session.posing, self._views.pose, self._views
        pose.gesture_begun.connect(posing.begin_gesture)
        pose.dimension_moved.connect(posing.set_dimension)
        pose.dimension_reset.connect(posing.reset_dimension)
        pose.reset_asked.connect(posing.reset)
        pose.random_asked.connect(posing.randomise)
        pose.lock_asked.connect(posing.lock)
        pose.animate_asked.connect(posing.animate)
        pose.stop_asked.connect(posing.stop)
        pose.film_chosen.connect(posing.show_values)
        posing.pose_changed.connect(self._show_pose)
        posing.redrawn.connect(views.reconstruction.show_redrawing)
        posing.films_changed.connect(pose.show_films)
        posing.animated_changed.connect(pose.show_animated)
        posing.locked_changed.connect(pose.show_locked)

    def _connect_studies(self) -> None:
        studies, views = self._session.studies, self._views
        views.pose.effects_wanted.connect(studies.want_effects)
        studies.effects_changed.connect(views.pose.show_effects)
        studies.statistics_changed.connect(views.pose.show_statistics)
        studies.searching_changed.connect(views.samples.show_busy)

    def _connect_hints(self) -> None:
        """What was done by the person, whichever way, counts."""
        hints = self._views.hints
        self._session.scene_changed.connect(self._hint_drawn)
        self._session.playhead.moved.connect(self._hint_routed)
        self._session.posing.films_changed.connect(hints.posed)

    @Slot(object)
    def _hint_drawn(self, scene: Scene) -> None:
        if not scene.is_empty:
            self._views.hints.drawn()

    @Slot(int)
    def _hint_routed(self, _iteration: int) -> None:
        if self._session.explanation is not None:
            self._views.hints.routed()

    @property
    def _routed(self) -> tuple[Coupling | Votes | Agreement | Calculation, ...]:
        """The routing views that there are by now."""
        made = self._views.routing.pages.views
        return cast("tuple[Coupling | Votes | Agreement | Calculation, ...]", made)

    @property
    def _decoded(self) -> tuple[Reconstruction | Wheel, ...]:
        return cast("tuple[Reconstruction | Wheel, ...]", self._views.decoded.views)

    @Slot(object)
    def _show_offer(self, offer: Offer) -> None:
        self._views.notice.show_offer(offer.sentence, offer.words, offer.take)

    @Slot(object)
    def _show_scene(self, scene: Scene) -> None:
        views = self._views
        views.canvas.show_scene(scene)
        views.network_input.show_scene(scene)
        views.samples.show_sample(scene.sample)
        if self._session.explanation is None:
            self._say_what_to_do()

    @Slot(object)
    def _show_explanation(self, explanation: Explanation | None) -> None:
        views = self._views
        views.capsules.show_explanation(explanation)
        views.capsules.paint_now()  # while people draw they watch the lengths
        for view in (*self._routed, *self._decoded, views.status):
            view.show_explanation(explanation)
        if explanation is None:
            self._session.point_at(None)
            self._say_what_to_do()
            return
        views.show_reason("")
        if self._session.pointed is not None:
            self._show_pointed(self._session.pointed)

    @Slot(object)
    def _show_model(self, model: LoadedModel) -> None:
        config = model.network.config
        self._views.status.show_model(model)
        self._views.network_input.show_size(config.image_size, config.border)
        self._views.capsules.set_trained(config.routing_iterations, config.digits_per_image)
        if self._session.scene.is_empty:
            self._say_what_to_do()

    @Slot(object)
    def _show_pinned(self, digit: int | None) -> None:
        views = self._views
        for view in (views.capsules, *self._decoded):
            view.show_pinned(digit)
        for routed in self._routed:
            routed.show_digit(digit)

    @Slot(object)
    def _show_pose(self, pose: Pose | None) -> None:
        self._views.pose.show_pose(pose)
        self._views.reconstruction.show_pose(pose)
        words = "16 dimensions" if pose is None else f"of the {pose.digit}"
        self._docks["pose"].header.aside.setText(words)

    @Slot(object)
    def _show_pointed(self, capsule: int | None) -> None:
        """Light the capsule up in every routing view, and its receptive field on the drawing."""
        for view in self._routed:
            view.show_pointed(capsule)
        explanation = self._session.explanation
        if capsule is None or explanation is None:
            self._views.canvas.show_pointed(None)
            self._views.network_input.show_pointed(None)
            return
        field = receptive_field(explanation, capsule)
        size = len(explanation.image)
        framing = self._session.scene.framing(size, self._session.answering.border)
        self._views.canvas.show_pointed((*field, framing, size))
        self._views.network_input.show_pointed(field)

    @Slot(int)
    def _hold(self, capsule: int) -> None:
        """What was clicked is written out, whatever is pointed at on the way there."""
        self._views.calculation.hold(capsule)

    @Slot()
    def _show_random_sample(self) -> None:
        self._session.opening.show_random_sample(self._views.samples.label)

    @Slot(bool)
    def _want_curve(self, wanted: bool) -> None:
        self._session.answering.want("curve", wanted)

    @Slot(bool)
    def _show_loading(self, loading: bool) -> None:
        self._views.status.show_loading(loading)
        self._say_what_to_do()

    def _say_what_to_do(self) -> None:
        self._views.capsules.show_waiting(*self._what_to_do())
        self._views.show_reason(self._reason())

    def _reason(self) -> str:
        """Why what was drawn has no answer; "" if there is one, or nothing was drawn."""
        session = self._session
        if session.scene.is_empty or session.explanation is not None:
            return ""
        if session.model is not None:
            return _NO_ANSWER
        return _COMING if self._is_coming else _NO_NETWORK

    @property
    def _is_coming(self) -> bool:
        loading = self._session.loading
        return loading.is_loading or not loading.was_asked

    def _what_to_do(self) -> tuple[str, str]:
        """In a sentence and a detail, while there is no answer."""
        session = self._session
        if self._is_coming and session.model is None:
            return _COMING, "draw already"
        if session.model is None:
            return "No network to answer", "choose one in the tool bar"
        if session.answering.has_input:
            return "No answer yet", "the network was asked"
        return "Draw a digit on the left", "answered while the pen moves"
