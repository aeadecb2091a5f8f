"""The lab of two digits: a window of its own, in which nothing is modal and all is live."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QSettings, QSize, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QMainWindow,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from capsviz.gui.labs.canvas import LayerCanvas
from capsviz.gui.labs.lengths import PairLengths
from capsviz.gui.labs.result import Result
from capsviz.gui.labs.slide import Slide
from capsviz.gui.labs.study import Study
from capsviz.gui.labs.tools import LabTools
from capsviz.gui.labs.verdict import Verdict
from capsviz.gui.labs.wiring import LabWiring
from capsviz.gui.look.card import Card, card
from capsviz.gui.look.keys import NUMERALS, UNMODIFIED
from capsviz.gui.look.notice import Notice
from capsviz.gui.look.theme import GRID, SMALL, Theme, font, zoom
from capsviz.gui.remembered import remembered_bytes, remembered_number
from capsviz.gui.routing.control import IterationControl
from capsviz.places import MODEL_SUFFIX, user_folder

if TYPE_CHECKING:
    from PySide6.QtGui import (
        QDragEnterEvent,
        QDropEvent,
        QHideEvent,
        QKeyEvent,
        QShowEvent,
    )

_GEOMETRY, _PEN = "labs/two-digits", "labs/two-digits-pen"  # in the settings
_LEFT = 0.265  # of the window's width: the canvas, and the pad below it
_LEFT_WIDENED = 0.13  # more of it for text of twice the size, which stands in their headers


class TwoDigits(QMainWindow):
    """Draw or take two digits on the left; on the right they are taken apart.

    Signals:
        open_asked(): a file of weights is to be chosen.
    """

    open_asked = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setObjectName("two-digits-lab")
        self.setWindowTitle("Two digits")
        self.setAcceptDrops(True)
        self.resize(1240, 700)
        self.study = Study(self)
        self.canvas, self.slide, self.notice = LayerCanvas(), Slide(), Notice()
        self.verdict, self.result, self.lengths = Verdict(), Result(), PairLengths()
        self.control = IterationControl()
        self.longest = QToolButton()
        self.tools = LabTools(self.study.iterations, self)
        self._lay_out()
        self._wiring = LabWiring(self)
        self._settings = QSettings(
            str(user_folder() / "settings.ini"), QSettings.Format.IniFormat, self
        )
        self._bring_back()

    def _bring_back(self) -> None:
        geometry = remembered_bytes(self._settings, _GEOMETRY)
        if geometry is not None:
            self.restoreGeometry(geometry)
        pen = self.tools.pen_size
        kept = remembered_number(self._settings, _PEN, pen.value())
        pen.setValue(min(max(kept, pen.minimum()), pen.maximum()))  # Qt takes no larger numbers

    def _lay_out(self) -> None:
        self.addToolBar(self.tools)
        left, right = _Column(), _Column()
        self._stack(left, (self._draw_card(), 3), (self._slide_card(), 2))
        self._stack(
            right,
            (self.verdict, 0),
            (self._result_card(), 5),
            (self._lengths_card(), 2),
        )
        middle = QWidget()
        layout = QHBoxLayout(middle)
        layout.setContentsMargins(GRID, 0, GRID, GRID)
        layout.setSpacing(GRID)
        layout.addWidget(left)
        layout.addWidget(right)
        self._columns = layout
        self.setCentralWidget(middle)
        self._fit_left()
        self.notice.lie_over(self)
        self.canvas.setFocus()

    @staticmethod
    def _stack(into: QWidget, *parts: tuple[QWidget, int]) -> None:
        layout = QVBoxLayout(into)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        for part, stretch in parts:
            layout.addWidget(part, stretch)

    def _draw_card(self) -> Card:
        made = card("Draw", self.canvas, share=(0.3, 0.6))
        for name in ("first", "second", "one"):
            made.header.add_widget(self._layer_button(name))
        return made

    def _layer_button(self, name: str) -> QToolButton:
        made = QToolButton()
        made.setDefaultAction(self.tools.named[name])
        made.setProperty("segment", True)
        made.setFont(font(SMALL))
        made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return made

    def _slide_card(self) -> Card:
        made = card("Slide", self.slide, "where it breaks", (0.3, 0.5))
        self.slide.try_all.setToolTip(self.tools.named["try-all"].toolTip())
        made.header.add_widget(self.slide.try_all)
        return self._listened(made)

    def _result_card(self) -> Card:
        made = card("Taken apart", self.result, "each digit redrawn from its capsule", (0.6, 0.6))
        made.header.add_widget(self.control)
        return self._listened(made)

    def _lengths_card(self) -> Card:
        aside = "click two to decode them, present or not"
        made = card("Digit capsules", self.lengths, aside, (0.6, 0.35))
        self.longest.setDefaultAction(self.tools.named["longest"])
        self.longest.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.longest.setFont(font(SMALL))
        made.header.add_widget(self.longest)
        return self._listened(made)

    def _listened(self, made: Card) -> Card:
        made.header.noticed.connect(self.study.noticed)
        return made

    def _fit_left(self) -> None:
        larger = max(0.0, zoom(cast("QApplication", QApplication.instance())) - 1)
        share = round(1000 * (_LEFT + _LEFT_WIDENED * larger))
        self._columns.setStretch(0, share)
        self._columns.setStretch(1, 1000 - share)

    def set_theme(self, theme: Theme) -> None:
        """Give every part these colours, and the room that words now need."""
        self._fit_left()
        for part in (
            self.canvas,
            self.slide,
            self.verdict,
            self.result,
            self.lengths,
            self.control,
            self.tools,
        ):
            part.set_theme(theme)
        self._wiring.set_theme(theme)

    @Slot()
    def close_down(self) -> None:
        """End all work and join its threads: the program ends."""
        self.hide()
        self.study.close()

    # Qt calls these

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.text() in NUMERALS and event.modifiers() in UNMODIFIED:
            self.lengths.choose(int(event.text()))
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.study.wake()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._settings.setValue(_GEOMETRY, self.saveGeometry())
        self._settings.setValue(_PEN, self.tools.pen_size.value())
        self.study.rest()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _weights_in(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = _weights_in(event)
        if path is not None:
            event.acceptProposedAction()
            self.study.networks.load(path)


class _Column(QWidget):
    """As wide as its share, whatever its parts would like, if they can be so narrow."""

    # Qt calls this

    def sizeHint(self) -> QSize:
        return QSize(self.minimumSizeHint().width(), super().sizeHint().height())


def _weights_in(event: QDropEvent) -> str | None:
    """The file of weights that is dragged, if it is one."""
    files = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
    return files[0] if files and files[0].lower().endswith(MODEL_SUFFIX) else None
