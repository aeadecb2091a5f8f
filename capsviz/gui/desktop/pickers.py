"""Choosing the device that networks compute on."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import Signal, Slot

from capsviz.files import CapsvizError
from capsviz.gui.look.pickers import Picker

if TYPE_CHECKING:
    from PySide6.QtGui import QStandardItemModel
    from PySide6.QtWidgets import QWidget

    from capsviz.explore.models import LoadedModel

DEVICES = {"auto": "Auto", "cpu": "CPU", "cuda": "CUDA", "mps": "MPS"}
"""What a network can be asked to compute on, and how that is written."""


class DevicePicker(Picker):
    """Where networks compute; devices that this machine lacks are listed, but cannot be chosen.

    Signals:
        chosen(str): "auto", or torch's name of a device.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("device-picker", "Device", parent)
        self.setToolTip("Where the network computes; Auto takes the fastest there is")
        self.setMinimumContentsLength(10)
        self.current = "auto"
        self._is_known = False
        for name, words in DEVICES.items():
            self.addItem(words, name)
            self._allow(name, "" if name == "auto" else "not known before a network is loaded")
        self._show(0)

    def show_model(self, model: LoadedModel) -> None:
        """A network has come, so torch is there and knows which devices are."""
        if not self._is_known:
            for name in DEVICES:
                self._allow(name, _why_not(name))
            self._is_known = True
        self.setItemText(0, f"Auto ({DEVICES.get(model.device, model.device)})")
        self._show(self.findData(self.current))

    @Slot(str)
    def show_device(self, name: str) -> None:
        """The network was asked for on this device, "auto" or torch's name."""
        self.current = name
        self._show(self.findData(name))

    def choose(self, index: int) -> None:
        """Ask for a device."""
        self.chosen.emit(str(self.itemData(index)))

    def _allow(self, name: str, why_not: str) -> None:
        item = cast("QStandardItemModel", self.model()).item(self.findData(name))
        item.setEnabled(not why_not)
        item.setToolTip(why_not)


def _why_not(name: str) -> str:
    """What keeps a device from being used on this machine; "" if nothing does."""
    from capsviz.network import choose_device  # imports torch

    try:
        choose_device(name)
    except CapsvizError as error:
        return str(error)
    return ""
