"""The whole card: the answer in words, and its lengths as bars or over the iterations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
)

from capsviz.gui.capsules.prediction import Prediction
from capsviz.gui.look.theme import GRID, SMALL, font
from capsviz.gui.look.view import Table, View

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent
    from PySide6.QtWidgets import QWidget

    from capsviz.explore.answers import Explanation
    from capsviz.gui.capsules.chart import Chart
    from capsviz.gui.capsules.curve import LengthCurve
    from capsviz.gui.capsules.lengths import Lengths
    from capsviz.gui.look.theme import Theme

_FRAME_MS = 50  # until the first frame is surely on screen

_PAGES = (
    (
        "lengths",
        "Lengths",
        "One bar per digit capsule: ‖v_j‖ after the routing iteration on show,\n"
        "the probability that its digit is there",
    ),
    (
        "curve",
        "Over iterations",
        "The same lengths after 1 … 10 routing iterations,\nhowever many are asked for",
    ),
)


class Capsules(View):
    """Prediction on top with the choice of two pictures beside it, the picture below.

    The pictures are made after the window's first frame, or when first asked for: the plotting
    library takes as long to import as all the rest of the window.

    Signals:
        digit_chosen(object): int, the digit whose capsule is to be decoded; None: the longest's.
        curve_wanted(bool): whether the lengths over the iterations are on screen.
    """

    digit_chosen = Signal(object)
    curve_wanted = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Digit capsules", parent)
        self.setObjectName("capsules")
        self.prediction = Prediction()
        self._charts: tuple[Lengths, LengthCurve] | None = None
        self._waiting = ("Draw a digit", "answered while the pen moves")
        self._explanation: Explanation | None = None
        self._iteration: int | None = None
        self._trained: int | None = None
        self._pinned: int | None = None
        self._pages = QStackedWidget()
        self._pages.setObjectName("lengths")
        self._pages.setAccessibleName("Lengths of the digit capsules")
        self._switch = QButtonGroup(self)
        self._lay_out()
        self._switch.idToggled.connect(self._turn)
        self.show_explanation(None)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(GRID // 2)
        row.addWidget(self.prediction, 1)
        row.addSpacing(GRID // 2)
        for number, (name, text, what) in enumerate(_PAGES):
            row.addWidget(self._button(number, name, text, what))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID // 2)
        layout.addLayout(row)
        layout.addWidget(self._pages, 1)

    def _button(self, number: int, name: str, text: str, what: str) -> QToolButton:
        made = QToolButton()
        made.setText(text)
        made.setToolTip(what)
        made.setCheckable(True)
        made.setChecked(number == 0)
        made.setObjectName(f"show-{name}")
        made.setAccessibleName(f"Show {text.lower()}")
        made.setFont(font(SMALL))
        made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # so the ring never stays on the other one
        self._switch.addButton(made, number)
        return made

    @property
    def lengths(self) -> Lengths:
        """The bars."""
        return self._made_charts()[0]

    @property
    def curve(self) -> LengthCurve:
        """The lines over the iterations."""
        return self._made_charts()[1]

    @Slot()
    def make_charts(self) -> None:
        """Both, if they are not there yet."""
        self._made_charts()

    def _made_charts(self) -> tuple[Lengths, LengthCurve]:
        if self._charts is None:
            from capsviz.gui.capsules.curve import LengthCurve
            from capsviz.gui.capsules.lengths import Lengths

            self._charts = Lengths(), LengthCurve()
            self._bring_up_to_date(*self._charts)
        return self._charts

    def _bring_up_to_date(self, lengths: Lengths, curve: LengthCurve) -> None:
        """Tell new charts all that has been told before."""
        lengths.digit_chosen.connect(self.digit_chosen)
        curve.wanted.connect(self.curve_wanted)
        for chart in (lengths, curve):
            chart.set_theme(self.theme)
            chart.show_reason(self.reason)
            chart.show_explanation(self._explanation)
            if self._iteration is not None:
                chart.show_iteration(self._iteration)
            self._pages.addWidget(chart)
        lengths.show_pinned(self._pinned)
        if self._trained is not None:
            curve.set_trained(self._trained)
        self._pages.setCurrentIndex(self._switch.checkedId())

    def show_explanation(self, explanation: Explanation | None) -> None:
        """Show an answer, or the words last given for the time without one."""
        self._explanation = explanation
        for chart in self._charts or ():
            chart.show_explanation(explanation)
        if explanation is None:
            self.prediction.show_waiting(*self._waiting)
        else:
            self.prediction.show_explanation(explanation, self._iteration)
        self.refresh()

    def paint_now(self) -> None:
        """Bring the picture on show to the screen before anything else is drawn."""
        if self._charts is not None and self.isVisible():
            self._page().plot.paint_now()

    @property
    def picture(self) -> QWidget:
        """What the chart on show is painted on."""
        viewport: QWidget = self._page().plot.viewport()
        return viewport

    @Slot(int)
    def show_iteration(self, iteration: int) -> None:
        """Show the lengths after this routing iteration, 1 … R."""
        self._iteration = iteration
        if self._explanation is not None:
            self.prediction.show_explanation(self._explanation, iteration)
        for chart in self._charts or ():
            chart.show_iteration(iteration)

    def show_pinned(self, digit: int | None) -> None:
        """Mark the digit whose capsule is decoded whatever wins; None: there is none."""
        self._pinned = digit
        if self._charts is not None:
            self.lengths.show_pinned(digit)

    def set_trained(self, iterations: int, digits: int = 1) -> None:
        """The routing iterations, and digits in one image, that a network was trained with."""
        self.prediction.digits = digits
        self._trained = iterations
        if self._charts is not None:
            self.curve.set_trained(iterations)

    def show_waiting(self, sentence: str, detail: str) -> None:
        """What to say while there is no answer, and why there is none."""
        self._waiting = (sentence, detail)
        if self._explanation is None:
            self.prediction.show_waiting(sentence, detail)

    def show_reason(self, reason: str) -> None:
        """The charts say why they are empty."""
        super().show_reason(reason)
        for chart in self._charts or ():
            chart.show_reason(reason)

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        for part in (self.prediction, *(self._charts or ())):
            part.set_theme(theme)
        super().set_theme(theme)

    def draw(self) -> None:
        """Nothing: its parts draw themselves."""

    @property
    def page_name(self) -> str:
        """The words on the button that is down."""
        chosen = self._switch.checkedButton()
        assert chosen is not None
        return chosen.text()

    def summary(self) -> str:
        """The answer in words, and what the picture on show says."""
        said = self.prediction.digit.accessibleDescription()
        if self._charts is None:
            return said
        shown = self._page().summary()
        return f"{said}; {shown[:1].lower()}{shown[1:]}"

    def table(self) -> Table | None:
        """The numbers of the picture on show."""
        return self._page().table()

    def _page(self) -> Chart:
        return self._made_charts()[self._pages.currentIndex()]

    @Slot(int, bool)
    def _turn(self, page: int, is_chosen: bool) -> None:
        if is_chosen and self._charts is not None:
            self._pages.setCurrentIndex(page)
            self.refresh()

    # Qt calls this

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._charts is None:
            QTimer.singleShot(_FRAME_MS, self, self.make_charts)
