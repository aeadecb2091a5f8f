"""Which colours are worn, and how large text is: chosen, remembered, and told to who paints."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast, get_args

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from capsviz.gui.look.theme import (
    ZOOMS,
    Appearance,
    apply_palette,
    apply_style_sheet,
    next_zoom,
    set_zoom,
    theme_for,
    zoom,
)

if TYPE_CHECKING:
    from PySide6.QtCore import QSettings


def take_zoom(settings: QSettings) -> None:
    """Give all text the size that is remembered; to be called before there is a window: Qt tells
    only those on screen that the application's font has changed.
    """
    set_zoom(_application(), _zoom_in(settings))


class Looks(QObject):
    """Dresses the application: in part before there are widgets, in whole by `wear`.

    Signals:
        worn(object): Theme, put on just now.
        zoomed(): text has another size.
    """

    worn = Signal(object)
    zoomed = Signal()

    def __init__(self, settings: QSettings, parent: QObject) -> None:
        super().__init__(parent)
        self._settings = settings
        self.theme = theme_for(self.appearance)
        apply_palette(_application(), self.theme)
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self.wear)
        hints.accessibility().contrastPreferenceChanged.connect(self.wear)

    @property
    def appearance(self) -> Appearance:
        """The colours that were chosen."""
        kept = str(self._settings.value("appearance", "system"))
        return cast("Appearance", kept) if kept in get_args(Appearance) else "system"

    def set_appearance(self, appearance: Appearance) -> None:
        """Wear the colours of "system", "light", "dark" or "contrast", and remember it."""
        self._settings.setValue("appearance", appearance)
        self.wear()

    @Slot()
    def zoom_in(self) -> None:
        """All text one step larger."""
        self._set_zoom(next_zoom(zoom(_application()), 1))

    @Slot()
    def zoom_out(self) -> None:
        """All text one step smaller."""
        self._set_zoom(next_zoom(zoom(_application()), -1))

    @Slot()
    def zoom_reset(self) -> None:
        """All text in its usual size."""
        self._set_zoom(1.0)

    def _set_zoom(self, factor: float) -> None:
        self._settings.setValue("zoom", factor)
        set_zoom(_application(), factor)
        self.wear()
        self.zoomed.emit()

    @Slot()
    def wear(self) -> None:
        """Put on the colours that are chosen."""
        theme = theme_for(self.appearance)
        if theme is not self.theme:
            self.theme = theme
            apply_palette(_application(), theme)
        apply_style_sheet(_application(), theme)
        self.worn.emit(theme)


def _application() -> QApplication:
    return cast("QApplication", QApplication.instance())


def _zoom_in(settings: QSettings) -> float:
    """What is remembered, or 1 where someone has edited it into what is no zoom."""
    try:
        factor = float(str(settings.value("zoom", 1.0)))
    except ValueError:
        return 1.0
    return factor if ZOOMS[0] <= factor <= ZOOMS[-1] else 1.0  # as of nan and inf
