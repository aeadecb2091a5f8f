"""How people like to look at things: kept when the window closes, brought back when it opens."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QAbstractSlider, QComboBox, QTabBar, QWidget

from capsviz.gui.desktop.pickers import DEVICES
from capsviz.gui.look.dialogs import last_folder, remember_folder
from capsviz.gui.remembered import remembered_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtCore import QSettings

    from capsviz.gui.session import Session


class Memory:
    """Writes to and reads from the window's settings file; what was edited by hand is checked.

    Args:
        settings: the file.
        session: whose network, device and ways of looking are kept.
        controls: what keeps its own state, by a name in the file.
    """

    def __init__(
        self, settings: QSettings, session: Session, controls: Mapping[str, QWidget | QAction]
    ) -> None:
        self._settings, self._session, self._controls = settings, session, controls

    @property
    def network(self) -> str | None:
        """The network that answered last, by name or path, if it is still there."""
        known = str(self._settings.value("network", ""))
        # Path.is_file raises for what is no path at all, and where it may not look
        is_there = known in self._session.loading.names() or os.path.isfile(known)
        return known if known and is_there else None

    @property
    def device(self) -> str:
        """Where it answered."""
        known = str(self._settings.value("device", "auto"))
        return known if known in DEVICES else "auto"

    def keep(self) -> None:
        """Write everything down."""
        session, model = self._session, self._session.answering.chosen_model
        if model is not None:
            by_name = model.name in session.loading.names()
            known = model.name if by_name else str(model.path)
            self._settings.setValue("network", known)
            self._settings.setValue("device", session.loading.device)
        self._settings.setValue("folder", last_folder())
        self._settings.setValue("framed", int(session.scene.framed))
        self._settings.setValue("lock", int(session.posing.is_locked))
        for name, control in self._controls.items():
            self._settings.setValue(f"views/{name}", _state(control))

    def bring_back(self) -> None:
        """Set everything as it was; what was never kept stays as it is."""
        session = self._session
        session.put_scene(replace(session.scene, framed=self._number("framed", 1) != 0), None)
        remember_folder(str(self._settings.value("folder", "")))
        session.posing.set_locked(self._number("lock", 0) != 0)
        for name, control in self._controls.items():
            _put(control, self._number(f"views/{name}", _state(control)))

    def _number(self, name: str, usual: int) -> int:
        return remembered_number(self._settings, name, usual)


def _state(control: QWidget | QAction) -> int:
    if isinstance(control, QAbstractButton | QAction):
        return int(control.isChecked())
    if isinstance(control, QAbstractSlider):
        return control.value()
    assert isinstance(control, QComboBox | QTabBar)
    return control.currentIndex()


def _put(control: QWidget | QAction, state: int) -> None:
    if isinstance(control, QAction):
        control.setChecked(bool(state) or control.isChecked())  # one of a group is never let go
    elif isinstance(control, QAbstractButton):
        if control.isChecked() != bool(state):
            control.click()  # as a person would: some tell only of that
    elif isinstance(control, QAbstractSlider):
        if control.minimum() <= state <= control.maximum():  # a larger one may be none of Qt's
            control.setValue(state)
    elif isinstance(control, QComboBox | QTabBar) and 0 <= state < control.count():
        control.setCurrentIndex(state)
