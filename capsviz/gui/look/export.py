"""Pictures and numbers of a view, for a paper or a slide: to the clipboard or to a file."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QPoint, QRect, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontInfo,
    QFontMetrics,
    QGuiApplication,
    QImage,
    QImageWriter,
    QPageSize,
    QPainter,
    QPdfWriter,
    QRegion,
)
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QAbstractButton, QScrollBar, QWidget

from capsviz.files import CapsvizError, write_atomically
from capsviz.gui.look.theme import GRID, SMALL, font

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtGui import QPaintDevice

    from capsviz.gui.look.view import Table, View

SUFFIXES = (".png", ".svg", ".pdf")
"""The kinds of picture that can be saved."""

_DENSITY = 2  # pixels per unit of the screen, so that a picture is sharp on any of them
_MARGIN = 2 * GRID
_TALLEST = 1000  # of a caption, far more than any has
_WRAPPED = Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap
_UNITS_PER_INCH = 96  # of the screen, by Qt's and the web's convention
_POINTS_PER_UNIT = 72 / _UNITS_PER_INCH


def picture_of(view: View) -> QImage:
    """The view as it looks now, twice as fine, on the ground of its card."""
    size = _size(view)
    image = QImage(size * _DENSITY, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(_DENSITY)
    _paint(view, image, 1)
    return image


def copy_picture(view: View) -> None:
    """Put the view's picture on the clipboard."""
    QGuiApplication.clipboard().setImage(picture_of(view))


def save_picture(view: View, path: Path) -> None:
    """Write the view's picture as PNG, SVG or PDF, as the path's suffix says.

    Raises:
        CapsvizError: another suffix, or the file cannot be written.
    """
    makers = dict(zip(SUFFIXES, (_png, _svg, _pdf), strict=True))
    make = makers.get(path.suffix.lower())
    if make is None:
        raise CapsvizError(
            f"Expected a picture's name ending in {', '.join(SUFFIXES)}, found {path}; "
            "please choose one of these endings."
        )
    write_atomically(path, make(view))


def save_numbers(table: Table, path: Path) -> None:
    """Write numbers as comma-separated values in UTF-8, names of the columns first.

    Raises:
        CapsvizError: the file cannot be written.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows(table.rows)
    write_atomically(path, text.getvalue().encode())


def png_bytes(image: QImage) -> bytes:
    """A PNG file's content."""
    buffer = _buffer()
    QImageWriter(buffer, b"png").write(image)
    return bytes(buffer.data().data())


def _png(view: View) -> bytes:
    return png_bytes(picture_of(view))


def _svg(view: View) -> bytes:
    size, buffer = _size(view), _buffer()
    device = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)  # 1.2 Tiny knows no clipping
    device.setOutputDevice(buffer)
    device.setResolution(_UNITS_PER_INCH)
    device.setSize(size)
    device.setViewBox(QRect(QPoint(), size))
    device.setTitle(view.accessibleName())
    device.setDescription(view.summary())
    _paint(view, device, 1)
    return bytes(buffer.data().data())


def _pdf(view: View) -> bytes:
    page, buffer = _size(view).toSizeF() * _POINTS_PER_UNIT, _buffer()
    device = QPdfWriter(buffer)
    exact = QPageSize.SizeMatchPolicy.ExactMatch
    device.setPageSize(QPageSize(page, QPageSize.Unit.Point, view.accessibleName(), exact))
    device.setPageMargins(QMarginsF())
    device.setTitle(view.accessibleName())
    _paint(view, device, device.resolution() / _UNITS_PER_INCH)
    return bytes(buffer.data().data())


def _paint(view: View, device: QPaintDevice, scale: float) -> None:
    painter = QPainter(device)
    painter.scale(scale, scale)
    painter.fillRect(QRect(QPoint(), _size(view)), QColor(view.theme.card))
    painter.setFont(_caption_font())
    painter.setPen(QColor(view.theme.text))
    painter.drawText(_caption_place(view), _WRAPPED, view.caption)
    corner = QPoint(_MARGIN, _MARGIN + _caption_height(view))
    shown, flags = view.pictured, QWidget.RenderFlag.DrawChildren
    region = _without_buttons(shown)
    shown.render(painter, corner + region.boundingRect().topLeft(), region, flags)
    painter.end()


def _without_buttons(shown: QWidget) -> QRegion:
    """All of it but what is only there to be pressed."""
    region = QRegion(shown.rect())
    pressed = [*shown.findChildren(QAbstractButton), *shown.findChildren(QScrollBar)]
    for button in pressed:
        if button.isVisibleTo(shown):
            region -= QRegion(QRect(button.mapTo(shown, QPoint()), button.size()))
    return region


def _size(view: View) -> QSize:
    return view.pictured.size() + QSize(2 * _MARGIN, 2 * _MARGIN + _caption_height(view))


def _caption_height(view: View) -> int:
    """With the gap below it."""
    return _caption_place(view).height() + GRID if view.caption else 0


def _caption_place(view: View) -> QRect:
    room = QRect(_MARGIN, _MARGIN, view.pictured.width(), _TALLEST)
    return QFontMetrics(_caption_font()).boundingRect(room, _WRAPPED, view.caption)


def _caption_font() -> QFont:
    """In pixels, which are as large on every device: a PDF's points are not the screen's."""
    made = font(SMALL)
    made.setPixelSize(QFontInfo(made).pixelSize())
    return made


def _buffer() -> QBuffer:
    made = QBuffer()
    made.open(QIODevice.OpenModeFlag.WriteOnly)
    return made
