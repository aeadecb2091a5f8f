"""The program's own icons, drawn in the theme's colours."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from capsviz.places import resources_folder

_SIDE = 20
_DENSITY = 3  # drawn finer than any usual screen, so that Qt only ever shrinks


def icon(name: str, colour: str, faint: str) -> QIcon:
    """An icon of resources/icons in `colour`, in `faint` while disabled."""
    svg = (resources_folder() / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    made = QIcon(_pixmap(svg.replace("#000", colour)))
    made.addPixmap(_pixmap(svg.replace("#000", faint)), QIcon.Mode.Disabled)
    return made


def application_icon() -> QIcon:
    """The program's mark."""
    path = resources_folder() / "icons" / "capsviz.svg"
    return QIcon(_pixmap(path.read_text(encoding="utf-8"), side=64))


def _pixmap(svg: str, side: int = _SIDE) -> QPixmap:
    pixmap = QPixmap(side * _DENSITY, side * _DENSITY)
    pixmap.setDevicePixelRatio(_DENSITY)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, side, side))
    painter.end()
    return pixmap
