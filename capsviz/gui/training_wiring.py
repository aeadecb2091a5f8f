"""Which signal of learning reaches which slot: the training card, the title, the status bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Slot

from capsviz.gui.film_work import MODEL_FILE
from capsviz.gui.offer import Offer
from capsviz.gui.train.correction import DIGITS
from capsviz.gui.train.words import spoken_comparison, spoken_time
from capsviz.gui.training import Ended

if TYPE_CHECKING:
    from capsviz.explore.answers import Explanation
    from capsviz.gui.archive import Reopened
    from capsviz.gui.filming import Footage
    from capsviz.gui.session import Session
    from capsviz.gui.training_work import RunRequest
    from capsviz.gui.views import Views
    from capsviz.gui.window import Window
    from capsviz.training.progress import Comparison, Progress

_TITLE = "capsviz"


class TrainingWiring(QObject):
    """Connects what learns with what shows it; they know nothing of each other."""

    def __init__(self, session: Session, views: Views, window: Window) -> None:
        super().__init__(window)
        self._session, self._views, self._window = session, views, window
        self._panel = views.training
        self._ended: Ended | None = None
        self._connect_run()
        self._connect_film()
        self._connect_hand()

    def _connect_run(self) -> None:
        training, controls = self._session.learning.training, self._panel.controls
        training.begun.connect(self._show_run)
        training.progressed.connect(self._show_news)
        training.state_changed.connect(self._show_state)
        training.ended.connect(self._show_end)
        controls.pause_asked.connect(training.hold)
        controls.step_asked.connect(training.step)
        controls.stop_asked.connect(training.stop)
        controls.use_asked.connect(self._use)
        controls.new_asked.connect(self._window.actions_.training.new_run)
        self._session.learning.reopened.connect(self._show_reopened)

    def _connect_film(self) -> None:
        learning, panel = self._session.learning, self._panel
        panel.controls.follow_asked.connect(learning.following.follow)
        learning.following.following_changed.connect(panel.controls.show_following)
        learning.following.step_changed.connect(panel.film.show_step)
        panel.film.pin_asked.connect(self._window.actions_.training.pin)
        panel.film.step_chosen.connect(learning.following.scrub)
        panel.film.board.unpin_asked.connect(learning.filming.unpin)
        panel.film.board.drawing_chosen.connect(self._show_pinned)
        learning.filming.footage_changed.connect(self._show_footage)

    def _connect_hand(self) -> None:
        correction = self._views.correction
        correction.corrected.connect(self._window.actions_.training.hand.correct_as)
        self._session.explanation_changed.connect(self._show_answer)
        self._session.scene_changed.connect(correction.show_scene)

    @Slot(object)
    def _show_answer(self, answer: Explanation | None) -> None:
        digit = answer.digit if answer is not None and answer.is_seen else None
        can_be_wrong = answer is not None and len(answer.final_lengths) == DIGITS
        self._views.correction.show_answer(can_be_wrong, digit)

    @Slot(object)
    def _show_run(self, request: RunRequest) -> None:
        self._ended = None
        self._panel.show_run()
        self._bring_up(request.name)

    def _bring_up(self, name: str) -> None:
        """The card of this run, in front of what stands in the same place."""
        card, width = self._window.docks["training"], self._window.docks["reconstruction"].width()
        card.header.aside.setText(name)
        card.show()
        card.raise_()
        self._window.resizeDocks([card], [width], Qt.Orientation.Horizontal)  # it would take more

    @Slot(object)
    def _show_news(self, news: tuple[Progress, ...]) -> None:
        self._panel.show_news(news)
        self._say_progress()

    @Slot(str)
    def _show_state(self, state: str) -> None:
        self._panel.controls.show_state(state)
        self._say_progress()

    @Slot(object)
    def _show_end(self, ended: Ended) -> None:
        self._ended = ended
        self._panel.controls.show_end(ended.sentence, ended.model_file is not None)
        self._say_progress()
        if ended.comparison is not None:
            self._use_fine_tuned(ended.comparison)

    def _use_fine_tuned(self, comparison: Comparison) -> None:
        """It answers from now on; one click brings the network before back."""
        before = self._session.answering.chosen_model
        self._use()
        told = spoken_comparison(comparison)
        self._panel.controls.show_end(told, True)
        if before is not None:
            self._replaced = before
            self._session.offered.emit(Offer(told, f"Back to {before.name}", self._bring_back))

    @Slot()
    def _bring_back(self) -> None:
        self._session.load_model(str(self._replaced.path), self._replaced.device)

    @Slot(object)
    def _show_reopened(self, reopened: Reopened) -> None:
        """An earlier run, in place of the one shown before."""
        run = reopened.summary
        self._panel.show_run()
        self._bring_up(run.name)
        if reopened.news:
            self._panel.show_news(reopened.news)
        self._panel.show_report(reopened.report)
        model = run.folder / MODEL_FILE if run.has_model else None
        self._ended = Ended(run.name, run.folder, "", model, run.state == "finished")
        best = "" if run.best_error is None else f"; {run.best_error:.2%} of held-out digits wrong"
        told = f"{run.state.capitalize()}{best}."
        if reopened.comparison is not None:
            told = spoken_comparison(reopened.comparison)
        self._panel.controls.show_end(told, run.has_model)

    def _say_progress(self) -> None:
        """In the title and in the status bar, wherever the training card is."""
        training = self._session.learning.training
        latest, request = training.latest, training.request
        if training.state == "idle" or request is None or latest is None:
            self._window.setWindowTitle(_TITLE)
            self._views.status.show_training("")
            return
        share = f"{latest.step / latest.total_steps:.0%}".replace("%", " %")
        left: str = training.state
        if training.state == "running":
            left = f"{spoken_time(latest.seconds_left)} left"
        self._window.setWindowTitle(f"{share} · {request.name} – {_TITLE}")
        self._views.status.show_training(f"training {request.name}: {share} · {left}")

    @Slot()
    def _use(self) -> None:
        if self._ended is not None and self._ended.model_file is not None:
            self._session.load_model(str(self._ended.model_file))

    @Slot(int)
    def _show_pinned(self, row: int) -> None:
        pinned = self._session.learning.filming.pinned[row]
        self._session.change_scene(pinned.scene, "pinned drawing")

    @Slot(object)
    def _show_footage(self, footage: Footage) -> None:
        self._panel.film.show_film(footage.images, footage.steps, footage.readings)
