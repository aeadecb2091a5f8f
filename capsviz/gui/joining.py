"""Pages that are made late: each is connected, and told what it has missed."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Slot

if TYPE_CHECKING:
    from capsviz.gui.routing.agreement import Agreement
    from capsviz.gui.routing.calculation import Calculation
    from capsviz.gui.routing.votes import Votes
    from capsviz.gui.session import Session
    from capsviz.gui.views import Views


class Joining(QObject):
    """Connects a page with its session as soon as there is one."""

    def __init__(self, session: Session, views: Views, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._views = session, views
        views.routing.pages.made.connect(self._join_routed)
        views.decoded.made.connect(self._join_wheel)
        views.posed.made.connect(self._join_sweep)

    @Slot(str)
    def _join_routed(self, title: str) -> None:
        session = self._session
        made = self._views.routing.pages.view(title)
        view = cast("Votes | Agreement | Calculation", made)
        session.playhead.moved.connect(view.show_iteration)
        view.pointed.connect(session.point_at)
        view.show_iteration(session.playhead.iteration)
        view.show_digit(session.posing.pinned)
        view.show_explanation(session.explanation)
        view.show_pointed(session.pointed)
        if title == "Calculation":
            self._views.calculation.picker.finished.connect(self._views.canvas.setFocus)

    @Slot()
    def _join_wheel(self) -> None:
        wheel, posing = self._views.wheel, self._session.posing
        wheel.digit_chosen.connect(posing.choose)
        wheel.redrawn_wanted.connect(self._want_redrawn)
        wheel.show_pinned(posing.pinned)
        wheel.show_explanation(self._session.explanation)

    @Slot()
    def _join_sweep(self) -> None:
        sweep, studies = self._views.sweep, self._session.studies
        posing = self._session.posing
        sweep.sweep_wanted.connect(studies.want_sweep)
        sweep.cell_chosen.connect(self._take_cell)
        studies.sweep_changed.connect(sweep.show_sweep)
        posing.pose_changed.connect(sweep.show_pose)
        sweep.show_pose(posing.pose)
        self._session.model_changed.connect(sweep.show_model)
        if self._session.model is not None:
            sweep.show_model(self._session.model)

    @Slot(bool)
    def _want_redrawn(self, wanted: bool) -> None:
        self._session.answering.want("redrawn", wanted)

    @Slot(int, float)
    def _take_cell(self, dimension: int, value: float) -> None:
        self._session.posing.begin_gesture()
        self._session.posing.set_dimension(dimension, value)
