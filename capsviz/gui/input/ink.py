"""The ink on the canvas as a picture in the screen's own pixels."""

from __future__ import annotations

from operator import is_
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from capsviz.data.drawing import CANVAS
from capsviz.gui.input.runs import Run, Runs
from capsviz.gui.look.pictures import grey_image
from capsviz.gui.scene import Scene

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from capsviz.data.drawing import Mark
    from capsviz.gui.look.theme import Theme

    Floats = NDArray[np.float32]


class Ink:
    """Marks painted as the rasteriser draws them: pens cover, erasers take away.

    While the pen is down, what a move touches is painted again from what lay below the mark, so
    a mark looks the same at every moment as when it is painted at once.

    Args:
        ground_image: makes a picture of the image that the marks lie upon.

    Attributes:
        image: transparent where there is no ink.
    """

    def __init__(self, ground_image: Callable[[Floats, Theme], QImage] = grey_image) -> None:
        self._ground_image = ground_image
        self.image = QImage()
        self._below = QImage()
        self._runs = Runs(1.0)
        self._colour = QColor()
        self._scene = Scene()  # what the picture shows

    def holds(self, scene: Scene) -> bool:
        """Whether the picture shows this scene already: the one painted, or with the mark made."""
        mine = self._scene
        return (
            scene.ground is mine.ground
            and len(scene.drawing.marks) == len(mine.drawing.marks)
            and all(map(is_, scene.drawing.marks, mine.drawing.marks))
        )

    @property
    def _unit(self) -> float:
        """Pixels of the screen per canvas unit."""
        return self.image.width() / CANVAS

    def paint_scene(self, scene: Scene, side: int, theme: Theme) -> None:
        """Begin anew with all that stands on the canvas, `side` pixels of the screen wide."""
        self._colour, self._scene = QColor(theme.ink), scene
        self.image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
        self.image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(self.image)
        if scene.ground is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            area = QRectF(0, 0, side, side)
            painter.drawImage(area, self._ground_image(scene.ground, theme))
        for mark in scene.drawing.marks:
            runs = Runs(self._unit)
            for index in range(len(mark.points)):
                runs.append(mark, index)
            _paint(painter, runs.all, self._colour, mark)
        painter.end()

    def begin_mark(self) -> None:
        """The next mark lies upon what is there now."""
        self._below = self.image.copy()
        self._runs = Runs(self._unit)

    def grow_mark(self, mark: Mark, count: int) -> QRect:
        """Paint the newest `count` points of the mark under way.

        Returns:
            what was painted again, pixels of the screen.
        """
        touched = QRectF()
        for index in range(len(mark.points) - count, len(mark.points)):
            touched |= self._runs.append(mark, index)
        area = touched.toAlignedRect().intersected(self.image.rect())
        near = [run for run in self._runs.all if run.area.intersects(touched)]
        painter = QPainter(self.image)
        painter.setClipRect(area)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        painter.drawImage(area, self._below, area)
        _paint(painter, near, self._colour, mark)
        painter.end()
        return area

    def end_mark(self, mark: Mark) -> None:
        """The mark is whole and stays."""
        self._scene = self._scene.with_mark(mark)

    def drop_mark(self) -> None:
        """Take the mark under way off again."""
        self.image = self._below.copy()


def _paint(painter: QPainter, runs: list[Run], colour: QColor, mark: Mark) -> None:
    mode = QPainter.CompositionMode
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setCompositionMode(
        mode.CompositionMode_DestinationOut if mark.erases else mode.CompositionMode_SourceOver
    )
    for run in runs:
        if mark.widths:
            painter.fillPath(run.outline(), colour)
        else:
            _paint_even(painter, run, colour)


def _paint_even(painter: QPainter, run: Run, colour: QColor) -> None:
    pen = QPen(colour, run.first)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    if len(run.line) == 1:
        painter.drawPoint(run.line[0])
    else:
        painter.drawPolyline(run.line)
