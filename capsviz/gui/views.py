"""Every view of the window, made once: what the first frame shows at once, the rest when asked."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, cast

from capsviz.gui.capsules.panel import Capsules
from capsviz.gui.desktop.hints import Hints
from capsviz.gui.desktop.status import Status
from capsviz.gui.input.canvas import Canvas
from capsviz.gui.input.network_input import NetworkInput
from capsviz.gui.input.samples import Samples
from capsviz.gui.look.notice import Notice
from capsviz.gui.look.pages import Pages
from capsviz.gui.look.theme import DARK
from capsviz.gui.pose.panel import PosePanel
from capsviz.gui.pose.reconstruction import Reconstruction
from capsviz.gui.routing.coupling import Coupling
from capsviz.gui.routing.panel import RoutingPanel
from capsviz.gui.train.correction import Correction

if TYPE_CHECKING:
    from capsviz.gui.look.theme import Theme
    from capsviz.gui.look.view import View
    from capsviz.gui.pose.sweep import SweepView
    from capsviz.gui.pose.wheel import Wheel
    from capsviz.gui.routing.agreement import Agreement
    from capsviz.gui.routing.calculation import Calculation
    from capsviz.gui.routing.votes import Votes
    from capsviz.gui.train.panel import TrainingPanel


class Views:
    """The views, by name; the window lays them out, the wiring connects them."""

    def __init__(self) -> None:
        self._theme = DARK
        self.canvas = Canvas()
        self.network_input = NetworkInput()
        self.samples = Samples()
        self.capsules = Capsules()
        self.coupling = Coupling()
        self.routing = RoutingPanel(
            {
                "Coupling": self.coupling,
                "Votes": _make_votes,
                "Agreement": _make_agreement,
                "Calculation": _make_calculation,
            }
        )
        self.reconstruction = Reconstruction()
        self.decoded = Pages(
            "Reconstruction", {"Compare": self.reconstruction, "Each digit": _make_wheel}
        )
        self.pose = PosePanel()
        self.posed = Pages("Pose", {"Sliders": self.pose, "Sweep": _make_sweep})
        self.correction = Correction()
        self.notice = Notice()
        self.hints = Hints()
        self.status = Status()

    @property
    def votes(self) -> Votes:
        """The second routing page."""
        return cast("Votes", self.routing.pages.view("Votes"))

    @property
    def agreement(self) -> Agreement:
        """The third routing page."""
        return cast("Agreement", self.routing.pages.view("Agreement"))

    @property
    def calculation(self) -> Calculation:
        """The fourth routing page."""
        return cast("Calculation", self.routing.pages.view("Calculation"))

    @property
    def wheel(self) -> Wheel:
        """The second page of the reconstruction."""
        return cast("Wheel", self.decoded.view("Each digit"))

    @property
    def sweep(self) -> SweepView:
        """The second page of the pose."""
        return cast("SweepView", self.posed.view("Sweep"))

    @cached_property
    def training(self) -> TrainingPanel:
        """What is seen of a run."""
        from capsviz.gui.train.panel import TrainingPanel

        made = TrainingPanel()
        made.set_theme(self._theme)
        return made

    @property
    def paged(self) -> tuple[Pages, ...]:
        """The cards with pages, some of which may not be made yet."""
        return self.routing.pages, self.decoded, self.posed

    def show_reason(self, reason: str) -> None:
        """Let each say this where an answer would be; "": let it invite to draw."""
        for view in (*self.paged, self.capsules):
            view.show_reason(reason)

    def set_theme(self, theme: Theme) -> None:
        """Give each its colours."""
        self._theme = theme
        for pages in self.paged:
            pages.set_theme(theme)
        for view in (
            self.canvas,
            self.network_input,
            self.samples,
            self.capsules,
            self.routing.control,
            self.hints,
            self.status,
        ):
            view.set_theme(theme)
        if "training" in vars(self):
            self.training.set_theme(theme)


def _make_votes() -> View:
    from capsviz.gui.routing.votes import Votes

    return Votes()


def _make_agreement() -> View:
    from capsviz.gui.routing.agreement import Agreement

    return Agreement()


def _make_calculation() -> View:
    from capsviz.gui.routing.calculation import Calculation

    return Calculation()


def _make_wheel() -> View:
    from capsviz.gui.pose.wheel import Wheel

    return Wheel()


def _make_sweep() -> View:
    from capsviz.gui.pose.sweep import SweepView

    return SweepView()
