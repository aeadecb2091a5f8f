"""The last drawings that people made by moving a pose, side by side, newest right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from capsviz.gui.look.keys import CHOOSE
from capsviz.gui.look.pictures import grey_image
from capsviz.gui.look.theme import DARK, GRID, Theme
from capsviz.gui.look.tips import shows_tip

if TYPE_CHECKING:
    from PySide6.QtCore import QPointF
    from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPaintEvent, QWheelEvent

    from capsviz.explore.answers import Redrawing

_SIDE = 5 * GRID
_GAP = GRID // 2
_NOTCH = 120  # of a wheel, in Qt's unit


class FilmStrip(QWidget):
    """Thumbnails of Redrawings; as many as fit, the others by wheel or arrow keys.

    Signals:
        chosen(object): (D,) pose of the film that was clicked.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("filmstrip")
        self.setAccessibleName("Earlier drawings of this pose")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._theme = DARK
        self._films: tuple[tuple[Redrawing, QImage], ...] = ()
        self._first, self._current = 0, 0
        self._pointed: int | None = None

    @property
    def films(self) -> tuple[Redrawing, ...]:
        """Those on show, oldest first."""
        return tuple(film for film, _ in self._films)

    def show_films(self, films: tuple[Redrawing, ...]) -> None:
        """Show these, oldest first; the newest come into sight."""
        if len(films) == len(self._films) and all(
            new is old for new, old in zip(films, self.films, strict=True)
        ):
            return
        known = {id(film): image for film, image in self._films}
        self._films = tuple(
            (film, known.get(id(film)) or grey_image(film.image, self._theme)) for film in films
        )
        self._go_to(len(films) - 1)

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        if theme is not self._theme:
            self._theme = theme
            self._films = tuple((film, grey_image(film.image, theme)) for film in self.films)
            self.update()

    @property
    def _room(self) -> int:
        """How many fit."""
        return max((self.width() + _GAP) // (_SIDE + _GAP), 1)

    def _go_to(self, index: int) -> None:
        """Let this film be the current one, and in sight."""
        self._current = max(min(index, len(self._films) - 1), 0)
        self._scroll_to(max(min(self._first, self._current), self._current - self._room + 1))

    def _scroll_to(self, first: int) -> None:
        self._first = max(min(first, len(self._films) - self._room), 0)
        self.setAccessibleDescription(self._told(self._current))
        self.update()

    def _told(self, index: int) -> str:
        film = self._films[index][0] if index < len(self._films) else None
        if film is None:
            return ""
        return (
            f"Drawing {index + 1} of {len(self._films)} by capsule {film.digit}; click to take it"
        )

    def _square(self, index: int) -> QRectF:
        return QRectF(
            (index - self._first) * (_SIDE + _GAP), (self.height() - _SIDE) / 2, _SIDE, _SIDE
        )

    def _index_at(self, place: QPoint) -> int | None:
        index = self._first + place.x() // (_SIDE + _GAP)
        is_film = 0 <= index < min(len(self._films), self._first + self._room)
        return index if is_film and self._square(index).contains(place) else None

    def _choose(self, index: int | None) -> None:
        if index is not None and index < len(self._films):
            self._go_to(index)
            self.chosen.emit(self._films[index][0].pose)

    def _point_at(self, index: int | None) -> None:
        if index != self._pointed:
            self._pointed = index
            self.update()

    def _paint_film(self, painter: QPainter, index: int) -> None:
        square = self._square(index)
        painter.drawImage(square, self._films[index][1])
        is_current = index == self._current and self.hasFocus()
        outline = self._theme.accent if is_current else self._theme.line
        if index == self._pointed and not is_current:
            outline = self._theme.quiet
        painter.setPen(QPen(QColor(outline), 1))
        painter.drawRect(square.adjusted(0.5, 0.5, -0.5, -0.5))

    def _tip_at(self, place: QPointF) -> str:
        index = self._index_at(place.toPoint())
        return "" if index is None else self._told(index)

    # Qt calls these

    def sizeHint(self) -> QSize:
        return QSize(7 * (_SIDE + _GAP) - _GAP, _SIDE)

    def minimumSizeHint(self) -> QSize:
        return QSize(_SIDE, _SIDE)

    def event(self, event: QEvent) -> bool:
        return shows_tip(self, event, self._tip_at) or super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        for index in range(self._first, min(len(self._films), self._first + self._room)):
            self._paint_film(painter, index)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._choose(self._index_at(event.position().toPoint()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point_at(self._index_at(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._point_at(None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta().y() or event.angleDelta().x()
        self._scroll_to(self._first - round(turned / _NOTCH))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = len(self._films) - 1
        places = {
            Qt.Key.Key_Left: self._current - 1,
            Qt.Key.Key_Right: self._current + 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        if event.key() in CHOOSE:
            self._choose(self._current)
        elif event.key() in places:
            self._go_to(places[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._go_to(self._current)
