"""What a plane of votes shows, in its own units, and the dots it is painted with."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QPaintEngine, QPainter, QPixmap

from capsviz.gui.look.colours import Scale, colours

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from capsviz.gui.look.theme import Theme

    Floats = NDArray[np.float32]
    Doubles = NDArray[np.float64]

AGREEMENT = Scale(-1, 1, is_signed=True)
"""An agreement of 1 multiplies the odds of a parent by e; what is beyond is drawn as 1."""

_LEVELS = 33  # colours of dots
_SIZES = 4  # of dots, per pixel of their radius
_FAINT = 120  # of 255: a vote that neither agrees nor disagrees
_RIM = 1.12  # the circle of length 1 and a margin are always in the picture
_INSET = 0.06  # from an edge to a dot that lies on it
_STEP = 0.25  # edges are multiples of it
_ROOM = 0.6  # an edge stays while it wastes less


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """The votes for one digit capsule in one iteration.

    Attributes:
        points: (I, 2) votes in the plane.
        coupling: (I,) c_ij · J, 1 for a vote coupled alike to every digit capsule.
        agreement: (I,) û_{j|i}·v_j.
        pose, total: (2,) v_j and s_j in the plane.
        length: ‖v_j‖.
        digit: j.
    """

    points: Floats
    coupling: Floats
    agreement: Floats
    pose: Floats
    total: Floats
    length: float
    digit: int


@dataclass(frozen=True, slots=True)
class Edges:
    """How far the picture reaches from the origin, in roots of lengths."""

    left: float = _RIM
    right: float = _RIM
    up: float = _RIM

    def clip(self, places: Doubles) -> Doubles:
        """(..., 2) places; those beyond the edges are put just inside, to be seen whole."""
        low, high = [-self.left, -self.up], [self.right, self.up]
        return np.clip(places, np.add(low, _INSET), np.subtract(high, _INSET))


def spread(points: Floats) -> Doubles:
    """(..., 2) the same directions, the root of the distance from the origin.

    Most votes are a hundred times shorter than the few that matter; on a linear scale they are
    one blot.
    """
    far = np.linalg.norm(points, axis=-1, keepdims=True).astype(np.float64)
    placed: Doubles = points / np.sqrt(np.maximum(far, 1e-12))
    return placed


def edges_for(places: Doubles, before: Edges | None) -> Edges:
    """Edges that hold the (I, 2) places, but for a few far off; steady while somebody draws.

    "Far off" is beyond 1.25 times (in lengths: 1.6) the third farthest. No quantile tells them:
    the one vote in a hundred that is long is the one that counts.
    """
    third = max(len(places) - 3, 0)
    held = 1.25 * np.partition(np.abs(places), third, axis=0)[third]
    low, high = places.min(axis=0), places.max(axis=0)
    needed = (
        min(-low[0], held[0]),
        min(high[0], held[0]),
        min(max(-low[1], high[1]), held[1]),
    )
    old = (before.left, before.right, before.up) if before else (0.0, 0.0, 0.0)
    return Edges(*(_steady(float(edge), was) for edge, was in zip(needed, old, strict=True)))


def _steady(edge: float, before: float) -> float:
    if edge + _INSET <= before <= edge + _ROOM:
        return before
    return max(_RIM, math.ceil((edge + _INSET) / _STEP) * _STEP)


def level_colours(theme: Theme) -> list[QColor]:
    """Colours of agreements from -1 to 1.

    The middle is lifted to a grey, to be seen at all, and let through, so that a crowd shows.
    """
    t = np.linspace(-1, 1, _LEVELS)
    quiet = QColor(theme.quiet)
    grey = np.array([quiet.red(), quiet.green(), quiet.blue()])
    lift = (0.6 * (1 - np.abs(t)) ** 2)[:, None]
    mixed = colours(t, AGREEMENT, theme) * (1 - lift) + grey * lift
    opacity = _FAINT + (255 - _FAINT) * np.abs(t)[:, None] ** 0.5
    rows = np.hstack((mixed, opacity)).round().astype(int)
    return [QColor(*row) for row in rows.tolist()]


class Dots:
    """A stock of dots, by colour and size: painting one again is copying its pixels."""

    def __init__(self, theme: Theme) -> None:
        self.colours = level_colours(theme)
        self._stock: dict[tuple[int, int, float], tuple[QPixmap, int]] = {}  # and half a side

    def paint(self, painter: QPainter, places: Doubles, radii: Doubles, agreement: Floats) -> None:
        """Dots at (n, 2) places in pixels, in this order, with (n,) radii and agreements."""
        sizes = np.maximum((radii * _SIZES).round(), 2).astype(int).tolist()
        levels = (np.clip(agreement, -1, 1) + 1) / 2 * (_LEVELS - 1)
        kinds = list(zip(levels.round().astype(int).tolist(), sizes, strict=True))
        if painter.paintEngine().type() == QPaintEngine.Type.Raster:
            self._copy(painter, places, kinds)
        else:
            self._outline(painter, places, kinds)

    def _copy(self, painter: QPainter, places: Doubles, kinds: Sequence[tuple[int, int]]) -> None:
        """At whole pixels of the screen, where copying takes a fifth of the time of drawing."""
        ratio, stock = painter.device().devicePixelRatioF(), self._stock
        painter.save()
        painter.scale(1 / ratio, 1 / ratio)
        pixels = (places * ratio).round().astype(int).tolist()
        for (x, y), (level, size) in zip(pixels, kinds, strict=True):
            made = stock.get((level, size, ratio))
            if made is None:
                dot = self._made(level, size / _SIZES * ratio)
                made = stock[level, size, ratio] = (dot, dot.width() // 2)
            dot, half = made
            painter.drawPixmap(x - half, y - half, dot)
        painter.restore()

    def _outline(
        self, painter: QPainter, places: Doubles, kinds: Sequence[tuple[int, int]]
    ) -> None:
        """The same for a vector picture."""
        painter.setPen(Qt.PenStyle.NoPen)
        for (x, y), (level, size) in zip(places.tolist(), kinds, strict=True):
            painter.setBrush(self.colours[level])
            painter.drawEllipse(QPointF(x, y), size / _SIZES, size / _SIZES)

    def _made(self, level: int, radius: float) -> QPixmap:
        """Both in pixels of the screen."""
        side = 2 * math.ceil(radius) + 1
        dot = QPixmap(QSize(side, side))
        dot.fill(Qt.GlobalColor.transparent)
        painter = QPainter(dot)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.colours[level])
        painter.drawEllipse(QPointF(side / 2, side / 2), radius, radius)
        painter.end()
        return dot
