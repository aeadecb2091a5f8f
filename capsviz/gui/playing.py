"""A playhead and the control that moves it, joined: the same in the window and in the lab."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from capsviz.gui.playhead import Playhead
    from capsviz.gui.routing.control import IterationControl


class ShowsIteration(Protocol):
    """A view of one routing iteration."""

    def show_iteration(self, iteration: int) -> None:
        """Show this one, 1 … R."""


def join_playhead(playhead: Playhead, control: IterationControl, *views: ShowsIteration) -> None:
    """Let the control move the playhead, and show in it and in the views where that stands."""
    control.show_count(playhead.count)
    control.show_iteration(playhead.iteration)
    control.scrubbed.connect(playhead.scrub)
    control.back_asked.connect(playhead.step_back)
    control.on_asked.connect(playhead.step_on)
    control.play_asked.connect(playhead.toggle)
    playhead.count_changed.connect(control.show_count)
    playhead.playing_changed.connect(control.show_playing)
    for view in (control, *views):
        playhead.moved.connect(view.show_iteration)
