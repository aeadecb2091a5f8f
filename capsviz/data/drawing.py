"""The MNIST-fashioned picture of a drawing."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import dropwhile, groupby
from typing import TYPE_CHECKING

import numpy as np

from capsviz.data.marks import Drawing, Mark
from capsviz.data.pen import EDGE_WIDTH, PEN_WIDTH, Segments, coverage, thinned

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Doubles = NDArray[np.float64]
    Box = tuple[Doubles, Doubles, Doubles]  # low and high corners (m, 2), radii (m, 1)

__all__ = [
    "CANVAS",
    "INK_SIDE",
    "Drawing",
    "Framing",
    "Mark",
    "framing_of",
    "on_canvas",
    "rasterize",
    "rasterize_at",
    "touches_canvas",
]

CANVAS = 28.0  # side of the canvas in the units of drawings made on it
# The outer edge of the ink, pen included, as in MNIST: 59 987 of its 60 000 training digits
# have a box of ink of exactly 20 pixels, and their centres of mass average (14.01, 14.00) in
# pixel indices, where a pixel's centre is whole.
INK_SIDE = 20.0
_CENTRE = 14.0

_ERASER_DETAIL = 4  # canvas pixels per unit when looking for the ink that erasers left


@dataclass(frozen=True, slots=True)
class Framing:
    """Where a drawing lies in its image: pixel = scale × drawing + offset, x and y alike.

    Pixel i spans i … i + 1, so the canvas lies edge to edge on the image at
    `Framing(size / 28, 0, 0)`.
    """

    scale: float
    offset_x: float
    offset_y: float


@dataclass(frozen=True, slots=True, eq=False)
class _Layer:
    """Consecutive marks of one kind, in the drawing's units; radii in 28ths of a side.

    Segment by segment: starts and ends (m, 2), the radii at both (m, 2).
    """

    erases: bool
    starts: Doubles
    ends: Doubles
    radii: Doubles


def rasterize(
    drawing: Drawing, size: int = 28, centred: bool = True, ground: Floats | None = None
) -> Floats:
    """The drawing as a network trained on MNIST expects it.

    Args:
        drawing: in any unit if `centred`, else in canvas units.
        size: side of the image, pixels; lengths in pixels below are of 28.
        centred: longest side of the ink to 20 pixels, aspect kept, then the centre of mass to
            pixel (14, 14); else as it lies on the canvas.
        ground: (size, size) float32 in 0 … 1, an image the marks were made upon; only if not
            `centred`.

    Returns:
        (size, size) float32, 0 = ground … 1 = ink. Zeros if there is no ink.
    """
    layers = _layers(drawing, on_bare_ground=ground is None)
    framing = _frame(layers, size) if centred else _canvas(size)
    return _render(layers, framing, size, ground=ground)


def rasterize_at(drawing: Drawing, framing: Framing, size: int) -> Floats:
    """The drawing as `rasterize` would draw it if this were its framing.

    Args:
        drawing: in the units that `framing` takes.
        framing: anywhere between the canvas and MNIST's frame, say; the pen stays as wide.
        size: side of the image, pixels.

    Returns:
        (size, size) float32, 0 = ground … 1 = ink.
    """
    return _render(_layers(drawing), framing, size)


def framing_of(drawing: Drawing, size: int = 28, reach: float = 0.0) -> Framing:
    """The scale and shift by which `rasterize` brings a drawing to MNIST's frame.

    Args:
        drawing: in any unit.
        size: side of the image, pixels.
        reach: units beyond the canvas in which ink counts too where erasers have been at work: a
            drawing that was moved was drawn there as well.
    """
    return _frame(_layers(drawing), size, reach)


def _canvas(size: int) -> Framing:
    return Framing(size / CANVAS, 0.0, 0.0)


def _frame(layers: list[_Layer], size: int, reach: float = 0.0) -> Framing:
    box = _ink_box(layers, reach)
    if box is None:
        return _canvas(size)
    framing = _fit(box, size)
    for _ in range(2):  # the rim may cut ink off, so the second look differs from the first
        image = _render(layers, framing, size)
        if not image.any():  # a crumb that the eraser, grown with the drawing, would take too
            framing = _canvas(size)
            image = _render(layers, framing, size)
        framing = _centred(framing, image)
    return framing


def _centred(framing: Framing, image: Floats) -> Framing:
    size, ink = len(image), float(image.sum())
    if not ink:
        return framing
    index = np.arange(size)
    goal = _CENTRE * size / CANVAS
    x = framing.offset_x + goal - float(image.sum(0) @ index) / ink
    y = framing.offset_y + goal - float(image.sum(1) @ index) / ink
    return Framing(framing.scale, x, y)


def _fit(box: Box, size: int) -> Framing:
    """Centre the box of the ink, its longest side `INK_SIDE`.

    Pens do not grow with the drawing, so the scale that fits thick and thin strokes together
    is found by trial; with one pen the first trial is exact.
    """
    low, high, radii = box
    bottom, top = low.min(0), high.max(0)
    extent = float((top - bottom).max())
    unit = size / CANVAS
    if extent <= 1e-9 * max(1.0, float(np.abs(top).max()), float(np.abs(bottom).max())):
        scale = 1.0  # a dot
    else:
        thin = 2 * float(radii.min())
        scale = max(INK_SIDE - thin, 1.0) / extent
        for _ in range(3 if np.ptp(radii) else 0):
            sides = (scale * high + radii).max(0) - (scale * low - radii).min(0)
            scale *= max(INK_SIDE - thin, 1.0) / (float(sides.max()) - thin)
    shift = (CANVAS / 2 - scale * (bottom + top) / 2) * unit
    return Framing(scale * unit, float(shift[0]), float(shift[1]))


def _ink_box(layers: list[_Layer], reach: float) -> Box | None:
    """Where the pen's path lies, in the drawing's units; None without ink."""
    pens = [layer for layer in layers if not layer.erases]
    if not pens:
        return None
    if len(pens) < len(layers):
        return _surviving_box(layers, reach)
    discs = np.concatenate([ends for pen in pens for ends in (pen.starts, pen.ends)])
    return discs, discs, np.concatenate([pen.radii.T.reshape(-1, 1) for pen in pens])


def _surviving_box(layers: list[_Layer], reach: float) -> Box | None:
    """The same of the ink that erasers left on the canvas, as one thin pen would span it."""
    beyond = math.ceil(reach)
    size = (int(CANVAS) + 2 * beyond) * _ERASER_DETAIL
    window = Framing(_ERASER_DETAIL, beyond * _ERASER_DETAIL, beyond * _ERASER_DETAIL)
    ink = _render(layers, window, size, edge=1.0, unit=_ERASER_DETAIL) > 0.5
    if not ink.any():
        return None
    radius = min(float(layer.radii.min()) for layer in layers if not layer.erases)
    spans = [np.flatnonzero(ink.any(axis)) for axis in (0, 1)]
    low = np.array([[span[0] for span in spans]]) / _ERASER_DETAIL - beyond
    high = np.array([[span[-1] + 1 for span in spans]]) / _ERASER_DETAIL - beyond
    inset = np.minimum(radius, (high - low) / 2)
    return low + inset, high - inset, np.array([[radius]])


def _render(
    layers: list[_Layer],
    framing: Framing,
    size: int,
    edge: float | None = None,
    ground: Floats | None = None,
    unit: float | None = None,
) -> Floats:
    """Pens lay their cover over the ink, erasers take theirs away.

    `unit` is a 28th of a side, in pixels, where the image shows more than the canvas.
    """
    unit = size / CANVAS if unit is None else unit
    edge = EDGE_WIDTH * unit if edge is None else edge
    growth = framing.scale / unit
    pen = max((float(layer.radii.max()) for layer in layers if not layer.erases), default=0.0)
    # a drawing that shrinks keeps its pen, so an eraser that just hid a stroke must keep up
    slack = max(0.0, 1 - growth) * pen
    image = np.zeros((size, size), np.float32) if ground is None else ground
    for layer in layers:
        radii = layer.radii * growth + slack if layer.erases else layer.radii
        cover = coverage(_placed(layer, framing, radii * unit), size, edge)
        image = image * (1 - cover) if layer.erases else np.maximum(image, cover)
    return image


def _placed(layer: _Layer, framing: Framing, radii: Doubles) -> Segments:
    offset = (framing.offset_x, framing.offset_y)
    starts = (layer.starts * framing.scale + offset).astype(np.float32)
    ends = (layer.ends * framing.scale + offset).astype(np.float32)
    return Segments(starts, ends, radii.astype(np.float32))


def _layers(drawing: Drawing, on_bare_ground: bool = True) -> list[_Layer]:
    marks = [mark for mark in drawing.marks if mark.points]
    if on_bare_ground:  # where the first erasers have nothing to take
        marks = list(dropwhile(lambda mark: mark.erases, marks))
    paths = thinned([mark.path for mark in marks])
    layers = []
    for erases, group in groupby(zip(marks, paths, strict=True), key=lambda pair: pair[0].erases):
        ends = [_both_ends(path, bool(mark.widths)) for mark, path in group]
        first, last = (np.concatenate(side) for side in zip(*ends, strict=True))
        radii = np.column_stack((first[:, 2], last[:, 2])) * PEN_WIDTH / 2
        layers.append(_Layer(erases, first[:, :2], last[:, :2], radii))
    return layers


def _both_ends(path: Doubles, is_uneven: bool) -> tuple[Doubles, Doubles]:
    """Where the segments of a path start and end; a dot is one that does both at one place."""
    if is_uneven or len(path) == 1:  # a pen pressed where it stands ends as wide as it became
        path = np.concatenate((path, path[-1:]))
    return path[:-1], path[1:]


def touches_canvas(mark: Mark) -> bool:
    """Whether a mark in canvas units reaches into the square from 0 to 28 at all."""
    path = mark.path
    reach = PEN_WIDTH / 2 * path[:, 2:]
    lowest, highest = (path[:, :2] - reach).min(0), (path[:, :2] + reach).max(0)
    return bool((highest > 0).all() and (lowest < CANVAS).all())


def on_canvas(drawing: Drawing) -> Drawing:
    """A drawing of any unit moved and scaled to canvas units, framed as MNIST is."""
    frame = framing_of(drawing, int(CANVAS))
    return Drawing(tuple(replace(mark, points=_moved(mark, frame)) for mark in drawing.marks))


def _moved(mark: Mark, frame: Framing) -> tuple[tuple[float, float], ...]:
    scale, x0, y0 = frame.scale, frame.offset_x, frame.offset_y
    return tuple((scale * x + x0, scale * y + y0) for x, y in mark.points)
