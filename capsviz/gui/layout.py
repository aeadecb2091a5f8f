"""Which card stands where in the window, and how large."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtWidgets import QTabWidget

from capsviz.gui.look.card import Dock, dock
from capsviz.gui.look.theme import GRID

if TYPE_CHECKING:
    from PySide6.QtCore import QByteArray
    from PySide6.QtWidgets import QMainWindow

    from capsviz.gui.train.panel import TrainingPanel
    from capsviz.gui.views import Views

_VERSION = 3  # raise when docks come or go, so that an old layout is not restored
_ROUTING, _SAMPLES = "Routing by agreement", "real MNIST test digits"
_LARGE = 1600  # pixels across, from where the side columns and the routing get more room
_LEAST = 20 * GRID  # pixels of height, of the dock that takes what the others leave
_SIDE = 0.31  # of the screen's width, for a view of the right column before it scrolls
_LEFT, _RIGHT = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
_SPLITS = Qt.CursorShape.SplitHCursor, Qt.CursorShape.SplitVCursor
_BOTTOM = Qt.DockWidgetArea.BottomDockWidgetArea


class Layout(QObject):
    """The docks round the middle of a window.

    Attributes:
        docks: by name.
        is_own: whether somebody has moved, closed or resized one of them: then they stay so, and
            are not arranged anew when the window gets another size.
    """

    def __init__(self, window: QMainWindow, views: Views) -> None:
        super().__init__(window)
        self._window = window
        self.is_own = False
        self.docks: dict[str, Dock] = {}
        window.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        window.setCorner(Qt.Corner.BottomLeftCorner, _LEFT)
        window.setCorner(Qt.Corner.BottomRightCorner, _RIGHT)
        self._add_docks(views)
        self.docks["draw"].header.add_widget(views.correction)
        self.docks["reconstruction"].header.add_widget(views.decoded.tabs)
        self.docks["pose"].header.add_widget(views.posed.tabs)
        window.tabifyDockWidget(self.docks["pose"], self.docks["training"])
        self.docks["training"].hide()  # until there is a run to be seen
        self.arrange()
        self._watch()

    def _watch(self) -> None:
        """What people do to the docks."""
        self._window.installEventFilter(self)
        for name, one in self.docks.items():
            one.topLevelChanged.connect(self._take_over)
            if name != "training":  # which comes and goes with runs
                one.toggleViewAction().triggered.connect(self._take_over)

    @Slot()
    def _take_over(self) -> None:
        self.is_own = True

    def _add_docks(self, views: Views) -> None:
        pages, seen = views.routing.pages, "What the network sees"
        for area, one in (
            (_LEFT, dock("draw", "Draw", views.canvas, share=(0.25, 0.42))),
            (_LEFT, dock("input", seen, views.network_input, share=(0.25, 0.25))),
            (_LEFT, dock("samples", "Samples", views.samples, _SAMPLES, (0.25, 0.25))),
            (_BOTTOM, dock("routing", _ROUTING, views.routing, share=(0.46, 0.5), offered=pages)),
            (_RIGHT, dock("reconstruction", "Reconstruction", views.decoded, share=(_SIDE, 0.3))),
            (_RIGHT, dock("pose", "Pose", views.posed, share=(_SIDE, 0.5))),
            (_RIGHT, Dock("training", "Training")),
        ):
            self._window.addDockWidget(area, one)
            self.docks[one.objectName().removeprefix("dock-")] = one

    def hold_training(self, panel: TrainingPanel) -> None:
        """Give its card what is seen of a run."""
        self.docks["training"].hold(panel, (_SIDE, 0.5), panel.pages)

    def settle(self) -> None:
        """What stands now is the usual layout, to which `reset` goes back."""
        self._usual = self.state()

    def state(self) -> QByteArray:
        """Where everything stands, as it is remembered."""
        return self._window.saveState(_VERSION)

    def restore(self, state: QByteArray) -> bool:
        """Put everything where it stood; False if that cannot be told from `state`."""
        is_known = self._window.restoreState(state, _VERSION)
        self.docks["training"].hide()  # the run that was seen in it has ended
        return is_known

    @Slot()
    def bring_floating_forward(self) -> None:
        """Once the window is on screen: cards that float since they were restored came before it,
        so that X11's window managers know of no window to keep them above; `raise_` is no help.
        """
        quietly = Qt.WidgetAttribute.WA_ShowWithoutActivating  # the keyboard stays the canvas's
        for one in self.docks.values():
            if one.isFloating() and one.isVisible():
                one.setAttribute(quietly)
                one.hide()
                one.show()
                one.setAttribute(quietly, False)

    def reset(self) -> None:
        """Every view back in its usual place."""
        for one in self.docks.values():
            one.setFloating(False)
            one.show()
        self._window.restoreState(self._usual, _VERSION)
        self.is_own = False
        self.arrange()

    def follow_window(self) -> None:
        """The window has another size, or its text: arranged anew, unless by the person's hand."""
        if not self.is_own:
            self.arrange()

    def arrange(self) -> None:
        """The usual sizes: the drawing square, pictures whole, and the rest to what can use it."""
        docks, window = self.docks, self._window
        wide, high = window.width(), window.height()
        is_large = wide >= _LARGE
        left, right = (round(0.22 * wide), round(0.26 * wide)) if is_large else (320, 348)
        across = Qt.Orientation.Horizontal
        front = self._front()
        window.resizeDocks([docks["draw"], docks[front]], [left, right], across)
        self._share("samples", draw=left + 3 * GRID, input=round(0.56 * left))
        self._share(front, reconstruction=min(right // 3 + 16 * GRID, round(0.293 * high)))
        routing = round(0.55 * high) if is_large else 370
        window.resizeDocks([docks["routing"]], [routing], Qt.Orientation.Vertical)

    def _front(self) -> str:
        """Which of two cards that share a place can be seen: the other's size is an old one."""
        training = self.docks["training"]
        is_there = not training.isFloating() and not training.visibleRegion().isEmpty()
        return "training" if is_there else "pose"

    def _share(self, rest: str, **heights: int) -> None:
        """Give docks of one column these heights, and what is left to the dock `rest`: at least
        `_LEAST`, at the cost of the first.
        """
        names = [*heights, rest]
        whole = sum(self.docks[name].height() for name in names)
        first, *others = heights.values()
        last = max(whole - sum(heights.values()), _LEAST)
        sizes = [min(first, whole - sum(others) - last), *others, last]
        docks = [self.docks[name] for name in names]
        self._window.resizeDocks(docks, sizes, Qt.Orientation.Vertical)

    # Qt calls this

    def eventFilter(self, window: QObject, event: QEvent) -> bool:
        """The window itself is pressed only between its docks."""
        is_pressed = event.type() == QEvent.Type.MouseButtonPress
        if is_pressed and window is self._window and self._window.cursor().shape() in _SPLITS:
            self.is_own = True
        return False
