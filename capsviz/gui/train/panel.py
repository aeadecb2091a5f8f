"""The training card: progress and buttons above, one of five pictures of the run below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout

from capsviz.gui.look.pages import Pages
from capsviz.gui.look.theme import GRID
from capsviz.gui.look.view import View
from capsviz.gui.train.batch import Batch
from capsviz.gui.train.confusion import Confusion
from capsviz.gui.train.controls import Controls
from capsviz.gui.train.curves import Curves
from capsviz.gui.train.health import CapsuleHealth
from capsviz.gui.train.scrubber import Film

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from capsviz.gui.look.theme import Theme
    from capsviz.gui.look.view import Table
    from capsviz.training.progress import Progress
    from capsviz.training.report import Report


class TrainingPanel(View):
    """What is seen of one run, under way or earlier."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Training", parent)
        self.setObjectName("training")
        self.controls = Controls()
        self.curves, self.batch, self.confusion = Curves(), Batch(), Confusion()
        self.health, self.film = CapsuleHealth(), Film()
        self.pages = Pages(
            "Pictures of the run",
            {
                "Curves": self.curves,
                "Digits": self.batch,
                "Confusion": self.confusion,
                "Capsules": self.health,
                "Film": self.film,
            },
        )
        # five tabs have room in the card with larger text, too
        self.pages.tabs.setStyleSheet(f"QTabBar::tab {{ padding: 3px {GRID // 2 + 1}px; }}")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID // 2)
        layout.addWidget(self.controls)
        layout.addWidget(self.pages.tabs)
        layout.addWidget(self.pages, 1)

    def show_run(self) -> None:
        """Another run: nothing is known of it yet."""
        self.controls.show_run()
        self.curves.clear()
        self.show_report(None)

    def show_news(self, news: tuple[Progress, ...]) -> None:
        """What the run has told since the last time, at least one."""
        self.controls.show_progress(news[-1])
        self.curves.add(news)
        reports = [one.report for one in news if one.report is not None]
        if reports:
            self.show_report(reports[-1])

    def show_report(self, report: Report | None) -> None:
        """What the latest validation found."""
        for view in (self.batch, self.confusion, self.health):
            view.show_report(report)

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        for view in (self.curves, self.batch, self.confusion, self.health, self.film):
            view.set_theme(theme)
        super().set_theme(theme)

    def draw(self) -> None:
        """Its parts draw themselves."""

    def summary(self) -> str:
        """The present page's."""
        return self.pages.summary()

    def table(self) -> Table | None:
        """The present page's."""
        return self.pages.table()
