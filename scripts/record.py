"""Record a short tour of the real program: draw, step through the routing, drag a pose slider.

python scripts/record.py [OUT.webp]
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from screenshots import DIGIT, ROOT, open_window, settle  # sets Qt's platform before its import

# isort: split
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPixmap, QPolygonF
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton, QWidget

from capsviz.data.drawing import CANVAS, on_canvas
from capsviz.data.strokes import read_strokes
from capsviz.gui.window import Window

LEFT = Qt.MouseButton.LeftButton
MOVE_MS, LOOK_MS, READ_MS = 60, 900, 1700
_STEPS = 7  # frames of the pointer's way from one place to the next
_ARROW = QPolygonF(
    [QPointF(x, y) for x, y in ((0, 0), (0, 17), (4, 13), (7, 20), (10, 19), (7, 12), (12, 12))]
)


class Recorder:
    """Moves a pointer through the window and keeps a frame of whatever follows."""

    def __init__(self, window: Window) -> None:
        self._window, self._pointer = window, QPoint(640, 300)
        self.frames: list[Image.Image] = []
        self.times: list[int] = []

    def keep(self, milliseconds: int) -> None:
        """One frame of the window as it is now, the pointer upon it."""
        picture = self._window.grab()
        self._paint_pointer(picture)
        image = picture.toImage().convertToFormat(QImage.Format.Format_RGB888)
        size = (image.width(), image.height())
        content = bytes(image.constBits())
        self.frames.append(
            Image.frombytes("RGB", size, content, "raw", "RGB", image.bytesPerLine())
        )
        self.times.append(milliseconds)

    def go(self, widget: QWidget, place: QPoint) -> None:
        """Move the pointer to a place of a widget, slow at both ends."""
        start, end = self._pointer, widget.mapTo(self._window, place)
        for step in range(1, _STEPS + 1):
            share = step / _STEPS
            share = share * share * (3 - 2 * share)
            self._pointer = start + (end - start) * share
            self.keep(MOVE_MS // 2)

    def click(self, widget: QWidget, place: QPoint | None = None) -> None:
        """Go there and press."""
        at = widget.rect().center() if place is None else place
        self.go(widget, at)
        QTest.mouseClick(widget, LEFT, pos=at)
        self.look()

    def drag(self, widget: QWidget, places: list[QPoint], pause: int = MOVE_MS) -> None:
        """Press at the first place, move over the others, release at the last."""
        self.go(widget, places[0])
        QTest.mousePress(widget, LEFT, pos=places[0])
        for place in places[1:]:
            QTest.mouseMove(widget, place)
            self._pointer = widget.mapTo(self._window, place)
            _answered(self._window)
            self.keep(pause)
        QTest.mouseRelease(widget, LEFT, pos=places[-1])
        _answered(self._window)

    def look(self, milliseconds: int = LOOK_MS) -> None:
        """Let everything come to rest, and look at it."""
        settle(self._window.session)
        self.keep(milliseconds)

    def save(self, path: Path) -> None:
        """All frames as an animated WebP that plays for ever."""
        first, *others = self.frames
        first.save(
            path,
            save_all=True,
            append_images=others,
            duration=self.times,
            loop=0,
            quality=60,
            method=6,
            minimize_size=True,
        )

    def _paint_pointer(self, picture: QPixmap) -> None:
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor("black"), 1))
        painter.setBrush(QColor("white"))
        painter.drawPolygon(_ARROW.translated(QPointF(self._pointer)))
        painter.end()


def _plain(picture: QImage) -> Image.Image:
    image = picture.convertToFormat(QImage.Format.Format_RGB888)
    size, line = (image.width(), image.height()), image.bytesPerLine()
    return Image.frombytes("RGB", size, bytes(image.constBits()), "raw", "RGB", line)


def _answered(window: Window) -> None:
    """Until the newest answer is on screen; motion need not have ended."""
    while not window.session.is_settled:
        QApplication.processEvents()
    QApplication.processEvents()


def strokes(window: Window) -> Iterator[list[QPoint]]:
    """The sample digit, in pixels of the canvas."""
    entries = read_strokes(ROOT / "resources" / "sample-strokes.jsonl")
    drawing = on_canvas(next(entry.drawing for entry in entries if entry.label == DIGIT))
    square = window.canvas.square
    for mark in drawing.marks:
        yield [
            (square.topLeft() + QPointF(x, y) * (square.width() / CANVAS)).toPoint()
            for x, y in mark.points
        ]


def tour(window: Window, recorder: Recorder) -> None:
    """What a newcomer does first."""
    views = window.views
    recorder.keep(LOOK_MS)
    for stroke in strokes(window):
        recorder.drag(window.canvas, stroke)
    recorder.look(READ_MS)
    back, on = (window.findChild(QToolButton, f"iteration-{name}") for name in ("back", "on"))
    for button in (back, back, on, on):
        recorder.click(button)
    tabs = views.routing.pages.tabs
    for index in (1, 2, 0):
        recorder.click(tabs, tabs.tabRect(index).center())
    slider = window.findChild(QWidget, "pose-slider-4")
    groove = slider.groove
    xs = [*range(0, 70, 7), *range(63, -70, -7), *range(-63, 1, 7)]
    centre = QPoint(round(groove.x(slider.number)), round(groove.middle))
    recorder.drag(slider, [centre + QPoint(x, 0) for x in xs])
    for pages, index in ((views.decoded, 1), (views.posed, 1)):
        recorder.click(pages.tabs, pages.tabs.tabRect(index).center())
    recorder.keep(READ_MS)


def main() -> None:
    usual = ROOT / "resources" / "screenshots" / "tour.webp"
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else usual
    window = open_window(1280, 720)
    recorder = Recorder(window)
    tour(window, recorder)
    recorder.save(path)
    window.close()


if __name__ == "__main__":
    main()
