"""Every view of the window, made once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capsviz.gui.capsules.panel import Capsules
from capsviz.gui.desktop.hints import Hints
from capsviz.gui.desktop.status import Status
from capsviz.gui.input.canvas import Canvas
from capsviz.gui.input.network_input import NetworkInput
from capsviz.gui.input.samples import Samples
from capsviz.gui.look.notice import Notice
from capsviz.gui.look.pages import Pages
from capsviz.gui.pose.panel import PosePanel
from capsviz.gui.pose.reconstruction import Reconstruction
from capsviz.gui.pose.sweep import SweepView
from capsviz.gui.pose.wheel import Wheel
from capsviz.gui.routing.agreement import Agreement
from capsviz.gui.routing.calculation import Calculation
from capsviz.gui.routing.coupling import Coupling
from capsviz.gui.routing.panel import RoutingPanel
from capsviz.gui.routing.votes import Votes
from capsviz.gui.train.correction import Correction
from capsviz.gui.train.panel import TrainingPanel

if TYPE_CHECKING:
    from capsviz.gui.look.theme import Theme


class Views:
    """The views, by name; the window lays them out, the wiring connects them."""

    def __init__(self, iterations: int) -> None:
        self.canvas = Canvas()
        self.network_input = NetworkInput()
        self.samples = Samples()
        self.capsules = Capsules()
        self.coupling = Coupling()
        self.votes = Votes()
        self.agreement = Agreement()
        self.calculation = Calculation()
        self.routing = RoutingPanel(
            {
                "Coupling": self.coupling,
                "Votes": self.votes,
                "Agreement": self.agreement,
                "Calculation": self.calculation,
            }
        )
        self.routing.control.show_count(iterations)
        self.routing.control.show_iteration(iterations)
        self.reconstruction = Reconstruction()
        self.wheel = Wheel()
        self.decoded = Pages(
            "Reconstruction", {"Compare": self.reconstruction, "Each digit": self.wheel}
        )
        self.pose = PosePanel()
        self.sweep = SweepView()
        self.posed = Pages("Pose", {"Sliders": self.pose, "Sweep": self.sweep})
        self.training = TrainingPanel()
        self.correction = Correction()
        self.notice = Notice()
        self.hints = Hints()
        self.status = Status()

    def set_theme(self, theme: Theme) -> None:
        """Give each its colours."""
        for view in (
            self.canvas,
            self.network_input,
            self.samples,
            self.capsules,
            self.coupling,
            self.votes,
            self.agreement,
            self.calculation,
            self.routing,
            self.reconstruction,
            self.wheel,
            self.pose,
            self.sweep,
            self.training,
            self.hints,
            self.status,
        ):
            view.set_theme(theme)
